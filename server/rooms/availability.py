"""When an office and its mediators hold mediations: sole writer of `availability/…`; and their diaries."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from journal import Conflict, Draft, Journal
from journal.events import stamp
from journal.refusals import Refused
from law import WorkingCalendar
from offices.people import Office, Officer
from rooms.scheduling.diary import AHEAD, LENGTH, Booking, Diary
from rooms.scheduling.hours import (
    ABSENCE_ENTERED,
    ABSENCE_WITHDRAWN,
    HOURS_SET,
    MOST_ABSENCES,
    MOST_NOTE,
    STANDARD,
    Availability,
    WeekHours,
    availability,
    hours_data,
)
from rooms.views import SessionRow
from server.rooms.appointment_store import AppointmentStore

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
        """Their own, or the office's, which an administrator may set too. Refused(403)."""
        if officer.role not in (("mediator", "administrator") if office else ("mediator",)):
            raise Refused("not_allowed", 403)
        stream = availability_stream(OFFICE, officer.office.id) if office else availability_stream(OFFICER, officer.id)
        await self._note(officer, stream, HOURS_SET, hours_data(hours))

    async def enter_absence(self, officer: Officer, since: datetime, until: datetime, note: str) -> None:
        if officer.role != "mediator":
            raise Refused("not_allowed", 403)
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
        entries = await self._journal.read(stream)
        try:
            await self._journal.append(stream, len(entries), [Draft(what, dict(data), self._now(), officer.actor)])
        except Conflict:
            raise Refused("busy", 503) from None
