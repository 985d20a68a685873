"""A big screen's figures, and tokens that open it, in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from complaints.statistics import find_statistic
from complaints.statistics.figures import Figure
from complaints.statistics.views import ScreenFigures, ScreenSpot
from journal.refusals import Refused
from offices import Officer
from offices.systems import System
from tests.web.fakes.accounts.systems import FakeSystems
from web.office.statistics.screen import Screens


class FakeScreens(Screens):
    def __init__(self, systems: FakeSystems, now: datetime) -> None:
        self.systems, self.now = systems, now

    async def enter(self, token: str, address: str) -> str:
        found = await self.systems.system(token)
        if found is None or "screen" not in found.scopes:
            raise Refused("bad_token", 401)
        return token

    async def screen(self, cookie: str) -> System:
        found = await self.systems.system(cookie)
        if found is None or "screen" not in found.scopes:
            raise Refused("bad_token", 401)
        return found

    async def figures(self, officer: Officer) -> ScreenFigures:
        settled, recovered = find_statistic("mediated"), find_statistic("loss_recovered")
        return ScreenFigures(
            at=self.now,
            channels=[("12315", 3), ("hotline", 1)],
            rooms=1,
            rooms_today=2,
            late=1,
            due_today=0,
            due_soon=4,
            settled=Figure(settled, Decimal(7), 7, None),
            recovered=Figure(recovered, Decimal("1200.00"), 7, None),
            days=[(self.now.date() - timedelta(days=n), n, n) for n in range(14)],
            places=[("420100", 9)],
            spots=[ScreenSpot("respondent", "", 12, 3, "rising", "O81|contract")],
            spots_waiting=1,
            warnings=["<b>年卡</b>消费警示"],
        )

    async def outline(self, office: str) -> bytes | None:
        return None
