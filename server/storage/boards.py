"""Dashboards in SQL: `web.ports.Dashboards` over the daily sums."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics.definitions import Measure, Statistic, find_statistic
from complaints.statistics.figures import BETWEEN, TOTAL, Likeness, Mixed, figure, like_for_like
from server.documents.poster import png
from server.maps import Maps
from server.storage import insight
from server.storage.belonging import within
from server.storage.counting import RESPONDENT, Counting
from server.storage.engine import Database
from server.storage.facts import facts_at
from server.storage.statistics import among, offices_of, scope_of
from server.storage.tables import complaint_facts, industries
from web.ports import Asked, Officer
from web.ports.dashboards import (
    Against,
    Board,
    Cross,
    Group,
    Mediated,
    Performance,
    Poster,
    Since,
    TooMuchChanged,
    crossing,
)

MOST_CHANGED: Final = 20_000  # complaints folded again while somebody waits
MEDIATION: Final = (
    "settled_share", "median_days_to_settlement", "mediated", "loss_recovered", "travel_saved", "success_rate",
)  # fmt: skip
IN_ORDER: Final = ("month", "day")


class SqlDashboards:
    """`maps`: the folder of the maps that offices supplied; `fonts`: of what pictures are written with."""

    def __init__(self, database: Database, maps: Path, fonts: Path | None = None) -> None:
        self._database, self._maps, self._fonts = database, Maps(maps), fonts

    async def board(
        self, officer: Officer, asked: Asked, statistic: Statistic, against: Against | None, most: int
    ) -> Board:
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope, measures = scope_of(asked.office, seen), list(dict.fromkeys(reversed(statistic.measures)))
            beside = scope if against is None or not against.office else scope_of(against.office, seen)
            every = among(complaint_facts, None if asked.as_of is None else list({*scope, *beside}))
            async with facts_at(connection, asked.as_of, every) as then:
                counting = Counting(connection, then, scope, asked.today)
                ordered = asked.by in IN_ORDER
                top = await counting.top(measures, asked.period, asked.by, 4_000 if ordered else most)
                total = (await counting.figures([statistic], asked.period))[TOTAL][statistic.id]
                labels = [label for _, label in top.tallies]
                labels = sorted(set(labels)) if ordered else list(dict.fromkeys(labels))
                other, others = None, None
                if against is not None:
                    elsewhere = Counting(connection, then, beside, asked.today)
                    other = (await elsewhere.figures([statistic], against.period))[TOTAL][statistic.id]
                    same = asked.by not in IN_ORDER  # another period has other months
                    others = await elsewhere.tallies(measures, against.period, asked.by, labels) if same else None
            names = await _names(connection, asked.by, labels, scope)
        rows = [
            Group(
                label,
                figure(statistic, top.tallies, label),
                None if others is None else figure(statistic, others, label),
            )
            for label in labels
        ]
        return Board(seen, total, other, rows, top.groups, names)

    async def cross(self, officer: Officer, asked: Asked, statistic: Statistic) -> Cross:
        measures, rows_by, _, columns_by = statistic.measures, *asked.by.partition(BETWEEN)
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope = scope_of(asked.office, seen)
            async with facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then:
                counting = Counting(connection, then, scope, asked.today)
                cells = await counting.tallies(measures, asked.period, asked.by)
                rows = await counting.tallies(measures, asked.period, rows_by)
                columns = await counting.tallies(measures, asked.period, columns_by)
                total = await counting.tallies(measures, asked.period)
        return crossing(seen, statistic, cells, rows, columns, total)

    async def since(self, officer: Officer, asked: Asked, statistic: Statistic, moment: datetime) -> Since:
        measure = statistic.measures[0]
        async with self._database.read(snapshot=True) as connection:
            scope = scope_of(asked.office, await offices_of(connection, officer))
            fresh = select(func.count()).select_from(complaint_facts).where(complaint_facts.c.changed > moment)
            if (await connection.execute(fresh)).scalar_one() > MOST_CHANGED:
                raise TooMuchChanged
            async with facts_at(connection, moment, among(complaint_facts, None)) as then:
                assert then.gone is not None
                assert then.came is not None
                now_, was = then.gone, then.came
                there = within(now_, measure, asked.period, asked.today, scope)
                before = within(was, measure, asked.period, asked.today, scope)
                stayed = select(was.c.id).where(before)
                added = select(now_.c.id).where(there, now_.c.id.not_in(stayed)).subquery()
                left = select(was.c.id).where(before, was.c.id.not_in(select(now_.c.id).where(there))).subquery()
                new = select(func.count()).select_from(added).where(added.c.id.not_in(select(was.c.id)))
                entered = int((await connection.execute(new)).scalar_one())
                came = int((await connection.execute(select(func.count()).select_from(added))).scalar_one())
                why = (
                    select(now_.c.dropped_as, func.count())
                    .join(left, left.c.id == now_.c.id)
                    .group_by(now_.c.dropped_as)
                )
                lost = {row[0]: int(row[1]) for row in await connection.execute(why)}
                counting = Counting(connection, then, scope, asked.today)
                tallies = await counting.tallies([measure], asked.period)
        then_count = tallies[measure, TOTAL].count if (measure, TOTAL) in tallies else 0
        now_count = then_count + came - sum(lost.values())
        return Since(
            then_count,
            now_count,
            entered,
            lost.get("merged", 0),
            lost.get("undone", 0),
            came - entered,
            lost.get("", 0),
        )

    async def performance(self, officer: Officer, asked: Asked) -> Performance:
        by = asked.by if asked.by in ("problem", "industry", "channel") else "problem"
        wanted = [find_statistic(name) for name in MEDIATION]
        measures = list(dict.fromkeys(measure for one in wanted for measure in one.measures))
        spread = find_statistic("median_days_to_settlement").measures[0]
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope = scope_of(asked.office, seen)
            async with facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then:
                counting = Counting(connection, then, scope, asked.today)
                total = await counting.tallies(measures, asked.period)
                classes = await counting.tallies(measures, asked.period, by)
                mine = await counting.tallies(measures, asked.period, "office")
                mixed = await counting.tallies(
                    [Measure("settled"), Measure("concluded")], asked.period, f"office{BETWEEN}{by}"
                )

        def of(found: Mapping[tuple[Measure, str], object], label: str, like: Likeness | None = None) -> Mediated:
            figures = {one.id: figure(one, found, label) for one in wanted}  # type: ignore[arg-type]
            tally = found.get((spread, label))
            return Mediated(label, figures, tally.days if tally else {}, like)  # type: ignore[attr-defined]

        alike = like_for_like(_mix({key: tally.count for key, tally in mixed.items()}))
        concluded = {
            label: tally.count for (measure, label), tally in classes.items() if measure == Measure("concluded")
        }
        listed = [one for one in seen if one.id in scope]
        return Performance(
            offices=seen,
            total=of(total, TOTAL),
            mine=[of(mine, one.id, alike.get(one.id)) for one in listed],
            classes=[of(classes, name) for name in sorted(concluded, key=lambda name: (-concluded[name], name))],
        )

    async def picture(self, poster: Poster) -> bytes:
        return await asyncio.to_thread(png, poster, self._fonts)

    async def outline(self, office: str) -> bytes | None:
        return await asyncio.to_thread(self._maps.kept, office)


def _mix(counts: Mapping[tuple[Measure, str], int]) -> dict[tuple[str, str], Mixed]:
    keys = {label: label.partition(BETWEEN) for _, label in counts}
    return {
        (office, name): Mixed(counts.get((Measure("settled"), label), 0), counts.get((Measure("concluded"), label), 0))
        for label, (office, _, name) in keys.items()
    }


async def _names(connection: AsyncConnection, by: str, labels: Sequence[str], scope: Sequence[str]) -> dict[str, str]:
    wanted = [label for label in labels if label][:500]
    if by == RESPONDENT:
        return await insight.names(connection, scope, wanted)
    if by.startswith("industry"):
        official = select(industries.c.code, industries.c.name).where(industries.c.code.in_(wanted))
        return {row.code: row.name for row in await connection.execute(official)}
    return {}
