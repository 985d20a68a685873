"""Complaints another system handled before: what that system says became of them is history here.

Nothing is decided again and nobody is told once more; what is over has no clock. Where the other system gives no day
of the end, the day of acceptance stands, else the day of receipt, so that it counts in some year; how long it took is
then not counted (`complaints.statistics.facts`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from complaints.notices.notice import NoticeKind
from complaints.record.record import ComplaintRegistered, EarlierHandling
from complaints.state import Complaint, ComplaintState

_TOLD: Final = frozenset({NoticeKind.ACCEPTANCE.value, NoticeKind.REFUSAL.value, NoticeKind.TERMINATION.value})


def ended_on(record: ComplaintRegistered) -> datetime | None:
    """When it was over there; None of one that goes on here, or was begun here."""
    earlier = record.earlier
    if earlier is None or earlier.state in ("received", "accepted"):
        return None
    return earlier.ended or earlier.accepted or record.received


def standing(record: ComplaintRegistered) -> ComplaintState:
    """In which state it begins here."""
    match record.earlier.state if record.earlier else "received":
        case "received":
            return ComplaintState.REGISTERED
        case "accepted":
            return ComplaintState.ACCEPTED
        case _:
            return ComplaintState.CLOSED


def taken_over(complaint: Complaint) -> Complaint:
    """As the other system left it."""
    earlier, state = complaint.record.earlier, standing(complaint.record)
    if earlier is None or state is ComplaintState.REGISTERED:
        return complaint
    accepted = earlier.accepted
    if state is ComplaintState.ACCEPTED:
        accepted = accepted or complaint.record.received  # the earlier day: its period is not lengthened
    noted = replace(complaint, state=state, accepted_at=accepted, told_as_noted=_TOLD)
    return noted if state is ComplaintState.ACCEPTED else _over(noted, earlier)


def _over(complaint: Complaint, earlier: EarlierHandling) -> Complaint:
    ended = ended_on(complaint.record)
    match earlier.state:
        case "refused":
            return replace(complaint, closed_from=ComplaintState.REFUSED, accepted_at=None, refused_at=ended)
        case "settled":
            recovered = earlier.recovered or Decimal("0.00")
            return replace(complaint, closed_from=ComplaintState.SETTLED, loss_recovered=recovered)
        case "ended":
            return _terminated(complaint, ended)
        case "withdrawn":
            withdrawn = replace(complaint, withdrawn=True)
            return _terminated(withdrawn, ended) if earlier.accepted else withdrawn
        case _:  # closed, and nothing more is said
            return complaint


def _terminated(complaint: Complaint, ended: datetime | None) -> Complaint:
    return replace(complaint, closed_from=ComplaintState.ENDED, ended_at=ended, end_told=True, end_told_at=ended)
