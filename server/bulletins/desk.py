"""Bulletins as pages ask for them. Implements `web.ports.Bulletins`: figures of the one standard, put together."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from complaints.insight.bulletin import BY, TOP, Bulletin, BulletinFigure, Kind, earlier, made_public, movers, period_of
from complaints.statistics.definitions import find_statistic
from complaints.statistics.figures import TOTAL
from complaints.statistics.periods import Period
from server.bulletins.press import BulletinPress
from server.storage.engine import Database
from server.storage.lead_outcomes import leads_told
from server.storage.respondents import SqlRespondents
from server.storage.statistics import SqlStatistics
from web.ports import Asked, Officer, Refused
from web.ports.bulletins import Paper

TREND = {"week": 13, "month": 13}  # bars of the chart
RECEIVED = "received"


class BulletinDesk:
    def __init__(self, database: Database, press: BulletinPress) -> None:
        self._database, self._press = database, press
        self._statistics, self._respondents = SqlStatistics(database), SqlRespondents(database)

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        if period.first > today or period != period_of(kind, period.first):
            raise Refused("not_found", 404)
        if public and kind != "month":  # weeks could be subtracted from their month
            raise Refused("not_public", 409)
        day = min(today, period.last + timedelta(days=1))
        whole = await self._statistics.overview(officer, Asked(period, day))
        offices = [office.id for office in whole.offices]
        before = earlier(period, kind, 2)[0]
        so_far = Period(period.first, min(period.last, today))
        now_by, before_by = [{by: await self._by(one, day, by, offices) for by in BY} for one in (period, before)]
        bulletin = Bulletin(
            kind,
            period,
            officer.office.name if len(offices) == 1 else "",
            public=False,
            figures=[
                (id_, BulletinFigure(whole.now[id_], whole.previous.get(id_), whole.year_before.get(id_)))
                for id_ in whole.now
            ],
            trend=[
                (
                    one.first.isoformat() if kind == "week" else f"{one.first:%Y-%m}",
                    await self._all(one, day, offices),
                )
                for one in earlier(period, kind, TREND[kind])
            ],
            tables={
                by: [
                    (label, now_by[by].get(label, 0), before_by[by].get(label, 0))
                    for label in sorted(now_by[by].keys() | before_by[by].keys())
                ]
                for by in BY
            },
            movers=movers(now_by, before_by, (_days(so_far), _days(before))),
            leads=await leads_told(self._database, officer, period, day),
            respondents=[
                (row.key, row.name, row.complaints) for row in (await self._respondents.listed(officer, period))[:TOP]
            ],
            running=today <= period.last,
        )
        return made_public(bulletin) if public else bulletin

    async def printed(self, paper: Paper) -> bytes:
        return await asyncio.to_thread(self._press.print, paper)

    async def _by(self, period: Period, day: date, by: str, offices: list[str]) -> dict[str, int]:
        counted = await self._statistics.figures([find_statistic(RECEIVED)], Asked(period, day, by=by), offices)
        return {label: figure.top for label, told in counted.items() for figure in told.values() if figure.top}

    async def _all(self, period: Period, day: date, offices: list[str]) -> int:
        counted = await self._statistics.figures([find_statistic(RECEIVED)], Asked(period, day), offices)
        return sum(figure.top for figure in counted.get(TOTAL, {}).values())


def _days(period: Period) -> int:
    return (period.last - period.first).days + 1
