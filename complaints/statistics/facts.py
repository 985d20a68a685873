"""What is counted of a complaint: one fact, with the day of each step where its office is (Order 121 Arts 38, 40).

A fact is a fold of the complaint's events beside the complaint itself: a step's day is the day its state was first
entered, whichever event led there, and is forgotten when the complaint leaves that state again (a note taken back).
It names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import takewhile

from complaints.clocks import deadlines, local_day
from complaints.complaint import Complaint, State, evolve
from complaints.events import ComplaintEvent, from_event
from complaints.notices.rules import afterwards, decision_told
from complaints.statistics import particulars
from complaints.statistics.particulars import section
from journal import Event
from law import WorkingCalendar

_SETTLED = frozenset({State.SETTLED, State.PERFORMING})
_CALENDAR = WorkingCalendar()
NONE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Fact:
    """Days are local to the office; money in yuan. `counted`: not merged into another, and its import not undone.

    `industry` is the section of GB/T 4754 ("F"), `problem` one of `complaints.vocabulary.PROBLEMS`, "" when not given.
    `decided`: the first of accepted and refused; `decision_told`: and the complainant told; `concluded`: of settled and
    ended; `handled`: of refused and concluded. `changed`: the newest time of any of its events. `entered`: when it came
    into the journal; `dropped`: when it stopped being counted, and `dropped_as` why ("merged" | "undone").
    `days_to_settlement`: from acceptance.

    What it is grouped by is in `complaints.statistics.particulars`: `industry_code` is GB/T 4754 as far as it is known,
    `division` GB/T 2260, `respondent` a key and no name, `travel` kilometres, None when the cities are not known.
    """

    id: str
    office: str
    channel: str
    problem: str
    industry: str
    counted: bool
    amount: Decimal
    recovered: Decimal
    received: date
    accepted: date | None
    refused: date | None
    decided: date | None
    settled: date | None
    ended: date | None
    concluded: date | None
    handled: date | None
    told: date | None
    closed: date | None
    lead: date | None
    accept_due: date | None
    mediate_due: date | None
    tell_due: date | None
    days_to_decision: int | None
    days_to_handling: int | None
    changed: datetime
    division: str = ""
    street: str = ""
    industry_code: str = ""
    platform: str = ""
    respondent: str = ""
    age_band: str = ""
    travel: int | None = 0
    days_to_settlement: int | None = None
    entered: date | None = None
    dropped: date | None = None
    dropped_as: str = ""
    asked: date | None = None  # the consumer, afterwards, by a personal link
    answered: date | None = None  # the first time
    heard: date | None = None  # ... when the newest answer is that they were heard
    rated: date | None = None  # the first time the consumer said how satisfied they are
    satisfied: date | None = None  # ... when the newest such answer is satisfied or mostly satisfied
    decision_told: date | None = None  # accepted or refused, and the complainant told of it
    mode: str = ""  # law.orders: of the mediation that concluded it, "" for none


@dataclass(frozen=True, slots=True)
class FollowedComplaint:
    """A complaint on the way to its fact: its state, and when it entered the states that are counted."""

    complaint: Complaint
    entered: datetime
    changed: datetime
    dropped: datetime | None = None
    accepted: datetime | None = None
    refused: datetime | None = None
    settled: datetime | None = None
    ended: datetime | None = None
    told: datetime | None = None
    closed: datetime | None = None
    lead: datetime | None = None  # the first that was found in its mediation: Order 121 Art 27


def follow_complaint(before: FollowedComplaint | None, event: ComplaintEvent, at: datetime) -> FollowedComplaint:
    """After one more event of its stream."""
    complaint = evolve(before.complaint if before else None, event, at)
    if before is None:
        return FollowedComplaint(complaint, at, at)
    state = complaint.state
    closed = state is State.CLOSED
    return replace(
        before,
        complaint=complaint,
        changed=max(before.changed, at),
        dropped=_since(before.dropped, not counted(complaint), False, at),
        accepted=complaint.accepted_at,
        refused=_since(before.refused, state is State.REFUSED, closed, at),
        settled=_since(before.settled, state in _SETTLED, closed, at),
        ended=complaint.ended_at,
        told=complaint.end_told_at if complaint.end_told else None,
        closed=_since(before.closed, closed, False, at),
        lead=_since(before.lead, bool(complaint.leads), False, at),
    )


def _since(known: datetime | None, there: bool, on: bool, at: datetime) -> datetime | None:
    """When a state was entered. `on`: it has been left for the one that ends the file, which keeps what led there."""
    if there:
        return known or at
    return known if on else None


def fold_fact(entries: Iterable[Event]) -> FollowedComplaint | None:
    """None for a stream without a readable beginning."""
    followed: FollowedComplaint | None = None
    for entry in entries:
        if not entry.erased:
            followed = follow_complaint(followed, from_event(entry), entry.at)
    return followed


def as_of(entries: Iterable[Event], moment: datetime) -> FollowedComplaint | None:
    """As the stream stood at that moment; None when it did not exist yet."""
    return fold_fact(takewhile(lambda entry: entry.at <= moment, entries))


def fact(complaint: str, followed: FollowedComplaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Fact:
    """`zone`: of its office. Due days are those of the clocks that ever started."""
    state, record = followed.complaint, followed.complaint.record
    # What stands still is due on no day yet.
    due = {clock.code: clock.due for clock in deadlines(state, zone, calendar) if not clock.standing}

    def day(at: datetime | None) -> date | None:
        return None if at is None else local_day(at, zone)

    received, here = local_day(record.received, zone), local_day(state.received_here, zone)
    accepted, refused = day(followed.accepted), day(followed.refused)
    settled, ended = day(followed.settled), day(followed.ended)
    decided, concluded = _first(accepted, refused), _first(settled, ended)
    handled = _first(refused, concluded)
    return Fact(
        id=complaint,
        office=record.office,
        channel=record.channel,
        problem=record.problem_class,
        industry=section(record.industry_code),
        counted=counted(state),
        amount=record.amount or NONE,
        recovered=state.loss_recovered,
        received=received,
        accepted=accepted,
        refused=refused,
        decided=decided,
        settled=settled,
        ended=ended,
        concluded=concluded,
        handled=handled,
        told=day(followed.told),
        closed=day(followed.closed),
        decision_told=day(decision_told(state)),
        mode=state.mode,
        lead=day(followed.lead),
        accept_due=due.get("accept"),
        mediate_due=due.get("mediate"),
        tell_due=due.get("tell_end"),
        days_to_decision=_between(here, decided),
        days_to_handling=_between(here, handled),
        changed=followed.changed,
        division=record.division[:6],
        street=particulars.street(record.business.address),
        industry_code=particulars.industry(record.industry_code),
        platform=particulars.platform(record.object.platform),
        respondent=particulars.respondent(record),
        age_band=particulars.age_band(record.consumer),
        travel=particulars.travel(state),
        days_to_settlement=None if accepted is None else _between(accepted, settled),
        entered=day(followed.entered),
        dropped=day(followed.dropped),
        dropped_as="" if counted(state) else "undone" if state.state is State.UNDONE else "merged",
        **{name: day(at) for name, at in afterwards(state).items()},
    )


def counted(complaint: Complaint) -> bool:
    return stands_alone(complaint) and complaint.state is not State.UNDONE


def stands_alone(complaint: Complaint) -> bool:
    """Whether it counts: one merged into another counts with that one, once."""
    return complaint.merged is None


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _between(first: date, last: date | None) -> int | None:
    return None if last is None else (last - first).days
