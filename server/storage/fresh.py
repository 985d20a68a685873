"""Complaints that were just registered, in bulk: what was made of each (`server.storage.making`) gets its number, its
place in the list and its leaf of the log, and goes into the tables as tuples. SQLite only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.state import stream
from journal import Actor
from journal.events import Beginnings, canonical, fresh_salts
from server.storage import postponed, sums, tree
from server.storage.making import COMPLAINT, COMPLAINT_ALWAYS, FACT, FACT_ALWAYS, MARK, UTF8, Fresh, moment
from server.storage.tables import (
    complaint_facts,
    complaints,
    events,
    import_rows,
    marks_coming,
    respondent_marks,
    source_numbers,
)
from server.storage.words import serial

_TYPE: Final = ComplaintRegistered.__name__
_LATER: Final = ("number", "place")  # of `complaints`: given when it is written


class Given(NamedTuple):
    """One and the number it gets: 917 of 东高一投〔2026〕0917号."""

    fresh: Fresh
    serial: int
    number: str


async def write(connection: AsyncConnection, new: Sequence[Given], batch: str, at: datetime, actor: Actor) -> None:
    """In a transaction in which nobody else appends. sqlite3.IntegrityError: a number at its source is another's."""
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
    await raw.executemany(_MARK_LATER if await postponed.are_left_out(connection) else _MARK, marks)
    await sums.begun(connection, [one.fresh.id for one in new])
    sources = [(one.complaint[1], *source, one.id) for one, _, _ in new for source in one.sources]
    await raw.executemany(_SOURCE, sources)
    words = sorted((place, _worded(one)) for one, place in zip(new, places, strict=True))
    await raw.executemany(_INDEX, words)
    noted = [(batch, one.row, one.id, one.sources[0][1] if one.sources else "") for one, _, _ in new]
    await raw.executemany(_NOTE, noted)


def _worded(one: Given) -> bytes:
    """With the words of its serial that it has not got yet."""
    words = one.fresh.words
    padded, digits = b" %b " % words, [word.encode() for word in serial(f"{one.serial:04d}")]
    return b" ".join([words, *[word for word in digits if b" %b " % word not in padded]])


async def _free(raw: Any, wished: Sequence[int]) -> list[int]:
    """As `complaint_rows` gives places: as wished, or the next one that is free."""
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
