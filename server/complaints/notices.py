"""Notices as the office's pages ask for them: printed, numbered, journaled, sent. Implements `Notices`.

Order of issuing: the number; the sheet, printed and put away; the event with the messages in its transaction. A fault
in between leaves a number for the next notice and a sheet nobody knows, and nobody was told anything.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from complaints import TooLong, WrongState
from complaints.commands import Command
from complaints.complaint import evolve, fold, local_day
from complaints.decisions import NoticeNumbers, decide, possible_notices, session_of
from complaints.events import to_draft
from complaints.notices import (
    ADDRESSED,
    CONSUMER,
    Addressee,
    IssueNotice,
    NoteNoticeRead,
    Notice,
    NoticeIssued,
    NoticeKind,
    NoticeWithdrawn,
    Series,
    WithdrawNotice,
    Words,
    series,
)
from complaints.record.identifiers import PHONE, masked_phone, textable
from complaints.service import ComplaintService
from complaints.state import Complaint, stream
from complaints.views import Foreseen, NoticeWish, PrintedPaper, ReadableNotice
from journal import Actor, Event, Journal
from journal.refusals import DomainError, Refused, refusal_of
from law import WorkingCalendar
from law.library import Library
from offices import Office, Officer, require_role
from rooms.live.registry import Sessions
from rooms.session import Session
from server.complaints.store import SqlReads
from server.documents import NoFont, NoticeStore, PdfRenderer, PrintedSheet, Unprintable, sheet_of, title, written
from server.documents.facts import DocumentCase, Given, articles, facts
from server.documents.registers import REGISTER, TITLE, complaint_register
from server.identity import Seal, SealBroken
from server.identity.codes import NOTICE, Tickets
from server.identity.links import JoinLinks
from server.outbox import MessageTo, Wording, notice_text, open_wording, seal_wording, withdrawal_text
from server.signing.copies import Sent

log = structlog.get_logger(__name__)

MOST = {"note": 2_000, "receiver": 120}
DRAFTS = ("agreement", "record", REGISTER)
LINK_LASTS = timedelta(days=60)
FOLLOW = "/follow"  # where a complainant reads what went to them, with the number and a code to their phone
FORESEEN = "0" * 32  # in place of a salt: an entry that is only looked at
CONTENT = "notice content"  # the purpose what was printed is sealed for


@dataclass(frozen=True, slots=True)
class NoticeServices:
    """What the desk stands on. `nudge`: messages were queued."""

    journal: Journal
    complaints: ComplaintService
    sessions: Sessions
    links: JoinLinks
    reads: SqlReads
    press: PdfRenderer
    cabinet: NoticeStore
    seal: Seal
    nudge: Callable[[], None]
    now: Callable[[], datetime]
    calendar: Callable[[str], Awaitable[WorkingCalendar]]  # an office's
    library: Callable[[], Awaitable[Library]]  # with the official texts that offices imported
    words: Callable[[str], Awaitable[Words]]  # an office's number series
    tickets: Tickets
    public_url: str
    language: str = "zh"  # of messages


class NoticeService:
    def __init__(self, services: NoticeServices) -> None:
        self._at = services
        self._numbers = NoticeNumbers(services.journal)

    # ------------------------------------------------------------ what pages ask

    async def preview(self, officer: Officer, complaint: str, wish: NoticeWish) -> PrintedPaper:
        await self._at.reads.require_seen(officer, complaint)  # within their offices, or it does not exist
        return await self.draft(officer.office, officer.name, complaint, wish)

    async def foreseen(self, officer: Officer, complaint: str, decision: Command, wish: NoticeWish) -> Foreseen:
        """What would be printed and sent if this were decided now. Nothing is decided, numbered or kept."""
        require_role(officer, "mediator")
        entries, state = await self._own(officer, complaint)
        now, office = self._at.now(), officer.office
        with refusal_of():
            entries = list(entries)
            for event in decide(decision, state, now):
                made = to_draft(event, now, officer.actor)
                version = len(entries) + 1
                entries.append(
                    Event(stream(complaint), version, made.type, made.data, now, officer.actor, FORESEEN, "", "")
                )
                state = evolve(state, event, now)
            case = await self._case(office, officer.name, state, entries, wish)
        number = await self._numbers.upcoming(*await self._series(office, wish.kind))
        sheet = self._sheet(case, wish, number, draft=True)
        to = await self._addressees(officer, case, wish.kind, number, complaint, FORESEEN)
        return Foreseen(
            _readable(sheet, ""),
            [(one.whom, one.name, one.phone_masked, self._text(one)) for one in to],
        )

    def reaches(self, complaint: Complaint, kind: NoticeKind) -> bool:
        """A message of this notice goes to everybody who has to be told, as `Foreseen.reachable` says of its text."""
        record = complaint.record
        phones = [(record.consumer if whom == CONSUMER else record.business).phone for whom in ADDRESSED[kind]]
        return all(phone and textable(self._at.seal.open(phone, PHONE)) for phone in phones)

    async def draft(self, office: Office, officer: str, complaint: str, wish: NoticeWish) -> PrintedPaper:
        """For whoever may see the complaint; `officer` is the name that stands on it."""
        entries, state = await self._read(complaint)
        with refusal_of():
            case = await self._case(office, officer, state, entries, wish)
        if wish.kind == REGISTER:
            form = complaint_register(case, local_day(self._at.now(), office.zone))
            return PrintedPaper(f"{TITLE}.pdf", await self._printed(form))
        number = ""
        if wish.kind not in DRAFTS:
            series, year = await self._series(office, wish.kind)
            number = await self._numbers.upcoming(series, year)
        sheet = self._sheet(case, wish, number, draft=True)
        return PrintedPaper(f"{title(wish.kind)}（草稿）.pdf", await self._printed(sheet))

    async def issue(self, officer: Officer, complaint: str, wish: NoticeWish) -> str:
        require_role(officer, "mediator")
        entries, state = await self._own(officer, complaint)
        with refusal_of():
            case = await self._case(officer.office, officer.name, state, entries, wish)
            now, office, notice = self._at.now(), officer.office, uuid.uuid4().hex
            series, year = await self._series(office, wish.kind)
            async with self._numbers.giving(series, year, complaint, notice, now, officer.actor) as number:
                sheet = self._sheet(case, wish, number)
                content = await self._printed(sheet)
                issued = NoticeIssued(
                    notice=notice,
                    kind=wish.kind,
                    number=number,
                    to=await self._addressees(officer, case, wish.kind, number, complaint, notice),
                    articles=articles(wish.kind, case),
                    edition=sheet.edition,
                    sha256=hashlib.sha256(content).hexdigest(),
                    content=self._at.seal.seal(sheet.text(), CONTENT),
                    maker=self._at.press.maker,
                    session=case.session.id if case.session else "",
                    replaces=wish.replaces,
                )
                await asyncio.to_thread(self._at.cabinet.put, complaint, notice, content)
                await self._at.complaints.submit(complaint, IssueNotice(issued), officer.actor)
        self._at.nudge()
        return number

    async def withdraw(self, officer: Officer, complaint: str, notice: str, reason: str) -> None:
        require_role(officer, "mediator")
        _, state = await self._own(officer, complaint)
        known = _known(state, notice)
        text = withdrawal_text(
            officer.office, known.issued.number, reason.strip(), officer.office.writes(self._at.language)
        )
        to = tuple(
            self._told(one.whom, one.name, self._at.seal.open(one.phone, PHONE), text)
            for one in known.issued.to
            if one.message
        )
        withdrawn = NoticeWithdrawn(notice, known.issued.number, reason.strip(), to)
        with refusal_of():
            await self._at.complaints.submit(complaint, WithdrawNotice(withdrawn), officer.actor)
        self._at.nudge()

    async def correct(self, officer: Officer, complaint: str, kind: str, reason: str) -> None:
        """A decision was taken back: whoever got its notice is told that it no longer counts."""
        _, state = await self._own(officer, complaint)
        for known in state.notices:
            if known.standing and known.issued.kind == kind:
                await self.withdraw(officer, complaint, known.issued.notice, reason)

    async def file(self, officer: Officer, complaint: str, notice: str) -> PrintedPaper:
        _, state = await self._own(officer, complaint)
        issued = _known(state, notice).issued
        return PrintedPaper(f"{title(issued.kind)} {issued.number}.pdf", await self._kept(complaint, issued))

    async def readable(self, complaint: str, notice: str, whom: str) -> ReadableNotice:
        """For the side it went to, whom the caller knows. Refused(404): it is no notice in force of theirs."""
        issued = await self._theirs(complaint, notice, whom)
        try:
            sheet = sheet_of(self._at.seal.open(issued.content, CONTENT))
        except (SealBroken, json.JSONDecodeError) as fault:
            raise Refused("unreadable", 500) from fault
        return _readable(sheet, notice)

    async def paper(self, complaint: str, notice: str, whom: str) -> PrintedPaper:
        """As `readable`: the very sheet."""
        issued = await self._theirs(complaint, notice, whom)
        return PrintedPaper(f"{title(issued.kind)} {issued.number}.pdf", await self._kept(complaint, issued))

    async def sent(self, complaint: str, notice: str, whom: str) -> Sent:
        """For `server.signing.copies`. Refused(404): it is no notice in force of theirs."""
        _, state = await self._read(complaint)
        known = _known(state, notice)
        to = next((one for one in known.issued.to if one.whom == whom and one.phone), None)
        if not known.standing or to is None:
            raise Refused("not_found", 404)
        issued, phone = known.issued, self._at.seal.open(to.phone, PHONE)
        return Sent(state.record.office, phone, issued.kind, issued.number, known.at, issued.sha256)

    async def opened(self, complaint: str, notice: str, whom: str) -> PrintedPaper:
        """As `paper`; that they opened it is noted."""
        printed = await self.paper(complaint, notice, whom)
        _, state = await self._read(complaint)
        party = state.record.consumer if whom == CONSUMER else state.record.business
        actor = Actor("party", whom, party.title, whom, state.record.office)
        await self._at.complaints.submit(complaint, NoteNoticeRead(notice, whom), actor)
        return printed

    # ------------------------------------------------------------ steps of the above

    async def _series(self, office: Office, kind: str) -> tuple[Series, int]:
        year = local_day(self._at.now(), office.zone).year
        return series(office.id, office.number_prefix, kind, year, await self._at.words(office.id)), year

    async def _theirs(self, complaint: str, notice: str, whom: str) -> NoticeIssued:
        _, state = await self._read(complaint)
        known = _known(state, notice)
        if not known.standing or all(one.whom != whom for one in known.issued.to):
            raise Refused("not_found", 404)
        return known.issued

    async def _own(self, officer: Officer, complaint: str) -> tuple[Sequence[Event], Complaint]:
        await self._at.reads.require_seen(officer, complaint)
        return await self._read(complaint)

    async def _read(self, complaint: str) -> tuple[Sequence[Event], Complaint]:
        entries = await self._at.journal.read(stream(complaint))
        state = fold(entries)
        if state is None:
            raise Refused("not_found", 404)
        return entries, state

    async def _case(
        self, office: Office, officer: str, state: Complaint, entries: Sequence[Event], wish: NoticeWish
    ) -> DocumentCase:
        for name, most in MOST.items():
            if len(getattr(wish, name)) > most:
                raise TooLong(field=name, most=most)
        if wish.kind == NoticeKind.DISPATCH and not wish.receiver.strip():
            raise Refused("missing", 400, field="receiver")
        if wish.kind == REGISTER:
            session = None
        elif wish.kind in DRAFTS:
            session = await self._closed(state)
            if session is None or (wish.kind == "agreement" and not _settled(session)):
                raise WrongState(state=state.state.value)
        elif wish.kind in possible_notices(state):
            about = session_of(state, wish.kind)
            session = await self._session(about) if about else None
        else:
            raise WrongState(state=state.state.value)
        return DocumentCase(
            state,
            entries,
            office,
            officer,
            session,
            Given(wish.note, wish.receiver, wish.within),
            wish.replaces,
            await self._at.calendar(office.id),
            await self._at.library(),
            reason=await self._reason(state) if wish.kind == NoticeKind.TERMINATION else "",
            open=self._at.seal.open,
        )

    async def _reason(self, state: Complaint) -> str:
        """What the mediator wrote down when the newest session that is over ended without a settlement."""
        session = await self._closed(state)
        return session.outcome.note if session is not None and session.outcome is not None else ""

    def _sheet(self, case: DocumentCase, wish: NoticeWish, number: str, draft: bool = False) -> PrintedSheet:
        zh = facts(wish.kind, case, "zh")
        en = facts(wish.kind, case, "en") if wish.english else None
        day = local_day(self._at.now(), case.office.zone)
        return written(wish.kind, case.order, zh, en, day, number, draft)

    async def _printed(self, sheet: PrintedSheet) -> bytes:
        try:
            return await asyncio.to_thread(self._at.press.print, sheet)
        except (Unprintable, NoFont) as fault:
            log.error("a document cannot be printed", why=str(fault))
            raise Refused("unprintable", 500) from fault

    async def _addressees(
        self, officer: Officer, case: DocumentCase, kind: str, number: str, complaint: str, notice: str
    ) -> tuple[Addressee, ...]:
        record = case.complaint.record
        language = case.office.writes(self._at.language)
        said_ = facts(kind, case, language)
        links = await self._at.links.current(officer, case.session.id) if case.session else {}
        found = []
        for whom in ADDRESSED[kind]:
            party = record.consumer if whom == CONSUMER else record.business
            phone = self._at.seal.open(party.phone, PHONE) if party.phone else ""
            link = links[whom].url if whom in links else await self._link(complaint, notice, whom)
            text = notice_text(MessageTo(kind, number, said_, link), language)
            found.append(self._told(whom, party.title, phone, text))
        return tuple(found)

    def _told(self, whom: str, name: str, phone: str, text: Wording) -> Addressee:
        if not textable(phone):
            return Addressee(whom, name, masked_phone(phone))
        seal = self._at.seal
        return Addressee(
            whom, name, masked_phone(phone), uuid.uuid4().hex, seal.seal(phone, PHONE), seal_wording(seal, text)
        )

    def _text(self, one: Addressee) -> str:
        return open_wording(self._at.seal, one.text) if one.text else ""

    async def _link(self, complaint: str, notice: str, whom: str) -> str:
        """Where a side without a seat reads what went to it."""
        if whom == CONSUMER:
            return self._at.public_url + FOLLOW
        what, tickets = {"complaint": complaint, "notice": notice, "whom": whom}, self._at.tickets
        ends = self._at.now() + LINK_LASTS
        secret = tickets.short(NOTICE, what) if notice == FORESEEN else await tickets.issue(NOTICE, what, ends)
        return f"{self._at.public_url}/c/{secret}"

    async def _kept(self, complaint: str, issued: NoticeIssued) -> bytes:
        """From the cabinet, or printed again from the event when the file is lost; never other bytes than issued."""
        try:
            content = await asyncio.to_thread(self._at.cabinet.get, complaint, issued.notice)
        except (OSError, SealBroken):
            log.warning("a notice's sheet is not in the cabinet, printing it again", notice=issued.notice)
            try:
                sheet = sheet_of(self._at.seal.open(issued.content, CONTENT))
            except (SealBroken, json.JSONDecodeError) as fault:
                raise Refused("unreadable", 500) from fault
            content = await self._printed(sheet)
        if hashlib.sha256(content).hexdigest() != issued.sha256:
            log.error("a notice's sheet is not the one that was issued", notice=issued.notice, maker=issued.maker)
            raise Refused("unreadable", 500)
        return content

    async def _session(self, session: str) -> Session:
        try:
            return await self._at.sessions.state(session)
        except DomainError:
            raise Refused("unknown_session", 404) from None

    async def _closed(self, state: Complaint) -> Session | None:
        """The newest that took place; for an agreement the one that settled it."""
        for session in reversed(state.sessions):
            if session not in state.open_sessions:
                found = await self._session(session)
                if found.outcome is not None:
                    return found
        return None


def _readable(sheet: PrintedSheet, notice: str) -> ReadableNotice:
    gloss = sheet.gloss
    return ReadableNotice(
        notice=notice,
        number=sheet.number,
        office=sheet.office,
        title=sheet.title,
        addressee=sheet.addressee,
        blocks=[(block.style, block.text) for block in sheet.blocks],
        date=sheet.date,
        english=(gloss.title, [(block.style, block.text) for block in gloss.blocks]) if gloss else None,
    )


def _settled(session: Session) -> bool:
    return session.outcome is not None and session.outcome.kind.value == "settled"


def _known(state: Complaint, notice: str) -> Notice:
    for known in state.notices:
        if known.issued.notice == notice:
            return known
    raise Refused("not_found", 404)
