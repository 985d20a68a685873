"""Statistics in SQL: `web.ports.Statistics` over the fact table. Counts what `complaints.statistics.figures` counts.

What is counted in `server.storage.counting`, from daily sums; what stands behind a figure is read from the facts.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, and_, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics.definitions import Part, Statistic, current, find_statistic
from complaints.statistics.figures import TOTAL, Figure
from complaints.statistics.periods import each_month, months_to
from server.storage import joins
from server.storage.belonging import Offices, label, within
from server.storage.counting import RESPONDENT, Counting
from server.storage.engine import Database
from server.storage.facts import facts_at
from server.storage.tables import complaint_facts, complaints, office_oversight, offices
from web.ports import Asked, Behind, Office, Officer, Overview, Refused

PAGE_SIZE = 50
TREND = ("received", "handled")  # what the picture over months shows


class SqlStatistics:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self, officer: Officer, asked: Asked) -> Overview:
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
        self, wanted: Sequence[Statistic], asked: Asked, scope: Offices = None
    ) -> dict[str, dict[str, Figure]]:
        """By group, then by statistic's id; without a grouping all stand under "". For the command line."""
        async with (
            self._database.read(snapshot=True) as connection,
            facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then,
        ):
            return await Counting(connection, then, scope, asked.today).figures(wanted, asked.period, asked.by)

    async def records(
        self, officer: Officer, asked: Asked, statistic: Statistic, part: Part, group: str | None, page: int
    ) -> tuple[Sequence[Behind], int]:
        measure = statistic.measures[0 if part == "top" else -1]
        async with self._database.read(snapshot=True) as connection:
            seen = await offices_of(connection, officer)
            scope = scope_of(asked.office, seen)
            short = {office.id: office.short for office in seen}
            async with facts_at(connection, asked.as_of, among(complaint_facts, scope)) as then:
                facts, groups = then.facts, None
                counting = Counting(connection, then, scope, asked.today)
                if group is not None and asked.by:
                    groups = await joins.counted_as(connection, [group]) if asked.by == RESPONDENT else [group]
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
