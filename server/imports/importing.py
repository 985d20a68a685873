"""Rows become complaints, reports or consultations: a thousand or more at a time, in one transaction with what is
noted.

Whatever happens to a row is written down with it, so an import that was interrupted goes on behind the last row it
noted, and nothing is taken twice or lost. A report becomes a report behind its wall; it and a consultation are
streams whose ids are made of their number at the source, or of batch and row: read again after a crash, or sent
again by the channel, they are the same ones.

Rows are read and checked, and the rows of their complaints' tables made, by `server.imports.encoding`: of a great
file in other processes (`server.imports.encoders`). What depends on order is decided here; the journal's projection
writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import UnknownComplaint, WrongState
from complaints.channels.cells import Cell
from complaints.channels.mapping import ChannelMapping, Header
from complaints.channels.reading import REPORT, ChannelRow, Numbered, OtherSubmission, ReadingContext
from complaints.complaint import local_day
from complaints.consultations import ConsultationService, UndoConsultation, stream as consultation_stream
from complaints.events import ComplaintRegistered
from complaints.leads import (
    LeadService,
    NewConsultation,
    NewReport,
    SupplementReport,
    UndoReportImport,
    stream as lead_stream,
)
from complaints.record.changes import TakeUpdate, changes
from complaints.record.identifiers import Sealer
from complaints.service import ComplaintService, written_number
from complaints.state import ComplaintState, stream
from journal import TRIES, Actor, Draft, Journal
from journal.refusals import Busy, DomainError
from server.complaints import ComplaintRows
from server.complaints.exchange.store import queue_received
from server.complaints.projection import PreparedRows
from server.db.engine import NameInUse
from server.db.journal import SqlJournal
from server.imports.encoders import FilePiece, ahead_by_one, gathered, pieces
from server.imports.encoding import BatchOrder, Encoder, FreshComplaint, RowOutcome, collect_young, problem_of, refused
from server.imports.store import IntakeStore
from server.leads.reports import consultation_registered, report_opened


class ApartRows:
    def __init__(self, journal: Journal, seal: Sealer, now: Callable[[], datetime]) -> None:
        self._journal, self._seal = journal, seal
        self.leads, self._consultations = LeadService(journal, now), ConsultationService(journal, now)

    async def take(self, batch: str, place: ReadingContext, row: ChannelRow, actor: Actor) -> RowOutcome:
        """ "apart" when it was registered, "updated" when its source says more now, "duplicate". DomainError."""
        said = row.apart
        assert said is not None
        key = f"{place.office}/{said.channel}/{said.source}" if said.source else f"{batch}/{row.row}"
        kind = "report" if said.kind == REPORT else "consultation"
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} import/{key}").hex
        take = self._report if kind == "report" else self._consultation
        outcome = await take(id_, said, f"{batch}/{row.row}", place, actor)
        stream = lead_stream(id_) if kind == "report" else consultation_stream(id_)
        return RowOutcome(row.row, outcome, stream, row.number)

    async def undo(self, stream: str, reason: str, actor: Actor) -> bool:
        """Taken back while nothing but its registration has happened to it."""
        if len(await self._journal.read(stream)) != 1:
            return False
        kind, _, id_ = stream.partition("/")
        try:
            if kind == "lead":
                await self.leads.submit(id_, UndoReportImport(reason), actor)
            else:
                await self._consultations.submit(id_, UndoConsultation(reason), actor)
        except DomainError:  # somebody was faster
            return False
        return True

    async def _report(self, id_: str, said: OtherSubmission, row: str, place: ReadingContext, actor: Actor) -> str:
        try:
            known = await self.leads.state(id_)
        except UnknownComplaint:
            new = NewReport(
                key="",
                channel=said.channel,
                mode=said.mode,
                received=said.received,
                title=said.title,
                content=said.content,
                about=said.about,
                place=said.place,
                credit_code=said.credit_code,
                informant=said.person,
                phone=said.phone,
                real_name=bool(said.person and said.phone),
                source=said.source,
                row=row,
            )
            opened = report_opened(new, place.office, place.zone, self._seal)
            await self.leads.open(id_, opened, place.prefix, local_day(said.received, place.zone).year, actor)
            return "apart"
        if known.opened.report is not None and known.opened.report.row == row:
            return "apart"  # by this row, before the program died
        if known.newest_content == said.content.strip():
            return "duplicate"
        await self.leads.submit(id_, SupplementReport(said.content, said.channel), actor)
        return "updated"

    async def _consultation(
        self, id_: str, said: OtherSubmission, row: str, place: ReadingContext, actor: Actor
    ) -> str:
        try:
            known = (await self._consultations.state(id_)).registered
        except UnknownComplaint:
            new = NewConsultation(
                key="",
                kind=said.kind,
                channel=said.channel,
                mode=said.mode,
                received=said.received,
                title=said.title,
                content=said.content,
                person=said.person,
                phone=said.phone,
                source=said.source,
                row=row,
            )
            registered = consultation_registered(new, place.office, place.zone, self._seal)
            year = local_day(said.received, place.zone).year
            await self._consultations.register(id_, registered, place.prefix, year, actor)
            return "apart"
        if known.row == row:
            return "apart"
        if (known.kind, known.content) != (said.kind, said.content.strip()):
            raise WrongState(state="changed")  # the row waits until a person has compared the two
        return "duplicate"


FEW: Final = 20  # rows of a transaction where others are waiting for the same loop
MADE: Final = 250  # made at a time
WRITTEN: Final = 2_000  # ... and written: with more, fewer pages are written twice, and others wait longer
AHEAD: Final = 3_000  # ... and on their way to and from the processes that make them, so that nobody waits
COLLECTED: Final = 8  # pieces that are written between two looks at what they left behind


@dataclass(frozen=True, slots=True)
class Target:
    """Whose batch it is. `size`: bytes of its file."""

    batch: str
    place: ReadingContext
    mapping: ChannelMapping
    actor: Actor
    size: int = 0


@dataclass(frozen=True, slots=True)
class EncoderPool:
    """Where rows are made: in so many processes beside this one, 0 for here. `seal` opens the installation's in each.
    `reading`: what is around the reading of a file of so many bytes."""

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
        pool: EncoderPool | None = None,
    ) -> None:
        self._complaints, self._journal, self._store = complaints, journal, store
        self._seal, self._now = seal, now
        self._pool = pool or EncoderPool(0, lambda: seal)
        self.apart = ApartRows(journal, seal, now)

    async def take(self, target: Target, header: Header, rows: Iterable[Sequence[Numbered]], at_once: int = 0) -> None:
        """Everything below the header, in parts. Unreadable when the file stops making sense; what came before is
        taken.

        `at_once`: rows of a transaction, made in this process; 0 leaves both to us.
        """
        order, pool = await self._order(target, header), self._pool
        processes = 0 if at_once else pool.processes
        async with pool.reading(target.size):
            made = pieces(order, rows, min(MADE, at_once or MADE), processes, AHEAD)
            async with aclosing(ahead_by_one(gathered(made, at_once or WRITTEN))) as whole:
                written = 0
                async for piece in whole:
                    if piece.read:
                        await self._piece(target, order, piece)
                        written += 1
                    if written % COLLECTED == 0:
                        collect_young()
                    if piece.broken is not None:
                        raise piece.broken

    async def take_one(
        self,
        target: Target,
        named: Mapping[str, Cell],
        header: Header,
        note: Callable[[AsyncConnection, str, list[dict[str, Any]] | None], Awaitable[None]],
        number: int = 1,
    ) -> RowOutcome:
        """A row by itself, e.g. one that was mended. `note` is told the complaint, and what is to be looked at in it,
        in the transaction that makes it."""
        order, cells = await self._order(target, header), list(named.values())
        made = Encoder(order).encode_all([(number, cells)])
        if made.refused:
            return made.refused[0]
        if made.apart:
            return await self._apart(target, made.apart[0], cells, header)
        (fresh,) = made.fresh

        async def noted(connection: AsyncConnection) -> None:
            await note(connection, fresh.id, fresh.notes)

        for _ in range(TRIES):
            if known := await self._store.known(target.place.office, fresh.sources[:1]):
                return await self._again(target, order, fresh, known[fresh.sources[0]], cells)
            with suppress(NameInUse):  # somebody was faster, who sent the same or imported it
                await self._begin(target, order, [fresh], noted)
                return RowOutcome(number, "taken", fresh.id, fresh.number)
        raise Busy

    async def _order(self, target: Target, header: Header) -> BatchOrder:
        days = await self._store.days(target.place.office)
        rule = self._complaints.order_rule
        return BatchOrder(target.mapping.plain(), header, target.place, days, self._now(), self._pool.seal, rule)

    async def _piece(self, target: Target, order: BatchOrder, piece: FilePiece) -> None:
        waiting, handled = piece.encoded.fresh, [*piece.encoded.refused]
        handled += [await self._apart(target, row, piece.cells(row.row), order.header) for row in piece.encoded.apart]
        while True:
            now, waiting = _without_repeats(waiting)
            last = waiting[0].row - 1 if waiting else piece.last
            noted = [one for one in handled if one.row <= last]
            handled = [one for one in handled if one.row > last]
            await self._taken(target, order, piece.cells, now, noted, last)
            if not waiting:
                return

    async def _taken(
        self,
        target: Target,
        order: BatchOrder,
        cells: Callable[[int], Sequence[Cell]],
        fresh: Sequence[FreshComplaint],
        handled: Sequence[RowOutcome],
        last: int,
    ) -> None:
        """No number stands in them twice."""
        again: dict[int, RowOutcome] = {}
        for attempt in (1, 2, 3):
            sources = [one.source for one in fresh if one.source is not None]
            known = await self._store.known(target.place.office, sources)
            repeated = [one for one in fresh if one.source in known and one.row not in again]
            again |= await self._known(target, order, cells, [(one, known[one.sources[0]]) for one in repeated])
            new = [one for one in fresh if one.row not in again]
            taken = [RowOutcome(one.row, "taken", one.id, one.number, one.notes) for one in new]
            noted = sorted([*handled, *again.values(), *taken], key=lambda one: one.row)
            try:
                await self._begin(
                    target, order, new, partial(self._store.note, batch=target.batch, last_row=last, rows=noted)
                )
            except NameInUse:
                if attempt == 3:
                    raise
                continue  # another import took one of these numbers meanwhile
            return

    async def _known(
        self,
        target: Target,
        order: BatchOrder,
        cells: Callable[[int], Sequence[Cell]],
        repeated: Sequence[tuple[FreshComplaint, str]],
    ) -> dict[int, RowOutcome]:
        """Rows whose number is a complaint's: most say what it says."""
        told = await self._store.told([complaint for _, complaint in repeated])
        return {
            one.row: RowOutcome(one.row, "duplicate", complaint, one.number)
            if not _different(told.get(complaint), one.data, order.header)
            else await self._again(target, order, one, complaint, cells(one.row))
            for one, complaint in repeated
        }

    async def _again(
        self, target: Target, order: BatchOrder, fresh: FreshComplaint, complaint: str, cells: Sequence[Cell]
    ) -> RowOutcome:
        """A number we know: the same once more, or what its channel says differently now."""
        told = (await self._store.told([complaint])).get(complaint)
        different = _different(told, fresh.data, order.header)
        if not different:
            return RowOutcome(fresh.row, "duplicate", complaint, fresh.number)
        try:
            await self._complaints.submit(complaint, TakeUpdate(target.batch, different), target.actor)
        except DomainError as no:
            problem = problem_of(no, order.header)
            return refused(fresh.row, fresh.number, cells, order.header, (problem,), self._seal)
        return RowOutcome(fresh.row, "updated", complaint, fresh.number)

    async def _apart(self, target: Target, row: ChannelRow, cells: Sequence[Cell], header: Header) -> RowOutcome:
        """A report or a consultation, in the journal when this returns; asked again it is the same one."""
        try:
            return await self.apart.take(target.batch, target.place, row, target.actor)
        except DomainError as no:
            return refused(row.row, row.number, cells, header, (problem_of(no, header),), self._seal)

    async def _begin(
        self,
        target: Target,
        order: BatchOrder,
        new: Sequence[FreshComplaint],
        note: Callable[[AsyncConnection], Awaitable[None]],
    ) -> None:
        """Taken: one of their numbers is another's meanwhile; nothing was written then."""
        place, drafts, rows = target.place, list[tuple[str, Draft]](), dict[str, ComplaintRows]()
        known_as = list[tuple[str, str, Sequence[tuple[str, str]]]]()
        numbers = await self._numbers(place, [one.year for one in new], order.at, target.actor)
        for one, serial in zip(new, numbers, strict=True):
            name, number = stream(one.id), written_number(place.prefix, one.year, serial)
            data = one.registration.numbered(number)
            drafts.append((name, Draft(ComplaintRegistered.__name__, data, order.at, target.actor)))
            rows[name] = one.rows.numbered(number)
            if one.rows.filed.row["state"] != ComplaintState.CLOSED:  # what is over there is told to nobody
                known_as.append((one.id, number, one.sources))
        ours = {source for one in new for source in one.sources}

        async def noted(connection: AsyncConnection) -> None:
            if await self._store.kept(connection, [one.id for one in new]) != len(ours):
                raise NameInUse
            await queue_received(connection, place.office, known_as, order.at)
            await note(connection)

        await self._journal.begin(drafts, noted, PreparedRows(place.office, order.days, rows))

    async def _numbers(self, place: ReadingContext, years: Sequence[int], at: datetime, actor: Actor) -> list[int]:
        """One for each, in this order: one event for all of a year."""
        given = {}
        for year in sorted(set(years)):
            given[year] = iter(await self._complaints.numbers.take(place.office, year, years.count(year), at, actor))
        return [next(given[year]) for year in years]


def _without_repeats(waiting: Sequence[FreshComplaint]) -> tuple[list[FreshComplaint], list[FreshComplaint]]:
    """As far as no number stands in them twice, and the others: those wait until its first row is taken."""
    seen = set[tuple[str, str]]()
    for index, one in enumerate(waiting):
        if one.source in seen:
            return list(waiting[:index]), list(waiting[index:])
        seen.update(one.sources)
    return list(waiting), []


def _different(told: Mapping[str, Any] | None, data: Mapping[str, Any], header: Header) -> dict[str, Any]:
    """What a source says differently; nothing of a complaint whose beginning was erased."""
    different = {} if told is None else changes(told, data)
    if "received" not in header.columns:  # then it is the moment of the import
        different.pop("received", None)
    if different.get("earlier", "") is None:  # a file that says nothing of it takes nothing back
        different.pop("earlier")
    return different
