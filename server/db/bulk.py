"""Many rows at once: what a statement for each would cost is saved, on SQLite by plain tuples, on PostgreSQL by COPY.

Values are bound by the same column types as in any other statement, so that rows are the same to the byte.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

FEW: Final = 20  # rows; for so many an ordinary statement is as good

Bind = Callable[[Any], Any]


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """All with the columns of the first; others get what the database gives them. IntegrityError."""
    if not rows:
        return
    names = tuple(rows[0])
    if len(rows) <= FEW:
        await connection.execute(table.insert(), list(rows))
        return
    columns = [_bound([row[name] for row in rows], _bind(connection.dialect, table, name)) for name in names]
    tuples = list(zip(*columns, strict=True))
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    if connection.dialect.name == "sqlite":
        try:
            await raw.executemany(_statement(table, names), tuples)
        except sqlite3.IntegrityError as no:
            raise IntegrityError(_statement(table, names), None, no) from no
        return
    await _copy(raw, f'COPY "{table.name}" ({_listed(names)}) FROM STDIN', tuples)


def _bound(column: list[Any], bind: Bind | None) -> list[Any]:
    """A column in which nothing is said is bound once."""
    if bind is None:
        return column
    if all(value is None for value in column):
        return [bind(None)] * len(column)
    return [bind(value) for value in column]


async def _copy(raw: Any, statement: str, tuples: Sequence[tuple[Any, ...]]) -> None:
    import psycopg

    try:
        async with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in tuples:
                await copy.write_row(row)
    except psycopg.IntegrityError as no:
        raise IntegrityError(statement, None, no) from no


@lru_cache(maxsize=1024)
def _bind(dialect: Dialect, table: Table, name: str) -> Bind | None:
    made: Bind | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return made


@lru_cache(maxsize=256)
def _statement(table: Table, names: tuple[str, ...]) -> str:
    return f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({", ".join("?" * len(names))})'  # noqa: S608 - our own names


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
