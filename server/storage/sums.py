"""Writes daily sums: owns `fact_sums` and `fact_days`, in the transaction of whatever changes a fact.

They can be made anew from the facts at any time (`refill`), which is also how they begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table, delete, exists, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.statistics.facts import Fact
from complaints.statistics.sums import COLUMNS, Shelf
from server.storage.tables import complaint_facts, fact_days, fact_sums

MOST: Final = 100_000  # sums that are held at once while they are made anew
_ROWS: Final = 2_000  # facts read, and sums written, at a time


async def add(connection: AsyncConnection, shelf: Shelf) -> None:
    """Add what is on the shelf to what is kept."""
    if connection.dialect.name == "sqlite":
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for table, added in tuples(shelf):  # plain tuples: five times as fast
            for start in range(0, len(added), _ROWS):
                await raw.executemany(statement(table), added[start : start + _ROWS])
        return
    sums = [{**key._asdict(), **dict(zip(COLUMNS, row, strict=True))} for key, row in shelf.sums()]
    taken = [{**key._asdict(), "count": count} for key, count in shelf.taken()]
    for table, rows in ((fact_sums, sums), (fact_days, taken)):
        for start in range(0, len(rows), _ROWS):
            await connection.execute(_adding(table), rows[start : start + _ROWS])


async def changed(connection: AsyncConnection, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """One fact is another, or is new. Rows of `complaint_facts`."""
    shelf = Shelf()
    if before is not None:
        shelf.put(Fact(**before), -1)
    shelf.put(Fact(**now))
    await add(connection, shelf)


async def empty(connection: AsyncConnection) -> None:
    for table in (fact_sums, fact_days):
        await connection.execute(delete(table))


async def there(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(select(exists().select_from(fact_sums)))).scalar_one())


async def refill(connection: AsyncConnection, told: Callable[[int], None] | None = None) -> int:
    """Make all sums anew; how many facts are in them. `told`: hears how many so far."""
    await empty(connection)
    shelf, count = Shelf(), 0
    wanted = select(complaint_facts).order_by(complaint_facts.c.office, complaint_facts.c.received)
    result = await connection.stream(wanted.execution_options(yield_per=_ROWS))
    async for rows in result.mappings().partitions(_ROWS):
        for row in rows:
            shelf.put(Fact(**row))
        count += len(rows)
        if len(shelf) > MOST:
            await add(connection, shelf)
            shelf = Shelf()
        if told:
            told(count)
    await add(connection, shelf)
    return count


@lru_cache(maxsize=4)
def _adding(table: Table) -> Any:
    insert = postgresql.insert(table)
    kept = [column.name for column in table.columns if not column.primary_key]
    return insert.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key.columns],
        set_={name: table.c[name] + insert.excluded[name] for name in kept},
    )


@lru_cache(maxsize=4)
def statement(table: Table) -> str:
    """The same in SQLite's words, for rows as tuples in the order of the columns."""
    names = [column.name for column in table.columns]
    keys = ", ".join(column.name for column in table.primary_key.columns)
    kept = [column.name for column in table.columns if not column.primary_key]
    listed, places = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    sums = ", ".join(f'"{name}" = "{name}" + excluded."{name}"' for name in kept)
    insert = f'INSERT INTO "{table.name}" ({listed}) VALUES ({places})'  # noqa: S608 - our own names
    return f"{insert} ON CONFLICT ({keys}) DO UPDATE SET {sums}"


def tuples(shelf: Shelf) -> Sequence[tuple[Table, list[tuple[Any, ...]]]]:
    """What is on the shelf as SQLite keeps it."""
    return (
        (fact_sums, [(*key[:3], key.day.isoformat(), key.value, *row) for key, row in shelf.sums()]),
        (fact_days, [(*key[:3], key.day.isoformat(), *key[4:], count) for key, count in shelf.taken()]),
    )
