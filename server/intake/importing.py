"""Rows become complaints: a thousand at a time, in one transaction with what is noted of them.

Whatever happens to a row is written down with it, so an import that was interrupted goes on behind the last row it
noted, and nothing is taken twice or lost.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping as Mapping_, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.channels.cells import Cell, empty, text
from complaints.channels.errors import ChannelError, Problem
from complaints.channels.header import Header
from complaints.channels.mapping import Mapping
from complaints.channels.reading import Place, Reader, Row
from complaints.clocks import local_day
from complaints.commands import Register
from complaints.complaint import decide, fold, stream
from complaints.errors import ComplaintError
from complaints.events import ComplaintRegistered, to_draft
from complaints.importing import SourceUpdated, TakeUpdate, changes
from complaints.numbers import written
from complaints.phones import Sealer
from complaints.service import ComplaintService
from journal import Actor, Draft
from server.storage.intake_store import Handled, IntakeStore
from server.storage.journal_store import SqlJournal

AT_ONCE: Final = 1_000  # rows of one transaction
FEW: Final = 20  # where others are waiting for the same loop
ROW: Final = "import row"  # the purpose refused rows are sealed for
_FIELDS: Final = {"consumer_phone": "consumer_phone", "id_number": "consumer_id_number", "title": "facts"}

Numbered = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class _New:
    row: Row
    record: ComplaintRegistered


@dataclass(frozen=True, slots=True)
class Target:
    """Whose batch it is."""

    batch: str
    place: Place
    mapping: Mapping
    actor: Actor


class Importer:
    def __init__(
        self,
        complaints: ComplaintService,
        journal: SqlJournal,
        store: IntakeStore,
        seal: Sealer,
        now: Callable[[], datetime],
    ) -> None:
        self._complaints, self._journal, self._store = complaints, journal, store
        self._seal, self._now = seal, now

    async def take(self, target: Target, header: Header, rows: Iterable[Numbered], at_once: int = 0) -> None:
        """Everything below the header. Unreadable when the file stops making sense; what came before is taken."""
        reader, source = Reader(target.mapping, header, target.place), iter(rows)
        broken: ChannelError | None = None
        while broken is None:
            piece: list[Numbered] = []
            try:
                piece.extend(islice(source, at_once or AT_ONCE))
            except ChannelError as no:
                broken = no
            if not piece and broken is None:
                return
            if piece:
                await self._piece(target, reader, header, piece)
        raise broken

    async def take_one(
        self,
        target: Target,
        named: Mapping_[str, Cell],
        header: Header,
        note: Callable[[AsyncConnection, str], Awaitable[None]],
    ) -> Handled:
        """A row by itself, e.g. one that was mended. `note` is told the complaint in the transaction that makes it."""
        row = Reader(target.mapping, header, target.place).read(1, list(named.values()))
        handled, new = await self._sorted(target, [(row, list(named.values()))], header)
        if not new:
            return handled[0]
        complaint = _ids(1)[0]

        async def noted(connection: AsyncConnection) -> None:
            await note(connection, complaint)

        await self._begin(target, new, [complaint], noted)
        return Handled(1, "taken", complaint, row.number)

    async def _piece(self, target: Target, reader: Reader, header: Header, piece: list[Numbered]) -> None:
        waiting = [(reader.read(number, row), row) for number, row in piece if not reader.blank(row)]
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

    async def _taken(self, target: Target, header: Header, rows: list[tuple[Row, Sequence[Cell]]], last: int) -> None:
        for attempt in (1, 2, 3):
            handled, new = await self._sorted(target, rows, header)
            ids = _ids(len(new))
            taken = [Handled(one.row.row, "taken", id, one.row.number) for one, id in zip(new, ids, strict=True)]
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
        self, target: Target, rows: list[tuple[Row, Sequence[Cell]]], header: Header
    ) -> tuple[list[Handled], list[_New]]:
        """What is decided without a new complaint, and what becomes one."""
        sources = [source for row, _ in rows if (source := _source(row)) is not None]
        known = await self._store.known(target.place.office, sources)
        handled, new = [], []
        for row, cells in rows:
            if row.filing is None:
                handled.append(self._refused(row, cells, header, row.problems))
                continue
            try:
                record = self._complaints.record(row.filing, complete=False)
                decide(Register(record), None, target.place.now)
                complaint = known.get(_source(row) or ("", ""))
                if complaint is None:
                    new.append(_New(row, record))
                else:
                    handled.append(await self._again(target, row, complaint, record, header))
            except ComplaintError as no:
                problem = _problem(no, header)
                handled.append(self._refused(row, cells, header, (problem,)))
        return handled, new

    async def _again(
        self, target: Target, row: Row, complaint: str, record: ComplaintRegistered, header: Header
    ) -> Handled:
        """A number we know: the same once more, or what its channel says differently now. ComplaintError."""
        entries = await self._journal.read(stream(complaint))
        told: dict[str, Any] = {}
        for entry in entries:
            if entry.type == ComplaintRegistered.__name__:
                told = dict(entry.data)
            elif entry.type == SourceUpdated.__name__:
                told |= entry.data["changes"]
        draft = to_draft(record, target.place.now, target.actor)
        different = changes(told, draft.data)
        if "received" not in header.columns:  # then it is the moment of the import
            different.pop("received", None)
        if fold(entries) is None or not different:
            return Handled(row.row, "duplicate", complaint, row.number)
        await self._complaints.submit(complaint, TakeUpdate(target.batch, different), target.actor)
        return Handled(row.row, "updated", complaint, row.number)

    async def _begin(
        self,
        target: Target,
        new: list[_New],
        ids: list[str],
        note: Callable[[AsyncConnection], Awaitable[None]],
    ) -> None:
        at, place = self._now(), target.place
        years = [local_day(one.record.received, place.zone).year for one in new]
        numbers = {}
        for year in sorted(set(years)):
            numbers[year] = iter(
                await self._complaints.numbers.take(place.office, year, years.count(year), at, target.actor)
            )
        drafts: list[tuple[str, Draft]] = []
        for one, year, id in zip(new, years, ids, strict=True):
            record = replace(one.record, number=written(place.prefix, year, next(numbers[year])))
            drafts.append((stream(id), to_draft(record, at, target.actor)))
        await self._journal.begin(drafts, note)

    def _refused(self, row: Row, cells: Sequence[Cell], header: Header, problems: Sequence[Problem]) -> Handled:
        kept = {name: _kept(cell) for name, cell in zip(header.names, cells, strict=False) if name and not empty(cell)}
        sealed = self._seal.seal(json.dumps(kept, ensure_ascii=False), ROW)
        return Handled(row.row, "refused", "", row.number[:80], [plain(one) for one in problems], sealed)


def plain(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "column": problem.column, "params": dict(problem.params)}


def _kept(cell: Cell) -> str:
    try:
        return text(cell)
    except ChannelError:
        return str(cell)[:20_000]


def _source(row: Row) -> tuple[str, str] | None:
    if row.filing is None or not row.filing.sources:
        return None
    return row.filing.sources[0].channel, row.filing.sources[0].number


def _problem(no: ComplaintError, header: Header) -> Problem:
    field = str(no.params.get("field", ""))
    params = {name: value for name, value in no.params.items() if name != "field"}
    code = "changed" if no.code == "wrong_state" else no.code
    return Problem(code, header.name_of(_FIELDS.get(field, field)) if field else "", params)


def _ids(count: int) -> list[str]:
    """32 hex digits that begin with the time, like UUID version 7: neighbours on disk are made together."""
    begin = time.time_ns() // 1_000_000 << 80
    return [f"{begin | n << 60 | secrets.randbits(60):032x}" for n in range(count)]
