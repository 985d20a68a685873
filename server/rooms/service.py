"""What a mediator has beside a room: the complaint in view, notes of their own, a record of a mediation without one,
script cards and notes of experience, and going on after an adjournment.

An adjourned session goes on at the time that was announced: the same seats, fresh links, no desk work. What makes this
safe to repeat: the next session's id follows from the one that was adjourned, and a seat that ever had a link gets no
second one. It is done in the mediator's name, who decided the time when closing.

Script cards are an office's: which one a session takes, and how it rewrites them. Sole writer of `office/<id>/cards`,
which is read whole: an office has thirteen cards and changes them seldom.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from complaints import UnknownComplaint
from complaints.commands import ScheduleMediation
from complaints.complaint import open_clocks, running
from complaints.notices import NoticeKind
from complaints.record import ComplaintRegistered, PartyRecord
from complaints.service import ComplaintService
from complaints.state import Complaint, ComplaintState
from complaints.triage import Submission, classes
from complaints.views import NoticeWish
from journal import Draft, Event, Journal, append_decided
from journal.refusals import DomainError, Refused, UnknownSession, refusal_of, room_refusal
from law import WorkingCalendar
from law.orders import OURS, ROOM
from offices import Officer, require_role
from offices.systems import System
from rooms.agreement.rules import sound
from rooms.commands import RecordHeld, Schedule
from rooms.floor import ScriptCard
from rooms.floor.cards import (
    CardChange,
    CardNote,
    Dispute,
    cards_stream,
    changes,
    decide_card,
    kind_of,
    kind_of_note,
    kinds,
    standing,
)
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.view import CaseView
from rooms.view.seat_view import RoomContext
from rooms.views import PrivateNote
from rooms.vocabulary import Role, Seat, SeatStatus, Status
from server.casebook.store import note_rows
from server.complaints.notices import NoticeService
from server.complaints.service import OfficeComplaints, authorised_until
from server.db.engine import Database
from server.identity import Seal
from server.identity.account_store import SystemStore
from server.identity.links import JoinLinks
from server.identity.store import IdentityStore
from server.retention.erasure import RemovedFiles
from server.rooms.store import NoteStore


class RoomContextReader:
    """What a room shows besides itself: its office, and the complaint as its mediator sees it.

    Called by a room with its session.
    """

    def __init__(
        self,
        complaints: ComplaintService,
        offices: IdentityStore,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
    ) -> None:
        self._complaints = complaints
        self._offices = offices
        self._calendar = calendar

    async def __call__(self, session: Session) -> RoomContext:
        office = await self._offices.office(session.office)
        if office is None:
            return RoomContext()
        try:
            complaint = await self._complaints.state(session.complaint)
        except UnknownComplaint:
            return RoomContext(office.name, office.phone)
        case = _case(complaint, office.zone, await self._calendar(office.id))
        # Until it is decided; and once granted, whoever was recused does not go on with a session that had begun.
        suspended = complaint.recusal is not None or session.mediator in complaint.recused
        return RoomContext(office.name, office.phone, case, suspended=suspended)


def _case(complaint: Complaint, zone: str, calendar: WorkingCalendar) -> CaseView:
    record = complaint.record
    heeded = {one.code: one for one in open_clocks(complaint, zone, calendar)}
    clock = heeded.get("mediate") or running(complaint, zone, calendar)  # in the room: the mediation's
    return {
        "request": record.request,
        "facts": record.facts,
        "attachments": [
            {"id": one.attachment, "name": one.name, "kind": one.kind, "about": one.about}
            for one in complaint.attachments
        ],
        "amount": None if record.amount is None else f"{record.amount:.2f}",
        "consumer": _party(record.consumer),
        "business": _party(record.business),
        "deadline": None
        if clock is None or clock.standing
        else {
            "code": clock.code,
            "due": clock.due.isoformat(),
            "article": {"zh": clock.article_zh, "en": clock.article_en},
        },
        "goods": record.object.name,
        "industry": record.industry,
        "problem": record.problem,
    }


def _party(party: PartyRecord) -> dict[str, str]:
    return {
        "name": party.name,
        "organisation": party.organisation,
        "city": party.city,
        "phone": party.phone_masked,
        "detail": party.detail,
    }


LONGEST = 20_000
_PURPOSE = "mediator note"


class PrivateNoteService:
    """A mediator's notes in the room: theirs alone, sealed, saved with every pause in typing.

    Implements `PrivateNoteService`. They never meet the journal, so no export can hold them; they go when the
    session's record is erased. A supervisor has no way to them (docs/decisions/0013-private-notes.md).
    """

    def __init__(self, store: NoteStore, sessions: Sessions, seal: Seal, now: Callable[[], datetime]) -> None:
        self._store, self._sessions, self._seal, self._now = store, sessions, seal, now

    async def read(self, officer: Officer, session: str) -> PrivateNote:
        await self._own(officer, session)
        found = await self._store.read(session, officer.id)
        if found is None:
            return PrivateNote()
        return PrivateNote(found.edition, self._seal.open(found.sealed, self._bound(session, officer)), found.changed)

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        await self._own(officer, session)
        if len(text) > LONGEST:
            raise Refused("too_long", 422, field="text", most=LONGEST)
        at = self._now()
        sealed = self._seal.seal(text, self._bound(session, officer))
        edition = await self._store.write(session, officer.id, seen, sealed, at)
        if edition is None:
            raise Refused("note_changed", 409)
        return PrivateNote(edition, text, at)

    async def forget(self, session: str) -> RemovedFiles:
        """With the session's record."""
        return RemovedFiles(0, await self._store.remove(session))

    async def _own(self, officer: Officer, session: str) -> None:
        """Only who conducts it: to anybody else it is not there."""
        state = await self._sessions.state(session)
        if state.mediator != officer.id:
            raise Refused("not_found", 404)

    def _bound(self, session: str, officer: Officer) -> str:
        return f"{_PURPOSE} {session} {officer.id}"


class ElsewhereService:
    """Records a mediation that was held without a room, by form and by interface.

    Implements `Elsewhere`. By telephone a session is made and recorded in one press; one on site
    was arranged before and is recorded here. What a session would refuse is refused before one is made.
    """

    def __init__(
        self,
        desk: OfficeComplaints,
        complaints: ComplaintService,
        sessions: Sessions,
        keys: SystemStore,
        now: Callable[[], datetime],
    ) -> None:
        self._desk, self._complaints, self._sessions, self._keys, self._now = desk, complaints, sessions, keys, now
        self._turn = asyncio.Lock()  # of the same key the second finds it done

    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        state = await self._theirs(officer, complaint)
        self._sound(state, command)
        session = await self._arranged(officer, sorted(state.open_sessions))
        return await self._recorded(officer, complaint, command, session)

    async def record_once(
        self, system: System, complaint: str, command: RecordHeld, key: str, digest: str
    ) -> tuple[str, bool]:
        """The key is kept before anything is made, with the session it is about: a crash between records none twice."""
        if not system.own:
            raise Refused("not_allowed", 403)
        async with self._turn:
            state = await self._theirs(system, complaint)
            arranged, refusal = "", None
            try:
                arranged = await self._arranged(system, sorted(state.open_sessions))
            except Refused as no:
                refusal = no
            made = arranged or uuid.uuid4().hex
            first, session = await self._keys.request(system.token, key, digest, made, self._now())
            if first != digest:
                raise Refused("key_reused", 409)
            if await self._is_recorded(session):
                return session, False
            if refusal is not None:
                raise refusal
            self._sound(state, command)
            return await self._recorded(system, complaint, command, session), True

    async def _theirs(self, officer: Officer, complaint: str) -> Complaint:
        require_role(officer, "mediator")
        with refusal_of():
            state = await self._complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        return state

    def _sound(self, state: Complaint, command: RecordHeld) -> None:
        with room_refusal():
            if not set(command.held.proof) <= {one.attachment for one in state.attachments}:
                raise Refused("bad_choice", 400, field="proof")
            sound(command, state.record.order, self._now())

    async def _recorded(self, officer: Officer, complaint: str, command: RecordHeld, session: str) -> str:
        """`session`: which it is, made where it is not there yet; "" for a new one."""
        held = command.held
        if not session or not await self._is_there(session):
            session = await self._desk.schedule(officer, complaint, held.began, [], held.mode, held.place, session)
        with room_refusal():
            await self._sessions.submit(session, command, officer.actor)
        return session

    async def _is_there(self, session: str) -> bool:
        try:
            await self._sessions.state(session)
        except UnknownSession:
            return False
        return True

    async def _is_recorded(self, session: str) -> bool:
        return await self._is_there(session) and (await self._sessions.state(session)).held is not None

    async def _arranged(self, officer: Officer, open_: list[str]) -> str:
        """One of theirs that was to be held elsewhere and is not recorded yet, "" for none. Refused(409) while one that
        is held in a room is open."""
        for session in open_:
            try:
                state = await self._sessions.state(session)
            except DomainError:
                continue
            if state.mode in OURS:
                raise Refused("session_open", 409)
            if state.status is Status.SCHEDULED and state.mediator == officer.id:
                return session
        return ""


log = structlog.get_logger(__name__)

_PRINCIPALS = frozenset({Role.MEDIATOR, Role.CONSUMER, Role.BUSINESS})


class Adjournment:
    """Called with every session that was adjourned, also several times with the same one. Without `notices` nobody is
    told of one that goes on without a room; that stays owed on the complaint's page."""

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        links: JoinLinks,
        people: IdentityStore,
        now: Callable[[], datetime],
        notices: NoticeService | None = None,
    ) -> None:
        self._complaints = complaints
        self._sessions = sessions
        self._links = links
        self._people = people
        self._now = now
        self._notices = notices

    async def __call__(self, over: Session) -> None:
        starts = over.outcome.adjourned_to if over.outcome else None
        if starts is None:
            return
        mediator = await self._mediator(over)
        if mediator is None:
            log.warning("adjourned session has no mediator any more", session=over.id)
            return
        complaint = await self._complaints.state(over.complaint)
        session = next_session(over.id)
        if session not in complaint.sessions:
            if not self._goes_on(complaint, over, starts):
                return
            contacts = {seat.id: complaint.contacts.get(over.id, {}).get(seat.id, "") for seat in _invited(over)}
            command = ScheduleMediation(session, starts, over.mediator, contacts, *_how(over))
            await self._complaints.submit(over.complaint, command, mediator.actor)
            complaint = await self._complaints.state(over.complaint)
        if session in complaint.open_sessions:
            await self._hold(complaint, over, session, starts, mediator)

    def _goes_on(self, complaint: Complaint, over: Session, starts: datetime) -> bool:
        """Not when the office has arranged something else since, nor when the time passed while nobody was running:
        then the complaint waits on the desk."""
        return (
            complaint.state is ComplaintState.MEDIATING and complaint.sessions[-1] == over.id and starts > self._now()
        )

    async def _hold(
        self, complaint: Complaint, over: Session, session: str, starts: datetime, mediator: Officer
    ) -> None:
        ordinal = complaint.sessions.index(session) + 1
        seats = tuple(_on_file(seat, complaint, mediator) for seat in _invited(over))
        try:
            state = await self._sessions.state(session)
        except UnknownSession:
            wanted = Schedule(
                over.complaint,
                over.number,
                over.office,
                ordinal,
                over.title,
                starts,
                seats,
                over.mediator,
                over.order,
                *_how(over),
            )
            await self._sessions.submit(session, wanted, mediator.actor)
        else:
            if state.over:
                return
        if _how(over)[0] in OURS:
            await self._links.issue_first(mediator, session)
        elif self._notices is not None:
            await self._tell(self._notices, mediator, over.complaint, session)

    async def _tell(self, notices: NoticeService, mediator: Officer, complaint: str, session: str) -> None:
        """Time, place and mediator by a notice, as no link says them (Order 121 Art 20); once."""
        for known in (await self._complaints.state(complaint)).notices:
            if (known.issued.kind, known.issued.session) == (NoticeKind.MEDIATION, session):
                return
        try:
            await notices.issue(mediator, complaint, NoticeWish(NoticeKind.MEDIATION))
        except Refused as no:  # the complaint's page says that it is owed
            log.warning("the notice of an adjourned mediation was not issued", session=session, code=no.code)

    async def _mediator(self, over: Session) -> Officer | None:
        user, office = await self._people.user(over.mediator), await self._people.office(over.office)
        if user is None or office is None or (user.role, user.office) != ("mediator", office.id):
            return None
        return Officer(user.id, user.login, user.name, user.role, office, bool(user.totp_sealed), user.language)


def next_session(session: str) -> str:
    """The id of the session that goes on where this one was adjourned."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"session/{session}/adjourned").hex


def _how(over: Session) -> tuple[str, str]:
    """In which mode and at which place it goes on."""
    return (over.held.next_mode or over.held.mode, over.held.next_place) if over.held else (ROOM, "")


def _invited(over: Session) -> list[Seat]:
    """Both sides always; of the others nobody who was asked to leave or does not want to take part.

    A supervisor who looked on comes by themselves again, or not.
    """
    gone = (SeatStatus.REMOVED, SeatStatus.REFUSED)
    asked = (seat for seat in over.seats.values() if seat.role is not Role.SUPERVISOR)
    return [seat.seat for seat in asked if seat.role in _PRINCIPALS or seat.status not in gone]


def _on_file(seat: Seat, complaint: Complaint, mediator: Officer) -> Seat:
    """What somebody called themselves in the room changes no record."""
    match seat.role:
        case Role.MEDIATOR:
            return replace(seat, name=mediator.name)
        case Role.CONSUMER:
            return replace(seat, name=complaint.consumer.name)
        case Role.BUSINESS:
            return replace(seat, name=complaint.business.name or complaint.business.organisation)
        case Role.REPRESENTATIVE if not seat.guardian:
            until = authorised_until(complaint, seat.role, seat.name, seat.side, mediator.office.zone)
            return replace(seat, until=until or seat.until)
        case _:
            return seat


# ------------------------------------------------------------ cards


class CardService:
    """Implements `ScriptCards`; `find` is a room's `CardFinder`."""

    def __init__(
        self, database: Database, journal: Journal, complaints: ComplaintService, now: Callable[[], datetime]
    ) -> None:
        self._database, self._journal, self._complaints, self._now = database, journal, complaints, now

    async def find(self, session: Session, kind: str) -> ScriptCard | None:
        """Of a kind, "" for that of the session's complaint; None for what is no kind."""
        if not kind:
            try:
                kind = kind_of(dispute((await self._complaints.state(session.complaint)).record))
            except UnknownComplaint:
                return None
        return (await self._of(session.office)).get(kind)

    async def cards(self, officer: Officer) -> Sequence[ScriptCard]:
        """One of each kind, in order."""
        found = await self._of(officer.office.id)
        return [found[kind] for kind in kinds()]

    async def changes(self, officer: Officer, kind: str) -> Sequence[CardChange]:
        """Of one card, oldest first."""
        return [one for one in await self._changes(officer.office.id) if one.kind == kind]

    async def change(self, officer: Officer, kind: str, card: ScriptCard | None, seen: int) -> None:
        """`card` None puts ours back. Refused: as `rooms.floor.cards.decide_card`, busy."""

        def decided(entries: list[Event]) -> list[Draft]:
            with refusal_of():
                event = decide_card(card, kind, seen, changes(entries), officer.role)
            return [] if event is None else [Draft(*event, self._now(), officer.actor)]

        await append_decided(self._journal, cards_stream(officer.office.id), decided)

    async def notes(self, kind: str, classes: Sequence[str] = ()) -> Sequence[CardNote]:
        """The notes of experience on disputes of this kind, those of these `classes` first."""
        rows = await note_rows(self._database)
        notes = [CardNote(row["id"], row["text"], row["changed"], row["by"]) for row in rows]
        wanted = [note for note in notes if note.problem in classes or kind_of_note(note.problem) == kind]
        return sorted(wanted, key=lambda note: note.problem not in classes)

    async def _of(self, office: str) -> dict[str, ScriptCard]:
        return standing(await self._changes(office))

    async def _changes(self, office: str) -> list[CardChange]:
        return changes(await self._journal.read(cards_stream(office)))


def dispute(record: ComplaintRegistered) -> Dispute:
    """As an officer confirmed it, as it is on file, or as triage suggests."""
    bought, problem, industry = record.object, record.problem_class, record.industry_code
    if not (problem and industry):
        trades, matters = classes(
            Submission(
                record.title,
                record.request,
                record.facts,
                record.business.organisation,
                bought.name,
                record.industry,
                record.problem,
            )
        )
        problem = problem or next((one.value for one in matters), "")
        industry = industry or next((one.value for one in trades), "")
    return Dispute(
        problem=problem,
        industry=industry,
        urgency=record.urgency,
        platform=bought.platform,
        goods=bought.kind == "goods" and bool(bought.name),
        text="\n".join((record.title, record.request, record.facts, bought.name)),
    )
