"""Bulletins of an office in which nothing was received."""

from __future__ import annotations

from datetime import date

from complaints.insight.bulletin import Bulletin, Kind, LeadsTold, made_public
from complaints.statistics.periods import Period
from web.ports import Bulletins, Officer
from web.ports.bulletins import Paper


class FakeBulletins(Bulletins):
    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        made = Bulletin(kind, period, officer.office.name, False, [], [("2026-06", 0)], {"problem": []}, [], LEADS)
        return made_public(made) if public else made

    async def printed(self, paper: Paper) -> bytes:
        return b"%PDF-"


LEADS = LeadsTold(0, [])
