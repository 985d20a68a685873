"""Writes daily sums: owns `fact_sums`, `fact_days` and `facts_waiting`.

What changes is taken off and put on in the transaction that changes it. What is new waits in `facts_waiting`, in the
transaction that makes it, until there are many to put on at once: two complaints of an office and a day change the same
seventy sums. Whoever reads sums counts what waits beside them (`waiting_facts`), so a figure is never behind.

Sums can be made anew from the facts at any time (`refill`), which is also how they begin.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    FromClause,
    Row,
    String,
    Table,
    cast,
    delete,
    exists,
    func,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics.facts import Fact
from complaints.statistics.rollup import Rollup
from complaints.statistics.sums import COLUMNS, DIMS, FIELDS, MANY
from server.db import tree
from server.db.bulk import insert_rows
from server.db.engine import Database, roomy
from server.db.schema import complaint_facts, fact_days, fact_sums, facts_waiting

FEW: Final = 100  # new facts that are put on at once
MOST: Final = 20_000  # ... and that wait: whoever reads sums counts them one by one
HELD: Final = 100_000  # sums that are held at once while they are made anew
_ROWS: Final = 2_000  # facts read, and sums written, at a time
_NO_LIMIT: Final = 1 << 60


async def add(connection: AsyncConnection, shelf: Rollup) -> None:
    """Add what is on the shelf to what is kept."""
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    for table, names, added in tuples(shelf):
        if connection.dialect.name == "sqlite":  # plain tuples: five times as fast
            for start in range(0, len(added), _ROWS):
                await raw.executemany(statement(table, names), added[start : start + _ROWS])
        elif added:
            await _copied(raw, table, names, added)


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


async def begun(connection: AsyncConnection, new: Sequence[str]) -> None:
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
    await connection.execute(delete(facts_waiting))
    return count


async def settled(database: Database) -> int:
    """Put on what an import, or one that was interrupted, left waiting; how many."""
    async with database.write() as connection:
        await database.alone(connection, tree.GROWING)
        return await settle(connection)


async def any_waits(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(select(exists().select_from(facts_waiting)))).scalar_one())


def waiting_facts() -> FromClause:
    """The facts that no sum holds yet. The limit, which is none, makes both databases begin with those that wait, and
    not with an index of all."""
    waits = complaint_facts.c.id.in_(select(facts_waiting.c.id))
    return select(complaint_facts).where(waits).limit(_NO_LIMIT).subquery("facts_that_wait")


async def empty(connection: AsyncConnection) -> None:
    for table in (fact_sums, fact_days, facts_waiting):
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
    return count


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
        async with cursor.copy(f'COPY "{coming}" ({listed}) FROM STDIN') as copy:
            for row in added:
                await copy.write_row(row)
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
