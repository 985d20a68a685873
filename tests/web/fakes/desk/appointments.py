"""Diaries without anything in them unless a test puts it there; what was moved is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from law import WorkingCalendar
from offices import Office, Officer
from rooms.scheduling import STANDARD, Availability, Booking, Diary, MediatorAbsence, WeekHours
from rooms.session import Session
from rooms.views import SentMessage, SessionRow
from web import Appointments, AvailabilityDesk


@dataclass
class FakeBook(AvailabilityDesk):
    hours: dict[str, WeekHours] = field(default_factory=dict)
    absences: tuple[MediatorAbsence, ...] = ()

    async def of_office(self, office: str) -> Availability:
        return Availability(self.hours.get(office))

    async def of_officer(self, officer: str) -> Availability:
        return Availability(self.hours.get(officer), self.absences)

    async def diary_of(self, mediator: str, office: Office, booked: Sequence[SessionRow]) -> Diary:
        bookings = tuple(Booking(row.id, row.starts, row.consumer) for row in booked)
        return Diary(ZoneInfo(office.zone), WorkingCalendar(), STANDARD, self.absences, bookings)

    async def set_hours(self, officer: Officer, hours: WeekHours, office: bool) -> None:
        self.hours[officer.office.id if office else officer.id] = hours

    async def enter_absence(self, officer: Officer, since: datetime, until: datetime, note: str) -> None:
        self.absences = (*self.absences, MediatorAbsence(f"a{len(self.absences)}", since, until, note))

    async def withdraw_absence(self, officer: Officer, absence: str) -> None:
        self.absences = tuple(one for one in self.absences if one.id != absence)


class FakeAppointments(Appointments):
    def __init__(self) -> None:
        self._book = FakeBook()
        self.booked: tuple[Booking, ...] = ()
        self.rows: list[SessionRow] = []
        self.moved: list[tuple[str, datetime]] = []
        self.declined: list[tuple[str, str]] = []
        self.asking: list[tuple[SessionRow, Session]] = []
        self.messages: dict[str, list[SentMessage]] = {}

    @property
    def book(self) -> FakeBook:
        return self._book

    async def reschedule(self, officer: Officer, session: str, starts: datetime) -> None:
        self.moved.append((session, starts))

    async def decline(self, officer: Officer, session: str, seat: str) -> None:
        self.declined.append((session, seat))

    async def diary(self, session: Session) -> Diary:
        return Diary(ZoneInfo("Asia/Shanghai"), WorkingCalendar(), STANDARD, (), self.booked)

    async def diary_for(self, mediator: str, office: Office, but: str = "") -> Diary:
        kept = tuple(one for one in self.booked if one.session != but)
        return replace(Diary(ZoneInfo(office.zone), WorkingCalendar(), STANDARD), booked=kept)

    async def week(self, officer: Officer, first: date) -> Sequence[SessionRow]:
        return self.rows

    async def own(self, officer: Officer, first: date, last: date) -> Sequence[SessionRow]:
        return [row for row in self.rows if row.mediator_id == officer.id]

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        return [(row.mediator_id, row.mediator) for row in self.rows[:1]]

    async def offices(self, officer: Officer) -> Sequence[Office]:
        return [officer.office]

    async def asked(self, officer: Officer) -> Sequence[tuple[SessionRow, Session]]:
        return self.asking

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        return self.messages
