"""Reports and consultations as pages ask for them, and messages to who reported.

Reports stand behind the wall that leads have (`server.leads.desk`): who takes one in writes it and reads it no more.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import date, datetime

import structlog

from complaints import BadChoice, Missing, TooLong
from complaints.complaint import local_day
from complaints.consultations import (
    ConsultationCommand,
    ConsultationRegistered,
    ConsultationService,
    RegisterConsultation,
    RevealPerson,
)
from complaints.duplicates import core
from complaints.leads import (
    REPORT,
    ConsultationPage,
    ConsultationRow,
    InformantMessaged,
    JoinInto,
    KeepJoined,
    Lead,
    LeadOpened,
    LeadRow,
    LeadService,
    MessageInformant,
    NewConsultation,
    NewReport,
    OfferedMessage,
    ReportFigures,
    ReportFilter,
    ReportRecord,
    SeparateReport,
    TakeBackJoin,
    check_same_informant,
    decide,
    sendable,
)
from complaints.leads.decisions import OPENERS
from complaints.record.identifiers import PHONE, Sealer, credit_code, masked_phone, normal_phone, textable
from complaints.views import PrintedPaper
from journal.refusals import Refused, refusal_of
from law import order_for
from offices import Office, Officer, require_role
from server.db.engine import Database
from server.documents import NoFont, PdfRenderer, PrintedSheet, Unprintable
from server.documents.registers import BOOK, FORM, ReportNames, report_book, report_form
from server.identity import Seal
from server.leads import report_store
from server.leads.report_store import consultation_counts, consultation_page, consultation_rows, saved_consultations
from server.leads.store import lead_page
from server.outbox import ASKS, MOST_TO_INFORMANT, Wording, informant_text, seal_wording

READERS = ("inspector", "supervisor")  # of reports (Order 121 Art 37)
CONSULTATION_READERS = ("mediator", "supervisor")

log = structlog.get_logger(__name__)


class ReportService:
    """Registers reports. Implements `Reports`."""

    def __init__(
        self,
        leads: LeadService,
        database: Database,
        seal: Sealer,
        press: PdfRenderer,
        names: ReportNames,
        now: Callable[[], datetime],
    ) -> None:
        self._leads, self._database, self._seal, self._now = leads, database, seal, now
        self._press, self._names = press, names

    async def register(self, officer: Officer, new: NewReport) -> tuple[str, str]:
        require_role(officer, *OPENERS[REPORT])
        office = officer.office
        lead = uuid.uuid5(uuid.NAMESPACE_URL, f"report/{office.id}/{new.key}").hex
        with refusal_of():
            opened = report_opened(new, office.id, office.zone, self._seal)
            year = local_day(new.received, office.zone).year  # it was received in, as of complaints
            number = await self._leads.open(lead, opened, office.number_prefix, year, officer.actor)
        return lead, number

    # ------------------------------------------------------------ reading

    async def reports(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
        return await report_store.rows(self._database, require_role(officer, *READERS), wanted)

    async def saved(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], bool]:
        return await report_store.saved_rows(self._database, require_role(officer, *READERS), wanted)

    async def figures(self, officer: Officer, wanted: ReportFilter) -> ReportFigures:
        today = local_day(self._now(), officer.office.zone)
        return await report_store.figures(self._database, require_role(officer, *READERS), wanted, today)

    # ------------------------------------------------------------ on paper

    async def book(self, officer: Officer, wanted: ReportFilter) -> PrintedPaper:
        pages = await report_store.printable(self._database, require_role(officer, *READERS), wanted)
        day = local_day(self._now(), officer.office.zone)
        name = f"{BOOK} {wanted.first}至{wanted.last}.pdf"
        return PrintedPaper(name, await self._printed(report_book(pages, wanted, officer.office, day, self._names)))

    async def form(self, officer: Officer, lead: str) -> PrintedPaper:
        page = await lead_page(self._database, require_role(officer, *READERS), lead)
        if not page.lead.report:
            raise Refused("not_found", 404)
        day, number = local_day(self._now(), officer.office.zone), page.lead.opened.own_number
        return PrintedPaper(
            f"{FORM} {number}.pdf", await self._printed(report_form(page, officer.office, day, self._names))
        )

    async def _printed(self, sheet: PrintedSheet) -> bytes:
        try:
            return await asyncio.to_thread(self._press.print, sheet)
        except (Unprintable, NoFont) as fault:
            log.error("a register cannot be printed", why=str(fault))
            raise Refused("unprintable", 500) from fault

    # ------------------------------------------------------------ joining (Order 121 Art 35)

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        """First the report that goes on, then the one that ends in it: interrupted, it is asked again and nothing is
        doubled."""
        later = (await lead_page(self._database, require_role(officer, *READERS), lead)).lead
        found = await report_store.numbered(self._database, later.opened.office, into.strip())
        if not found or found == lead:
            raise Refused("not_found", 404)
        earlier = await self._leads.state(found)
        ends = JoinInto(found, earlier.opened.own_number, how)
        goes_on = KeepJoined(lead, later.opened.own_number, later.opened.found, how)
        with refusal_of():
            check_same_informant(later, earlier)
            decide(ends, later, officer.actor)  # a refusal leaves no mark on the other one
            await self._leads.submit(found, goes_on, officer.actor)
            await self._leads.submit(lead, ends, officer.actor)

    async def separate(self, officer: Officer, lead: str, reason: str) -> None:
        later = (await lead_page(self._database, require_role(officer, *READERS), lead)).lead
        if later.joined_into is None:
            raise Refused("wrong_state", 409)
        with refusal_of():
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


class OfficeConsultations:
    """Consultations and other bodies' matters. Implements `Consultations`."""

    def __init__(
        self,
        consultations: ConsultationService,
        database: Database,
        seal: Sealer,
        looking: Callable[[Officer], AbstractAsyncContextManager[None]] = lambda _officer: nullcontext(),
    ) -> None:
        """`looking`: what is around a look at a full number (`server.oversight.service`)."""
        self._consultations, self._database, self._seal, self._looking = consultations, database, seal, looking

    async def register(self, officer: Officer, new: NewConsultation) -> str:
        require_role(officer, "mediator")
        office = officer.office
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"consultation/{office.id}/{new.key}").hex
        with refusal_of():
            registered = consultation_registered(new, office.id, office.zone, self._seal)
            year = local_day(new.received, office.zone).year
            await self._consultations.register(id_, registered, office.number_prefix, year, officer.actor)
        return id_

    async def consultations(
        self, officer: Officer, state: str, kind: str, page: int
    ) -> tuple[Sequence[ConsultationRow], int]:
        return await consultation_rows(self._database, require_role(officer, *CONSULTATION_READERS), state, kind, page)

    async def saved(self, officer: Officer, state: str, kind: str) -> tuple[Sequence[ConsultationRow], bool]:
        return await saved_consultations(self._database, require_role(officer, *CONSULTATION_READERS), state, kind)

    async def counts(self, officer: Officer, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        return await consultation_counts(self._database, require_role(officer, *CONSULTATION_READERS), first, last)

    async def consultation(self, officer: Officer, consultation: str) -> ConsultationPage:
        return await consultation_page(self._database, require_role(officer, *CONSULTATION_READERS), consultation)

    async def ask(self, officer: Officer, consultation: str, command: ConsultationCommand) -> None:
        await self.consultation(officer, consultation)
        if isinstance(command, RegisterConsultation):
            raise Refused("not_allowed", 403)
        with refusal_of():
            await self._consultations.submit(consultation, command, officer.actor)

    async def person(self, officer: Officer, consultation: str, reason: str) -> tuple[str, str]:
        told = (await self.consultation(officer, consultation)).consultation.registered
        async with self._looking(officer):
            await self.ask(officer, consultation, RevealPerson(reason))
        return told.person, self._seal.open(told.phone, PHONE) if told.phone else ""


def consultation_registered(new: NewConsultation, office: str, zone: str, seal: Sealer) -> ConsultationRegistered:
    """Sealed, as the journal keeps it, without a number. BadPhone."""
    phone = normal_phone(new.phone) if new.phone.strip() else ""
    return ConsultationRegistered(
        office=office,
        number="",
        kind=new.kind,
        received=new.received,
        order=order_for(local_day(new.received, zone)).id,
        channel=new.channel,
        mode=new.mode,
        title=new.title.strip(),
        content=new.content.strip(),
        person=new.person.strip(),
        phone=seal.seal(phone, PHONE) if phone else "",
        phone_masked=masked_phone(phone),
        source=new.source.strip(),
        row=new.row,
    )


GAP = "……"  # where an inspector's words go
_LEAST = 2  # characters of a name that is looked for in them


class InformantNotifier:
    """Messages to who reported something: which can be sent now and what each says, and queueing one.

    Behind the wall of leads: the number is opened here and shown to nobody, and the outbox page passes these messages
    over. `nudge`: a message was queued.
    """

    def __init__(self, leads: LeadService, seal: Seal, nudge: Callable[[], None], language: str = "zh") -> None:
        self._leads, self._seal, self._nudge, self._language = leads, seal, nudge, language

    def offered(self, lead: Lead, office: Office) -> Sequence[OfferedMessage]:
        """Nothing where the number on file takes no messages."""
        if not lead.opened.phone or not textable(self._seal.open(lead.opened.phone, PHONE)):
            return ()
        return [
            OfferedMessage(
                what,
                self._text(what, lead, office, GAP),
                ASKS.get(what, ""),
                known_sentence(lead) if what == "moved" else "",
            )
            for what in sendable(lead)
        ]

    async def send(self, officer: Officer, id_: str, lead: Lead, office: Office, what: str, words: str) -> None:
        """Refused: missing, too_long, bad_choice (field "said": it names who reported or whom), wrong_state."""
        with refusal_of():
            if what not in {one.what for one in self.offered(lead, office)}:
                raise BadChoice(field="what")
            if what in ASKS:
                words = words.strip()
                if not words:
                    raise Missing(field="said")
                if len(words) > MOST_TO_INFORMANT:
                    raise TooLong(field="said", most=MOST_TO_INFORMANT)
                if names_somebody(words, lead):
                    raise BadChoice(field="said")
            text = self._text(what, lead, office, words)
            phone, masked = self._seal.open(lead.opened.phone, PHONE), lead.opened.phone_masked
            messaged = InformantMessaged(
                what, uuid.uuid4().hex, self._seal.seal(phone, PHONE), masked, seal_wording(self._seal, text)
            )
            await self._leads.submit(id_, MessageInformant(messaged), officer.actor)
        self._nudge()

    def _text(self, what: str, lead: Lead, office: Office, words: str) -> Wording:
        which, received = what, lead.opened.found
        if what == "joined":
            newest = lead.joins[-1].joined
            which, received = newest.how, newest.received
        elif what == "decision":
            which = "case" if lead.outcome == "case" else "no_case"
        return informant_text(which, local_day(received, office.zone), words, office, office.writes(self._language))


def known_sentence(lead: Lead) -> str:
    """The authority it was handed to, as far as it is on file."""
    handed = [one.name for _, one in lead.standing_referrals if one.to != "police"]
    return (handed[-1] if handed else lead.outcome_note)[:MOST_TO_INFORMANT]


def names_somebody(words: str, lead: Lead) -> bool:
    """Whom it is about, or who reported it."""
    names = (lead.opened.about.strip(), core(lead.opened.about), lead.opened.informant.strip())
    return any(len(name) >= _LEAST and name in words for name in names)
