"""Complaints and their duplicates as the office's pages ask for them. Implements `Complaints` and `Duplicates`.

Turns an officer's request into commands to the complaint and, when a session is scheduled, to the room; says their
refusals in the words pages know. An officer acts only on their own office's complaints.

A merge stands in two streams. The kept one's is written first; should the program end in between, the suggestion is
still there and merging again completes it.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints import AgeBand, Busy, NotAllowed, UnknownComplaint
from complaints.commands import (
    Accept,
    AddSeatContact,
    CloseFile,
    Command,
    FollowCancelled,
    NotePromisesKept,
    Refuse,
    RevealPhone,
    ScheduleMediation,
    TakeBack,
)
from complaints.decisions import decide
from complaints.events import MediationScheduled
from complaints.notices import NoticeKind
from complaints.notices.messages import NoteTold
from complaints.procedure import (
    CalledBack,
    NoteCallBack,
    NoteOfficerCall,
    NoteTermKept,
    OfficerCalled,
    TakeBackCall,
    TakeBackTerm,
)
from complaints.record.changes import DismissDuplicate, KeepMerged, MergeInto, UndoAmendment, UndoMerge
from complaints.service import ComplaintService, Filing
from complaints.state import Complaint, ComplaintState
from complaints.triage import ConfirmTriage
from complaints.views import Contact, Lookalikes, NewComplaint
from journal import SYSTEM
from journal.refusals import DomainError, Refused, refusal_of, room_refusal
from law.orders import ROOM
from offices import Officer, require_role
from rooms.commands import AddSeat, CorrectPhone, Schedule
from rooms.live.registry import Sessions
from rooms.session import Session, apart_on
from rooms.vocabulary import Age, OutcomeKind, Performance, Role, Seat, Side, Status
from server.complaints.store import SqlReads
from server.oversight.service import UnmaskingLimit

Extra = tuple[Role, str, str, Side | None]
GUARDIAN_SEAT = "guardian"
GUARDIAN = "监护人"  # what stands on papers where nobody said who they are to the minor
_AGES = {
    AgeBand.CHILD.value: Age.CHILD.value,
    AgeBand.TEENAGER.value: Age.MINOR.value,
    AgeBand.ADULT.value: Age.ADULT.value,
    AgeBand.YOUNG.value: Age.ADULT.value,
    AgeBand.MIDDLE.value: Age.ADULT.value,
    AgeBand.SENIOR.value: Age.ADULT.value,
}
"""Of an import's "under 18" it is asked on the way in how old exactly."""
DECIDED_BY: Final = {"refused": NoticeKind.REFUSAL, "ended": NoticeKind.TERMINATION}
Correct = Callable[[Officer, str, str, str], Awaitable[None]]
Renumber = Callable[[Officer, str, str], Awaitable[object]]
Held = Callable[[str, str], Awaitable[bool]]


class OfficeComplaints:
    def __init__(self, complaints: ComplaintService, sessions: Sessions) -> None:
        self._complaints = complaints
        self._sessions = sessions
        self.correct: Correct | None = None  # `NoticeDesk.correct`, likewise
        self.unmasking: UnmaskingLimit | None = None  # how many full numbers an officer may look at
        self.renumber: Renumber | None = None  # `JoinLinks.follow_number`, which stands on this desk
        self.held: Held | None = None  # `JoinLinks.is_held`

    async def register(self, officer: Officer, new: NewComplaint, complaint: str = "") -> str:
        require_role(officer, "mediator")
        with refusal_of():
            return await self._complaints.register(_filing(officer, new), officer.actor, complaint)

    async def order(self, complaint: str) -> str:
        with refusal_of():
            return (await self._complaints.state(complaint)).record.order

    async def accept(self, officer: Officer, complaint: str) -> None:
        await self._note(officer, complaint, Accept())

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        await self._note(officer, complaint, Refuse(ground, note))

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        await self._note(officer, complaint, NotePromisesKept(note.strip()))

    async def told(self, officer: Officer, complaint: str, told: NoteTold) -> None:
        await self._note(officer, complaint, told)

    async def close_file(self, officer: Officer, complaint: str, represented: str = "", paper: str = "") -> None:
        state = await self._own(officer, complaint)
        if (
            state.state in (ComplaintState.SETTLED, ComplaintState.ENDED)
            and not paper.strip()
            and await self._unrecorded(state)
        ):
            raise Refused("record_missing", 409)
        await self._note(officer, complaint, CloseFile(represented, paper))

    async def _unrecorded(self, complaint: Complaint) -> bool:
        """True if a mediation came to its end and neither agreement nor record of it is under seal."""
        held = [await self._session(session) for session in complaint.sessions]
        over = [one for one in held if one.outcome is not None and one.outcome.kind is not OutcomeKind.ADJOURNED]
        return any(not one.documents for one in over)

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        await self._note(officer, complaint, TakeBack(what, reason))
        if self.correct is not None and what in DECIDED_BY:
            await self.correct(officer, complaint, DECIDED_BY[what], reason)

    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str:
        """The look is in the journal before the number is on the page. `reason` may be "" for who is in charge."""
        state = await self._own(officer, complaint)
        with refusal_of():
            number = self._complaints.full_number(state.record, which)
            whose, _, what = which.partition(".")
            in_hand = not reason.strip() and officer.id in await self._complaints.in_charge(complaint)
            async with self.unmasking.one_more(officer, in_hand) if self.unmasking else nullcontext():
                await self._complaints.submit(complaint, RevealPhone(whose, reason, what, in_hand), officer.actor)
        return number

    async def note_term(self, officer: Officer, complaint: str, session: str, term: int, note: str) -> None:
        """Only of what the session's settlement really left for later."""
        terms = (await self._session(session)).outcome
        if terms is None or not 0 < term <= len(terms.terms):
            raise Refused("not_found", 404)
        state = await self._own(officer, complaint)
        kept = {*state.kept_terms, (session, term)}
        later = [one for held in state.sessions for one in await self._later(held)]
        last = all(one in kept for one in later)
        await self._note(officer, complaint, NoteTermKept(session, term, note, last))

    async def _later(self, session: str) -> Sequence[tuple[str, int]]:
        """What a session's settlement left to be done, by session and number."""
        outcome = (await self._session(session)).outcome
        terms = outcome.terms if outcome is not None and outcome.kind is OutcomeKind.SETTLED else ()
        return [(session, n) for n, term in enumerate(terms, 1) if term.performance is Performance.LATER]

    async def take_back_call(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        await self._note(officer, complaint, TakeBackCall(ordinal, reason))

    async def take_back_term(self, officer: Officer, complaint: str, session: str, term: int, reason: str) -> None:
        await self._note(officer, complaint, TakeBackTerm(session, term, reason))

    async def call_back(
        self,
        officer: Officer,
        complaint: str,
        whom: str,
        reached: bool,
        satisfied: str,
        note: str,
        seen: int | None = None,
    ) -> None:
        await self._note(officer, complaint, NoteCallBack(CalledBack(whom, reached, satisfied, note.strip()), seen))

    async def amend(self, officer: Officer, complaint: str, new: NewComplaint, seen: int, reason: str) -> None:
        await self._own(officer, complaint)
        with refusal_of():
            await self._complaints.amend(complaint, _filing(officer, new), seen, reason, officer.actor)
        await self.reach(officer, complaint)

    async def undo_amendment(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        await self._note(officer, complaint, UndoAmendment(ordinal, reason))
        await self.reach(officer, complaint)

    async def reach(self, officer: Officer, complaint: str) -> None:
        """Seats of sessions to come follow the numbers on file: contact, seat, and link.

        A link that somebody has confirmed stays theirs, with the number they confirmed on. Asked again it changes
        nothing, so what was interrupted is made up for by the next correction.
        """
        state = await self._own(officer, complaint)
        for session in sorted(state.open_sessions):
            room = await self._session(session)
            for seat, party in (("consumer", state.consumer), ("business", state.business)):
                if seat not in room.seats or room.over:
                    continue
                now, then = self._complaints.full_phone(party.phone), state.contacts.get(session, {}).get(seat, "")
                moved = now != self._complaints.full_phone(then)
                with refusal_of():
                    if moved:
                        await self._complaints.submit(
                            complaint, AddSeatContact(session, seat, party.phone), officer.actor
                        )
                    outside = not room.seats[seat].in_room
                    if outside and self.held is not None and await self.held(session, seat):
                        continue
                    with room_refusal():
                        await self._sessions.submit(session, CorrectPhone(seat, party.phone_masked), officer.actor)
                nobody_in = room.status is Status.SCHEDULED or apart_on(room) is not None
                waits = room.seats[seat].link and (nobody_in or not then)
                if moved and waits and self.renumber is not None:
                    await self.renumber(officer, session, seat)

    async def add_contact(
        self, officer: Officer, complaint: str, side: str, contact: Contact, reason: str, known: str = ""
    ) -> None:
        """`known`: another complaint of their office, whose business's number and address are taken."""
        await self._own(officer, complaint)
        if side not in ("consumer", "business") or (known and side != "business"):
            raise Refused("bad_choice", 400, field="side")
        if known:
            there = (await self._own(officer, known)).business
            contact = Contact(contact.phone or self._complaints.full_phone(there.phone), contact.email or there.email)
        if not contact.phone and not contact.email:
            raise Refused("missing", 400, field="contact")
        with refusal_of():
            await self._complaints.add_contact(complaint, side, contact.phone, contact.email, reason, officer.actor)
        await self.reach(officer, complaint)

    async def schedule(
        self,
        officer: Officer,
        complaint: str,
        starts: datetime,
        extra: Sequence[Extra],
        mode: str = ROOM,
        place: str = "",
        session: str = "",
    ) -> str:
        """`session`: the id it is to have; where the complaint knows it already, only the session itself is made."""
        state = await self._own(officer, complaint)
        seats, contacts = _principal_seats(officer, state)
        for role, name, phone, side in extra:
            seat = _free_id(role, [known.id for known in seats])
            with refusal_of():
                contacts[seat], shown = self._complaints.parties.sealed_phone(phone, "phone")
            until = authorised_until(state, role, name, side, officer.office.zone)
            seats.append(Seat(seat, role, name.strip(), side, phone=shown, until=until))
        session = session or uuid.uuid4().hex
        if session in state.sessions:
            ordinal = state.sessions.index(session) + 1
        else:
            with refusal_of():
                command = ScheduleMediation(session, starts, officer.id, contacts, mode, place)
                events = await self._complaints.submit(complaint, command, officer.actor)
            ordinal = next(event.data["ordinal"] for event in events if event.type == MediationScheduled.__name__)
        record = state.record
        wanted = Schedule(
            complaint,
            record.number,
            record.office,
            ordinal,
            record.title,
            starts,
            tuple(seats),
            officer.id,
            record.order,
            mode,
            place,
        )
        try:
            await self._sessions.submit(session, wanted, officer.actor)
        except DomainError as no:
            await self._complaints.submit(complaint, FollowCancelled(session, "room refused"), SYSTEM)
            raise Refused(no.code, 409, **no.params) from None
        return session

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str:
        """The number first: a seat in the room always has its contact on file."""
        state = await self._session(session)
        complaint = await self._own(officer, state.complaint)
        seat = _free_id(role, list(state.seats))
        with refusal_of():
            sealed, shown = self._complaints.parties.sealed_phone(phone, "phone")
            await self._complaints.submit(state.complaint, AddSeatContact(session, seat, sealed), officer.actor)
        until = authorised_until(complaint, role, name, side, officer.office.zone)
        guards = _guards(state, role, name, side)
        with room_refusal():
            added = Seat(seat, role, name.strip(), side, phone=shown, guardian=guards, until=until)
            await self._sessions.submit(session, AddSeat(added), officer.actor)
        return seat

    async def note_call(self, officer: Officer, complaint: str, call: OfficerCalled) -> None:
        await self._note(officer, complaint, NoteOfficerCall(call))

    async def of_session(self, complaint: str, session: str) -> Mapping[str, str]:
        """Sealed phones by seat of a session, from its complaint."""
        with refusal_of():
            return (await self._complaints.state(complaint)).contacts.get(session, {})

    async def _note(self, officer: Officer, complaint: str, command: Command) -> None:
        await self._own(officer, complaint)
        with refusal_of():
            await self._complaints.submit(complaint, command, officer.actor)

    async def _own(self, officer: Officer, complaint: str) -> Complaint:
        with refusal_of():
            state = await self._complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        require_role(officer, "mediator")
        return state

    async def _session(self, session: str) -> Session:
        try:
            return await self._sessions.state(session)
        except DomainError:
            raise Refused("not_found", 404) from None


def _filing(officer: Officer, new: NewComplaint) -> Filing:
    typed: dict[str, Any] = {field.name: getattr(new, field.name) for field in fields(new)}
    office = officer.office
    return Filing(office=office.id, prefix=office.number_prefix, zone=office.zone, **typed)


def _principal_seats(officer: Officer, state: Complaint) -> tuple[list[Seat], dict[str, str]]:
    """Those without whom there is no mediation, a minor's guardian among them, and their numbers on file."""
    consumer, business = state.consumer, state.business
    seats = [
        Seat("mediator", Role.MEDIATOR, officer.name, None, officer.office.name),
        Seat(
            "consumer",
            Role.CONSUMER,
            consumer.name,
            Side.CONSUMER,
            "",
            consumer.city,
            consumer.phone_masked,
            _AGES.get(consumer.age_band, ""),
        ),
        Seat(
            "business",
            Role.BUSINESS,
            business.name or business.organisation,
            Side.BUSINESS,
            business.organisation,
            business.city,
            business.phone_masked,
        ),
    ]
    contacts, proxy = {"consumer": consumer.phone, "business": business.phone}, state.record.proxy
    if proxy is not None and proxy.guardian:
        relation = proxy.relation or GUARDIAN
        seats.append(
            Seat(
                GUARDIAN_SEAT,
                Role.REPRESENTATIVE,
                proxy.name,
                Side.CONSUMER,
                phone=proxy.phone_masked,
                guardian=relation,
            )
        )
        contacts[GUARDIAN_SEAT] = proxy.phone or consumer.phone
    return seats, contacts


def authorised_until(state: Complaint, role: Role, name: str, side: Side | None, zone: str) -> datetime | None:
    """Of the complainant's proxy: when the authorisation is over (Order 121 Art 11); None for everybody else."""
    proxy = state.record.proxy
    named = proxy is not None and not proxy.guardian and proxy.name == name.strip()
    if proxy is None or not named or proxy.until is None or (role, side) != (Role.REPRESENTATIVE, Side.CONSUMER):
        return None
    return datetime.combine(proxy.until + timedelta(days=1), time(), ZoneInfo(zone))


def _guards(state: Session, role: Role, name: str, side: Side | None) -> str:
    """Who somebody is to a minor of that side who named them as their guardian on the way in; "" to nobody."""
    if role is not Role.REPRESENTATIVE:
        return ""
    named = (one for one in state.seats.values() if one.side == side and one.guardian == name.strip())
    return next((one.guardian_relation for one in named), "")


def _free_id(role: Role, taken: Sequence[str]) -> str:
    """lawyer, lawyer-2, …: ids stand in journals and timelines, so they say what the seat is."""
    if role.value not in taken:
        return role.value
    return next(f"{role.value}-{n}" for n in range(2, len(taken) + 3) if f"{role.value}-{n}" not in taken)


class TriageService:
    """Confirming a complaint's classification. Implements `TriageDesk`."""

    def __init__(self, complaints: ComplaintService, reads: SqlReads) -> None:
        self._complaints = complaints
        self._reads = reads

    async def confirm(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        await self._reads.require_seen(officer, complaint)  # another office's is not found
        await self._reads.require_area(answers.jurisdiction)
        try:
            await self._complaints.submit(complaint, answers, officer.actor)
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None


_STATUS = {UnknownComplaint.code: 404, Busy.code: 503, NotAllowed.code: 403, "wrong_state": 409}

Look = Callable[[Officer, str], Awaitable[Lookalikes]]


class DuplicateService:
    def __init__(self, complaints: ComplaintService, look: Look, now: Callable[[], datetime]) -> None:
        self._complaints = complaints
        self._look = look
        self._now = now

    async def of(self, officer: Officer, complaint: str) -> Lookalikes:
        return await self._look(officer, complaint)

    async def merge(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        stays, goes = await self._own(officer, kept), await self._own(officer, gone)
        if kept == gone:
            raise Refused("wrong_state", 409)
        into = MergeInto(kept, stays.record.number, reason)
        with _said():
            decide(into, goes, self._now())  # before anything is written in the other
            take = KeepMerged(gone, goes.record.number, goes.record.sources, reason)
            await self._complaints.submit(kept, take, officer.actor)
            try:
                await self._complaints.submit(gone, into, officer.actor)
            except DomainError:
                await self._complaints.submit(kept, UndoMerge(gone, "the other refused"), officer.actor)
                raise

    async def undo(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        await self._own(officer, kept)
        await self._own(officer, gone)
        with _said():
            await self._complaints.submit(gone, UndoMerge(kept, reason), officer.actor)
            await self._complaints.submit(kept, UndoMerge(gone, reason), officer.actor)

    async def dismiss(self, officer: Officer, complaint: str, other: str, reason: str) -> None:
        one, two = await self._own(officer, complaint), await self._own(officer, other)
        with _said():
            await self._complaints.submit(complaint, DismissDuplicate(other, two.record.number, reason), officer.actor)
            await self._complaints.submit(other, DismissDuplicate(complaint, one.record.number, reason), officer.actor)

    async def _own(self, officer: Officer, complaint: str) -> Complaint:
        with _said():
            state = await self._complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        require_role(officer, "mediator")
        return state


@contextmanager
def _said() -> Iterator[None]:
    """Refusals of complaints, as pages understand them."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, _STATUS.get(no.code, 400), **no.params) from None
