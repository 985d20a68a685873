"""Appointments: the hours of mediations, moving one to another time, and reminding everybody of it.

Sole writer of `availability/…`: when an office and its mediators hold mediations. Everybody invited is told of a new
time, and reminded the day and the hour before. The session is moved first; its complaint follows with the messages,
which are queued in the transaction of that entry (`server.complaints.message_store`). What a crash in between left
out is made up for by the task that reminds.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from complaints.notices import Addressee, NoticeKind, standing_notices
from complaints.procedure import (
    BEFORE,
    AppointmentCommand,
    FollowRescheduled,
    MediationReminded,
    MediationRescheduled,
    MediationTimeKept,
    RemindOfMediation,
    TellTimeKept,
    next_reminder,
    reminder_due,
)
from complaints.record.identifiers import PHONE, masked_phone, textable
from complaints.service import ComplaintService
from complaints.state import Complaint
from complaints.views import NoticeWish
from journal import SYSTEM, Draft, Journal, append_next, stamp
from journal.refusals import DomainError, Refused, room_refusal
from law import WorkingCalendar
from law.orders import ELSEWHERE
from offices import Office, Officer, require_role
from rooms.commands import DeclineOtherTime, Reschedule
from rooms.live.registry import Sessions
from rooms.scheduling import (
    ABSENCE_ENTERED,
    ABSENCE_WITHDRAWN,
    AHEAD,
    HOURS_SET,
    LENGTH,
    MOST_ABSENCES,
    MOST_NOTE,
    STANDARD,
    Availability,
    Booking,
    Diary,
    WeekHours,
    availability,
    hours_data,
)
from rooms.session import Session
from rooms.views import ASKED_MOST, SentMessage, SessionRow
from rooms.vocabulary import SeatStatus, Status
from server.complaints.notices import NoticeService
from server.db.rows import local_span
from server.identity import Seal
from server.identity.links import GOOD_AFTER_START, JoinLinks
from server.identity.store import IdentityStore
from server.outbox import MediationText, Wording, kept_text, reminder_text, rescheduled_text, seal_wording
from server.rooms.agenda_store import AppointmentStore, Upcoming

OFFICE, OFFICER = "office", "officer"


def availability_stream(of: str, id_: str) -> str:
    return f"availability/{of}-{id_}"


class AvailabilityBook:
    """Hours and absences as officers enter them."""

    def __init__(
        self,
        journal: Journal,
        store: AppointmentStore,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._store, self._calendar, self._now = journal, store, calendar, now

    async def of_office(self, office: str) -> Availability:
        return await self._read(OFFICE, office)

    async def of_officer(self, officer: str) -> Availability:
        return await self._read(OFFICER, officer)

    async def _read(self, of: str, id_: str) -> Availability:
        return availability(await self._journal.read(availability_stream(of, id_)))

    async def diary(self, mediator: str, office: Office, now: datetime, but: str = "") -> Diary:
        """From now on. `but`: a session that is to be moved stands in nobody's way."""
        rows = await self._store.booked(mediator, now - LENGTH, now + timedelta(days=AHEAD * 20))
        return await self.diary_of(mediator, office, [row for row in rows if row.id != but])

    async def diary_of(self, mediator: str, office: Office, booked: Sequence[SessionRow]) -> Diary:
        own, shared = await self.of_officer(mediator), await self.of_office(office.id)
        return Diary(
            ZoneInfo(office.zone),
            await self._calendar(office.id),
            own.hours or shared.hours or STANDARD,
            own.absences + shared.absences,
            tuple(Booking(row.id, row.starts, f"{row.consumer} · {row.business}") for row in booked),
        )

    async def set_hours(self, officer: Officer, hours: WeekHours, office: bool) -> None:
        """A mediator's own; those of the office are its supervisors' to set. Refused(403)."""
        require_role(officer, "supervisor" if office else "mediator")
        stream = availability_stream(OFFICE, officer.office.id) if office else availability_stream(OFFICER, officer.id)
        await self._note(officer, stream, HOURS_SET, hours_data(hours))

    async def enter_absence(self, officer: Officer, since: datetime, until: datetime, note: str) -> None:
        require_role(officer, "mediator")
        if until <= since:
            raise Refused("bad_choice", 400, field="until")
        if len(note) > MOST_NOTE:
            raise Refused("too_long", 400, field="note", most=MOST_NOTE)
        if len((await self.of_officer(officer.id)).absences) >= MOST_ABSENCES:
            raise Refused("too_many", 409, most=MOST_ABSENCES)
        entered = {"id": uuid.uuid4().hex, "since": stamp(since), "until": stamp(until), "note": note.strip()}
        await self._note(officer, availability_stream(OFFICER, officer.id), ABSENCE_ENTERED, entered)

    async def withdraw_absence(self, officer: Officer, absence: str) -> None:
        if all(one.id != absence for one in (await self.of_officer(officer.id)).absences):
            raise Refused("not_found", 404)
        await self._note(officer, availability_stream(OFFICER, officer.id), ABSENCE_WITHDRAWN, {"id": absence})

    async def _note(self, officer: Officer, stream: str, what: str, data: Mapping[str, object]) -> None:
        await append_next(self._journal, stream, Draft(what, dict(data), self._now(), officer.actor))


EVERY: Final = 30.0  # seconds between two looks at what is to be reminded of
_GONE: Final = frozenset({SeatStatus.REMOVED, SeatStatus.REFUSED})

log = structlog.get_logger(__name__)


class AppointmentService:
    """Implements `Appointments`."""

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        links: JoinLinks,
        offices: IdentityStore,
        store: AppointmentStore,
        book: AvailabilityBook,
        seal: Seal,
        nudge: Callable[[], None],
        now: Callable[[], datetime],
        language: str,
        notices: NoticeService | None = None,
    ) -> None:
        self._complaints, self._sessions, self._links, self._offices = complaints, sessions, links, offices
        self._store, self.book, self._seal, self._nudge, self._now = store, book, seal, nudge, now
        self._language, self._notices = language, notices
        self._looked: dict[str, tuple[datetime, datetime]] = {}  # session -> (begins at, not to be looked at before)

    # ------------------------------------------------------------ moving

    async def reschedule(self, officer: Officer, session: str, starts: datetime) -> None:
        state = await self._own(officer, session)
        until = starts + GOOD_AFTER_START
        with room_refusal():
            if state.status is Status.SCHEDULED and starts > self._now():
                # Before the session says so: a link that is good a little longer does no harm, one that ended would.
                await self._links.extend(session, until)
            await self._sessions.submit(session, Reschedule(starts, until), officer.actor)
        await self.follow(session)
        if state.mode in ELSEWHERE and starts != state.starts and self._notices is not None:
            await self._notify_anew(self._notices, officer, state)

    async def _notify_anew(self, notices: NoticeService, officer: Officer, moved: Session) -> None:
        """Without a room a notice says time, place and mediator (Order 121 Art 20): one of the new time takes the place
        of the one in force. Where none was issued it is owed as before."""
        known = (await self._complaints.state(moved.complaint)).notices
        before = standing_notices(known, NoticeKind.MEDIATION, moved.id)
        if before is None:
            return
        try:
            wish = NoticeWish(NoticeKind.MEDIATION, replaces=before.issued.number)
            await notices.issue(officer, moved.complaint, wish)
        except Refused as no:  # it is moved, and both are told so; the notice can be issued by hand
            log.warning("the notice of a moved mediation was not issued anew", session=moved.id, code=no.code)

    async def decline(self, officer: Officer, session: str, seat: str) -> None:
        """Keep the time though this seat asked for another, and tell them. Told first: a wish that is still there is
        declined again, one that is gone would leave its asker without an answer."""
        state = await self._own(officer, session)
        if not (held := state.seats.get(seat)) or not held.wish:
            return  # declined already, or answered by another time
        if state.status is not Status.SCHEDULED:
            raise Refused("wrong_state", 409)
        complaint = await self._complaints.state(state.complaint)
        others = frozenset(state.seats) - {seat}
        to = await self._addressees(state, complaint, kept_text, _GONE, others)
        await self._ask(state.complaint, TellTimeKept(MediationTimeKept(session, state.starts, to)))
        with room_refusal():
            await self._sessions.submit(session, DeclineOtherTime(seat), officer.actor)

    async def _own(self, officer: Officer, session: str) -> Session:
        require_role(officer, "mediator")
        try:
            state = await self._sessions.state(session)
        except DomainError:
            raise Refused("not_found", 404) from None
        if state.office != officer.office.id:
            raise Refused("not_found", 404)
        return state

    async def follow(self, session: str) -> None:
        """Tell the complaint when its session begins, and whoever is invited; once."""
        state = await self._sessions.state(session)
        complaint = await self._complaints.state(state.complaint)
        known = complaint.appointments.get(session)
        if known is None or known.starts == state.starts or state.status is not Status.SCHEDULED:
            return
        to = await self._addressees(state, complaint, rescheduled_text, frozenset())
        await self._ask(state.complaint, FollowRescheduled(MediationRescheduled(session, state.starts, to)))

    # ------------------------------------------------------------ reminding

    async def keep_reminding(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.catch_up()
                while True:
                    await self.remind()
                    await asyncio.sleep(EVERY)
            except Exception:
                log.exception("reminders of mediations failed, trying again")
                await asyncio.sleep(EVERY)

    async def catch_up(self) -> None:
        for one in await self._store.rescheduled(self._now()):
            try:
                await self.follow(one.id)
            except (DomainError, Refused) as no:
                log.warning("complaint did not follow", session=one.id, code=no.code)

    async def remind(self) -> None:
        now = self._now()
        upcoming = await self._store.upcoming(now, now + max(BEFORE.values()))
        self._looked = {one.id: self._looked[one.id] for one in upcoming if one.id in self._looked}
        for one in upcoming:
            starts, until = self._looked.get(one.id, (one.starts, now))
            if starts == one.starts and now < until:
                continue
            try:
                if await self._remind(one, now):
                    self._looked[one.id] = (one.starts, next_reminder(one.starts, now))
            except (DomainError, Refused) as no:
                log.warning("nothing to remind of", session=one.id, code=no.code)

    async def _remind(self, of: Upcoming, now: datetime) -> bool:
        """Whether nothing is to be done until the next reminder's moment."""
        complaint, session = await self._complaints.state(of.complaint), of.id
        known = complaint.appointments.get(session)
        if known is None or session not in complaint.open_sessions or known.starts != of.starts:
            return False  # the complaint is about to hear of it
        if not (when := reminder_due(known, now)):
            return True
        state = await self._sessions.state(session)
        to = await self._addressees(state, complaint, lambda text, language: reminder_text(text, when, language), _GONE)
        await self._ask(of.complaint, RemindOfMediation(MediationReminded(session, known.starts, when, to)))
        return True

    async def _ask(self, complaint: str, command: AppointmentCommand) -> None:
        await self._complaints.submit(complaint, command, SYSTEM)
        self._nudge()

    async def _addressees(
        self,
        state: Session,
        complaint: Complaint,
        write: Callable[[MediationText, str], Wording],
        but: frozenset[SeatStatus],
        others: frozenset[str] = frozenset(),
    ) -> tuple[Addressee, ...]:
        """Everybody with a seat and a number, each number once. `but`, `others`: seats that are not told."""
        office = await self._offices.office(state.office)
        if office is None:
            return ()
        urls = await self._links.addresses(state.id)
        seen, found = set(), []
        for seat, sealed in complaint.contacts.get(state.id, {}).items():
            held = state.seats.get(seat)
            phone = self._seal.open(sealed, PHONE) if sealed else ""
            if (
                held is None
                or seat in others
                or held.status in but
                or held.status is SeatStatus.REMOVED
                or not textable(phone)
            ):
                continue
            if phone in seen:
                continue
            seen.add(phone)
            text = MediationText(office, state.number, state.starts, state.mode, state.place, urls.get(seat, ""))
            otherwise = office.writes(self._language)
            language = complaint.language if seat == "consumer" and complaint.agreed else otherwise
            found.append(self._addressed(seat, held.name, phone, write(text, language)))
        return tuple(found)

    def _addressed(self, seat: str, name: str, phone: str, text: Wording) -> Addressee:
        return Addressee(
            seat,
            name,
            masked_phone(phone),
            uuid.uuid4().hex,
            self._seal.seal(phone, PHONE),
            seal_wording(self._seal, text),
        )

    # ------------------------------------------------------------ what calendars show

    async def diary(self, session: Session) -> Diary:
        """Of the session's mediator, as if the session were not there."""
        return await self.diary_for(session.mediator, await self._office(session.office), session.id)

    async def diary_for(self, mediator: str, office: Office, but: str = "") -> Diary:
        return await self.book.diary(mediator, office, self._now(), but)

    async def week(self, officer: Officer, first: date) -> Sequence[SessionRow]:
        """Seven days from `first`, in the officer's own zone, of the offices they see."""
        since, until = local_span(first, first + timedelta(days=6), officer.office.zone)
        return await self._store.between(officer, since, until)

    async def own(self, officer: Officer, first: date, last: date) -> Sequence[SessionRow]:
        """The officer's own from `first` to `last`, in their zone."""
        since, until = local_span(first, last, officer.office.zone)
        return await self._store.between(officer, since, until, officer.id)

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        return await self._store.mediators(office)

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """Whose calendars they see: their own first."""
        seen = await self._store.offices(officer)
        return [officer.office, *(one for one in seen if one.id != officer.office.id)]

    async def asked(self, officer: Officer) -> Sequence[tuple[SessionRow, Session]]:
        """Sessions to come for which somebody asks another time, the next ones first; at most one more than
        ASKED_MOST."""
        day = self._now().astimezone(ZoneInfo(officer.office.zone)).date()
        since, _ = local_span(day, day, officer.office.zone)
        found = []
        for row in await self._store.asked(officer, since):
            state = await self._sessions.state(row.id)
            if any(seat.wish for seat in state.seats.values()):
                found.append((row, state))
                if len(found) > ASKED_MOST:
                    break
        return found

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        return await self._store.sent(session)

    async def _office(self, office: str) -> Office:
        found = await self._offices.office(office)
        if found is None:
            raise Refused("not_found", 404)
        return found
