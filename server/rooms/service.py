"""What a mediator has beside a room: the complaint in view, notes of their own, a record of a mediation without one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

from complaints.clocks import open_clocks, running
from complaints.complaint import Complaint
from complaints.errors import UnknownComplaint
from complaints.record.record import PartyRecord
from complaints.service import ComplaintService
from journal.refusals import DomainError
from law import WorkingCalendar
from law.orders import ROOM
from offices.people import Officer
from offices.refusal import Refused
from offices.systems import System
from rooms.agreement.rules import sound
from rooms.commands import RecordHeld
from rooms.errors import UnknownSession
from rooms.live.sessions import Sessions
from rooms.session import Session
from rooms.view.messages import CaseView
from rooms.view.seat_view import RoomContext
from rooms.views import PrivateNote
from rooms.vocabulary import Status
from server.complaints.refusals import refusal_of, room_refusal
from server.complaints.service import OfficeComplaints
from server.identity.account_store import SystemStore
from server.identity.roles import require_role
from server.identity.sealing import Seal
from server.identity.store import IdentityStore
from server.retention.erasure import Removed
from server.rooms.note_store import NoteStore


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


class PrivateNotes:
    """A mediator's notes in the room: theirs alone, sealed, saved with every pause in typing.

    Implements `PrivateNotes`. They never meet the journal, so no export can hold them; they go when the
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

    async def forget(self, session: str) -> Removed:
        """With the session's record."""
        return Removed(0, await self._store.remove(session))

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
            if state.mode == ROOM:
                raise Refused("session_open", 409)
            if state.status is Status.SCHEDULED and state.mediator == officer.id:
                return session
        return ""
