"""What a big screen and the supervisor's Monday page show, counted once for all who look. Implements `Screens`.

Figures are the statistics' own (`complaints.statistics`), what is due is counted as the board of dates due
counts it, and hot spots are those of the newest report. Owns the newest snapshot of each set of offices, some seconds
old at most: whoever else asks meanwhile is given the same one, and waits where it is being counted.

A screen hangs where anybody may read it, so what it shows is published: a place with few complaints is not told apart
(`complaints.insight.bulletin.LEAST`), a hot spot only once a person has looked at it, no business by name but in a
warning that two persons published.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight import RESPONDENT, STREET, TRADE
from complaints.insight.bulletin import LEAST
from complaints.insight.spots import circle
from complaints.statistics import find_statistic
from complaints.statistics.figures import TOTAL, Figure, Period, month
from complaints.statistics.views import ScreenFigures, ScreenSpot
from journal.refusals import Refused, Throttle
from offices import Officer
from offices.systems import SCREEN, System
from server.complaints.office_store import calendar_of
from server.complaints.officer_store import due_counts
from server.db.engine import Database
from server.db.rows import local_span
from server.db.schema import complaint_facts, hotspots, public_warnings, sessions
from server.db.schema.base import among
from server.identity import Seal
from server.identity.systems import SystemsService
from server.insight import hotspot_store
from server.statistics.counting_store import Counting
from server.statistics.fact_store import facts_at, of_offices, offices_seen
from server.statistics.store import Maps

FRESH: Final = timedelta(seconds=3)  # a snapshot is given out for so long
MOST_KEPT: Final = 64  # sets of offices
DAYS: Final = 14
MOST_SPOTS: Final = 4
MOST_PLACES: Final = 24
_COOKIE: Final = "screen"
_SHOWN_SPOTS: Final = (RESPONDENT, STREET, TRADE)  # a word of the texts may be anybody's name, a platform is a business


class ScreenService:
    def __init__(
        self, systems: SystemsService, seal: Seal, database: Database, maps: Path, now: Callable[[], datetime]
    ) -> None:
        """`maps`: the folder of the maps that offices supplied."""
        self._systems, self._seal, self._database = systems, seal, database
        self._maps, self._now = Maps(maps), now
        self._tries = Throttle(10, timedelta(minutes=5), "too_many_tries")
        self._kept: OrderedDict[tuple[str, ...], ScreenFigures] = OrderedDict()
        self._counting = asyncio.Lock()

    # ------------------------------------------------------------ the token

    async def enter(self, token: str, address: str) -> str:
        """What the screen's cookie holds from now on: sealed, and worth nothing but this page."""
        self._tries.pass_(address)
        screen = await self._systems.system(token)
        if screen is None or SCREEN not in screen.scopes or screen.own:
            raise Refused("bad_token", 401)
        return self._seal.seal(json.dumps([screen.token]), _COOKIE)

    async def screen(self, cookie: str) -> System:
        try:
            (token,) = json.loads(self._seal.open(cookie, _COOKIE))
        except Exception:
            raise Refused("bad_token", 401) from None
        screen = await self._systems.by_id(str(token))
        if screen is None or SCREEN not in screen.scopes:
            raise Refused("bad_token", 401)
        return screen

    # ------------------------------------------------------------ what it shows

    async def figures(self, officer: Officer) -> ScreenFigures:
        async with self._database.read() as connection:
            offices = await offices_seen(connection, officer)
        key = tuple(sorted(office.id for office in offices))
        async with self._counting:
            known = self._kept.get(key)
            if known is None or not known.at <= self._now() < known.at + FRESH:
                known = await self._count(officer, key)
                self._kept[key] = known
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return known

    async def outline(self, office: str) -> bytes | None:
        """The map an office supplied, as `complaints.statistics.views.read_outline` takes it."""
        return await asyncio.to_thread(self._maps.kept, office)

    async def _count(self, officer: Officer, offices: tuple[str, ...]) -> ScreenFigures:
        now, zone = self._now(), officer.office.zone
        today = now.astimezone(ZoneInfo(zone)).date()
        received, handled = find_statistic("received"), find_statistic("handled")
        settled, recovered = find_statistic("mediated"), find_statistic("loss_recovered")
        day, this_month = Period(today, today), month(today)
        days = Period(today - timedelta(days=DAYS - 1), today)
        async with self._database.read(snapshot=True) as connection:
            _, calendar = await calendar_of(connection, officer.office.id)
            async with facts_at(connection, None, of_offices(connection, offices)(complaint_facts)) as then:
                counting = Counting(connection, then, offices, today)
                channels = await counting.figures([received], day, "channel")
                whole = (await counting.figures([settled, recovered], this_month))[TOTAL]
                each = await counting.figures([received, handled], days, "day")
                places = await counting.figures([received], this_month, "division")
            due = await due_counts(connection, offices, calendar, today)
            rooms, to_come = await _rooms(connection, offices, *local_span(today, today, zone))
            spots, waiting = await _spots(connection, offices)
            warnings = await _warnings(connection, offices)
        every = [(days.first + timedelta(days=n)) for n in range(DAYS)]

        def of(day: str, statistic: str) -> int:
            return each[day][statistic].top if day in each else 0

        return ScreenFigures(
            at=now,
            channels=_most_first(channels, received.id),
            rooms=rooms,
            rooms_today=to_come,
            late=due[0],
            due_today=due[1],
            due_soon=due[2],
            settled=whole[settled.id],
            recovered=whole[recovered.id],
            days=[(one, of(one.isoformat(), received.id), of(one.isoformat(), handled.id)) for one in every],
            places=[pair for pair in _most_first(places, received.id) if pair[0] and pair[1] >= LEAST][:MOST_PLACES],
            spots=spots,
            spots_waiting=waiting,
            warnings=warnings,
        )


def _most_first(groups: dict[str, dict[str, Figure]], statistic: str) -> list[tuple[str, int]]:
    found = [(label, figures[statistic].top) for label, figures in groups.items() if figures[statistic].top]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


async def _rooms(
    connection: AsyncConnection, offices: Sequence[str], begins: datetime, ends: datetime
) -> tuple[int, int]:
    """Open now, and of today those that are still to begin."""
    row = sessions.c
    is_open = row.status.in_(("live", "recess"))
    to_come = (row.status == "scheduled") & (row.starts >= begins) & (row.starts < ends)
    wanted = select(func.count().filter(is_open), func.count().filter(to_come)).where(
        among(connection, row.office, offices), is_open | to_come
    )
    now_open, coming = (await connection.execute(wanted)).one()
    return int(now_open), int(coming)


async def _spots(connection: AsyncConnection, offices: Sequence[str]) -> tuple[list[ScreenSpot], int]:
    """Those somebody has looked at and not put aside, the newest report's order; and how many wait for a look."""
    kept = await hotspot_store.newest(connection, circle(offices))
    if kept is None:
        return [], 0
    found = kept.report.spots
    asked = select(hotspots.c.id, hotspots.c.stage).where(hotspots.c.id.in_([one.id for one in found]))
    stages = {row.id: row.stage for row in await connection.execute(asked)} if found else {}
    shown = [
        ScreenSpot(one.kind, "" if one.kind == RESPONDENT else one.key, one.seen, round(one.expected), one.course,
                   one.problem.key if one.problem else "")
        for one in found
        if one.kind in _SHOWN_SPOTS and stages.get(one.id) in ("looked", "handed_on") and one.seen >= LEAST
    ]  # fmt: skip
    return shown[:MOST_SPOTS], sum(stages.get(one.id, "new") == "new" for one in found)


async def _warnings(connection: AsyncConnection, offices: Sequence[str]) -> list[str]:
    row = public_warnings.c
    wanted = select(row.title).where(among(connection, row.office, offices), row.withdrawn_at.is_(None))
    return list((await connection.execute(wanted.order_by(row.published.desc()).limit(MOST_SPOTS))).scalars())
