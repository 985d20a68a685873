"""Statistics and dashboards in SQL. Counts what `complaints.statistics.figures` counts.

What is counted in `server.statistics.counting_store`, from daily sums; what stands behind a figure is read from the
facts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, FromClause, and_, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics import Measure, Part, Statistic, current, find_statistic
from complaints.statistics.figures import (
    BETWEEN,
    TOTAL,
    Figure,
    Likeness,
    SettlementCount,
    each_month,
    figure,
    like_for_like,
    months_to,
)
from complaints.statistics.views import (
    Comparison,
    CountedComplaint,
    CrossTable,
    Dashboard,
    FigureChange,
    FigureGroup,
    MediationFigures,
    MediationPerformance,
    Overview,
    Poster,
    StatisticsQuery,
    TooMuchChanged,
    crossing,
)
from journal.refusals import Refused
from offices.people import Office, Officer
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints, industries, office_oversight, offices
from server.insight import business_store, store
from server.statistics.counting_store import RESPONDENT, Counting, Offices, label, within
from server.statistics.fact_store import facts_at
from server.statistics.maps import Maps

PAGE_SIZE = 50
TREND = ("received", "handled")  # what the picture over months shows


class SqlStatistics:
    """Implements `Statistics` over the fact table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self, officer: Officer, asked: StatisticsQuery) -> Overview:
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope = scope_of(asked.office, seen)
            wanted = current()
            async with facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then:
                counting = Counting(connection, then, scope, asked.today)
                spans = asked.period, asked.period.previous(), asked.period.year_before()
                now, previous, year_before = [dict((await counting.figures(wanted, span))[TOTAL]) for span in spans]
                trend = months_to(asked.period.last)
                months = await counting.figures([find_statistic(name) for name in TREND], trend, "month")
                groups = await counting.figures(wanted, asked.period, asked.by) if asked.by else {}
        return Overview(
            offices=seen,
            now=now,
            previous=previous,
            year_before=year_before,
            groups=sorted(groups.items()),
            months=[(month, months.get(month, {})) for month in each_month(trend)],
        )

    async def figures(
        self, wanted: Sequence[Statistic], asked: StatisticsQuery, scope: Offices = None
    ) -> dict[str, dict[str, Figure]]:
        """By group, then by statistic's id; without a grouping all stand under "". For the command line."""
        async with (
            self._database.read(snapshot=True) as connection,
            facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then,
        ):
            return await Counting(connection, then, scope, asked.today).figures(wanted, asked.period, asked.by)

    async def records(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[CountedComplaint], int]:
        measure = statistic.measures[0 if part == "top" else -1]
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope = scope_of(asked.office, seen)
            short = {office.id: office.short for office in seen}
            async with facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then:
                facts, groups = then.facts, None
                counting = Counting(connection, then, scope, asked.today)
                if group is not None and asked.by:
                    groups = await business_store.counted_as(connection, [group]) if asked.by == RESPONDENT else [group]
                skip = (max(page, 1) - 1) * PAGE_SIZE
                days, skip = await counting.located(measure, asked.period, asked.by, groups, skip, PAGE_SIZE)
                there = within(facts, measure, days, asked.today, scope)
                if groups is not None:
                    there = and_(there, label(facts, measure, asked.by).in_(groups))
                only = None if group is None or not asked.by else [group]
                counted = await counting.tallies([measure], asked.period, asked.by if only else "", only)
                total = sum(tally.count for tally in counted.values())
                value = facts.c[measure.of] if measure.of else literal(None)
                record = complaints.c
                rows = (
                    select(
                        facts.c.id, facts.c.office, facts.c.channel, facts.c[measure.by].label("day"),
                        value.label("value"), record.number, record.title, record.state,
                    )
                    .join_from(facts, complaints, facts.c.id == record.id, isouter=True)
                    .where(there)
                    .order_by(facts.c[measure.by], facts.c.id)
                    .limit(PAGE_SIZE)
                    .offset(skip)
                )  # fmt: skip
                found = [
                    CountedComplaint(
                        id=row.id,
                        number=row.number or row.id,
                        title=row.title or "",
                        state=row.state or "",
                        channel=row.channel,
                        office=short.get(row.office, row.office),
                        day=row.day,
                        value=row.value,
                    )
                    for row in await connection.execute(rows)
                ]
        return found, total


# ---------------------------------------------------------------- scope


def among(facts: FromClause, scope: Offices) -> ColumnElement[bool]:
    return true() if scope is None else facts.c.office.in_(scope)


def scope_of(office: str, seen: Sequence[Office]) -> list[str]:
    """The offices to count, "" for all: another's is answered like one that does not exist."""
    known = [one.id for one in seen]
    if office and office not in known:
        raise Refused("not_found", 404)
    return [office] if office else known


async def offices_of(connection: AsyncConnection, officer: Officer) -> list[Office]:
    mine = offices.c.id == officer.office.id
    if officer.role == "supervisor":
        overseen = select(office_oversight.c.office).where(office_oversight.c.supervisor == officer.id)
        mine = or_(mine, offices.c.id.in_(overseen))
    rows = await connection.execute(select(offices).where(mine).order_by(offices.c.name))
    return [Office(**row) for row in rows.mappings()]


MOST_CHANGED: Final = 20_000  # complaints folded again while somebody waits
MEDIATION: Final = (
    "settled_share", "median_days_to_settlement", "mediated", "loss_recovered", "travel_saved", "success_rate",
)  # fmt: skip
IN_ORDER: Final = ("month", "day")


class SqlDashboards:
    """Implements `Dashboards` over the daily sums.

    `maps`: the folder of the maps that offices supplied; `fonts`: of what pictures are written with.
    """

    def __init__(self, database: Database, maps: Path, fonts: Path | None = None) -> None:
        self._database, self._maps, self._fonts = database, Maps(maps), fonts

    async def board(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, against: Comparison | None, most: int
    ) -> Dashboard:
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
            FigureGroup(
                label,
                figure(statistic, top.tallies, label),
                None if others is None else figure(statistic, others, label),
            )
            for label in labels
        ]
        return Dashboard(seen, total, other, rows, top.groups, names)

    async def cross(self, officer: Officer, asked: StatisticsQuery, statistic: Statistic) -> CrossTable:
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

    async def since(
        self, officer: Officer, asked: StatisticsQuery, statistic: Statistic, moment: datetime
    ) -> FigureChange:
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
        return FigureChange(
            then_count,
            now_count,
            entered,
            lost.get("merged", 0),
            lost.get("undone", 0),
            came - entered,
            lost.get("", 0),
        )

    async def performance(self, officer: Officer, asked: StatisticsQuery) -> MediationPerformance:
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

        def of(
            found: Mapping[tuple[Measure, str], object], label: str, like: Likeness | None = None
        ) -> MediationFigures:
            figures = {one.id: figure(one, found, label) for one in wanted}  # type: ignore[arg-type]
            tally = found.get((spread, label))
            return MediationFigures(label, figures, tally.days if tally else {}, like)  # type: ignore[attr-defined]

        alike = like_for_like(_mix({key: tally.count for key, tally in mixed.items()}))
        concluded = {
            label: tally.count for (measure, label), tally in classes.items() if measure == Measure("concluded")
        }
        listed = [one for one in seen if one.id in scope]
        return MediationPerformance(
            offices=seen,
            total=of(total, TOTAL),
            mine=[of(mine, one.id, alike.get(one.id)) for one in listed],
            classes=[of(classes, name) for name in sorted(concluded, key=lambda name: (-concluded[name], name))],
        )

    async def picture(self, poster: Poster) -> bytes:
        from server.documents.poster import png

        return await asyncio.to_thread(png, poster, self._fonts)

    async def outline(self, office: str) -> bytes | None:
        return await asyncio.to_thread(self._maps.kept, office)


def _mix(counts: Mapping[tuple[Measure, str], int]) -> dict[tuple[str, str], SettlementCount]:
    keys = {label: label.partition(BETWEEN) for _, label in counts}
    return {
        (office, name): SettlementCount(
            counts.get((Measure("settled"), label), 0), counts.get((Measure("concluded"), label), 0)
        )
        for label, (office, _, name) in keys.items()
    }


async def _names(connection: AsyncConnection, by: str, labels: Sequence[str], scope: Sequence[str]) -> dict[str, str]:
    wanted = [label for label in labels if label][:500]
    if by == RESPONDENT:
        return await store.names(connection, scope, wanted)
    if by.startswith("industry"):
        official = select(industries.c.code, industries.c.name).where(industries.c.code.in_(wanted))
        return {row.code: row.name for row in await connection.execute(official)}
    return {}
