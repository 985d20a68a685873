"""The index complaints are found by: SQLite's FTS5 or PostgreSQL's tsvector, behind two functions and one condition.

Owns `complaint_words`. A row stands at the complaint's `place`, its position in the order of receipt, newest last, so
that matches come in the order of the list. Neither engine keeps the text: on SQLite whoever takes a row out must say
which tokens it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, column, literal, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.words import Token, Wanted

NAME = "complaint_words"

_postgres = table(NAME, column("place", BigInteger), column("words"))


async def put(connection: AsyncConnection, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """(place, tokens), at places where nothing stands. FTS5 writes out what it gathered when a place is lower."""
    given = [{"place": place, "words": _stored(connection, words)} for place, words in sorted(rows)]
    if not given:
        return
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO complaint_words (rowid, words) VALUES (:place, :words)"), given)
    else:
        sql = "INSERT INTO complaint_words (place, words) VALUES (:place, array_to_tsvector(CAST(:words AS text[])))"
        await connection.execute(text(sql), given)


async def take_out(connection: AsyncConnection, place: int, words: Sequence[str]) -> None:
    """`words`: exactly those it was put with."""
    if _sqlite(connection):
        sql = "INSERT INTO complaint_words (complaint_words, rowid, words) VALUES ('delete', :place, :words)"
        await connection.execute(text(sql), {"place": place, "words": _stored(connection, words)})
    else:
        await connection.execute(text("DELETE FROM complaint_words WHERE place = :place"), {"place": place})


async def empty(connection: AsyncConnection) -> None:
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO complaint_words (complaint_words) VALUES ('delete-all')"))
    else:
        await connection.execute(text("TRUNCATE complaint_words"))


def matching(sqlite: bool, wanted: Wanted) -> tuple[Any, Select[Any]]:
    """The column of places and a SELECT of it; order, limit and further conditions are the caller's."""
    if sqlite:
        words = table(NAME, column("rowid", BigInteger))
        match = literal_column(NAME).op("MATCH")(literal(_fts(wanted)))
        return words.c.rowid, select(words.c.rowid.label("place")).where(match)
    found = _postgres.c.words.op("@@")(literal(_tsquery(wanted)).cast(TSQUERY))
    return _postgres.c.place, select(_postgres.c.place).where(found)


def _fts(wanted: Wanted) -> str:
    def one(token: Token) -> str:
        return f'"{token.text}"{"*" if token.prefix else ""}'

    return " AND ".join(f"({' OR '.join(map(one, either))})" for either in wanted)


def _tsquery(wanted: Wanted) -> str:
    def one(token: Token) -> str:
        return f"'{token.text}'{':*' if token.prefix else ''}"

    return " & ".join(f"({' | '.join(map(one, either))})" for either in wanted)


def _stored(connection: AsyncConnection, words: Sequence[str]) -> Any:
    return " ".join(words) if _sqlite(connection) else list(words)


def _sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"
