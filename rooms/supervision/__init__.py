"""Looking back at mediations on behalf of the bureau: who is drawn by which rule, what was found,
and what became of it.

Pure. The streams are `sampling/<office>` (the rule, in `drawing`), `plan/<office>/<period>` (the draw) and
`review/<session>` (in `reviewing`). Here are what supervisors and mediators see of it, and a period's plan: its weeks
and quarters, what was drawn, what was not and why, what a supervisor changed. The draw stands whole in a plan's first
events, so that the plan can be done over from the journal alone; nothing takes a drawn mediation out but a reason with
a name under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from journal import Actor, Draft, Event
from journal.refusals import BadChoice, Missing, NotAllowed, WrongState
from offices import Office
from rooms.events import plain as plainly, typed
from rooms.supervision import drawing
from rooms.supervision.drawing import Candidate, Draw, RuleEdition
from rooms.supervision.reviews import Review
from rooms.views import SessionRow

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
    """As `rooms.supervision.drawing.PassedCandidate`, each with `candidate`, `ticket`, `why`, `spoke`."""

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
class PlanPlace:
    """One mediation in the plan. `reasons` is ("hand",) for one that was added."""

    session: str
    reasons: tuple[str, ...]
    ticket: str = ""
    aside: str = ""  # the reason it was set aside for


@dataclass(frozen=True, slots=True)
class SupervisionPlan:
    made: PlanMade
    at: datetime
    places: Mapping[str, PlanPlace] = field(default_factory=dict)  # in the order of the draw


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


def plan_stream(office: str, period: str) -> str:
    return f"{STREAM}/{office}/{period}"


def first_events(made: PlanMade, drawn: Draw) -> list[PlanEvent]:
    """What a new stream begins with, in one append."""
    events: list[PlanEvent] = [made]
    events += [MediationDrawn(drawing.plain_candidate(one.candidate), one.ticket, one.reasons) for one in drawn.chosen]
    passed = [
        {
            "candidate": drawing.plain_candidate(one.candidate),
            "ticket": one.ticket,
            "why": one.why,
            "spoke": list(one.spoke),
        }
        for one in drawn.passed
    ]
    events += [MediationsPassed(tuple(passed[at : at + BATCH])) for at in range(0, len(passed), BATCH)]
    return events


def evolve(plan: SupervisionPlan | None, event: PlanEvent, at: datetime) -> SupervisionPlan:
    if isinstance(event, PlanMade):
        return SupervisionPlan(event, at)
    if plan is None:
        raise ValueError(f"a plan begins with {type(event).__name__}")
    match event:
        case MediationDrawn(candidate=candidate, ticket=number, reasons=reasons):
            place = PlanPlace(str(candidate["session"]), reasons, number)
        case MediationsPassed():
            return plan
        case MediationAdded(session=session):
            place = PlanPlace(session, ("hand",))
        case DrawSetAside(session=session, reason=reason):
            place = replace(plan.places[session], aside=reason)
        case DrawTakenUp(session=session):
            place = replace(plan.places[session], aside="")
    return replace(plan, places={**plan.places, place.session: place})


def decide(command: PlanCommand, plan: SupervisionPlan, actor: Actor) -> list[PlanEvent]:
    """DomainError says why not."""
    if actor.role != "supervisor":
        raise NotAllowed
    reason = command.reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise Missing(most=MOST_REASON)
    place = plan.places.get(command.session)
    match command:
        case Add(session=session):
            return [] if place is not None else [MediationAdded(session, reason)]
        case SetAside(session=session):
            if place is None:
                raise BadChoice(field="session")
            return [] if place.aside else [DrawSetAside(session, reason)]
        case TakeUp(session=session):
            if place is None or not place.aside:
                raise WrongState
            return [DrawTakenUp(session, reason)]


def draft(event: PlanEvent, at: datetime, actor: Actor) -> Draft:
    return Draft(type(event).__name__, plainly(event), at, actor)


def fold(entries: Iterable[Event]) -> SupervisionPlan | None:
    plan: SupervisionPlan | None = None
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
        "rule": drawing.plain_rule(drawing.rule_of(made["rule"])),
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
        (drawing.candidate_of(one["candidate"]), one)
        for entry in entries
        if entry.type == MediationsPassed.__name__ and not entry.erased
        for one in entry.data["passed"]
    ]


# ------------------------------------------------------------ weeks (`2026-W48`) and quarters (`2026-Q4`)


_WEEK: Final = re.compile(r"(20[0-9][0-9])-W([0-5][0-9])")
_QUARTER: Final = re.compile(r"(20[0-9][0-9])-Q([1-4])")


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday(week: str) -> date | None:
    """None for what is no week."""
    found = _WEEK.fullmatch(week)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def begins(day: date, zone: str) -> datetime:
    """The moment a day begins where the office is, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_days(quarter: str) -> tuple[date, date] | None:
    """Its first day and the first one after it; None for what is no quarter."""
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        return None
    year, first = int(found[1]), int(found[2]) * 3 - 2
    return date(year, first, 1), date(year + first // 10, (first + 2) % 12 + 1, 1)


def quarter_before(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"


def days_between(earlier: datetime, later: datetime) -> int:
    return max(0, (later - earlier) // timedelta(days=1))


REVIEW_STATES: Final = ("open", "replying", "replied", "closed")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list. `done`: reviews closed of those drawn and not set aside."""

    office: str
    period: str
    made: datetime
    population: int
    drawn: int
    done: int
    aside: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A mediation in a plan. `state` is the review's, "" before it began."""

    session: SessionRow
    reasons: tuple[str, ...]
    aside: str = ""
    state: str = ""
    reviewer: str = ""
    worst: str = ""


@dataclass(frozen=True, slots=True)
class PlanPage:
    office: Office
    made: PlanMade
    at: datetime
    edition: RuleEdition
    places: Sequence[PlaceRow]

    @property
    def wanted(self) -> Sequence[PlaceRow]:
        return [place for place in self.places if not place.aside]

    @property
    def done(self) -> int:
        return sum(place.state == "closed" for place in self.wanted)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    session: str
    office: str
    number: str
    mediator: str
    mediator_name: str
    outcome: str
    state: str
    reviewer: str
    findings: int
    praises: int
    worst: str
    opened: datetime
    handed_on: datetime | None
    closed: datetime | None
    training: bool = False


@dataclass(frozen=True, slots=True)
class PlanSum:
    """An office right below, with all below it: what was drawn this period and looked at, and what waits.

    `below`: how many offices are below it; `answered`: reviews the mediator has answered; `live`: mediations under way.
    """

    office: Office
    below: int
    drawn: int
    done: int
    answered: int
    live: int


@dataclass(frozen=True, slots=True)
class SupervisorDesk:
    """What a supervisor comes in to: this period's plans of a page of their offices, those without one, what waits
    besides.

    `left`, `done`: of all plans of the period, what is still to be looked at and what is closed. `at`: the office that
    is looked at, None for their own; `above`: the way to it from their own; `below`: those right below it.
    """

    period: str
    left: int
    done: int
    pages: int
    plans: Sequence[PlanPage]
    without: Sequence[Office]  # nothing was signed before the period began, so nothing could be drawn
    earlier: Sequence[PlanRow]
    replied: Sequence[ReviewRow]  # the mediator has answered
    opinions: Sequence[ReviewRow]  # a second opinion is asked of this officer
    live: Sequence[SessionRow]
    at: Office | None = None
    above: Sequence[Office] = ()
    below: Sequence[PlanSum] = ()


@dataclass(frozen=True, slots=True)
class PassedRow:
    """A candidate that was not drawn, with why, and what would have spoken for it. `number` is the complaint's."""

    session: str
    number: str
    mediator: str
    why: str
    spoke: tuple[str, ...]
    ticket: str


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    state: str = ""
    office: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReviewList:
    rows: Sequence[ReviewRow]
    total: int
    page_size: int
    offices: Sequence[Office]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`review` None: not begun. `pointers`: item -> entries of the session's journal that speak of it."""

    session: SessionRow
    review: Review | None
    history: Sequence[Event] = ()
    drafts: Mapping[str, str] = field(default_factory=dict)
    colleagues: Sequence[tuple[str, str]] = ()  # other supervisors of the office, id and name
    pointers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PracticeRange:
    """One's own figure beside the middle half of comparable ones; None where there are too few of them."""

    own: float | None
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Practice:
    """A mediator's own. `others`: mediators behind the ranges; below `FEWEST` there are none."""

    since: date
    sessions: Sequence[SessionRow]
    outcomes: Mapping[str, int]
    ranges: Mapping[str, PracticeRange]
    alike: int  # mediations of others that the ranges are made of
    others: int
    reviews: Sequence[ReviewRow]
    open: Sequence[ReviewRow]  # to be answered


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """`entry` of the anonymised kind: nobody's name in it but the bureau's own words."""

    number: str
    mediator: str
    severity: str
    item: str
    text: str
    remedy: str
    accepted: bool | None
    reply: str
    stands: bool
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarterlyReport:
    office: Office
    quarter: str
    first: date
    last: date
    plans: Sequence[PlanMade]
    editions: Sequence[RuleEdition]  # those in force in it
    reasons: Mapping[str, int]  # why drawn
    passed: Mapping[str, int]  # why not
    aside: Sequence[tuple[str, str]]  # number, reason
    states: Mapping[str, int]
    findings: Sequence[ReportFinding]
    closed: int  # mediations that closed in it
    recovered: Decimal
    made: datetime
