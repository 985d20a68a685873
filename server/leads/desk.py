"""Leads and the files attached to them, as pages ask for them: handing one on, and verifying it behind its wall.
Implements `Leads`.

The officer who mediates writes a lead and does not read it again; inspectors and supervisors read it and see nothing
of the complaint but what it claims, without who claims it (Order 121 Arts 9, 37).

Owns `<data>/lead-files/`, a folder a lead, sealed under a key of the lead's own as a complaint's attachments are
under its (`server.complaints.attachments`).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from complaints.channels.reading import UNNAMED
from complaints.complaint import local_day
from complaints.events import ComplaintRegistered
from complaints.leads import (
    MEDIATION,
    REPORT,
    AddLeadFile,
    AssignLead,
    AttachRecord,
    JoinInto,
    KeepJoined,
    Lead,
    LeadCommand,
    LeadOpened,
    LeadPage,
    LeadRow,
    LeadService,
    LiftLeadHold,
    MessageInformant,
    NewLead,
    NoteInformantMessageLost,
    NoteInformantMessageTaken,
    NoteLeadFileArchived,
    OpenLead,
    RemoveLeadFile,
    ReportRecord,
    RevealInformant,
    SeparateReport,
    SupplementReport,
    TakeBackJoin,
    TakeLeadFile,
    UndoReportImport,
    fold,
    of_report,
    stream,
)
from complaints.leads.decisions import OPENERS
from complaints.procedure import NoteLead, SplitReport
from complaints.procedure.transitions import next_steps
from complaints.record import AttachmentAdded
from complaints.service import ComplaintService
from journal import SYSTEM, Actor, Journal
from journal.refusals import DomainError, Refused, refusal_of
from law import order_for
from offices import Office, Officer, require_role
from recordings.files import archive
from recordings.files.archive import ArchiveMove, MoveItem
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.complaints.attachments import AttachmentFiles
from server.complaints.procedure import ProcedureService
from server.db.engine import Database
from server.identity.store import IdentityStore
from server.leads import report_store
from server.leads.reports import InformantNotifier
from server.leads.store import home_of, lead_page, lead_rows, measured, numbered, records_of
from server.retention.archive import ArchiveTally, attached, here, tally
from server.serving.jobs.store import JobQueue

JOB = "archive_lead"
log = structlog.get_logger(__name__)


class LeadFiles:
    """`archived` as of `server.complaints.attachments.AttachmentFiles`."""

    def __init__(
        self, leads: LeadService, shelf: EncryptedFileStore, archived: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._leads = leads
        self._files = AttachmentFiles(shelf, self._named, archived, lead_case)

    async def add(self, actor: Actor, lead: str, name: str, content: bytes, note: str, key: str = "") -> None:
        """Sent again with the same `key` it is there once."""

        async def named(added: AttachmentAdded) -> None:
            await self._leads.submit(lead, AddLeadFile(added), actor)

        await self._files.add(lead, name, content, named, remark=note, key=key)

    async def take(
        self, actor: Actor, lead: str, attachment: str, original: bool = False
    ) -> tuple[AttachmentAdded, BinaryIO]:
        async def taken() -> None:
            await self._leads.submit(lead, TakeLeadFile(attachment, original), actor)

        return await self._files.take(lead, attachment, original, taken)

    async def remove(self, actor: Actor, lead: str, attachment: str, reason: str) -> None:
        with refusal_of():
            await self._leads.submit(lead, RemoveLeadFile(attachment, reason), actor)
        await self._files.remove(lead, attachment)

    async def _named(self, lead: str) -> Sequence[AttachmentAdded]:
        return (await self._leads.state(lead)).files


def lead_case(lead: str) -> str:
    """Whose key: never one of a complaint or a session."""
    return f"lead-{lead}"


class LeadArchive:
    """Files of leads go to the archive like those of closed cases, once the lead is decided or withdrawn.

    Implements `server.retention.archive.Beside`, and the job process carries the files (`server.retention.archive_job`,
    over `lead-files/`). What the journal says of it stands in the lead's own stream, behind its wall; names in the
    archive say nothing but ids. `settled` names the leads that are not being verified.
    """

    def __init__(
        self,
        journal: Journal,
        queue: JobQueue,
        shelf: EncryptedFileStore,
        store: str,
        settled: Callable[[], Awaitable[Iterable[str]]],
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._queue, self._shelf, self._store = journal, queue, shelf, store
        self._leads, self._settled = LeadService(journal, now), settled
        self._looked: dict[str, int] = {}  # lead -> its newest version when it was asked for
        self._open: set[str] = set()

    async def look(self, settled_before: datetime) -> None:
        for lead in await self._settled():
            if lead in self._open or not await asyncio.to_thread(_has_files, self._shelf.folder, lead):
                continue
            move = await asyncio.to_thread(archive.read_move, self._shelf.folder, lead)
            if move is not None and move.store == self._store and move.state != "done":
                self._open.add(lead)
                continue
            await self._ask(lead, settled_before)

    async def note(self) -> None:
        for lead in sorted(self._open):
            move = await asyncio.to_thread(archive.read_move, self._shelf.folder, lead)
            if move is None or move.state == "done":
                self._open.discard(lead)
            elif move.state == "moved":
                try:
                    await self._note(lead, move)
                except DomainError as no:  # it comes up again
                    log.warning("archived files cannot be noted", lead=lead, code=no.code)

    async def again(self) -> None:
        self._looked.clear()
        for lead in sorted(self._open):
            await self._enqueue(lead)

    async def _enqueue(self, lead: str) -> None:
        await self._queue.enqueue(JOB, of=lead, needs="disk", session=lead)

    def tally(self) -> ArchiveTally:
        return tally(self._shelf.folder)

    async def _ask(self, lead: str, settled_before: datetime) -> None:
        events = await self._journal.read(stream(lead))
        state = fold(events)
        if state is None or state.state == "open" or events[-1].at >= settled_before:
            return
        if self._looked.get(lead) == events[-1].version:
            return  # what is left here could not go
        self._looked[lead] = events[-1].version
        items = await asyncio.to_thread(self._items, lead, state)
        if items:
            move = ArchiveMove("queued", self._store, items)
            await asyncio.to_thread(archive.write_move, self._shelf.folder, lead, move)
            self._open.add(lead)
            await self._enqueue(lead)

    def _items(self, lead: str, state: Lead) -> tuple[MoveItem, ...]:
        named = attached("lead-files", lead, lead_case(lead), state.files)
        return tuple(here(named, {"lead-files": self._shelf}))

    async def _note(self, lead: str, move: ArchiveMove) -> None:
        for item in move.items:
            if item.step == "there":
                fact = NoteLeadFileArchived(item.path, move.store, item.sha256)
                await self._leads.submit(lead, fact, SYSTEM)
        await asyncio.to_thread(archive.write_move, self._shelf.folder, lead, replace(move, state="noted"))
        await self._enqueue(lead)


def _has_files(folder: Path, lead: str) -> bool:
    kept = archive.move_file(folder, lead)
    return any(file.is_file() and file != kept for file in kept.parent.glob("*"))


_ELSEWHERE: Final = (  # not one person's to ask, another desk's, or an import's
    OpenLead,
    LiftLeadHold,
    MessageInformant,
    NoteInformantMessageLost,
    NoteInformantMessageTaken,
    NoteLeadFileArchived,
    JoinInto,
    KeepJoined,
    SeparateReport,
    TakeBackJoin,
    SupplementReport,
    UndoReportImport,
)


class OfficeLeads:
    def __init__(
        self,
        complaints: ComplaintService,
        leads: LeadService,
        steps: ProcedureService,
        database: Database,
        store: IdentityStore,
        files: LeadFiles,
        telling: InformantNotifier,
        now: Callable[[], datetime],
    ) -> None:
        self._complaints, self._leads, self._steps, self._telling = complaints, leads, steps, telling
        self._database, self._store, self._files, self._now = database, store, files, now

    # ------------------------------------------------------------ opening

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        """First the lead, then the complaint's note of it: interrupted, it is asked again and nothing is doubled."""
        state = await self._steps.seen(officer, complaint)
        record, report = state.record, origin == REPORT
        if ("split" if report else "lead") not in next_steps(state, officer.role):
            raise Refused("wrong_state", 409)
        lead = of_report(complaint) if report else uuid.uuid4().hex
        opened = LeadOpened(
            office=record.office,
            complaint=complaint,
            number=record.number,
            origin=origin,
            found=record.received if report else self._now(),
            order=record.order,
            title=title.strip(),
            content=content.strip(),
            about=record.business.title,
            informant=record.consumer.name if report else "",
            phone=record.consumer.phone if report else "",
            phone_masked=record.consumer.phone_masked if report else "",
            records=(complaint,) if origin == MEDIATION else (),
            report=_reported(record) if report else None,
        )
        with refusal_of():
            await self._open(lead, opened, officer)
            note = SplitReport(lead) if report else NoteLead(lead)
            await self._complaints.submit(complaint, note, officer.actor)

    async def open(self, officer: Officer, new: NewLead) -> str:
        require_role(officer, *OPENERS.get(new.origin, ()))
        home, records = await home_of(self._database, officer, new.records)
        if not home:
            raise Refused("not_found", 404)
        now = self._now()
        lead = uuid.uuid5(uuid.NAMESPACE_URL, f"lead/{home}/{new.key}").hex
        opened = LeadOpened(
            office=home,
            complaint="",
            number="",
            origin=new.origin,
            found=now,
            order=order_for(local_day(now, officer.office.zone)).id,
            title=new.title.strip()[:120],
            content=new.content.strip(),
            about=new.about,
            spot=new.spot,
            subject=dict(new.subject),
            records=tuple(records),
        )
        with refusal_of():
            await self._open(lead, opened, officer)
        return lead

    async def _open(self, lead: str, opened: LeadOpened, officer: Officer) -> None:
        office = await self._office(opened.office, officer)
        year = local_day(self._now(), office.zone).year
        await self._leads.open(lead, opened, office.number_prefix, year, officer.actor)

    async def _office(self, office: str, officer: Officer) -> Office:
        return officer.office if office == officer.office.id else (await self._store.office(office) or officer.office)

    # ------------------------------------------------------------ reading

    async def leads(self, officer: Officer, state: str = "", mine: bool = False) -> Sequence[LeadRow]:
        return await lead_rows(self._database, officer, state, mine)

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        page = await lead_page(self._database, officer, lead)
        opened, acted = page.lead.opened, page.lead.acted
        office, after = await self._office(opened.office, officer), None
        if acted is not None:
            today = local_day(self._now(), office.zone)
            after = await measured(self._database, opened.office, opened.subject, acted, today)
        return replace(
            page,
            records=await records_of(self._database, opened.office, page.lead.records),
            inspectors=await self._inspectors(opened.office),
            aftermath=after,
            earlier=await report_store.earlier(self._database, lead, opened) if page.lead.state == "open" else (),
            offered=self._telling.offered(page.lead, office),
        )

    async def _inspectors(self, office: str) -> list[tuple[str, str]]:
        return [(user.id, user.name) for user in await self._store.users_of(office) if user.role == "inspector"]

    # ------------------------------------------------------------ what is asked

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None:
        page = await lead_page(self._database, officer, lead)
        if isinstance(command, _ELSEWHERE):
            raise Refused("not_allowed", 403)
        if isinstance(command, AssignLead):
            names = dict(await self._inspectors(page.lead.opened.office))
            if command.owner not in names:
                raise Refused("bad_choice", 400, field="owner")
            command = AssignLead(command.owner, names[command.owner])
        with refusal_of():
            await self._leads.submit(lead, command, officer.actor)

    async def attach(self, officer: Officer, lead: str, number: str) -> None:
        page = await lead_page(self._database, officer, lead)
        found = await numbered(self._database, page.lead.opened.office, number.strip())
        if not found:
            raise Refused("not_found", 404)
        await self.ask(officer, lead, AttachRecord(found))

    async def informant(self, officer: Officer, lead: str, reason: str) -> tuple[str, str]:
        page = await lead_page(self._database, officer, lead)
        opened = page.lead.opened
        await self.ask(officer, lead, RevealInformant(reason))
        return opened.informant, self._complaints.full_phone(opened.phone)

    async def message(self, officer: Officer, lead: str, what: str, words: str) -> None:
        page = await lead_page(self._database, officer, lead)
        office = await self._office(page.lead.opened.office, officer)
        await self._telling.send(officer, lead, page.lead, office, what, words)

    # ------------------------------------------------------------ files

    async def add_file(self, officer: Officer, lead: str, name: str, content: bytes, note: str) -> None:
        await lead_page(self._database, officer, lead)
        await self._files.add(officer.actor, lead, name, content, note)

    async def take_file(
        self, officer: Officer, lead: str, attachment: str, original: bool
    ) -> tuple[AttachmentAdded, BinaryIO]:
        await lead_page(self._database, officer, lead)
        return await self._files.take(officer.actor, lead, attachment, original)

    async def remove_file(self, officer: Officer, lead: str, attachment: str, reason: str) -> None:
        await lead_page(self._database, officer, lead)
        await self._files.remove(officer.actor, lead, attachment, reason)


def _reported(record: ComplaintRegistered) -> ReportRecord:
    """Of the report part of a complaint: what the register needs of it."""
    source = next((one.number for one in record.sources if one.channel == record.channel), "")
    return ReportRecord(
        channel=record.channel,
        mode=record.mode,
        real_name=record.consumer.name not in ("", UNNAMED),
        place=record.business.address,
        credit_code=record.business.credit_code,
        source=source,
        informant_key=record.consumer.phone_key,
    )
