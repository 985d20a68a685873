"""The fact table, one row for each complaint with the day of each step, for figures in plain SQL aggregates; and the
daily sums made of it.

Owns `complaint_facts`, a projection of the journal. It also makes the facts as they were at an earlier moment: those
whose complaint has not changed since are in the table, the others are folded again up to that moment.

Owns `fact_sums`, `fact_days` and `facts_waiting`. What changes is taken off and put on in the transaction that changes
it. What is new waits in `facts_waiting`, in the transaction that makes it, until there are many to put on at once: two
complaints of an office and a day change the same seventy sums. Whoever reads sums counts what waits beside them
(`waiting_facts`), so a figure is never behind. Sums can be made anew from the facts at any time (`refill`), which is
also how they begin. Longer than other modules: what changes a fact changes its sums.
"""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    FromClause,
    MetaData,
    Row,
    Select,
    String,
    Table,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.state import STREAM
from complaints.statistics.facts import Fact, as_of, fact
from complaints.statistics.sums import COLUMNS, DIMS, FIELDS, MANY, YEARS, Rollup
from journal import Event
from journal.refusals import Refused
from offices import Office, Officer, in_scope
from server.complaints import Row as NewRow
from server.complaints.projection import ComplaintChange, ComplaintProjection, ComplaintWriter
from server.db import appending
from server.db.bulk import copy_into, driver, execute_many, insert_rows
from server.db.engine import Database, roomy
from server.db.journal import EventBatch, event_of, streams_events
from server.db.rows import within as seen_by
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    fact_days,
    fact_sums,
    facts_waiting,
    offices,
    respondent_names,
)
from server.db.schema.base import among, among_column, among_these
from server.insight import business_store

Offices = Collection[str] | None  # None: all there are
Scope = Callable[[FromClause], ColumnElement[bool]]
FEW: Final = 100  # new facts that are put on at once
MOST: Final = 20_000  # ... and that wait: whoever reads sums counts them one by one
HELD: Final = 100_000  # sums that are held at once while they are made anew
_ROWS: Final = 2_000  # facts read, and sums written, at a time
_NO_LIMIT: Final = 1 << 60


async def add(connection: AsyncConnection, shelf: Rollup) -> None:
    """Add what is on the shelf to what is kept."""
    for table, names, added in tuples(shelf):
        if connection.dialect.name == "sqlite":  # plain tuples: five times as fast
            for start in range(0, len(added), _ROWS):
                await execute_many(connection, statement(table, names), added[start : start + _ROWS])
        elif added:
            await _copied(await driver(connection), table, names, added)


async def moved(
    connection: AsyncConnection, shelf: Rollup, before: Mapping[str, Any] | None, now: Mapping[str, Any]
) -> None:
    """One fact is another, or is new: rows of `complaint_facts`. What changes is put on a shelf, which whoever holds it
    adds in the same transaction, in which nobody else appends."""
    if before is not None:
        if await _waits(connection, now["id"]):
            return
        shelf.put(Fact(**before), -1)
    shelf.put(Fact(**now))


async def note_begun(connection: AsyncConnection, new: Sequence[str]) -> None:
    """These facts are new. In a transaction in which nobody else appends."""
    await insert_rows(connection, facts_waiting, [{"id": id} for id in new])
    if len(new) <= FEW or await _waiting(connection) >= MOST:
        await settle(connection)


async def settle(connection: AsyncConnection) -> int:
    """Put on what waits; how many. In a transaction in which nobody else appends."""
    if not await _waiting(connection):
        return 0
    await roomy(connection)
    shelf, facts, count = Rollup(), waiting_facts(), 0
    names = await _said(connection, facts)
    wanted = select(*_columns(facts, names)).where(facts.c.counted)
    result = await connection.stream(wanted.execution_options(yield_per=_ROWS))
    async for rows in result.partitions(_ROWS):
        _pile(shelf, names, rows)
        count += len(rows)
    await add(connection, shelf)
    await business_store.keep_names(connection, facts_waiting)
    await connection.execute(delete(facts_waiting))
    return count


async def settled(database: Database) -> int:
    """Put on what an import, or one that was interrupted, left waiting; how many."""
    async with database.write() as connection:
        await database.alone(connection, appending.GROWING)
        return await settle(connection)


async def any_waits(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(select(exists().select_from(facts_waiting)))).scalar_one())


def waiting_facts() -> FromClause:
    """The facts that no sum holds yet. The limit, which is none, makes both databases begin with those that wait, and
    not with an index of all."""
    waits = among_column(complaint_facts.c.id, facts_waiting.c.id)
    return select(complaint_facts).where(waits).limit(_NO_LIMIT).subquery("facts_that_wait")


async def empty(connection: AsyncConnection) -> None:
    for table in (fact_sums, fact_days, facts_waiting, respondent_names):
        await connection.execute(delete(table))


async def there(connection: AsyncConnection) -> bool:
    """Also not when they are from before streets and industries had sums by day."""
    by_day = exists().where(fact_sums.c.level == "d", fact_sums.c.dim == MANY[0])
    return bool((await connection.execute(select(by_day))).scalar_one())


async def refill(connection: AsyncConnection, told: Callable[[int], None] | None = None) -> int:
    """Make all sums anew; how many facts are in them. `told`: hears how many so far."""
    await empty(connection)
    await roomy(connection)
    shelf, count = Rollup(), 0
    facts = complaint_facts.c
    wanted = select(*_columns(complaint_facts, FIELDS)).where(facts.counted).order_by(facts.office, facts.received)
    result = await connection.stream(wanted.execution_options(yield_per=_ROWS))
    async for rows in result.partitions(_ROWS):
        _pile(shelf, FIELDS, rows)
        count += len(rows)
        if len(shelf) > HELD:
            await add(connection, shelf)
            shelf = Rollup()
        if told:
            told(count)
    await add(connection, shelf)
    await business_store.keep_names(connection, complaint_facts)
    return count


async def mend_years(connection: AsyncConnection) -> bool:
    """Make years of days taken anew from their months where they are not what those add up to: they were not kept from
    the beginning, and a node of an earlier version keeps none. Whether they were."""
    row = fact_days.c
    name = func.substr(cast(row.day, String), literal_column("1"), literal_column("4"))
    begun = name + literal_column("'-01-01'", String)
    sqlite = connection.dialect.name == "sqlite"  # keeps a day as its text
    start = begun if sqlite else cast(begun, Date)

    async def added_up(dim: str) -> list[Row[Any]]:
        weighed = func.sum(row.count), func.sum(row.count * row.days)
        wanted = select(row.of, row.office, name, *weighed).where(row.dim == dim, row.count != 0)
        return list(
            await connection.execute(wanted.group_by(row.of, row.office, name).order_by(row.of, row.office, name))
        )

    if await added_up(YEARS) == await added_up("total"):
        return False
    await connection.execute(delete(fact_days).where(row.dim == YEARS))
    kept = (
        select(row.of, literal(YEARS), row.office, start, literal(""), row.days, func.sum(row.count))
        .where(row.dim == "total")
        .group_by(row.of, row.office, start, row.days)
        .order_by(row.of, row.office, start, row.days)  # as they are read, or each lies on a page of its own
    )
    await connection.execute(insert(fact_days).from_select(list(_DAYS), kept))
    return True


async def _waiting(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(facts_waiting))).scalar_one())


async def _waits(connection: AsyncConnection, fact: str) -> bool:
    found = await connection.execute(select(facts_waiting.c.id).where(facts_waiting.c.id == fact))
    return found.scalar_one_or_none() is not None


_BEGUN: Final = frozenset(
    {
        "id", "office", "channel", "problem", "industry", "amount", "received", "accept_due", "changed", "division",
        "street", "industry_code", "platform", "respondent", "age_band", "entered",
    }
)  # fmt: skip
"""What a fact of a complaint that was just registered says."""
_EMPTY: Final = frozenset({"counted", "recovered", "travel", "dropped_as", "mode"})  # not NULL, and nothing said
_NEW: Final = tuple(name for name in FIELDS if name in _BEGUN or name in DIMS)
_LATER: Final = tuple(name for name in FIELDS if name not in _BEGUN | _EMPTY)
_MONEY: Final = frozenset({"amount", "recovered"})


def _columns(facts: FromClause, names: Sequence[str]) -> list[Any]:
    """As `Shelf.pile` takes them: money in fen."""
    return [type_coerce(facts.c[name], BigInteger) if name in _MONEY else facts.c[name] for name in names]


async def _said(connection: AsyncConnection, facts: FromClause) -> Sequence[str]:
    """Those of `FIELDS` that any of these may say something of: less than half while nothing was done with them."""
    done = func.count(func.coalesce(*(cast(facts.c[name], String) for name in _LATER)))
    return FIELDS if (await connection.execute(select(done))).scalar_one() else _NEW


def _pile(shelf: Rollup, names: Sequence[str], rows: Sequence[Row[Any]]) -> None:
    if rows:
        shelf.pile(dict(zip(names, zip(*rows, strict=True), strict=True)))


async def _copied(raw: Any, table: Table, names: tuple[str, ...], added: Sequence[tuple[Any, ...]]) -> None:
    """On PostgreSQL: to a table of this transaction, and from there in one statement."""
    coming, listed = f"{table.name}_coming", _listed(names)
    async with raw.cursor() as cursor:
        like = f'SELECT {listed} FROM "{table.name}" LIMIT 0'  # noqa: S608 - our own names
        await cursor.execute(f'CREATE TEMP TABLE "{coming}" ON COMMIT DROP AS {like}')
        await copy_into(cursor, f'COPY "{coming}" ({listed}) FROM STDIN', added)
        come = f'SELECT {listed} FROM "{coming}"'  # noqa: S608 - our own names
        await cursor.execute(f'INSERT INTO "{table.name}" AS kept ({listed}) {come} {_adding(table, names, "kept")}')
        await cursor.execute(f'DROP TABLE "{coming}"')


@lru_cache(maxsize=64)
def statement(table: Table, names: tuple[str, ...]) -> str:
    """In SQLite's words, for rows as tuples of these columns."""
    places = ", ".join("?" * len(names))
    return f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({places}) {_adding(table, names, table.name)}'  # noqa: S608 - our own names


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _adding(table: Table, names: tuple[str, ...], kept: str) -> str:
    keys = [column.name for column in table.primary_key.columns]
    added = ", ".join(f'"{name}" = "{kept}"."{name}" + excluded."{name}"' for name in names if name not in keys)
    return f"ON CONFLICT ({_listed(keys)}) DO UPDATE SET {added}"


_KEYS: Final = tuple(column.name for column in fact_sums.primary_key.columns)
_DAYS: Final = tuple(column.name for column in fact_days.columns)


def tuples(shelf: Rollup) -> Sequence[tuple[Table, tuple[str, ...], list[tuple[Any, ...]]]]:
    """What is on the shelf as both databases take it: rows of these columns. Of sums only what anything was added to,
    which of complaints that are new is three columns in twenty-five."""
    touched = sorted(shelf.touched)
    names, of = tuple(COLUMNS[place] for place in touched), _taker(touched)
    return (
        (
            fact_sums,
            (*_KEYS, *names),
            [(*key[:3], _written(key.day), key.value, *of(row)) for key, row in shelf.sums()],
        ),
        (fact_days, _DAYS, [(*key[:3], _written(key.day), *key[4:], count) for key, count in shelf.taken()]),
    )


def _taker(places: Sequence[int]) -> Callable[[Sequence[int]], Sequence[int]]:
    """Takes what stands at these places of a row."""
    if len(places) < 2:
        return lambda row: [row[place] for place in places]
    return operator.itemgetter(*places)


@lru_cache(maxsize=8192)
def _written(day: date) -> str:
    return day.isoformat()


DEFAULT_ZONE = "Asia/Shanghai"
CHUNK = 500  # rows of one INSERT
_PREFIX = "complaint/"


class FactRows(ComplaintWriter):
    """Writes `complaint_facts`, behind `complaints`. `summed`: and the sums over them, and respondents' names."""

    def __init__(self, summed: bool = True) -> None:
        self._summed = summed

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        """Two complaints of an office and a day change the same sums: those are written once, whoever is many.

        Of one whose beginning was erased the row names nobody: it stays, and so do the figures.
        """
        rows = {one.id: one.rows.fact for one in changes if one.rows}
        held = await _rows_of(connection, [one.id for one in changes if one.rows and not one.new])
        new = [row for id, row in rows.items() if id not in held]
        await insert_rows(connection, complaint_facts, new)
        changed = [(before, rows[id]) for id, before in held.items() if before != rows[id]]
        for _, row in changed:
            await connection.execute(update(complaint_facts).where(complaint_facts.c.id == row["id"]).values(row))
        if not self._summed:
            return
        shelf = Rollup()
        for before, row in changed:
            await moved(connection, shelf, before, row)
        if len(new) > FEW:
            await note_begun(connection, [row["id"] for row in new])
        else:
            for row in new:
                await moved(connection, shelf, None, row)
        await add(connection, shelf)
        # Of those that wait the names do too.
        await business_store.rename(connection, [one for one in changes if one.id in held or len(new) <= FEW], held)


async def _rows_of(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, NewRow]:
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
    waiting = waiting_facts() if await any_waits(connection) else None
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
    rows: list[NewRow] = []
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
        await database.alone(connection, appending.GROWING)
        if made or not await there(connection):
            await refill(connection)
        else:
            await settle(connection)
            await mend_years(connection)
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
                await empty(connection)  # they are made anew once all facts are there
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


def of_offices(connection: AsyncConnection, scope: Offices) -> Scope:
    """Of a table: whether a row is of these offices. A province has hundreds, and a count asks it dozens of times."""
    if scope is None:
        return lambda _table: true()
    if len(scope) == 1:  # in the order of an index, which several are not
        (one,) = scope
        return lambda table: table.c.office == one
    these = among_these(connection, complaint_facts.c.office.type, list(scope))
    return lambda table: these(table.c.office)


def scope_of(asked: str, seen: Sequence[Office]) -> list[str]:
    """The offices to count (`offices.in_scope`): another's is answered like one that does not exist."""
    found = in_scope(asked, seen)
    if not found:
        raise Refused("not_found", 404)
    return found


async def offices_seen(connection: AsyncConnection, officer: Officer) -> list[Office]:
    rows = await connection.execute(select(offices).where(seen_by(officer, offices.c.id)).order_by(offices.c.name))
    return [Office(**row) for row in rows.mappings()]
