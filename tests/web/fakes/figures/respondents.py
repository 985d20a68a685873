"""Profiles of businesses: one that is known, and what a page shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from complaints.insight.respondents import SimilarRespondent, profile
from complaints.insight.views import JoinedRespondent, RespondentPage, RespondentRecords, RespondentRow
from complaints.statistics.figures import Period
from complaints.views import KnownContact
from journal.refusals import Refused
from offices import Officer
from web.office.insight.services import Respondents

KNOWN = "0123456789abcdef01234567"


class FakeRespondents(Respondents):
    """`alike`: another is suggested to be the same, and one is joined already."""

    alike = False
    known: Sequence[KnownContact] = ()

    async def listed(self, officer: Officer, period: Period, text: str = "") -> Sequence[RespondentRow]:
        return [RespondentRow(KNOWN, "知遇桥", 3, 1, date(2026, 6, 20))]

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage:
        self._known(respondent)
        page = RespondentPage(KNOWN, "知遇桥", [("知遇桥", 3)], "", "", "", profile([], {}, period, today))
        if not self.alike:
            return page
        related = [SimilarRespondent("1" * 24, "知遇桥公司", ("phone", "name"), 2, "member")]
        joined = [
            JoinedRespondent("2" * 24, "武汉知遇桥", 4, ("address", "name"), datetime(2026, 6, 1, tzinfo=UTC), "周敏")
        ]
        return replace(page, related=related, joined=joined, alone=3)

    async def contacts(self, officer: Officer, complaint: str) -> Sequence[KnownContact]:
        return self.known

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        self._known(respondent)
        return RespondentRecords("知遇桥", 0)

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        self._known(respondent)
        return respondent

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        self._known(respondent)

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        self._known(respondent)

    def _known(self, respondent: str) -> None:
        if respondent != KNOWN:
            raise Refused("not_found", 404)
