"""Which statutory clocks a complaint is under, and by which days it is judged. Computed from its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from complaints.events import ComplaintRegistered
from complaints.notices.rules import untold
from complaints.state import UNDER_WAY, Complaint, ComplaintState
from law import Deadline, Pause, WorkingCalendar, accept_by, competence_by, mediate_by, order_named, tell_end_by
from law.articles import Days

_CALENDAR = WorkingCalendar()


def local_day(at: datetime, zone: str) -> date:
    """The day a moment falls on where the office is: statutory days are local ones."""
    return _local_day(at, zone) if at.tzinfo is UTC else at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=1024)  # of UTC, which has no hour twice; a complaint's tables ask for the same one nine times
def _local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def deadlines(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Sequence[Deadline]:
    """Every clock that ever started, in order of start; competence disputes last."""
    order = order_named(complaint.record.order)
    found = [accept_by(local_day(complaint.received_here, zone), order, calendar)]
    if complaint.accepted_at is not None:
        found.append(mediate_by(local_day(complaint.accepted_at, zone), order, calendar, pauses(complaint, zone)))
    if complaint.ended_at is not None:
        found.append(tell_end_by(local_day(complaint.ended_at, zone), order, calendar))
    found.extend(
        competence_by(local_day(dispute.raised, zone), order, calendar)
        for dispute in complaint.disputes
        if dispute.settled is None
    )
    return found


def pauses(complaint: Complaint, zone: str) -> Sequence[Pause]:
    """The times of testing, as local days."""
    return [
        Pause(local_day(one.begun, zone), None if one.ended is None else local_day(one.ended, zone))
        for one in complaint.testing
    ]


def running(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Deadline | None:
    """The one that matters now; None when none runs. It may stand still."""
    return running_among(complaint, deadlines(complaint, zone, calendar))


def running_among(complaint: Complaint, started: Sequence[Deadline]) -> Deadline | None:
    """`running`, of one whose `deadlines` are known."""
    if complaint.merged is not None:
        return None  # the one it went into has its own
    waiting = bool(untold(complaint))  # Order 121 Art 15 has the office decide and tell: its clock stops on both
    match complaint.state:
        case ComplaintState.REGISTERED:
            wanted = "accept"
        case ComplaintState.ENDED if waiting:
            wanted = "tell_end"
        case _ if waiting:
            wanted = "accept"
        case ComplaintState.ACCEPTED | ComplaintState.MEDIATING:
            wanted = "mediate"
        case _:
            return None
    return next(item for item in started if item.code == wanted)


def open_clocks(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Sequence[Deadline]:
    """Every clock somebody must still heed: the running one, an unsettled dispute's, and that of a mediation under way
    while its acceptance is still to be told."""
    current = running(complaint, zone, calendar)
    found = [] if current is None else [current]
    heeded = ("competence", "mediate") if complaint.state in UNDER_WAY else ("competence",)
    known = {one.code for one in found}
    return [
        *found,
        *(one for one in deadlines(complaint, zone, calendar) if one.code in heeded and one.code not in known),
    ]


def days_of(record: ComplaintRegistered, zone: str) -> Days:
    """By which days a complaint is judged: the day of the purchase where it is on file, else the day of receipt.

    `zone` is the office's. A purchase dated after the receipt is a slip: the receipt counts.
    """
    received = local_day(record.received, zone)
    bought = record.object.bought
    return Days(event=bought if bought is not None and bought <= received else received, received=received)
