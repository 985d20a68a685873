"""Statistics in SQL: `web.ports.Statistics` over the fact table. Counts what `complaints.statistics.figures` counts.

One query for each day that is counted by, whatever the number of complaints and of statistics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, assert_never

from sqlalchemy import ColumnElement, FromClause, String, and_, cast, func, literal, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics.definitions import Judged, Measure, Median, OnTime, Part, Statistic, Test, current, find
from complaints.statistics.figures import TOTAL, Figure, Tallies, Tally, figure
from complaints.statistics.periods import Period, each_month, months_to
from server.storage.engine import Database
from server.storage.facts import facts_at
from server.storage.tables import complaint_facts, complaints, office_oversight, offices
from web.ports import Asked, Behind, Office, Officer, Overview, Refused

PAGE_SIZE = 50
TREND = ("received", "handled")  # what the picture over months shows
Offices = Collection[str] | None  # None: all there are


class SqlStatistics:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self, officer: Officer, asked: Asked) -> Overview:
        async with self._database.read(snapshot=True) as connection:
            seen = await _offices(connection, officer)
            scope = _scope(asked, seen)
            wanted = current()
            async with facts_at(connection, asked.as_of, _within(complaint_facts, scope)) as facts:
                counting = _Counting(connection, facts, scope, asked.today)
                spans = asked.period, asked.period.previous(), asked.period.year_before()
                now, previous, year_before = [dict((await counting.figures(wanted, span))[TOTAL]) for span in spans]
                trend = months_to(asked.period.last)
                months = await counting.figures([find(name) for name in TREND], trend, "month")
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
        self, wanted: Sequence[Statistic], asked: Asked, scope: Offices = None
    ) -> dict[str, dict[str, Figure]]:
        """By group, then by statistic's id; without a grouping all stand under "". For the command line."""
        async with (
            self._database.read(snapshot=True) as connection,
            facts_at(connection, asked.as_of, _within(complaint_facts, scope)) as facts,
        ):
            return await _Counting(connection, facts, scope, asked.today).figures(wanted, asked.period, asked.by)

    async def records(
        self, officer: Officer, asked: Asked, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[Behind], int]:
        measure = statistic.measures[0 if part == "top" else -1]
        async with self._database.read(snapshot=True) as connection:
            seen = await _offices(connection, officer)
            scope = _scope(asked, seen)
            short = {office.id: office.short for office in seen}
            async with facts_at(connection, asked.as_of, _within(complaint_facts, scope)) as facts:
                there = _behind(facts, measure, asked.period, asked.today, scope)
                if group is not None and asked.by:
                    there = and_(there, _label(facts, measure, asked.by) == group)
                counted = select(func.count()).select_from(facts).where(there)
                total = (await connection.execute(counted)).scalar_one()
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
                    .offset((max(page, 1) - 1) * PAGE_SIZE)
                )  # fmt: skip
                found = [
                    Behind(
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


class _Counting:
    """Counts in one set of facts, for some offices, on some day."""

    def __init__(self, connection: AsyncConnection, facts: FromClause, scope: Offices, today: date) -> None:
        self._connection = connection
        self._facts = facts
        self._scope = scope
        self._today = today

    async def figures(self, wanted: Sequence[Statistic], period: Period, by: str = "") -> dict[str, dict[str, Figure]]:
        """By group; the total's is there even when nothing was counted."""
        tallies = await self.tallies({measure for one in wanted for measure in one.measures}, period, by)
        medians = {one.formula.top for one in wanted if isinstance(one.formula, Median)}
        tallies.update(await self._medians(medians, period, by))
        groups = {group for _, group in tallies} | (set() if by else {TOTAL})
        return {group: {one.id: figure(one, tallies, group) for one in wanted} for group in groups}

    async def tallies(self, measures: Collection[Measure], period: Period, by: str) -> dict[tuple[Measure, str], Tally]:
        found: dict[tuple[Measure, str], Tally] = {}
        for day, some in groupby(sorted(measures, key=lambda one: one.by), key=lambda one: one.by):
            together = list(some)
            columns: list[ColumnElement[Any]] = []
            for n, measure in enumerate(together):
                passes = _passes(self._facts, measure.tests, self._today)
                columns.append(func.count().filter(passes).label(f"n{n}"))
                if measure.of in _AMOUNTS:
                    columns.append(func.sum(self._facts.c[measure.of]).filter(passes).label(f"sum{n}"))
            label = _label(self._facts, together[0], by)
            days = _behind(self._facts, Measure(day), period, self._today, self._scope)
            query = select(label.label("label"), *columns).where(days).group_by(label)
            for row in (await self._connection.execute(query)).mappings():
                for n, measure in enumerate(together):
                    if row[f"n{n}"]:
                        total = row[f"sum{n}"] if measure.of in _AMOUNTS else None
                        found[measure, row["label"]] = Tally(row[f"n{n}"], total or Decimal("0.00"))
        return found

    async def _medians(self, measures: Iterable[Measure], period: Period, by: str) -> Tallies:
        found: dict[tuple[Measure, str], Tally] = {}
        for measure in measures:
            label, taken = _label(self._facts, measure, by), self._facts.c[measure.of]
            there = _behind(self._facts, measure, period, self._today, self._scope)
            query = select(label, taken, func.count()).where(there).group_by(label, taken)
            for group, days, count in await self._connection.execute(query):
                before = found.get((measure, group), Tally())
                found[measure, group] = replace(before, count=before.count + count, days={**before.days, days: count})
        return found


_AMOUNTS = ("amount", "recovered")


# ---------------------------------------------------------------- conditions


def _behind(facts: FromClause, measure: Measure, period: Period, today: date, scope: Offices) -> ColumnElement[bool]:
    """`complaints.statistics.figures.belongs`, for some offices."""
    day = facts.c[measure.by]
    in_period = and_(day >= period.first, day <= period.last)
    return and_(_within(facts, scope), in_period, facts.c.counted, _passes(facts, measure.tests, today))


def _passes(facts: FromClause, tests: Sequence[Test], today: date) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    for test in tests:
        done, due = facts.c[test.done], facts.c[test.due]
        match test:
            case OnTime():
                conditions.append(done <= due)
            case Judged():
                conditions.append(or_(done.is_not(None), due < today))
            case _:
                assert_never(test)
    return and_(*conditions)


def _label(facts: FromClause, measure: Measure, by: str) -> ColumnElement[Any]:
    if not by:
        return literal(TOTAL)
    # No bound parameters: PostgreSQL must see that what is selected is what is grouped by.
    month = func.substr(cast(facts.c[measure.by], String), literal_column("1"), literal_column("7"))
    return month if by == "month" else facts.c[by]


# ---------------------------------------------------------------- scope


def _within(facts: FromClause, scope: Offices) -> ColumnElement[bool]:
    return true() if scope is None else facts.c.office.in_(scope)


def _scope(asked: Asked, seen: Sequence[Office]) -> list[str]:
    """The offices to count: another's is answered like one that does not exist."""
    known = [office.id for office in seen]
    if asked.office and asked.office not in known:
        raise Refused("not_found", 404)
    return [asked.office] if asked.office else known


async def _offices(connection: AsyncConnection, officer: Officer) -> list[Office]:
    mine = offices.c.id == officer.office.id
    if officer.role == "supervisor":
        overseen = select(office_oversight.c.office).where(office_oversight.c.supervisor == officer.id)
        mine = or_(mine, offices.c.id.in_(overseen))
    rows = await connection.execute(select(offices).where(mine).order_by(offices.c.name))
    return [Office(**row) for row in rows.mappings()]
