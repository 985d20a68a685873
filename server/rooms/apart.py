"""Asynchronous mediation as pages ask for it: its beginning and end date, visits, messages to the seats, reminders.

A message is noted in the session before it is queued, under an id that is settled then: what a crash leaves out between
the two is queued by the task that reminds. Whoever sends and the task that reminds take turns, so that neither makes up
for what the other is about to queue, and nothing goes out twice.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints.procedure import Appointment, reminder_due
from complaints.record.identifiers import PHONE, textable
from journal import SYSTEM, Actor
from journal.refusals import DomainError, Refused, room_refusal
from offices import Office, Officer, require_role
from rooms import commands as c
from rooms.apart.rules import (
    DAY,
    END,
    HOUR,
    LONGEST,
    MEETING,
    NUDGE,
    REMINDER,
    ROOM_OPEN,
    VISIT_LASTS,
    check_nudge,
    knows,
    may_be_told,
    open_tasks,
)
from rooms.apart.state import Apart
from rooms.joining.invitations import Guest
from rooms.live.registry import Rooms
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.view import LineView
from server.complaints.service import OfficeComplaints
from server.identity import Seal
from server.identity.codes import Tickets
from server.identity.links import APART_OUTLASTS, GOOD_AFTER_START, JoinLinks
from server.identity.store import IdentityStore
from server.outbox import ApartText, Wording, apart_text
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore
from server.rooms.agenda_store import ApartStore
from server.window.store import AnswerDrafts

VISIT: Final = "apart visit"
EVERY: Final = 30.0  # seconds between two looks at what is to be said
BEFORE_END: Final = timedelta(days=1)
QUEUED_WITHIN: Final = timedelta(days=1)

STATEMENT: Final = "say"  # the draft of what everybody reads
DRAFT_LASTS: Final = timedelta(days=30)

log = structlog.get_logger(__name__)


class ApartService:
    """Implements `web.Apart`."""

    def __init__(
        self,
        rooms: Rooms,
        links: JoinLinks,
        offices: IdentityStore,
        contacts: OfficeComplaints,
        outbox: OutboxService,
        messages: MessageStore,
        store: ApartStore,
        drafts: AnswerDrafts,
        tickets: Tickets,
        seal: Seal,
        now: Callable[[], datetime],
        language: str,
    ) -> None:
        self._rooms, self._links, self._offices, self._contacts = rooms, links, offices, contacts
        self._outbox, self._messages, self._store = outbox, messages, store
        self._drafts = drafts
        self._tickets, self._seal, self._now, self._language = tickets, seal, now, language
        self._turn = asyncio.Lock()  # of whoever sends messages

    # ------------------------------------------------------------ the mediator

    async def begin(self, officer: Officer, session: str, until: datetime) -> None:
        """Nobody is told here: who is invited learns of it by their link, everybody else by `tell`."""
        await self._own(officer, session)
        await self._until(officer, session, c.GoApart(until, until + APART_OUTLASTS))

    async def move_end(self, officer: Officer, session: str, until: datetime) -> None:
        await self._own(officer, session)
        if await self._until(officer, session, c.MoveEnd(until, until + APART_OUTLASTS)):
            await self._tell_all(session, END, officer.actor)

    async def _until(self, officer: Officer, session: str, command: c.GoApart | c.MoveEnd) -> bool:
        # Before the session says so: a link that is good a little longer does no harm, one that ended would.
        if command.until <= self._now() + LONGEST:
            await self._links.extend(session, command.links_until)
        return await self._submit(session, command, officer.actor)

    async def call(self, officer: Officer, session: str, starts: datetime | None) -> None:
        await self._own(officer, session)
        if starts is not None and starts <= self._now() + LONGEST:
            await self._links.extend(session, starts + GOOD_AFTER_START)
        if await self._submit(session, c.CallMeeting(starts), officer.actor):
            await self._tell_all(session, MEETING, officer.actor)

    async def open_room(self, officer: Officer, session: str) -> None:
        """Everybody is told; the office's member goes in by the room's own page."""
        state = await self._own(officer, session)
        words = [seat.id for seat in state.seats.values() if not seat.signs_in and seat.takes_part]
        async with self._turn:
            for seat in words if apart_on(state) is not None else ():
                await self._tell(state, seat, ROOM_OPEN, officer.actor)
            await self._submit(session, c.OpenRoom(), officer.actor)

    async def nudge(self, officer: Officer, session: str, seat: str) -> None:
        """Refused: too_soon, enough, no_phone, not_allowed, unknown_seat."""
        state = await self._own(officer, session)
        apart = apart_on(state)
        if apart is None:
            raise Refused("wrong_state", 409, status=state.status.value)
        with room_refusal():
            check_nudge(apart, seat, self._now())
        async with self._turn:
            if not await self._tell(state, seat, NUDGE, officer.actor):
                raise Refused("no_phone")

    async def _own(self, officer: Officer, session: str) -> Session:
        require_role(officer, "mediator")
        try:
            state = await self._rooms.state(session)
        except DomainError:
            raise Refused("not_found", 404) from None
        if state.office != officer.office.id:
            raise Refused("not_found", 404)
        if state.mediator != officer.id:
            raise Refused("not_of_the_case", 403)  # before anything is done that a command would refuse afterwards
        return state

    async def _submit(self, session: str, command: c.Command, actor: Actor) -> bool:
        with room_refusal():
            return bool(await self._rooms.submit(session, command, actor))

    # ------------------------------------------------------------ a party's visits

    def ticket(self, guest: Guest) -> str:
        """That whoever has this device showed by a code who they are, and was here within the last half hour."""
        return self._tickets.write(VISIT, {"l": guest.link}, self._now() + VISIT_LASTS)

    async def visits(self, guest: Guest, ticket: str) -> bool:
        told = await self._tickets.read(VISIT, ticket) if ticket else None
        return told is not None and told.get("l") == guest.link

    async def note_visit(self, guest: Guest) -> None:
        """Of a session that is not apart just now there is nothing to note."""
        state = await self._rooms.state(guest.session)
        if apart_on(state) is not None:
            await self._submit(guest.session, c.NoteVisit(), guest.actor)

    async def draft(self, guest: Guest, of: str) -> str:
        sealed = await self._drafts.of(_kept_as(guest, of))
        return self._seal.open(sealed, _bound(guest, of)) if sealed else ""

    async def keep_draft(self, guest: Guest, of: str, text: str) -> None:
        """Sealed, and forgotten once it was said or the link is long over."""
        if text.strip():
            sealed = self._seal.seal(text, _bound(guest, of))
            await self._drafts.keep(_kept_as(guest, of), sealed, self._now() + DRAFT_LASTS)
        else:
            await self._drafts.forget(_kept_as(guest, of))

    async def lines(self, session: str, seat: str) -> list[LineView]:
        """Everything that was written and that this seat may read. NotInRoom."""
        found: list[LineView] = []
        while page := await self._rooms.read_lines(session, seat, after=found[-1]["n"] if found else 0):
            found += page
        return found

    # ------------------------------------------------------------ messages

    async def _tell_all(self, session: str, kind: str, actor: Actor) -> None:
        async with self._turn:
            state = await self._rooms.state(session)
            for seat in state.seats.values():
                if may_be_told(seat):
                    await self._tell(state, seat.id, kind, actor)

    async def _tell(self, state: Session, seat: str, kind: str, actor: Actor) -> bool:
        """False for who has no mobile number on file. What they were told already is not queued again."""
        if not await self._phone(state, seat):
            return False
        message = uuid.uuid4().hex
        if await self._submit(state.id, c.SendWord(seat, kind, message), actor):
            await self._queue(await self._rooms.state(state.id), seat, kind, message)
        return True

    async def _phone(self, state: Session, seat: str) -> str:
        sealed = (await self._contacts.of_session(state.complaint, state.id)).get(seat, "")
        phone = self._seal.open(sealed, PHONE) if sealed else ""
        return phone if textable(phone) else ""

    async def _queue(self, state: Session, seat: str, kind: str, message: str) -> None:
        office, phone = await self._offices.office(state.office), await self._phone(state, seat)
        if office is None or not phone or state.apart is None:
            return
        url = (await self._links.addresses(state.id)).get(seat, "")
        said = self._said(state, office, kind, url)
        made = self._outbox.compose(state.office, state.id, "reminder", phone, said)
        await self._messages.put(replace(made, id=message))
        self._outbox.nudge()

    def _said(self, state: Session, office: Office, kind: str, url: str) -> Wording:
        assert state.apart is not None
        zone = ZoneInfo(office.zone)
        meeting = state.apart.meeting
        text = ApartText(
            office, state.number, state.apart.until.astimezone(zone), url, meeting and meeting.astimezone(zone)
        )
        return apart_text(text, kind, office.writes(self._language))

    # ------------------------------------------------------------ reminders

    async def keep_reminding(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.remind()
            except Exception:
                log.exception("reminders of asynchronous mediations failed, trying again")
            await asyncio.sleep(EVERY)

    async def remind(self) -> None:
        """Everybody, the day and the hour before a meeting; whoever is still asked something, the day before the end;
        and what a crash left out."""
        for session in await self._store.apart_sessions():
            try:
                async with self._turn:
                    await self._remind(await self._rooms.state(session))
            except (DomainError, Refused) as no:
                log.warning("nothing to remind of", session=session, code=no.code)

    async def _remind(self, state: Session) -> None:
        apart, now = apart_on(state), self._now()
        if apart is None:
            return
        recent = [word for word in apart.sent if now - word.at <= QUEUED_WITHIN]
        there = await self._store.queued([word.message for word in recent])
        for word in recent:
            if word.message not in there:
                await self._queue(state, word.seat, word.kind, word.message)
        ends = apart.until - BEFORE_END <= now < apart.until
        for seat in state.seats.values():
            for kind in self._due(state, apart, seat, ends, now):
                if not knows(apart, seat.id, kind):
                    await self._tell(state, seat.id, kind, SYSTEM)

    def _due(self, state: Session, apart: Apart, seat: SeatState, ends: bool, now: datetime) -> list[str]:
        """Of a meeting also its call, for whom a crash or their own coming later left out."""
        if not may_be_told(seat):
            return []
        due = [REMINDER] if ends and open_tasks(state, seat) else []
        if apart.meeting is None or apart.called is None or now >= apart.meeting:
            return due
        sent = frozenset(kind for kind in (DAY, HOUR) if knows(apart, seat.id, kind))
        when = reminder_due(Appointment(apart.meeting, apart.called, sent), now)
        return [*due, MEETING, *([when] if when else [])]


def _kept_as(guest: Guest, of: str) -> str:
    return guest.link if of == STATEMENT else f"{guest.link} {of}"


def _bound(guest: Guest, of: str) -> str:
    return f"{'statement' if of == STATEMENT else of} {guest.session} {guest.seat.id}"
