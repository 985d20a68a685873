"""Very many new complaints written at once: as tuples, and with indexes left out until the end. SQLite only.

Among a million complaints an index that each new one touches somewhere else costs it a page of its own: read, changed,
logged and written back. Made at the end, of all rows in their order, all of them cost seconds together; the word index
is tidied less often meanwhile. Whether they are there is what the database itself says: a process that dies meanwhile
leaves them out, and whoever opens the installation next makes them. Owns `marks_coming`, where the marks of new
complaints wait for theirs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, delete, select, true
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.state import stream
from journal import Actor
from journal.events import Beginnings, canonical, fresh_salts
from law import WorkingCalendar
from server.complaints.calendar_store import calendar_of
from server.complaints.words import serial
from server.db import tree
from server.db.engine import Database, roomy
from server.db.journal import to_the_end
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    import_rows,
    marks_coming,
    respondent_marks,
    source_numbers,
)
from server.imports.outcomes import RowOutcome
from server.imports.store import IntakeStore
from server.imports.table_rows import COMPLAINT, COMPLAINT_ALWAYS, FACT, FACT_ALWAYS, MARK, UTF8, FreshComplaint, moment
from server.statistics import sum_store

NAMES: Final = (
    "ix_complaint_facts_respondent_received",
    "ix_complaints_office_brand_place",
    "ix_complaints_office_code_mark_place",
    "ix_complaints_office_phone_mark",
)
_INDEXES: Final = tuple(
    index for table in (complaint_facts, complaints) for index in table.indexes if index.name in NAMES
)
_SORTING: Final = ("PRAGMA cache_size=-8192", "PRAGMA threads=2")
"""What is sorted in memory at once, the rest lies in files meanwhile; and that another thread sorts beside."""
_MERGING: Final = "INSERT INTO complaint_words (complaint_words, rank) VALUES ('automerge', ?)"
_SELDOM, _OFTEN = 16, 4  # parts of the word index that become one; each is written again with them. 4 is SQLite's own
_FIRST_ROW: Final = select(marks_coming.c.complaint).limit(1)
_THERE: Final = f"SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name IN {NAMES}"  # noqa: S608 - our own names


async def drop_indexes(database: Database) -> None:
    """Until `restore_indexes`: for who alone works with the database, since nothing is found quickly meanwhile."""
    if database.sqlite:
        async with database.write() as connection:
            for index in _INDEXES:
                await connection.run_sync(index.drop, checkfirst=True)
            await connection.exec_driver_sql(_MERGING, (_SELDOM,))


async def indexes_are_dropped(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite" and (await connection.exec_driver_sql(_THERE)).scalar_one() < len(NAMES)


async def restore_indexes(database: Database) -> bool:
    """Make what was left out; False when nothing was. In one transaction: there are all of them, or none."""
    if not database.sqlite:
        return False
    async with database.write() as connection:
        waits = (await connection.execute(_FIRST_ROW)).first() is not None
        if not waits and not await indexes_are_dropped(connection):
            return False
        for setting in _SORTING:
            await connection.exec_driver_sql(setting)
        ordered = [marks_coming.c[name] for name in MARK]
        waiting = select(*ordered).where(true()).order_by(*ordered)  # with a condition SQLite reads ON as the insert's
        await connection.execute(insert(respondent_marks).from_select(MARK, waiting).on_conflict_do_nothing())
        await connection.execute(delete(marks_coming))
        await connection.exec_driver_sql(_MERGING, (_OFTEN,))
        for index in _INDEXES:
            await connection.run_sync(index.create, checkfirst=True)
    return True


_TYPE: Final = ComplaintRegistered.__name__
_LATER: Final = ("number", "place")  # of `complaints`: given when it is written


class FreshRows(NamedTuple):
    """One and the number it gets: 917 of 东高一投〔2026〕0917号."""

    fresh: FreshComplaint
    serial: int
    number: str


async def write_fresh_rows(
    connection: AsyncConnection, new: Sequence[FreshRows], batch: str, at: datetime, actor: Actor
) -> None:
    """Write complaints that were just registered into the tables: what was made of each (`server.imports.table_rows`)
    gets its number, its place in the list and its leaf of the log.

    In a transaction in which nobody else appends. sqlite3.IntegrityError: a number at its source is another's.
    """
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    log, sealing, begun = await tree.head(connection), Beginnings(_TYPE, at, actor), moment(at)
    who = (actor.kind, actor.id, actor.name, actor.role, actor.office)
    appended, hashes = [], []
    for leaf, ((one, _, number), salt) in enumerate(zip(new, fresh_salts(len(new)), strict=True), log.size):
        name, data = stream(one.id), one.canonical(number)
        content, hash = sealing.sealed(name, data, salt)
        hashes.append(hash)
        appended.append((leaf, name, begun, *who, data, salt, content, hash))
    await raw.executemany(_APPEND, appended)
    await tree.grow(connection, log, hashes)
    places = await _free(raw, [one.fresh.place for one in new])
    rows = [(*one.fresh.complaint, one.number, place) for one, place in zip(new, places, strict=True)]
    await raw.executemany(_LIST, rows)
    await raw.executemany(_COUNT, [one.fresh.fact for one in new])
    marks = [mark for one in new for mark in one.fresh.marks]
    await raw.executemany(_MARK_LATER if await indexes_are_dropped(connection) else _MARK, marks)
    await sum_store.begun(connection, [one.fresh.id for one in new])
    sources = [(one.complaint[1], *source, one.id) for one, _, _ in new for source in one.sources]
    await raw.executemany(_SOURCE, sources)
    words = sorted((place, _worded(one)) for one, place in zip(new, places, strict=True))
    await raw.executemany(_INDEX, words)
    noted = [(batch, one.row, one.id, one.sources[0][1] if one.sources else "") for one, _, _ in new]
    await raw.executemany(_NOTE, noted)


def _worded(one: FreshRows) -> bytes:
    """With the words of its serial that it has not got yet."""
    words = one.fresh.words
    padded, digits = b" %b " % words, [word.encode() for word in serial(f"{one.serial:04d}")]
    return b" ".join([words, *[word for word in digits if b" %b " % word not in padded]])


async def _free(raw: Any, wished: Sequence[int]) -> list[int]:
    """As `server.complaints.row_store` gives places: as wished, or the next one that is free."""
    taken: set[int] = set()
    standing = await _standing(raw, wished)
    given = []
    for place in wished:
        while place in taken or place in standing:
            place += 1
            if place not in taken and place not in standing:
                standing |= await _standing(raw, [place])
        taken.add(place)
        given.append(place)
    return given


async def _standing(raw: Any, places: Sequence[int]) -> set[int]:
    asked = "SELECT place FROM complaints WHERE place IN (SELECT value FROM json_each(?))"
    async with raw.execute(asked, (canonical(list(places)),)) as found:
        return {place for (place,) in await found.fetchall()}


def _insert(table: Table, columns: Sequence[str], always: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Of these columns, in their order, and what stands in every row: what is bound for each row costs each row."""
    names = ", ".join(f'"{name}"' for name in (*columns, *always))
    given = ["CAST(? AS TEXT)" if name in UTF8 else "?" for name in columns]
    values = ", ".join([*given, *map(_literal, always.values())])
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'  # noqa: S608 - our own names and values


def _literal(value: str | int | None) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)


_APPEND: Final = _insert(
    events,
    ("leaf", "stream", "at", "actor_kind", "actor_id", "actor_name", "actor_role", "actor_office", "data", "salt",
     "content", "hash"),
    {"version": 1, "kind": "complaint", "type": _TYPE},
)  # fmt: skip
_LIST: Final = _insert(complaints, (*COMPLAINT, *_LATER), COMPLAINT_ALWAYS)
_COUNT: Final = _insert(complaint_facts, FACT, FACT_ALWAYS)
_MARK: Final = _insert(respondent_marks, MARK)
_MARK_LATER: Final = _insert(marks_coming, MARK)
_SOURCE: Final = _insert(source_numbers, ("office", "channel", "number", "complaint"))
_INDEX: Final = "INSERT INTO complaint_words (rowid, words) VALUES (?, CAST(? AS TEXT))"
_NOTE: Final = _insert(
    import_rows,
    ("batch", "row", "complaint", "number"),
    {"outcome": "taken", "problems": "null", "cells_sealed": None},
)


_SLICE: Final = 1_000  # whose rows are in memory at once


class BulkStore:
    """Writes the rows of many fresh complaints in one transaction, with what becomes of their batch."""

    def __init__(self, database: Database) -> None:
        self._database, self._intake = database, IntakeStore(database)

    async def calendar(self, office: str) -> WorkingCalendar:
        async with self._database.read() as connection:
            return (await calendar_of(connection, office))[1]

    async def write(
        self,
        office: str,
        batch: str,
        last_row: int,
        new: Sequence[FreshRows],
        handled: Sequence[RowOutcome],
        calendar: WorkingCalendar,
        at: datetime,
        actor: Actor,
    ) -> bool:
        """`handled`: the batch's other rows. False, and nothing written, when their clocks were not counted by what is
        the office's calendar now, or another import has taken one of their numbers meanwhile."""
        return await to_the_end(self._write(office, batch, last_row, new, handled, calendar, at, actor))

    async def _write(
        self,
        office: str,
        batch: str,
        last_row: int,
        new: Sequence[FreshRows],
        handled: Sequence[RowOutcome],
        calendar: WorkingCalendar,
        at: datetime,
        actor: Actor,
    ) -> bool:
        try:
            async with self._database.write() as connection:
                await self._database.alone(connection, tree.GROWING)
                if (await calendar_of(connection, office))[1] != calendar:
                    return False
                await roomy(connection)
                for first in range(0, len(new), _SLICE):
                    await write_fresh_rows(connection, new[first : first + _SLICE], batch, at, actor)
                await self._intake.note(connection, batch, last_row, handled, taken=len(new))
        except sqlite3.IntegrityError:
            return False
        return True
