"""Leads as pages ask for them. Implements `web.ports.Leads`: handing one on, and verifying it behind its wall.

The officer who mediates writes a lead and does not read it again; inspectors and supervisors read it and see nothing
of the complaint (Order 121 Arts 9, 37).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from complaints.leads import REPORT, LeadCommand, LeadOpened, LeadService, OpenLead, of_report
from complaints.procedure import NoteLead, SplitReport
from complaints.service import ComplaintService
from complaints.steps import next_steps
from server.procedure_desk import ProcedureDesk
from server.refusing import said
from server.storage.engine import Database
from server.storage.leads import lead_page, lead_rows
from web.ports import LeadPage, LeadRow, Officer, Refused


class LeadDesk:
    def __init__(
        self,
        complaints: ComplaintService,
        leads: LeadService,
        steps: ProcedureDesk,
        database: Database,
        now: Callable[[], datetime],
    ) -> None:
        self._complaints, self._leads, self._steps = complaints, leads, steps
        self._database, self._now = database, now

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
        )
        with said():
            await self._leads.submit(lead, OpenLead(opened), officer.actor)
            note = SplitReport(lead) if report else NoteLead(lead)
            await self._complaints.submit(complaint, note, officer.actor)

    async def leads(self, officer: Officer) -> Sequence[LeadRow]:
        return await lead_rows(self._database, officer)

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        return await lead_page(self._database, officer, lead)

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None:
        await self.lead(officer, lead)
        with said():
            await self._leads.submit(lead, command, officer.actor)
