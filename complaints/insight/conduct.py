"""How a business behaved in one complaint: whether it would mediate, whether it came, whether it kept its promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from complaints.answering import AnswerGiven, AnswerMissed
from complaints.clocks import local_day
from complaints.complaint import Complaint, evolve
from complaints.events import MediationClosed, PromisesKept, from_event
from complaints.procedure import MediationEnded
from journal import Event

_AWAY: Final = {"121": 2, "20": 3}  # order -> the ground on which a party stayed away or refused
TELLING: Final = frozenset(
    {
        "MediationClosed", "MediationCancelled", "MediationEnded", "PromisesKept", "NoteTakenBack", "AnswerGiven",
        "AnswerMissed", "AnswerWithdrawn", "ComplaintWithdrawn",
    }
)  # fmt: skip
"""Types of events after which it may be another."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """`willing`: "yes" | "no" | "unsure" as the business last wrote, "missed" when it let the day pass, "" unasked.

    `held`: sessions that took place. `away`: mediation ended because a party stayed away or refused; which of the two
    the ground does not say. `promised`: the local day the last promise was due; `kept`: the day they were noted as
    kept.
    """

    willing: str = ""
    held: int = 0
    away: bool = False
    promised: date | None = None
    kept: date | None = None

    def standing(self, today: date) -> str:
        """Of its promises: "kept" | "late" (kept after their day) | "overdue" | "open"; "" when there were none."""
        if self.promised is None:
            return ""
        if self.kept is not None:
            return "kept" if self.kept <= self.promised else "late"
        return "overdue" if self.promised < today else "open"


NOTHING: Final = Conduct()


def conduct(entries: Iterable[Event], zone: str) -> Conduct:
    """`entries`: a complaint's stream from its beginning; days are local to its office."""
    complaint: Complaint | None = None
    willing, ground, kept_at = "", None, None
    due: datetime | None = None
    for entry in entries:
        if entry.erased:
            continue
        event = from_event(entry)
        complaint = evolve(complaint, event, entry.at)
        match event:
            case AnswerGiven(willing=said):
                willing = said
            case AnswerMissed() if not willing:
                willing = "missed"
            case MediationClosed(ground=found) | MediationEnded(ground=found):
                ground = found
            case PromisesKept():
                kept_at = entry.at
            case _:
                pass
        if complaint.promises_due is not None:
            due = complaint.promises_due
    if complaint is None:
        return NOTHING
    performed = kept_at is not None and complaint.kept_due is not None
    promised = due if performed or complaint.promises_due is not None else None
    ended = complaint.ended_at is not None
    return Conduct(
        willing,
        complaint.held,
        ended and ground == _AWAY.get(complaint.record.order),
        None if promised is None else local_day(promised, zone),
        local_day(kept_at, zone) if performed and kept_at is not None else None,
    )
