"""Rows become complaints: a thousand or more at a time, in one transaction with what is noted of them.

Whatever happens to a row is written down with it, so an import that was interrupted goes on behind the last row it
noted, and nothing is taken twice or lost.

There are two ways. The slow one asks the journal and its projectors for every complaint, and is what the fast one is
held to (tests/intake/test_fast.py). The fast one (SQLite) has rows made in other processes (`server.imports.encoders`)
and inserts tuples (`server.imports.bulk_store`); a piece in which anything is out of the ordinary goes the slow way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.changes.messages import TakeUpdate, changes
from complaints.channels.cells import Cell
from complaints.channels.header import Header
from complaints.channels.mapping import ChannelMapping
from complaints.channels.reading import ChannelRow, Numbered, ReadingContext, RowReader
from complaints.clocks import local_day
from complaints.commands import Register
from complaints.complaint import stream
from complaints.decisions import decide
from complaints.events import ComplaintRegistered, to_draft
from complaints.numbers import written_number
from complaints.record.identifiers import Sealer
from complaints.service import ComplaintService
from journal import Actor, Draft
from journal.refusals import DomainError
from server.db.journal import SqlJournal
from server.imports.apart import ApartRows
from server.imports.bulk_store import BulkStore, FreshRows
from server.imports.encoders import Piece, cut, gathered, pieces
from server.imports.encoding import Order, fresh_ids
from server.imports.outcomes import RowOutcome, problem_of, refused
from server.imports.store import IntakeStore
from server.imports.table_rows import FreshComplaint

AT_ONCE: Final = 1_000  # rows of one transaction
FEW: Final = 20  # where others are waiting for the same loop
MADE: Final = 250  # of the fast way: made at a time
WRITTEN: Final = 2_000  # ... and written: with more, fewer pages are written twice, and others wait longer
AHEAD: Final = 6_000  # ... and on their way to and from the processes that make them, so that nobody waits


@dataclass(frozen=True, slots=True)
class _New:
    row: ChannelRow
    record: ComplaintRegistered


@dataclass(frozen=True, slots=True)
class Target:
    """Whose batch it is. `size`: bytes of its file."""

    batch: str
    place: ReadingContext
    mapping: ChannelMapping
    actor: Actor
    size: int = 0


@dataclass(frozen=True, slots=True)
class Fast:
    """What the fast way needs. `processes` 0: rows are made in this one; `seal` opens the installation's in each.
    `reading`: what is around the reading of a file of so many bytes."""

    store: BulkStore
    processes: int
    seal: Callable[[], Sealer]
    reading: Callable[[int], AbstractAsyncContextManager[None]] = lambda size: nullcontext()


class Importer:
    def __init__(
        self,
        complaints: ComplaintService,
        journal: SqlJournal,
        store: IntakeStore,
        seal: Sealer,
        now: Callable[[], datetime],
        fast: Fast | None = None,
    ) -> None:
        self._complaints, self._journal, self._store = complaints, journal, store
        self._seal, self._now, self._fast = seal, now, fast
        self.apart = ApartRows(journal, seal, now)

    async def take(self, target: Target, header: Header, rows: Iterable[Numbered], at_once: int = 0) -> None:
        """Everything below the header. Unreadable when the file stops making sense; what came before is taken.

        `at_once`: rows of a transaction, the slow way; 0 leaves both to us.
        """
        if self._fast is not None and not at_once:
            async with self._fast.reading(target.size):
                await self._take_fast(self._fast, target, header, rows)
            return
        reader = RowReader(target.mapping, header, target.place)
        for piece, broken in cut(rows, at_once or AT_ONCE):
            if piece:
                await self._piece(target, reader, header, piece)
            if broken is not None:
                raise broken

    async def _take_fast(self, fast: Fast, target: Target, header: Header, rows: Iterable[Numbered]) -> None:
        reader, place = RowReader(target.mapping, header, target.place), target.place
        calendar = await fast.store.calendar(place.office)
        at, rule = self._now(), self._complaints.order_rule
        order = Order(target.mapping.plain(), header, place, calendar, at, fast.seal, rule)
        async for piece in gathered(pieces(order, rows, MADE, fast.processes, AHEAD), WRITTEN):
            if piece.rows and not await self._fresh(fast.store, target, reader, header, piece, order):
                for first in range(0, len(piece.rows), AT_ONCE):
                    await self._piece(target, reader, header, piece.rows[first : first + AT_ONCE])
            if piece.broken is not None:
                raise piece.broken

    async def _fresh(
        self, store: BulkStore, target: Target, reader: RowReader, header: Header, piece: Piece, order: Order
    ) -> bool:
        """False when no row was noted, because the piece has to go the slow way."""
        fresh, place = piece.encoded.fresh, target.place
        handled = [*piece.encoded.refused]
        if piece.encoded.apart:
            of = dict(piece.rows)
            handled += [await self._apart(target, row, of[row.row], header) for row in piece.encoded.apart]
        sources = [source for one in fresh for source in one.sources]
        if len(set(sources)) != len(sources):
            return False  # a number that stands in the piece twice has to wait until its first row is taken
        if known := await self._store.known(place.office, sources):
            again = {one.row: known[one.sources[0]] for one in fresh if one.sources and one.sources[0] in known}
            same = await self._same([one for one in fresh if one.row in again], again, header)
            handled = [*handled, *same]
            if len(same) < len(again):
                left = again.keys() - {one.row for one in same}
                rows = _read(reader, [(number, row) for number, row in piece.rows if number in left])
                other, new = await self._sorted(target, rows, header)
                if new:
                    return False  # an undone import has just let go of it
                handled.extend(other)
            fresh = [one for one in fresh if one.row not in again]
        numbers = await self._numbers(place, [one.year for one in fresh], order.at, target.actor)
        given = [
            FreshRows(one, serial, written_number(place.prefix, one.year, serial))
            for one, serial in zip(fresh, numbers, strict=True)
        ]
        last = piece.rows[-1][0]
        return await store.write(
            place.office, target.batch, last, given, handled, order.calendar, order.at, target.actor
        )

    async def _same(
        self, fresh: Sequence[FreshComplaint], known: Mapping[int, str], header: Header
    ) -> list[RowOutcome]:
        """Those of them that say what is known. `known`: row -> complaint."""
        told, same = await self._store.told(list(known.values())), []
        for one in fresh:
            complaint = known[one.row]
            if not _different(told.get(complaint), one.data(), header):
                same.append(RowOutcome(one.row, "duplicate", complaint, one.sources[0][1]))
        return same

    async def _numbers(self, place: ReadingContext, years: Sequence[int], at: datetime, actor: Actor) -> list[int]:
        """One for each, in this order: one event for all of a year."""
        given = {}
        for year in sorted(set(years)):
            given[year] = iter(await self._complaints.numbers.take(place.office, year, years.count(year), at, actor))
        return [next(given[year]) for year in years]

    async def take_one(
        self,
        target: Target,
        named: Mapping[str, Cell],
        header: Header,
        note: Callable[[AsyncConnection, str], Awaitable[None]],
        number: int = 1,
    ) -> RowOutcome:
        """A row by itself, e.g. one that was mended. `note` is told the complaint in the transaction that makes it."""
        only = _read(RowReader(target.mapping, header, target.place), [(number, list(named.values()))])
        ((row, _),) = only
        handled, new = await self._sorted(target, only, header)
        if not new:
            return handled[0]
        complaint = fresh_ids(1)[0]

        async def noted(connection: AsyncConnection) -> None:
            await note(connection, complaint)

        await self._begin(target, new, [complaint], noted)
        return RowOutcome(number, "taken", complaint, row.number)

    async def _apart(self, target: Target, row: ChannelRow, cells: Sequence[Cell], header: Header) -> RowOutcome:
        """A report or a consultation, in the journal when this returns; asked again it is the same one."""
        try:
            return await self.apart.take(target.batch, target.place, row, target.actor)
        except DomainError as no:
            return refused(row, cells, header, (problem_of(no, header),), self._seal)

    async def _piece(self, target: Target, reader: RowReader, header: Header, piece: list[Numbered]) -> None:
        waiting = _read(reader, [(number, row) for number, row in piece if not reader.blank(row)])
        while True:
            # A number that stands in the piece twice has to wait until its first row is taken.
            now, seen = [], set[tuple[str, str]]()
            for index, (row, cells) in enumerate(waiting):
                source = _source(row)
                if source in seen:
                    waiting = waiting[index:]
                    break
                if source is not None:
                    seen.add(source)
                now.append((row, cells))
            else:
                waiting = []
            last = piece[-1][0] if not waiting else now[-1][0].row
            await self._taken(target, header, now, last)
            if not waiting:
                return

    async def _taken(
        self, target: Target, header: Header, rows: list[tuple[ChannelRow, Sequence[Cell]]], last: int
    ) -> None:
        for attempt in (1, 2, 3):
            handled, new = await self._sorted(target, rows, header)
            ids = fresh_ids(len(new))
            taken = [RowOutcome(one.row.row, "taken", id, one.row.number) for one, id in zip(new, ids, strict=True)]
            noted = sorted([*handled, *taken], key=lambda one: one.row)
            try:
                await self._begin(
                    target, new, ids, partial(self._store.note, batch=target.batch, last_row=last, rows=noted)
                )
            except IntegrityError:
                if attempt == 3:
                    raise
                continue  # another import took one of these numbers meanwhile
            return

    async def _sorted(
        self, target: Target, rows: list[tuple[ChannelRow, Sequence[Cell]]], header: Header
    ) -> tuple[list[RowOutcome], list[_New]]:
        """What is decided without a new complaint, and what becomes one."""
        sources = [source for row, _ in rows if (source := _source(row)) is not None]
        known = await self._store.known(target.place.office, sources)
        handled, new = [], []
        for row, cells in rows:
            if row.apart is not None:
                handled.append(await self._apart(target, row, cells, header))
                continue
            if row.filing is None:
                handled.append(refused(row, cells, header, row.problems, self._seal))
                continue
            try:
                record = self._complaints.record(row.filing, complete=False)
                decide(Register(record), None, target.place.now)
                complaint = known.get(_source(row) or ("", ""))
                if complaint is None:
                    new.append(_New(row, record))
                else:
                    handled.append(await self._again(target, row, complaint, record, header))
            except DomainError as no:
                problem = problem_of(no, header)
                handled.append(refused(row, cells, header, (problem,), self._seal))
        return handled, new

    async def _again(
        self, target: Target, row: ChannelRow, complaint: str, record: ComplaintRegistered, header: Header
    ) -> RowOutcome:
        """A number we know: the same once more, or what its channel says differently now. DomainError."""
        told = (await self._store.told([complaint])).get(complaint)
        different = _different(told, to_draft(record, target.place.now, target.actor).data, header)
        if not different:
            return RowOutcome(row.row, "duplicate", complaint, row.number)
        await self._complaints.submit(complaint, TakeUpdate(target.batch, different), target.actor)
        return RowOutcome(row.row, "updated", complaint, row.number)

    async def _begin(
        self,
        target: Target,
        new: list[_New],
        ids: list[str],
        note: Callable[[AsyncConnection], Awaitable[None]],
    ) -> None:
        at, place = self._now(), target.place
        years = [local_day(one.record.received, place.zone).year for one in new]
        numbers = await self._numbers(place, years, at, target.actor)
        drafts: list[tuple[str, Draft]] = []
        for one, year, number, id in zip(new, years, numbers, ids, strict=True):
            record = replace(one.record, number=written_number(place.prefix, year, number))
            drafts.append((stream(id), to_draft(record, at, target.actor)))
        await self._journal.begin(drafts, note)


def _read(reader: RowReader, rows: Sequence[Numbered]) -> list[tuple[ChannelRow, Sequence[Cell]]]:
    return [(read, cells) for read, (_, cells) in zip(reader.read(rows), rows, strict=True)]


def _different(told: Mapping[str, Any] | None, data: Mapping[str, Any], header: Header) -> dict[str, Any]:
    """What a source says differently; nothing of a complaint whose beginning was erased."""
    different = {} if told is None else changes(told, data)
    if "received" not in header.columns:  # then it is the moment of the import
        different.pop("received", None)
    return different


def _source(row: ChannelRow) -> tuple[str, str] | None:
    if row.filing is None or not row.filing.sources:
        return None
    return row.filing.sources[0].channel, row.filing.sources[0].number
