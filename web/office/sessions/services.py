"""What the calendar, the page of a session and a party who asks for another time ask of appointments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from aiohttp import web

from offices.people import Office, Officer
from rooms.scheduling.diary import Diary
from rooms.scheduling.hours import Availability, WeekHours
from rooms.session import Session
from rooms.views import SentMessage, SessionRow


class AvailabilityDesk(Protocol):
    """Hours and absences. Refused(403): not_allowed; busy."""

    async def of_office(self, office: str) -> Availability: ...

    async def of_officer(self, officer: str) -> Availability: ...

    async def diary_of(self, mediator: str, office: Office, booked: Sequence[SessionRow]) -> Diary: ...

    async def set_hours(self, officer: Officer, hours: WeekHours, office: bool) -> None: ...

    async def enter_absence(self, officer: Officer, since: datetime, until: datetime, note: str) -> None:
        """Their own. Refused: bad_choice, too_long, too_many."""
        ...

    async def withdraw_absence(self, officer: Officer, absence: str) -> None:
        """Refused(404): none of theirs."""
        ...


class Appointments(Protocol):
    @property
    def book(self) -> AvailabilityDesk: ...

    async def reschedule(self, officer: Officer, session: str, starts: datetime) -> None:
        """Links stay, and everybody invited is told by message. Refused(404): not_found; (409): wrong_state,
        bad_value."""
        ...

    async def diary(self, session: Session) -> Diary:
        """Of the session's mediator, as if the session were not there."""
        ...

    async def diary_for(self, mediator: str, office: Office, but: str = "") -> Diary: ...

    async def week(self, officer: Officer, first: date) -> Sequence[SessionRow]:
        """Seven days from `first`, of the offices they see."""
        ...

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        """(user id, name), by name."""
        ...

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """Whose calendars they see: their own first."""
        ...

    async def asked(self, officer: Officer) -> Sequence[tuple[SessionRow, Session]]:
        """Sessions to come for which somebody asks another time."""
        ...

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        """Messages about a session, the newest first, by the masked number they went to."""
        ...


APPOINTMENTS: web.AppKey[Appointments] = web.AppKey("appointments", Appointments)
