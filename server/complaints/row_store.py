"""A complaint's listed row, and the index it is found by: SQLite's FTS5 or PostgreSQL's tsvector.

Owns `complaints`, `complaint_words` and complaints' `clocks`. The column `place` is the order of the list, the second
of receipt, then one of the places within it. It is given once and changes only with the day of receipt. What a
complaint is found by stands at its place, so that matches come in the order of the list. Neither engine keeps the text:
on SQLite whoever takes a row out must say which tokens it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, column, delete, insert, literal, literal_column, select, table, text, update
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import STREAM
from law import Deadline
from server.complaints.projection import ComplaintChange
from server.complaints.rows import Filed, Row, filed_complaint
from server.complaints.words import Token, Wanted, place_of
from server.db.bulk import insert_rows
from server.db.clock_rows import clock_row
from server.db.columns import among
from server.db.schema import clocks, complaints

NAME = "complaint_words"

_postgres = table(NAME, column("place", BigInteger), column("words"))


async def index_complaint(connection: AsyncConnection, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """(place, tokens), at places where nothing stands. FTS5 writes out what it gathered when a place is lower."""
    given = [{"place": place, "words": _stored(connection, words)} for place, words in sorted(rows)]
    if not given:
        return
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO complaint_words (rowid, words) VALUES (:place, :words)"), given)
    else:
        sql = "INSERT INTO complaint_words (place, words) VALUES (:place, array_to_tsvector(CAST(:words AS text[])))"
        await connection.execute(text(sql), given)


async def unindex_complaint(connection: AsyncConnection, place: int, words: Sequence[str]) -> None:
    """`words`: exactly those it was put with."""
    if _sqlite(connection):
        sql = "INSERT INTO complaint_words (complaint_words, rowid, words) VALUES ('delete', :place, :words)"
        await connection.execute(text(sql), {"place": place, "words": _stored(connection, words)})
    else:
        await connection.execute(text("DELETE FROM complaint_words WHERE place = :place"), {"place": place})


async def empty_index(connection: AsyncConnection) -> None:
    if _sqlite(connection):
        await connection.execute(text("INSERT INTO complaint_words (complaint_words) VALUES ('delete-all')"))
    else:
        await connection.execute(text("TRUNCATE complaint_words"))


def matching_complaints(sqlite: bool, wanted: Wanted) -> tuple[Any, Select[Any]]:
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


class ListedRows:
    """Writes `complaints`, what they are found by, and `clocks`."""

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        changed = [one for one in changes if one.first or (one.after is not None and one.before != one.after)]
        held = await _held(connection, [one.id for one in changed])
        await add_complaint_row(connection, [one.rows.filed for one in changed if one.rows and one.id not in held])
        for one in changed:
            if one.rows and one.id in held:
                before = filed_complaint(one.id, one.before, *one.days) if one.before else None
                await _move(connection, one.rows.filed, before, held[one.id])
        for one in changes:
            # Also when one has been settled: most complaints never have a dispute and cost nothing here.
            if one.rows and one.rows.clocks is not None:
                await store_clocks(connection, one.rows.filed.row, one.rows.clocks)


async def _held(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, int | None]:
    """Complaints that have a row, with their place."""
    asked = select(complaints.c.id, complaints.c.place).where(among(connection, complaints.c.id, ids))
    return {row.id: row.place for row in await connection.execute(asked)} if ids else {}


async def store_clocks(connection: AsyncConnection, row: Row, found: Sequence[Deadline]) -> None:
    await connection.execute(delete(clocks).where(clocks.c.kind == STREAM, clocks.c.subject == row["id"]))
    for clock in found:
        if clock.code == "competence":
            await connection.execute(
                insert(clocks).values(
                    kind=STREAM,
                    subject=row["id"],
                    code=clock.code,
                    office=row["office"],
                    number=row["number"],
                    title=row["title"],
                    due=clock.due,
                    clock=clock_row(clock),
                )
            )


async def add_complaint_row(connection: AsyncConnection, new: Sequence[Filed]) -> None:
    """Complaints that are in no row yet, in few statements."""
    if not new:
        return
    places = await _free(connection, [place_of(one.row["id"], one.row["received"]) for one in new])
    rows = [{**one.row, "place": place} for one, place in zip(new, places, strict=True)]
    await insert_rows(connection, complaints, rows)
    await index_complaint(connection, [(place, one.words) for one, place in zip(new, places, strict=True)])


async def keep_complaint_row(connection: AsyncConnection, now: Filed, before: Filed | None) -> None:
    """Write what became of one. `before`: as it was last written, None when it was not or nobody knows."""
    held = await _held(connection, [now.row["id"]])
    if held:
        await _move(connection, now, before, held[now.row["id"]])
    else:
        await add_complaint_row(connection, [now])


async def _move(connection: AsyncConnection, now: Filed, before: Filed | None, held: int | None) -> None:
    """`held`: its place."""
    # Of a row nobody remembers the words cannot be taken out: it moves, and what matches at its old place is nothing.
    place = held if before is not None and before.row["received"] == now.row["received"] else None
    if place is None:
        (place,) = await _free(connection, [place_of(now.row["id"], now.row["received"])])
    if before is None or now.row != before.row or place != held:
        changed = update(complaints).where(complaints.c.id == now.row["id"])
        await connection.execute(changed.values({**now.row, "place": place}))
    if before is None or place != held or set(now.words) != set(before.words):
        if held is not None and before is not None:
            await unindex_complaint(connection, held, before.words)
        await index_complaint(connection, [(place, now.words)])


async def place_unread(connection: AsyncConnection, complaint: str) -> None:
    """A place for a row whose stream's beginning was erased: it stands in the list and is found by no word."""
    received = (
        await connection.execute(select(complaints.c.received).where(complaints.c.id == complaint))
    ).scalar_one()
    (place,) = await _free(connection, [place_of(complaint, received)])
    await connection.execute(update(complaints).where(complaints.c.id == complaint).values(place=place))


async def _free(connection: AsyncConnection, wished: Sequence[int]) -> list[int]:
    """Each as wished or, where somebody stands, the next one that is free."""
    taken: set[int] = set()
    given = []
    standing = await _standing(connection, wished)
    for place in wished:
        while place in taken or place in standing:
            place += 1
            if place not in taken and place not in standing:
                standing |= await _standing(connection, [place])
        taken.add(place)
        given.append(place)
    return given


async def _standing(connection: AsyncConnection, places: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for at in range(0, len(places), 500):
        asked = select(complaints.c.place).where(complaints.c.place.in_(places[at : at + 500]))
        found.update((await connection.execute(asked)).scalars())
    return found
