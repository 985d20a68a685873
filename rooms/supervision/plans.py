"""A period's plan: what was drawn, what was not and why, and what a supervisor changed about it afterwards.

Owns the stream `plan/<office>/<period>`. The draw stands whole in its first events, so that the plan can be done over
from the journal alone; nothing takes a drawn mediation out but a reason with a name under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, get_args

from journal import Actor, Draft, Event
from rooms.codec import plain as plainly, typed
from rooms.supervision import candidates, rule as rules
from rooms.supervision.candidates import Candidate
from rooms.supervision.drawing import Draw
from rooms.supervision.errors import BadAnswer, NotYours, Unexplained, WrongStep

STREAM: Final = "plan"
BATCH: Final = 250  # of those not drawn, in one event
MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class PlanMade:
    """`since` to `until`: the candidates closed after the one and not after the other, the time of the checkpoint.

    `root` is the checkpoint's in base64, `made` its time; `edition` the number of the rule's edition.
    """

    office: str
    period: str
    since: datetime
    until: datetime
    origin: str
    size: int
    root: str
    seed: str
    edition: int
    rule: dict[str, int]
    population: int  # of those that closed in it
    drawn: int


@dataclass(frozen=True, slots=True)
class MediationDrawn:
    candidate: dict[str, Any]
    ticket: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediationsPassed:
    """As `rooms.supervision.drawing.Passed`, each with `candidate`, `ticket`, `why`, `spoke`."""

    passed: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DrawSetAside:
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class DrawTakenUp:
    """After having been set aside."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class MediationAdded:
    """By hand: never counted among those drawn by chance."""

    session: str
    reason: str


PlanEvent = PlanMade | MediationDrawn | MediationsPassed | DrawSetAside | DrawTakenUp | MediationAdded
KINDS: Final[Mapping[str, type[PlanEvent]]] = {kind.__name__: kind for kind in get_args(PlanEvent)}


@dataclass(frozen=True, slots=True)
class Place:
    """One mediation in the plan. `reasons` is ("hand",) for one that was added."""

    session: str
    reasons: tuple[str, ...]
    ticket: str = ""
    aside: str = ""  # the reason it was set aside for


@dataclass(frozen=True, slots=True)
class Plan:
    made: PlanMade
    at: datetime
    places: Mapping[str, Place] = field(default_factory=dict)  # in the order of the draw


@dataclass(frozen=True, slots=True)
class SetAside:
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakeUp:
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class Add:
    session: str
    reason: str


PlanCommand = SetAside | TakeUp | Add


def stream(office: str, period: str) -> str:
    return f"{STREAM}/{office}/{period}"


def first_events(made: PlanMade, drawn: Draw) -> list[PlanEvent]:
    """What a new stream begins with, in one append."""
    events: list[PlanEvent] = [made]
    events += [MediationDrawn(candidates.plain(one.candidate), one.ticket, one.reasons) for one in drawn.chosen]
    passed = [
        {"candidate": candidates.plain(one.candidate), "ticket": one.ticket, "why": one.why, "spoke": list(one.spoke)}
        for one in drawn.passed
    ]
    events += [MediationsPassed(tuple(passed[at : at + BATCH])) for at in range(0, len(passed), BATCH)]
    return events


def evolve(plan: Plan | None, event: PlanEvent, at: datetime) -> Plan:
    if isinstance(event, PlanMade):
        return Plan(event, at)
    if plan is None:
        raise ValueError(f"a plan begins with {type(event).__name__}")
    match event:
        case MediationDrawn(candidate=candidate, ticket=number, reasons=reasons):
            place = Place(str(candidate["session"]), reasons, number)
        case MediationsPassed():
            return plan
        case MediationAdded(session=session):
            place = Place(session, ("hand",))
        case DrawSetAside(session=session, reason=reason):
            place = replace(plan.places[session], aside=reason)
        case DrawTakenUp(session=session):
            place = replace(plan.places[session], aside="")
    return replace(plan, places={**plan.places, place.session: place})


def decide(command: PlanCommand, plan: Plan, actor: Actor) -> list[PlanEvent]:
    """SupervisionError says why not."""
    if actor.role != "supervisor":
        raise NotYours
    reason = command.reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise Unexplained(most=MOST_REASON)
    place = plan.places.get(command.session)
    match command:
        case Add(session=session):
            return [] if place is not None else [MediationAdded(session, reason)]
        case SetAside(session=session):
            if place is None:
                raise BadAnswer(field="session")
            return [] if place.aside else [DrawSetAside(session, reason)]
        case TakeUp(session=session):
            if place is None or not place.aside:
                raise WrongStep
            return [DrawTakenUp(session, reason)]


def draft(event: PlanEvent, at: datetime, actor: Actor) -> Draft:
    return Draft(type(event).__name__, plainly(event), at, actor)


def fold(entries: Iterable[Event]) -> Plan | None:
    plan: Plan | None = None
    for entry in entries:
        if entry.type in KINDS and not entry.erased and entry.type != MediationsPassed.__name__:
            plan = evolve(plan, typed(KINDS[entry.type], entry.data), entry.at)
    return plan


def published(entries: Sequence[Event]) -> dict[str, Any]:
    """Everything needed to do the draw over, and what it came to: as it is given out. KeyError for no plan."""
    (made,) = (entry.data for entry in entries if entry.type == PlanMade.__name__)
    drawn = [entry.data for entry in entries if entry.type == MediationDrawn.__name__]
    passed = [one for entry in entries if entry.type == MediationsPassed.__name__ for one in entry.data["passed"]]
    later = [
        {"what": entry.type, **entry.data, "at": entry.at.isoformat(), "by": entry.actor.name}
        for entry in entries
        if entry.type in (DrawSetAside.__name__, DrawTakenUp.__name__, MediationAdded.__name__)
    ]
    return {
        "format": "yuntiao/draw/1",
        **{name: made[name] for name in ("office", "period", "since", "until", "seed", "edition")},
        "checkpoint": {name: made[name] for name in ("origin", "size", "root")},
        "rule": rules.plain(rules.of(made["rule"])),
        "candidates": sorted((one["candidate"] for one in (*drawn, *passed)), key=lambda one: str(one["session"])),
        "drawn": [{"session": one["candidate"]["session"], "reasons": list(one["reasons"])} for one in drawn],
        "passed": [
            {"session": one["candidate"]["session"], "why": one["why"], "spoke": one["spoke"]} for one in passed
        ],
        "later": later,
    }


def every_candidate(entries: Iterable[Event]) -> list[tuple[Candidate, dict[str, Any]]]:
    """Those passed over with their entry, in the order of chance: for a page."""
    return [
        (candidates.of(one["candidate"]), one)
        for entry in entries
        if entry.type == MediationsPassed.__name__ and not entry.erased
        for one in entry.data["passed"]
    ]
