"""Complaints that were just registered, in bulk: what was made of each (`server.storage.making`) gets its number, its
place in the list and its leaf of the log, and goes into the tables as tuples. SQLite only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.state import stream
from journal import Actor
from journal.events import Beginnings, canonical, fresh_salt
from server.storage import postponed, sums, tree
from server.storage.making import COMPLAINT, FACT, MARK, Fresh, moment
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
    for leaf, (one, _, number) in enumerate(new, log.size):
        name, salt, data = stream(one.id), fresh_salt(), f"{one.before}{canonical(number)}{one.after}"
        content, hash = sealing.sealed(name, data, salt)
        hashes.append(hash)
        appended.append((leaf, name, 1, "complaint", _TYPE, begun, *who, data, salt, content, hash))
    await raw.executemany(_insert(events), appended)
    await tree.grow(connection, log, hashes)
    places = await _free(raw, [one.fresh.place for one in new])
    rows = [(*one.fresh.complaint, one.number, place) for one, place in zip(new, places, strict=True)]
    await raw.executemany(_insert(complaints, (*COMPLAINT, *_LATER)), rows)
    await raw.executemany(_insert(complaint_facts, FACT), [one.fresh.fact for one in new])
    marks = [mark for one in new for mark in one.fresh.marks]
    await raw.executemany(
        _insert(marks_coming if await postponed.are_left_out(connection) else respondent_marks, MARK), marks
    )
    await sums.begun(connection, [one.fresh.id for one in new])
    sources = [(one.complaint[1], *source, one.id) for one, _, _ in new for source in one.sources]
    await raw.executemany(_insert(source_numbers), sources)
    words = sorted((place, _worded(one)) for one, place in zip(new, places, strict=True))
    await raw.executemany("INSERT INTO complaint_words (rowid, words) VALUES (?, ?)", words)
    noted = [
        (batch, one.row, "taken", one.id, one.sources[0][1] if one.sources else "", "null", None) for one, _, _ in new
    ]
    await raw.executemany(_insert(import_rows), noted)


def _worded(one: Given) -> str:
    """With the words of its serial that it has not got yet."""
    words = one.fresh.words
    padded = f" {words} "
    return " ".join([words, *[word for word in serial(f"{one.serial:04d}") if f" {word} " not in padded]])


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


@lru_cache(maxsize=8)
def _insert(table: Table, columns: Sequence[str] = ()) -> str:
    """`columns`: all of them, in their order, unless given."""
    wanted = columns or table.columns.keys()
    names = ", ".join(f'"{name}"' for name in wanted)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(wanted))})'  # noqa: S608 - our own names
