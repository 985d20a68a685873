"""Leads as pages ask for them. Implements `Leads`: handing one on, and verifying it behind its wall.

The officer who mediates writes a lead and does not read it again; inspectors and supervisors read it and see nothing
of the complaint but what it claims, without who claims it (Order 121 Arts 9, 37).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO, Final

from complaints.channels.reading import UNNAMED
from complaints.clocks import local_day
from complaints.events import ComplaintRegistered
from complaints.leads import (
    MEDIATION,
    REPORT,
    AssignLead,
    AttachRecord,
    JoinInto,
    KeepJoined,
    LeadCommand,
    LeadOpened,
    LeadService,
    LiftLeadHold,
    MessageInformant,
    NoteInformantMessageLost,
    NoteInformantMessageTaken,
    NoteLeadFileArchived,
    OpenLead,
    ReportRecord,
    RevealInformant,
    SeparateReport,
    SupplementReport,
    TakeBackJoin,
    UndoReportImport,
    of_report,
)
from complaints.leads.decisions import OPENERS
from complaints.leads.views import LeadPage, LeadRow, NewLead
from complaints.procedure.messages import NoteLead, SplitReport
from complaints.procedure.transitions import next_steps
from complaints.record.attachments import AttachmentAdded
from complaints.service import ComplaintService
from law import order_for
from offices.people import Office, Officer
from offices.refusal import Refused
from server.complaints.procedure import ProcedureService
from server.complaints.refusals import refusal_of
from server.db.engine import Database
from server.identity.roles import require_role
from server.identity.store import IdentityStore
from server.leads import report_store
from server.leads.evidence_store import home_of, measured, numbered, records_of
from server.leads.files import LeadFiles
from server.leads.reports import InformantNotifier
from server.leads.store import lead_page, lead_rows

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
