"""Many rows, or several statements, for one wait.

Many rows go in by plain tuples on SQLite and by COPY on PostgreSQL, bound by the same column types as in any other
statement, so that they are the same to the byte. What an append says goes below SQLAlchemy.

A connection to SQLite works in a thread of its own. Whatever it is asked wakes that thread and then the loop, which
costs more than most statements: `OneWaitConnection` asks once where aiosqlite asks four times.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Column, Table, event
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_cursor
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util.concurrency import await_

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
    await execute_many(connection, _statement(table, names), tuples)


def _tuples(
    dialect: Dialect, table: Table, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    binds = _binds(dialect, table, names)
    if len(rows) == 1:
        return [tuple([row[name] if bind is None else bind(row[name]) for name, bind in binds]) for row in rows]
    columns: list[Sequence[Any]] = (
        list(zip(*map(itemgetter(*names), rows), strict=True)) if names[1:] else [[row[names[0]] for row in rows]]
    )
    columns = [_bound(column, table.c[name], bind) for (name, bind), column in zip(binds, columns, strict=True)]
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

    raw = await driver(connection)
    statement = f'COPY "{name}" ({_listed(columns)}) FROM STDIN'
    try:
        async with raw.cursor() as cursor:
            await copy_into(cursor, statement, tuples)
    except psycopg.IntegrityError as no:
        raise IntegrityError(statement, None, no) from no


async def copy_into(cursor: Any, statement: str, tuples: Sequence[tuple[Any, ...]]) -> None:
    """By psycopg's cursor. Whole buffers are waited for: at each row that would be a fifth of putting it into words."""
    async with cursor.copy(statement) as copy:
        written = copy.formatter.write_row
        for row in tuples:
            if whole := written(row):
                await copy.write(whole)


@lru_cache(maxsize=256)
def _binds(dialect: Dialect, table: Table, names: tuple[str, ...]) -> Sequence[tuple[str, Bind | None]]:
    """How the values of each column are bound, None where they are taken as they are."""
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]


@lru_cache(maxsize=256)
def _statement(table: Table, names: tuple[str, ...]) -> str:
    return f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({", ".join("?" * len(names))})'  # noqa: S608 - our own names


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def insertion(
    dialect: Dialect, table: Table, rows: Sequence[Mapping[str, Any]], beside: str = ""
) -> tuple[str, list[Any]]:
    """SQL in PostgreSQL's own form that inserts rows with the columns of the first, once for each row of `beside`, and
    its values."""
    names = tuple(rows[0])
    sql = _insertion_beside(dialect, table, names, len(rows), beside) if beside else _insertion(table, names, len(rows))
    return sql, [v for row in _tuples(dialect, table, names, rows) for v in row]


@lru_cache(maxsize=256)
def _insertion(table: Table, names: tuple[str, ...], count: int) -> str:
    one = f"({', '.join(['%s'] * len(names))})"
    return f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES {", ".join([one] * count)}'  # noqa: S608 - our own names


@lru_cache(maxsize=256)
def _insertion_beside(dialect: Dialect, table: Table, names: tuple[str, ...], count: int, beside: str) -> str:
    # Without its length, beyond which a text that is cast is cut and one that is inserted refused.
    types = [table.c[name].type.compile(dialect).partition("(")[0] for name in names]
    one = f"({', '.join(f'CAST(%s AS {type_})' for type_ in types)})"
    rows = ", ".join([one] * count)
    return f'INSERT INTO "{table.name}" ({_listed(names)}) SELECT new.* FROM {beside}, (VALUES {rows}) AS new'  # noqa: S608 - our own names


async def put_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the columns of the first, each in place of the one with its key, `id`. IntegrityError."""
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        values = _tuples(connection.dialect, table, names, rows)
        await execute_many(connection, _statement(table, names) + _instead(names), values)
    else:
        sql, flat = insertion(connection.dialect, table, rows)
        await tell(connection, sql + _instead(names), flat)


@lru_cache(maxsize=64)
def _instead(names: tuple[str, ...]) -> str:
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
    return f' ON CONFLICT ("id") DO UPDATE SET {replaced}'


async def tell(connection: AsyncConnection, sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Have PostgreSQL do this for one round trip, several statements too where there are no values. What the last one
    answers. IntegrityError."""
    import psycopg

    raw = await driver(connection)
    try:
        async with raw.cursor() as cursor:
            await cursor.execute(sql, values)
            while cursor.nextset():
                pass
            return [] if cursor.description is None else await cursor.fetchall()
    except psycopg.IntegrityError as no:
        raise IntegrityError(sql, None, no) from no


async def change(connection: AsyncConnection, sql: str, values: Sequence[Any]) -> int:
    """Have PostgreSQL do this: of how many rows. Where `sql` is the very same object as the time before, psycopg need
    not look up again how each value is sent. IntegrityError."""
    import psycopg

    raw, info = await driver(connection), (await _pooled(connection)).info
    cursor = info.get(_CURSOR)
    if cursor is None or cursor.connection is not raw:
        cursor = info[_CURSOR] = raw.cursor()
    try:
        await cursor.execute(sql, values)
    except psycopg.IntegrityError as no:
        raise IntegrityError(sql, None, no) from no
    return int(cursor.rowcount)


@asynccontextmanager
async def committing(connection: AsyncConnection) -> AsyncIterator[None]:
    """A transaction on PostgreSQL that has begun below SQLAlchemy by the end, if there is any: without all that
    SQLAlchemy does for one, which is a tenth of an append. Whoever gives the connection back after a fault rolls back.
    """
    yield
    raw: Any = (await _pooled(connection)).driver_connection
    if raw.pgconn.transaction_status:  # not idle
        cursor = await raw.execute("COMMIT")
        if cursor.statusmessage != "COMMIT":
            raise DBAPIError("COMMIT", None, RuntimeError("what had failed before was rolled back"))
    if connection.in_transaction():
        await connection.commit()  # is told of it


async def driver(connection: AsyncConnection) -> Any:
    """psycopg's own connection, to be asked something."""
    await pay(connection)
    return (await _pooled(connection)).driver_connection


_CURSOR: Final = "yuntiao_cursor"
Begin = Callable[[], Awaitable[None]]
OWED: Final = "yuntiao_owed"
"""Name of the execution option that holds what a connection to PostgreSQL is asked before anything else."""


def owe(connection: AsyncConnection, begin: Begin | None) -> None:
    """Have this awaited before the connection is asked anything; None: nothing any more."""
    assert connection.sync_connection is not None
    owed: list[Begin] = connection.sync_connection.get_execution_options()[OWED]
    owed[:] = [] if begin is None else [begin]


async def pay(connection: AsyncConnection) -> None:
    if (there := connection.sync_connection) is not None and (owed := there.get_execution_options().get(OWED)):
        await owed.pop()()


def owing(connection: AsyncConnection) -> None:
    """Whatever SQLAlchemy is asked on this connection from now on waits for what is owed."""

    there = connection.sync_connection
    assert there is not None

    @event.listens_for(there, "before_cursor_execute")
    def asked(*_: Any) -> None:
        if there.get_execution_options()[OWED]:
            await_(pay(connection))


def silent(connection: AsyncConnection) -> bool:
    """Whether nothing has come from PostgreSQL unasked; the end of a connection that was cut has."""
    assert connection.sync_connection is not None
    raw: Any = connection.sync_connection.connection.driver_connection
    coming = select.poll()
    coming.register(raw.fileno(), select.POLLIN)
    return not coming.poll(0)


async def _pooled(connection: AsyncConnection) -> PoolProxiedConnection:
    """As `get_raw_connection`, which asks by way of a greenlet also for what is there."""
    if (there := connection.sync_connection) is not None and not there.closed and not there.invalidated:
        return there.connection
    return await connection.get_raw_connection()


async def lost(connection: AsyncConnection) -> bool:
    """Whether the connection to PostgreSQL is gone."""
    if connection.invalidated or connection.dialect.name == "sqlite":
        return connection.invalidated
    raw: Any = (await connection.get_raw_connection()).driver_connection
    return bool(raw.closed)


# ------------------------------------------------------------ SQLite


@dataclass(slots=True)
class _Outcome:
    """Of a statement, in place of its cursor, which never leaves the connection's thread."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1

    def close(self) -> None:
        """It is."""


class _OneWaitCursor(AsyncAdapt_aiosqlite_cursor):
    """A statement and all its rows."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Outcome()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._ask("execute", operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._ask("executemany", operation, seq_of_parameters)

    async def _ask(self, how: str, sql: str, values: Any) -> None:
        given: Any = self._adapt_connection
        async with given._execute_mutex:
            self._rows.extend(await given.ask(_done, how, sql, values, self._cursor))


def _done(connection: sqlite3.Connection, how: str, sql: str, values: Any, outcome: _Outcome) -> list[Any]:
    """In the connection's thread."""
    cursor = connection.cursor()
    try:
        getattr(cursor, how)(sql, values)
        rows = cursor.fetchall() if cursor.description else []
        outcome.description, outcome.rowcount, outcome.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        return rows
    finally:
        cursor.close()


async def execute_many(connection: AsyncConnection, sql: str, values: Sequence[Sequence[Any]]) -> None:
    """Have SQLite do this with each of the values. IntegrityError."""
    given: Any = (await _pooled(connection)).dbapi_connection
    try:
        await given.ask(_changed, sql, values)
    except sqlite3.Error as no:
        kind = IntegrityError if isinstance(no, sqlite3.IntegrityError) else DBAPIError
        raise kind(sql, None, no) from no


async def hold(
    connection: AsyncConnection,
    sql: str,
    values: Sequence[Any],
    new: Sequence[tuple[Table, Sequence[Mapping[str, Any]]]],
) -> None:
    """Have SQLite do this, and insert rows behind it, with what it is asked next or with the commit: that raises
    IntegrityError when `sql` changes no row, or one is there already."""
    given: Any = (await _pooled(connection)).dbapi_connection
    given.held += [
        (sql, [values]),
        *(
            (_statement(table, names := tuple(rows[0])), _tuples(connection.dialect, table, names, rows))
            for table, rows in new
            if rows
        ),
    ]


Statement = tuple[str, Sequence[Sequence[Any]]]  # and each values it is to be done with


def _changed(connection: sqlite3.Connection, sql: str, values: Sequence[Sequence[Any]]) -> int:
    """Rows. In the connection's thread."""
    cursor = connection.executemany(sql, values)
    changed = cursor.rowcount
    cursor.close()
    return changed


def _behind(
    connection: sqlite3.Connection, due: str, held: Sequence[Statement], work: Callable[..., Any], *given: Any
) -> Any:
    """In the connection's thread. sqlite3.IntegrityError also where what is held changes nothing."""
    if due:
        connection.execute(due)
    for sql, values in held:
        if not _changed(connection, sql, values):
            raise sqlite3.IntegrityError("what was to be changed is not there")
    return work(connection, *given)


class OneWaitConnection(AsyncAdapt_aiosqlite_connection):
    """`due`: how a transaction begins that has not begun yet, `held`: what is done in it before anything else. Both go
    with the next statement or with the commit, for the same wait; where there is nothing to end, nobody waits."""

    __slots__ = ("_asking", "due", "held")
    _cursor_cls = _OneWaitCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.due, self.held = "", list[Statement]()
        self._asking = False  # or whoever asked was cancelled: it may still begin a transaction

    async def ask(self, work: Callable[..., Any], *given: Any) -> Any:
        """What `work` makes of the connection and these, in its thread."""
        raw: Any = self._connection
        due, held = self._taken()
        self._asking = True
        try:
            answer = await raw._execute(_behind, raw._conn, due, held, work, *given)
        except Exception:
            self._asking = False
            raise
        self._asking = False
        return answer

    def cursor(self, server_side: bool = False) -> AsyncAdapt_dbapi_cursor:
        if server_side and (self.due or self.held):
            self.execute("SELECT 1")
        return super().cursor(server_side)

    def commit(self) -> None:
        if self.held:
            try:
                await_(self.ask(sqlite3.Connection.commit))
            except Exception as fault:
                self._handle_exception(fault)
        elif not self._nothing_to_end():
            super().commit()

    def rollback(self) -> None:
        if not self._nothing_to_end():
            super().rollback()
            self._asking = False

    def _nothing_to_end(self) -> bool:
        due, _ = self._taken()
        there: sqlite3.Connection | None = self._connection._connection
        return bool(due) or (not self._asking and there is not None and not there.in_transaction)

    def _taken(self) -> tuple[str, Sequence[Statement]]:
        due, held, self.due, self.held = self.due, self.held, "", []
        return due, held
