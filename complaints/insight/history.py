"""What a complaint's events come to, folded once for all tables that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from complaints.complaint import Complaint
from complaints.events import ComplaintEvent, from_event
from complaints.insight.respondents import ConductNoted, note_conduct
from complaints.statistics.facts import FollowedComplaint, follow_complaint
from journal import Event


@dataclass(frozen=True, slots=True)
class ComplaintHistory:
    """`followed`: its state, and when it entered those that are counted. `conduct`: how its business behaved."""

    followed: FollowedComplaint
    conduct: ConductNoted

    @property
    def complaint(self) -> Complaint:
        return self.followed.complaint


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One entry of the journal, its typed event, and the complaint on either side of it."""

    entry: Event
    event: ComplaintEvent
    before: Complaint | None
    after: Complaint


def follow(before: ComplaintHistory | None, event: ComplaintEvent, at: datetime) -> ComplaintHistory:
    """After one more event. UnknownComplaint where the first is no registration."""
    followed = follow_complaint(before.followed if before else None, event, at)
    noted = note_conduct(before.conduct if before else ConductNoted(), event, at, followed.complaint)
    return ComplaintHistory(followed, noted)


def follow_all(
    history: ComplaintHistory | None, entries: Iterable[Event]
) -> tuple[ComplaintHistory | None, Sequence[HistoryStep]]:
    """After these entries, those erased left out; and each step."""
    steps = []
    for entry in entries:
        if not entry.erased:
            before, event = history, from_event(entry)
            history = follow(before, event, entry.at)
            steps.append(HistoryStep(entry, event, before.complaint if before else None, history.complaint))
    return history, steps
