"""Writes a complaint's listed row and keeps the index it is found by in step. Owns `complaints.place`.

`place` is the order of the list: the second of receipt, then one of the places within it. It is given once and changes
only with the day of receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.changes.rules import merged_numbers
from complaints.complaint import Complaint
from law import WorkingCalendar
from server.storage import complaint_index
from server.storage.places import place_of
from server.storage.rows import NATIONAL, Row, complaint_now
from server.storage.tables import complaints
from server.storage.words import mark, tokens


@dataclass(frozen=True, slots=True)
class Filed:
    """A complaint at a moment as the tables have it, but for its place."""

    row: Row
    words: Sequence[str]


def filed(complaint: str, state: Complaint, zone: str, calendar: WorkingCalendar = NATIONAL) -> Filed:
    row = complaint_now(complaint, state, zone, calendar)
    code = row["industry_code"]
    marks = (
        mark("office", row["office"]),
        mark("channel", row["channel"]),
        mark("state", row["state"]),
        mark("problem", row["problem_class"]),
        *((mark("industry", code[:1]), mark("industry", code[:3])) if code else ()),
    )
    return Filed(row, tokens(state.record, merged_numbers(state), marks))


async def add(connection: AsyncConnection, new: Sequence[Filed]) -> None:
    """Complaints that are in no row yet, in few statements."""
    if not new:
        return
    places = await _free(connection, [place_of(one.row["id"], one.row["received"]) for one in new])
    await connection.execute(
        insert(complaints), [{**one.row, "place": place} for one, place in zip(new, places, strict=True)]
    )
    await complaint_index.put(connection, [(place, one.words) for one, place in zip(new, places, strict=True)])


async def keep(connection: AsyncConnection, now: Filed, before: Filed | None) -> None:
    """Write what became of one. `before`: as it was last written, None when it was not or nobody knows."""
    stands = select(complaints.c.place).where(complaints.c.id == now.row["id"])
    held = (await connection.execute(stands)).one_or_none()
    if held is None:
        await add(connection, [now])
        return
    # Of a row nobody remembers the words cannot be taken out: it moves, and what matches at its old place is nothing.
    place = held.place if before is not None and before.row["received"] == now.row["received"] else None
    if place is None:
        (place,) = await _free(connection, [place_of(now.row["id"], now.row["received"])])
    if before is None or now.row != before.row or place != held.place:
        changed = update(complaints).where(complaints.c.id == now.row["id"])
        await connection.execute(changed.values({**now.row, "place": place}))
    if before is None or place != held.place or set(now.words) != set(before.words):
        if held.place is not None and before is not None:
            await complaint_index.take_out(connection, held.place, before.words)
        await complaint_index.put(connection, [(place, now.words)])


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
