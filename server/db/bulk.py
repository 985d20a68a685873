"""Many rows, or several statements, for one wait.

Many rows go in by plain tuples on SQLite and by COPY on PostgreSQL, bound by the same column types as in any other
statement, so that they are the same to the byte. What an append says to PostgreSQL goes below SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Column, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.schema.base import WrittenJson, holds_json

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
    tuples = _tuples(connection.dialect, table, names, rows)
    if connection.dialect.name != "sqlite":
        await copy_rows(connection, table.name, names, tuples)
        return
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    try:
        await raw.executemany(_statement(table, names), tuples)
    except sqlite3.IntegrityError as no:
        raise IntegrityError(_statement(table, names), None, no) from no


def _tuples(
    dialect: Dialect, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    columns: list[Sequence[Any]] = (
        list(zip(*map(itemgetter(*names), rows), strict=True)) if names[1:] else [[row[names[0]] for row in rows]]
    )
    columns = [
        _bound(column, table.c[name], _bind(dialect, table, name)) for name, column in zip(names, columns, strict=True)
    ]
    return list(zip(*columns, strict=True))


def _bound(column: Sequence[Any], of: Column[Any], bind: Bind | None) -> Sequence[Any]:
    """What comes again is bound once: days, moments, and nothing said."""
    if bind is None or (isinstance(of.type, WrittenJson) and all(type(value) is str for value in column)):
        return column
    if holds_json(of):  # 1 and true are equal, and not the same
        return [bind(None)] * len(column) if all(value is None for value in column) else list(map(bind, column))
    bound = {value: bind(value) for value in set(column)}
    return [bound[value] for value in column]


async def copy_rows(
    connection: AsyncConnection, name: str, columns: Sequence[str], tuples: Sequence[tuple[Any, ...]]
) -> None:
    """Into a table of PostgreSQL, as its columns are written there. IntegrityError."""
    import psycopg

    raw: Any = (await connection.get_raw_connection()).driver_connection
    statement = f'COPY "{name}" ({_listed(columns)}) FROM STDIN'
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


def insertion(dialect: Dialect, table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
    """SQL in PostgreSQL's own form that inserts rows with the columns of the first, and its values."""
    names = tuple(rows[0])
    one = f"({', '.join(['%s'] * len(names))})"
    sql = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES {", ".join([one] * len(rows))}'  # noqa: S608 - our own names
    return sql, [value for row in _tuples(dialect, table, names, rows) for value in row]


async def tell(connection: AsyncConnection, sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Have PostgreSQL do this for one round trip, several statements too where there are no values. What the last one
    answers. IntegrityError."""
    import psycopg

    raw: Any = (await connection.get_raw_connection()).driver_connection
    try:
        async with raw.cursor() as cursor:
            await cursor.execute(sql, values)
            while cursor.nextset():
                pass
            return [] if cursor.description is None else await cursor.fetchall()
    except psycopg.IntegrityError as no:
        raise IntegrityError(sql, None, no) from no


async def lost(connection: AsyncConnection) -> bool:
    """Whether the connection to PostgreSQL is gone."""
    if connection.invalidated or connection.dialect.name == "sqlite":
        return connection.invalidated
    raw: Any = (await connection.get_raw_connection()).driver_connection
    return bool(raw.closed)
