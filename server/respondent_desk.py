"""Profiles of businesses, and counting two of them as one. Implements `web.ports.Respondents`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from complaints.insight.respondents import Shared
from complaints.insight.same_business import (
    JoinRespondents,
    KeepRespondentsApart,
    PartRespondents,
    RespondentJoinService,
)
from complaints.statistics.periods import Period
from journal import Journal
from server.refusing import said
from server.storage.engine import Database
from server.storage.respondents import SqlRespondents
from web.ports import Officer, Refused

_NO_DAY: Final = Period(date(2000, 1, 1), date(2000, 1, 1))  # what they share is asked for, and no figure


class RespondentDesk(SqlRespondents):
    """Two are joined from the profile of either, and only while what they share suggests it to this officer."""

    def __init__(self, database: Database, journal: Journal, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._joining = RespondentJoinService(journal, now)

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with said():
            await self._joining.submit(member, JoinRespondents(head, shared.reasons), officer.actor)
        return head

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        key, shared = await self._suggested(officer, respondent, other)
        member, head = (other, key) if shared.joins == "member" else (key, other)
        with said():
            await self._joining.submit(member, KeepRespondentsApart(head), officer.actor)

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        if all(one.key != member for one in page.joined):
            raise Refused("not_found", 404)
        with said():
            await self._joining.submit(member, PartRespondents(page.key, reason), officer.actor)

    async def _suggested(self, officer: Officer, respondent: str, other: str) -> tuple[str, Shared]:
        page = await self.profile(officer, respondent, _NO_DAY, _NO_DAY.last)
        for shared in page.related:
            if shared.respondent == other and shared.joins:
                return page.key, shared
        raise Refused("wrong_state", 409, state="apart")
