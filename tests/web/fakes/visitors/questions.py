"""Questions behind links, and promises, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from complaints.notices.messages import QuestionsAnswered
from complaints.public_views import CallWishRow, ChasedPromise, PerformanceView, PromiseRow, PromiseSum, QuestionPage
from journal.refusals import Refused
from offices import Officer
from tests.web.fakes.people import EAST_LAKE

SECRET = "a-secret-of-the-consumers"


class FakeQuestions:
    def __init__(self) -> None:
        self.pages = {SECRET: QuestionPage(EAST_LAKE, "东高一投〔2026〕0917号", "consumer", "closed", True, None)}

    async def look(self, secret: str) -> QuestionPage:
        if secret not in self.pages:
            raise Refused("link_unknown", 404)
        return self.pages[secret]

    async def answer(self, secret: str, heard: str, satisfied: str, paid: str, talk: bool, note: str) -> None:
        page = await self.look(secret)
        said = QuestionsAnswered("i1", page.whom, heard, "", paid, talk, note, satisfied)
        self.pages[secret] = replace(page, answered=said)


class FakePerformance:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        row = PromiseRow(
            "m1", 1, "c0", "东高一投〔2026〕0917号", EAST_LAKE.id, "a" * 24, "<i>知遇桥</i>", "business", "退款",
            Decimal("2000.00"), date(2026, 5, 1), "broken", None, True, "no",
        )  # fmt: skip
        self.rows = [row]

    async def view(self, officer: Officer, wanted: str, respondent: str, now: datetime) -> PerformanceView:
        rows = [one for one in self.rows if wanted in ("", one.standing)]
        total = PromiseSum("a" * 24, "<i>知遇桥</i>", {"broken": 1}, Decimal("2000.00"), Decimal("2000.00"))
        wish = CallWishRow(
            "c0", "东高一投〔2026〕0917号", EAST_LAKE.id, "consumer", "丁小禾", datetime(2026, 6, 1, tzinfo=UTC)
        )
        return PerformanceView(rows, [total], [replace(total, name="一所")], [wish], 4, 3, 2, 3, 2)

    async def chased(self, officer: Officer, now: datetime) -> list[ChasedPromise]:
        return [ChasedPromise(self.rows[0], "no", timedelta(days=12))]

    async def wishes(self, officer: Officer) -> int:
        return 1
