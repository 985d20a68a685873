"""Reports as pages ask for them, and what registers them. Implements `web.ports.Reports`.

Behind the wall that leads have (`server.lead_desk`): who takes a report in writes it and reads it no more.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from complaints.clocks import local_day
from complaints.leads import (
    REPORT,
    JoinInto,
    KeepJoined,
    LeadOpened,
    LeadService,
    ReportRecord,
    SeparateReport,
    TakeBackJoin,
    check_same_informant,
    decide,
)
from complaints.leads.decisions import OPENERS
from complaints.record.identifiers import PHONE, Sealer, credit_code, masked_phone, normal_phone
from law import order_for
from server.documents.coverage import NoFont
from server.documents.press import Press, Unprintable
from server.documents.report_registers import BOOK, FORM, report_book, report_form
from server.documents.sheet import Sheet
from server.refusing import said
from server.storage.engine import Database
from server.storage.leads import lead_page
from server.storage.reports import register
from web.ports import LeadRow, Officer, Printed, Refused
from web.ports.reports import NewReport, ReportFigures, ReportFilter

log = structlog.get_logger(__name__)


class ReportDesk:
    def __init__(
        self, leads: LeadService, database: Database, seal: Sealer, press: Press, now: Callable[[], datetime]
    ) -> None:
        self._leads, self._database, self._seal, self._press, self._now = leads, database, seal, press, now

    async def register(self, officer: Officer, new: NewReport) -> tuple[str, str]:
        if officer.role not in OPENERS[REPORT]:
            raise Refused("not_allowed", 403)
        office = officer.office
        lead = uuid.uuid5(uuid.NAMESPACE_URL, f"report/{office.id}/{new.key}").hex
        with said():
            opened = report_opened(new, office.id, office.zone, self._seal)
            year = local_day(new.received, office.zone).year  # it was received in, as of complaints
            number = await self._leads.open(lead, opened, office.number_prefix, year, officer.actor)
        return lead, number

    # ------------------------------------------------------------ reading

    async def reports(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
        return await register.rows(self._database, _reads(officer), wanted)

    async def figures(self, officer: Officer, wanted: ReportFilter) -> ReportFigures:
        today = local_day(self._now(), officer.office.zone)
        return await register.figures(self._database, _reads(officer), wanted, today)

    # ------------------------------------------------------------ on paper

    async def book(self, officer: Officer, wanted: ReportFilter) -> Printed:
        pages = await register.printable(self._database, _reads(officer), wanted)
        day = local_day(self._now(), officer.office.zone)
        name = f"{BOOK} {wanted.first}至{wanted.last}.pdf"
        return Printed(name, await self._printed(report_book(pages, wanted, officer.office, day)))

    async def form(self, officer: Officer, lead: str) -> Printed:
        page = await lead_page(self._database, _reads(officer), lead)
        if not page.lead.report:
            raise Refused("not_found", 404)
        day, number = local_day(self._now(), officer.office.zone), page.lead.opened.own_number
        return Printed(f"{FORM} {number}.pdf", await self._printed(report_form(page, officer.office, day)))

    async def _printed(self, sheet: Sheet) -> bytes:
        try:
            return await asyncio.to_thread(self._press.print, sheet)
        except (Unprintable, NoFont) as fault:
            log.error("a register cannot be printed", why=str(fault))
            raise Refused("unprintable", 500) from fault

    # ------------------------------------------------------------ joining (Order 121 Art 35)

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        """First the report that goes on, then the one that ends in it: interrupted, it is asked again and nothing is
        doubled."""
        later = (await lead_page(self._database, _reads(officer), lead)).lead
        found = await register.numbered(self._database, later.opened.office, into.strip())
        if not found or found == lead:
            raise Refused("not_found", 404)
        earlier = await self._leads.state(found)
        ends = JoinInto(found, earlier.opened.own_number, how)
        goes_on = KeepJoined(lead, later.opened.own_number, later.opened.found, how)
        with said():
            check_same_informant(later, earlier)
            decide(ends, later, officer.actor)  # a refusal leaves no mark on the other one
            await self._leads.submit(found, goes_on, officer.actor)
            await self._leads.submit(lead, ends, officer.actor)

    async def separate(self, officer: Officer, lead: str, reason: str) -> None:
        later = (await lead_page(self._database, _reads(officer), lead)).lead
        if later.joined_into is None:
            raise Refused("wrong_state", 409)
        with said():
            decide(SeparateReport(reason), later, officer.actor)
            earlier = await self._leads.state(later.joined_into.lead)
            if any(one.joined.lead == lead for one in earlier.joins):
                await self._leads.submit(later.joined_into.lead, TakeBackJoin(lead, reason), officer.actor)
            await self._leads.submit(lead, SeparateReport(reason), officer.actor)


def report_opened(new: NewReport, office: str, zone: str, seal: Sealer) -> LeadOpened:
    """Sealed, as the journal keeps it, without a number. BadPhone, BadCode."""
    phone = normal_phone(new.phone) if new.phone.strip() else ""
    return LeadOpened(
        office=office,
        complaint="",
        number="",
        origin=REPORT,
        found=new.received,
        order=order_for(local_day(new.received, zone)).id,
        title=new.title.strip(),
        content=new.content.strip(),
        about=new.about.strip(),
        informant=new.informant.strip(),
        phone=seal.seal(phone, PHONE) if phone else "",
        phone_masked=masked_phone(phone),
        report=ReportRecord(
            channel=new.channel,
            mode=new.mode,
            real_name=new.real_name,
            subject=new.subject,
            place=new.place.strip(),
            credit_code=credit_code(new.credit_code),
            insider=new.insider,
            source=new.source.strip(),
            informant_key=seal.hash(phone, PHONE) if phone else "",
            row=new.row,
        ),
    )


def _reads(officer: Officer) -> Officer:
    if officer.role not in ("inspector", "supervisor"):
        raise Refused("not_allowed", 403)
    return officer
