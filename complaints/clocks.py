"""Which statutory clocks a complaint is under. Computed from its events, never stored as truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaints.complaint import Complaint, State
from law import Deadline, WorkingCalendar, accept_by, mediate_by, order_named, tell_end_by

_CALENDAR = WorkingCalendar()


def local_day(at: datetime, zone: str) -> date:
    """The day a moment falls on where the office is: statutory days are local ones."""
    return at.astimezone(ZoneInfo(zone)).date()


def deadlines(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Sequence[Deadline]:
    """Every clock that ever started, in order of start."""
    order = order_named(complaint.record.order)
    found = [accept_by(local_day(complaint.record.received, zone), order, calendar)]
    if complaint.accepted_at is not None:
        found.append(mediate_by(local_day(complaint.accepted_at, zone), order, calendar))
    if complaint.ended_at is not None:
        found.append(tell_end_by(local_day(complaint.ended_at, zone), order, calendar))
    return found


def running(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Deadline | None:
    """The one that matters now; None when none runs."""
    match complaint.state:
        case State.REGISTERED:
            wanted = "accept"
        case State.ACCEPTED | State.MEDIATING:
            wanted = "mediate"
        case State.ENDED if not complaint.end_told:
            wanted = "tell_end"
        case _:
            return None
    return next(item for item in deadlines(complaint, zone, calendar) if item.code == wanted)
