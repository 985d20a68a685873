"""The mediator's desk: what today holds, what waits, what falls due, what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from complaints.views import ComplaintRow
from law.modes import ROOM, mode_name
from offices.people import Officer
from rooms.errors import RoomError
from rooms.views import SessionRow
from rooms.vocabulary import Performance, Role, SeatStatus, Term
from web import i18n
from web.clock import now
from web.complaints.services import COMPLAINTS
from web.office import words
from web.office.pages import day_of, officer_in, show
from web.office.phone_asked import phone_asked
from web.office.why import Why, why
from web.security import officer_page
from web.services import READS, SESSIONS

OPEN = ("scheduled", "live", "recess")


@dataclass(frozen=True, slots=True)
class Promise:
    """The next thing a settlement still waits for."""

    row: SessionRow
    term: Term | None
    days_left: int | None  # negative: overdue
    number: int = 0  # of this one alone, while others remain; 0: it is the last


@dataclass(frozen=True, slots=True)
class Slot:
    """One of today's sessions. `action`: "enter" | "record" | "links" | "held"."""

    row: SessionRow
    seats: Sequence[tuple[str, str]]  # role, a key of words.SEAT_STATES
    action: str


@dataclass(frozen=True, slots=True)
class Due:
    row: ComplaintRow
    why: Why


@officer_page("mediator")
async def desk(request: web.Request) -> web.StreamResponse:
    officer, at = officer_in(request), now(request)
    held = await request.app[READS].desk(officer, at)
    day, language = day_of(officer, at), i18n.language(request)
    due = [Due(row, why(row.deadline, row.received.date(), day, language)) for row in held.due if row.deadline]
    due.sort(key=lambda one: one.why.due)
    return show(
        request,
        "office/desk.html",
        "desk",
        at=at,
        slots=[slot(row, at, officer.id) for row in held.today],
        coming=held.coming,
        waiting=held.waiting,
        due=due,
        held=held,
        words=words,
        mode_name=mode_name,
        phone_asked=await phone_asked(request),
        promises=[await promise(request, row, officer, day) for row in held.performing],
    )


def slot(row: SessionRow, at: datetime, officer: str) -> Slot:
    """The mediator goes in when somebody waits or when it is nearly time; before, the links matter."""
    if row.mode != ROOM and row.status in OPEN:
        return Slot(row, [], "held")
    if row.status not in OPEN:  # where people were when it ended says nothing any more
        return Slot(row, [], "record" if row.status == "closed" and row.mediator_id == officer else "links")
    seats = [(role, standing(row, role)) for role in (Role.CONSUMER, Role.BUSINESS) if role in row.seats]
    somebody = any(status in (SeatStatus.WAITING, SeatStatus.PRESENT) for _, status in seats)
    soon = (row.starts - at).total_seconds() < 15 * 60
    return Slot(row, seats, "enter" if somebody or soon or row.status != "scheduled" else "links")


def standing(row: SessionRow, role: Role) -> str:
    """Where one of the two sides is. Their seats are called what they are (`server.complaints.service`)."""
    known = row.seats[role]
    return "undelivered" if known == "linked" and role in row.undelivered else known


async def promise(request: web.Request, row: SessionRow, officer: Officer, day: date) -> Promise:
    """Read from the session itself: lists do not carry terms."""
    try:
        session = await request.app[SESSIONS].state(row.id)
    except RoomError:
        return Promise(row, None, None)
    kept = await request.app[COMPLAINTS].kept_terms(row.complaint)
    later = [
        (number, term)
        for number, term in enumerate(session.outcome.terms if session.outcome else (), 1)
        if term.performance is Performance.LATER and (row.id, number) not in kept
    ]
    dated = sorted((one for one in later if one[1].due), key=lambda one: one[1].due or row.starts)
    number, term = dated[0] if dated else later[0] if later else (0, None)
    left = (day_of(officer, term.due) - day).days if term and term.due else None
    return Promise(row, term, left, number if len(later) > 1 else 0)
