"""The fact table: one row for each complaint, with the day of each step, for figures in plain SQL aggregates.

Owns `complaint_facts`, a projection of the journal. It also makes the facts as they were at an earlier moment: those
whose complaint has not changed since are in the table, the others are folded again up to that moment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    MetaData,
    Select,
    Table,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import STREAM
from complaints.statistics.facts import as_of, fact
from complaints.statistics.rollup import Rollup
from journal import Event
from server.complaints.projection import ComplaintChange, ComplaintProjection
from server.complaints.rows import Row
from server.db import tree
from server.db.bulk import insert_rows
from server.db.columns import among
from server.db.engine import Database
from server.db.journal import EventBatch, event_of, streams_events
from server.db.schema import complaint_facts, complaints, events, offices
from server.statistics import sum_store

DEFAULT_ZONE = "Asia/Shanghai"
CHUNK = 500  # rows of one INSERT
_PREFIX = "complaint/"


class FactRows:
    """Writes `complaint_facts`. `summed`: and the sums over them."""

    def __init__(self, summed: bool = True) -> None:
        self._summed = summed

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        """Two complaints of an office and a day change the same sums: those are written once, whoever is many.

        Of one whose beginning was erased the row names nobody: it stays, and so do the figures.
        """
        rows = {one.id: one.rows.fact for one in changes if one.rows}
        held = await _rows_of(connection, list(rows))
        new = [row for id, row in rows.items() if id not in held]
        await insert_rows(connection, complaint_facts, new)
        changed = [(before, rows[id]) for id, before in held.items() if before != rows[id]]
        for _, row in changed:
            await connection.execute(update(complaint_facts).where(complaint_facts.c.id == row["id"]).values(row))
        if not self._summed:
            return
        shelf = Rollup()
        for before, row in changed:
            await sum_store.moved(connection, shelf, before, row)
        if len(new) > sum_store.FEW:
            await sum_store.begun(connection, [row["id"] for row in new])
        else:
            for row in new:
                await sum_store.moved(connection, shelf, None, row)
        await sum_store.add(connection, shelf)


async def _rows_of(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Row]:
    """Those that are there."""
    found = select(complaint_facts).where(among(connection, complaint_facts.c.id, ids))
    return {row["id"]: dict(row) for row in (await connection.execute(found)).mappings()} if ids else {}


async def forget_readable(connection: AsyncConnection) -> None:
    """Empty the table for a rebuild, but for rows whose stream's beginning was erased: they cannot be made again."""
    name = literal(_PREFIX) + complaint_facts.c.id
    await connection.execute(delete(complaint_facts).where(name.not_in(_beginnings_erased())))


@dataclass(frozen=True, slots=True)
class Then:
    """The facts to count in. `facts`: all of them; `now`: those of now, which the sums are of, but for those that wait.

    As of an earlier moment `gone` are those that have changed since as they are now, `came` as they were then: facts
    are now without what is gone and with what came.
    """

    facts: FromClause
    now: FromClause
    waiting: FromClause | None = None
    gone: FromClause | None = None
    came: FromClause | None = None


@asynccontextmanager
async def facts_at(
    connection: AsyncConnection, moment: datetime | None, within: ColumnElement[bool]
) -> AsyncIterator[Then]:
    """The facts of now (None), or as the journal stood at a moment.

    `within` narrows `complaint_facts` to the offices that are asked about. What changed since may have been another's
    then, so it is folded whatever the office, and narrowed by whoever counts.
    A complaint whose beginning was erased stands as it was last known.
    """
    waiting = sum_store.waiting_facts() if await sum_store.any_waits(connection) else None
    if moment is None:
        yield Then(complaint_facts, complaint_facts, waiting)
        return
    fresh = complaint_facts.c.changed > moment
    earlier = _temporary()
    await connection.run_sync(earlier.create)  # a transaction that fails takes it away again
    await _fold_again(connection, moment, fresh, earlier)
    name = literal(_PREFIX) + complaint_facts.c.id
    erased = name.in_(_beginnings_erased())
    kept = select(complaint_facts).where(~fresh | erased, within)
    facts = kept.union_all(select(earlier)).subquery("facts_then")
    gone = select(complaint_facts).where(fresh, ~erased, within).subquery("facts_gone")
    yield Then(facts, complaint_facts, waiting, gone, earlier)
    await connection.run_sync(earlier.drop)


async def _fold_again(connection: AsyncConnection, moment: datetime, which: ColumnElement[bool], into: Table) -> None:
    zones = {row.id: row.zone for row in await connection.execute(select(offices.c.id, offices.c.zone))}
    changed = (
        select(events)
        .join(complaint_facts, events.c.stream == literal(_PREFIX) + complaint_facts.c.id)
        .where(which)
        .order_by(events.c.stream, events.c.version)
    )
    rows: list[Row] = []
    async for stream, entries in _streams(connection, changed):
        followed = None if entries[0].erased else as_of(entries, moment)
        if followed is not None:
            zone = zones.get(followed.complaint.record.office, DEFAULT_ZONE)
            rows.append(asdict(fact(stream.removeprefix(_PREFIX), followed, zone)))
        if len(rows) >= CHUNK:
            await connection.execute(insert(into), rows)
            rows = []
    if rows:
        await connection.execute(insert(into), rows)


def _beginnings_erased() -> Select[Any]:
    return select(events.c.stream).where(events.c.kind == STREAM, events.c.version == 1, events.c.salt == "")


async def _streams(connection: AsyncConnection, wanted: Select[Any]) -> AsyncIterator[tuple[str, list[Event]]]:
    """The events of one stream after another, read as they are needed."""
    stream, entries = "", list[Event]()
    result = await connection.stream(wanted.execution_options(yield_per=CHUNK))
    async for partition in result.mappings().partitions(CHUNK):
        for name, rows in groupby(partition, key=lambda row: str(row["stream"])):
            if name != stream and entries:
                yield stream, entries
                entries = []
            stream = name
            entries.extend(event_of(row) for row in rows)
    if entries:
        yield stream, entries


def _temporary() -> Table:
    """This connection's own, beside the real one."""
    columns = [Column(column.name, column.type) for column in complaint_facts.columns]
    return Table("facts_earlier", MetaData(), *columns, prefixes=["TEMPORARY"])


async def complete_facts(database: Database) -> int:
    """Make the facts of complaints that have none yet, and anew those from before a column was there; how many.

    And the sums over them all, when that was needed or they are not there; put on what an import left waiting.
    """
    made = await _complete(database)
    async with database.write() as connection:
        await database.alone(connection, tree.GROWING)
        if made or not await sum_store.there(connection):
            await sum_store.refill(connection)
        else:
            await sum_store.settle(connection)
    return made


async def _complete(database: Database) -> int:
    made, last = 0, ""
    there, stale = complaint_facts.c.id == complaints.c.id, complaint_facts.c.entered.is_(None)
    while True:
        async with database.write() as connection:
            known, all_ = await _count(connection, complaint_facts), await _count(connection, complaints)
            old = select(complaint_facts.c.id).where(stale)
            none = select(complaints.c.id).where(~exists().where(there))
            wanted = (old.union(none) if known < all_ else old).subquery()
            these = select(wanted.c.id).where(wanted.c.id > last).order_by(wanted.c.id).limit(CHUNK)
            found = list((await connection.execute(these)).scalars())
            projector = ComplaintProjection([FactRows(summed=False)])
            if found:
                await sum_store.empty(connection)  # they are made anew once all facts are there
            entries = await streams_events(connection, [_PREFIX + complaint for complaint in found])
            readable = [one for one in entries.values() if not one[0].erased]
            await projector.project(connection, EventBatch(readable, announced=False))
            made += len(readable)
            left = complaint_facts.c
            await connection.execute(  # what was erased stays as it was last known
                update(complaint_facts).where(left.id.in_(found), left.entered.is_(None)).values(entered=left.received)
            )
        if not found:
            return made
        last = found[-1]


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
