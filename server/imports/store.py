"""Batches of imports, their rows, what is to be looked at in these, and the numbers of channels.

Owns `import_batches`, `import_rows`, `import_values` and `source_numbers`. The rows hold what an append-only journal
must not: what was refused, sealed, until it is fixed or dropped. What became of the others is in the complaints' own
streams; `import_rows` only remembers which. What is to be looked at is counted by batch in the transaction that notes
the rows; what somebody says a word means is noted beside it. Each method is one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.events import ComplaintRegistered
from complaints.record.changes import ImportUndone, SourceUpdated
from complaints.state import stream
from journal import Event
from law import WorkingCalendar
from server.complaints.office_store import calendar_of
from server.complaints.projection import ComplaintChange, OfficeDays
from server.db.bulk import insert_rows
from server.db.engine import Database
from server.db.schema import (
    complaints,
    events,
    import_batches,
    import_rows,
    import_values,
    source_numbers,
)
from server.db.schema.base import among
from server.imports.encoding import RowOutcome
from server.statistics import fact_store

COUNTED = ("taken", "updated", "duplicate", "refused", "apart")
OUTCOMES = (*COUNTED, "fixed", "dropped")
"""What can have become of a row."""
_AT_ONCE = 400  # bound values of one statement
_TELLING = (ComplaintRegistered.__name__, SourceUpdated.__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """`by`: journal.Actor as a mapping. `refused` counts rows that are still to be fixed, `apart` those that became
    reports and consultations."""

    id: str
    office: str
    channel: str
    source: str
    name: str
    size: int
    sha256: str
    mapping: dict[str, Any]
    by: dict[str, str]
    created: datetime
    state: str = "queued"
    last_row: int = 0
    taken: int = 0
    updated: int = 0
    duplicate: int = 0
    refused: int = 0
    apart: int = 0
    error: dict[str, Any] | None = None
    ended: datetime | None = None
    undone: datetime | None = None


@dataclass(frozen=True, slots=True)
class FiledRow:
    number: str
    title: str
    business: str
    state: str


class IntakeStore:
    def __init__(self, database: Database) -> None:
        self._database, self.values = database, ValueStore(database)

    async def calendar(self, office: str) -> WorkingCalendar:
        return (await self.days(office))[1]

    async def days(self, office: str) -> OfficeDays:
        async with self._database.read() as connection:
            return await calendar_of(connection, office)

    async def add(self, batch: Batch) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(import_batches).values(_plain(batch)))

    async def batch(self, batch: str) -> Batch | None:
        async with self._database.read() as connection:
            found = await connection.execute(select(import_batches).where(import_batches.c.id == batch))
            row = found.mappings().one_or_none()
        return None if row is None else _batch(row)

    async def settle_sums(self) -> None:
        """What a batch left waiting goes into the daily sums."""
        await fact_store.settled(self._database)

    async def batches(self, office: str, page: int, size: int) -> tuple[list[Batch], int]:
        """The newest first, and how many there are."""
        own = import_batches.c.office == office
        wanted = select(import_batches).where(own).order_by(import_batches.c.created.desc(), import_batches.c.id)
        async with self._database.read() as connection:
            total = (await connection.execute(select(func.count()).select_from(import_batches).where(own))).scalar_one()
            rows = (await connection.execute(wanted.limit(size).offset((page - 1) * size))).mappings().all()
        return [_batch(row) for row in rows], total

    async def unfinished(self) -> list[Batch]:
        async with self._database.read() as connection:
            wanted = select(import_batches).where(import_batches.c.state.in_(("queued", "running")))
            return [_batch(row) for row in (await connection.execute(wanted)).mappings()]

    async def change(self, batch: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(import_batches).where(import_batches.c.id == batch).values(values))

    async def begin(self, batch: str, mapping: dict[str, Any]) -> bool:
        """From a preview to the queue, with the mapping of this moment; False when it was not a preview any more."""
        of = import_batches.c
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(import_batches)
                .where(of.id == batch, of.state == "preview")
                .values(state="queued", mapping=mapping)
            )
            return bool(changed.rowcount)

    async def note(self, connection: AsyncConnection, batch: str, last_row: int, rows: Sequence[RowOutcome]) -> None:
        """In the transaction that made the complaints."""
        values = [
            {
                "batch": batch,
                "row": one.row,
                "outcome": one.outcome,
                "complaint": one.complaint,
                "number": one.number,
                "problems": one.problems,
                "cells_sealed": one.cells_sealed,
            }
            for one in rows
        ]
        await insert_rows(connection, import_rows, values)
        await count_notes(connection, batch, [one for one in rows if one.outcome == "taken"])
        counts: dict[str, Any] = {
            name: import_batches.c[name] + sum(one.outcome == name for one in rows) for name in COUNTED
        }
        changed = update(import_batches).where(import_batches.c.id == batch).values(last_row=last_row, **counts)
        await connection.execute(changed)

    async def rows(
        self, batch: str, outcomes: Sequence[str], page: int = 1, size: int = 50
    ) -> tuple[list[RowOutcome], int]:
        wanted = (import_rows.c.batch == batch, import_rows.c.outcome.in_(outcomes))
        async with self._database.read() as connection:
            total = (
                await connection.execute(select(func.count()).select_from(import_rows).where(*wanted))
            ).scalar_one()
            found = select(import_rows).where(*wanted).order_by(import_rows.c.row).limit(size).offset((page - 1) * size)
            rows = (await connection.execute(found)).mappings().all()
        return [_handled(row) for row in rows], total

    async def row(self, batch: str, row: int) -> RowOutcome | None:
        async with self._database.read() as connection:
            wanted = select(import_rows).where(import_rows.c.batch == batch, import_rows.c.row == row)
            found = (await connection.execute(wanted)).mappings().one_or_none()
        return None if found is None else _handled(found)

    async def settle(self, batch: str, row: int, outcome: str, complaint: str = "") -> bool:
        """A refused row was fixed or dropped: what it said is let go of. False when somebody was faster."""
        try:
            async with self._database.write() as connection:
                await self.settle_in(connection, complaint, batch=batch, row=row, outcome=outcome)
        except LookupError:
            return False
        return True

    async def settle_in(
        self,
        connection: AsyncConnection,
        complaint: str,
        notes: list[dict[str, Any]] | None = None,
        *,
        batch: str,
        row: int,
        outcome: str,
    ) -> None:
        """The same in a transaction that makes the complaint. LookupError when somebody was faster."""
        changed = await connection.execute(
            update(import_rows)
            .where(import_rows.c.batch == batch, import_rows.c.row == row, import_rows.c.outcome == "refused")
            .values(outcome=outcome, complaint=complaint, cells_sealed=None, problems=notes)
        )
        if not changed.rowcount:
            raise LookupError(row)
        await count_notes(connection, batch, [RowOutcome(row, outcome, complaint, "", notes)])
        of = import_batches.c
        counts: dict[str, Any] = {"refused": of.refused - 1}
        if outcome == "fixed":
            counts["taken"] = of.taken + 1
        if outcome == "apart":
            counts["apart"] = of.apart + 1
        await connection.execute(update(import_batches).where(of.id == batch).values(counts))

    async def retold(self, batch: str, row: int, problems: list[dict[str, Any]], cells_sealed: str) -> None:
        """Looked at again, and still refused."""
        async with self._database.write() as connection:
            await connection.execute(
                update(import_rows)
                .where(import_rows.c.batch == batch, import_rows.c.row == row, import_rows.c.outcome == "refused")
                .values(problems=problems, cells_sealed=cells_sealed)
            )

    async def complaints_of(
        self, batch: str, after: int, size: int, outcomes: Sequence[str] = ("taken", "fixed")
    ) -> list[RowOutcome]:
        """What the batch made, in the order of its rows; of ("apart",) its reports and consultations."""
        wanted = (
            select(import_rows)
            .where(
                import_rows.c.batch == batch,
                import_rows.c.row > after,
                import_rows.c.outcome.in_(outcomes),
            )
            .order_by(import_rows.c.row)
            .limit(size)
        )
        async with self._database.read() as connection:
            return [_handled(row) for row in (await connection.execute(wanted)).mappings()]

    async def numbers(self, wanted: Sequence[str]) -> Mapping[str, str]:
        """Complaint -> its number, of a few hundred."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(complaints.c.id, complaints.c.number).where(complaints.c.id.in_(wanted))
            )
            return {row.id: row.number for row in rows}

    async def filed(self, wanted: Sequence[str]) -> Mapping[str, FiledRow]:
        """Complaint -> what a list shows of it, of a few dozen."""
        of = complaints.c
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(of.id, of.number, of.title, of.business_title, of.state).where(of.id.in_(wanted))
            )
            return {row.id: FiledRow(*row[1:]) for row in rows}

    async def known(self, office: str, numbers: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """(channel, number) -> complaint, of those that are known."""
        found: dict[tuple[str, str], str] = {}
        of = source_numbers.c
        by_channel: dict[str, list[str]] = {}
        for channel, number in numbers:
            by_channel.setdefault(channel, []).append(number)
        async with self._database.read() as connection:
            for channel, wanted in by_channel.items():
                theirs = (of.office == office, of.channel == channel, among(connection, of.number, wanted))
                rows = await connection.execute(select(of.number, of.complaint).where(*theirs))
                found.update({(channel, row.number): row.complaint for row in rows})
        return found

    async def kept(self, connection: AsyncConnection, complaints: Sequence[str]) -> int:
        """How many numbers are these complaints', in a transaction that is open: others' are not counted."""
        if not complaints:
            return 0
        of = source_numbers.c
        # Imported together their ids lie together: else PostgreSQL, which guesses, reads the table through each time.
        together = of.complaint.between(min(complaints), max(complaints))
        wanted = select(func.count()).where(together, among(connection, of.complaint, complaints))
        return int((await connection.execute(wanted)).scalar_one())

    async def told(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What its channel says of each complaint: as it was registered, with what it said differently since. None of
        one whose beginning was erased."""
        found: dict[str, dict[str, Any]] = {}
        of, streams = events.c, [stream(id) for id in ids]
        async with self._database.read() as connection:
            for at in range(0, len(streams), _AT_ONCE):
                wanted = (
                    select(of.stream, of.type, of.data)
                    .where(of.stream.in_(streams[at : at + _AT_ONCE]), of.type.in_(_TELLING), of.salt != "")
                    .order_by(of.stream, of.version)
                )
                for name, type, data in await connection.execute(wanted):
                    if type == ComplaintRegistered.__name__:
                        found[name] = dict(data)
                    elif name in found:
                        found[name] |= data["changes"]
        return {id: found[stream(id)] for id in ids if stream(id) in found}


def _plain(batch: Batch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in Batch.__dataclass_fields__}


def _batch(row: RowMapping) -> Batch:
    return Batch(**row)


def _handled(row: RowMapping) -> RowOutcome:
    return RowOutcome(**{name: value for name, value in row.items() if name != "batch"})


class SourceRows:
    """Which complaint a channel's number belongs to: what tells a second import from a first.

    Owns `source_numbers`: a projection of what complaints say of their sources; an undone import lets its numbers go.

    The first complaint that names a number keeps it.
    """

    types = frozenset({ComplaintRegistered.__name__, ImportUndone.__name__})

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        read = [(one.id, event) for one in changes for event in one.appended if not event.erased]
        undone = {id for id, event in read if event.type == ImportUndone.__name__}
        kept = [event for id, event in read if id not in undone and event.type == ComplaintRegistered.__name__]
        named = [row for event in kept for row in _rows(event)]
        if named:
            taken = await _taken(connection, named)
            new = dict[tuple[str, str, str], dict[str, str]]()
            for row in named:
                if (key := _key(row)) not in taken:
                    new.setdefault(key, row)
            await insert_rows(connection, source_numbers, list(new.values()))
        for id in undone:
            await connection.execute(delete(source_numbers).where(source_numbers.c.complaint == id))


def _key(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["office"], row["channel"], row["number"]


async def _taken(connection: AsyncConnection, named: Sequence[Mapping[str, str]]) -> set[tuple[str, str, str]]:
    of, found = source_numbers.c, set()
    for office, channel in {(row["office"], row["channel"]) for row in named}:
        numbers = [row["number"] for row in named if (row["office"], row["channel"]) == (office, channel)]
        theirs = (of.office == office, of.channel == channel, among(connection, of.number, numbers))
        known = (await connection.execute(select(of.number).where(*theirs))).scalars()
        found |= {(office, channel, number) for number in known}
    return found


def _rows(event: Event) -> list[dict[str, str]]:
    office, complaint = event.data["office"], event.stream.partition("/")[2]
    return [
        {"office": office, "channel": source["channel"], "number": source["number"], "complaint": complaint}
        for source in event.data.get("sources", ())
    ]


MOST_VALUES: Final = 500  # of a batch, on one page


@dataclass(frozen=True, slots=True)
class NotedValue:
    """What so many rows of a batch say. `note`: "unknown_value" | "unnamed" | "no_facts"; `value`: what somebody mapped
    it to, None while nobody has."""

    note: str
    field: str
    said: str
    rows: int
    value: str | None


@dataclass(frozen=True, slots=True)
class UnnamedRow:
    """A complaint whose business nobody has named."""

    complaint: str
    number: str
    received: datetime
    title: str
    facts: str


class ValueStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def noted(self, batch: str) -> list[NotedValue]:
        """What is to be looked at in it, whole rows and what is not mapped yet first, then what most rows say."""
        of = import_values.c
        async with self._database.read() as connection:
            wanted = select(of.note, of.field, of.said, of.rows, of.value).where(of.batch == batch)
            rows = await connection.execute(
                wanted.order_by(of.field != "", of.value.is_not(None), of.rows.desc(), of.said).limit(MOST_VALUES)
            )
            return [NotedValue(*row) for row in rows]

    async def unnamed(self, batch: str, size: int) -> list[UnnamedRow]:
        """Of its complaints those whose business nobody has named yet, in the order of its rows."""
        of, own = complaints.c, import_rows.c
        wanted = (
            select(of.id, of.number, of.received, of.title, of.facts)
            .join(import_rows, own.complaint == of.id)
            .where(own.batch == batch, own.outcome.in_(("taken", "fixed")), of.business_title == "")
            .where(of.state.in_(("registered", "accepted")))
            .order_by(own.row)
            .limit(size)
        )
        async with self._database.read() as connection:
            return [UnnamedRow(*row) for row in await connection.execute(wanted)]

    async def mapped(self, batch: str, field: str, said: str, value: str) -> None:
        of = import_values.c
        async with self._database.write() as connection:
            await connection.execute(
                update(import_values)
                .where(of.batch == batch, of.note == "unknown_value", of.field == field, of.said == said)
                .values(value=value)
            )


async def count_notes(connection: AsyncConnection, batch: str, rows: Sequence[RowOutcome]) -> None:
    """Count what is to be looked at in rows that were taken. Whoever reads a batch is alone with it."""
    of = import_values.c
    found = Counter(
        (note["code"], note["column"], note["params"].get("value", "")) for row in rows for note in row.problems or ()
    )
    if not found:
        return
    theirs = (of.batch == batch, among(connection, of.said, sorted({said for _, _, said in found})))
    known = {
        (row.note, row.field, row.said)
        for row in await connection.execute(select(of.note, of.field, of.said).where(*theirs))
    }
    for note, field, said in found.keys() & known:
        here = (of.batch == batch, of.note == note, of.field == field, of.said == said)
        more = import_values.update().where(*here).values(rows=of.rows + found[note, field, said])
        await connection.execute(more)
    new = [
        {"batch": batch, "note": note, "field": field, "said": said, "rows": many, "value": None}
        for (note, field, said), many in found.items()
        if (note, field, said) not in known
    ]
    await insert_rows(connection, import_values, new)
