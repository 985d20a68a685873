"""Looking back at mediations on behalf of the bureau: who is drawn by which rule, what was found,
and what became of it.

Pure. Owns the streams `sampling/<office>` (the rule), `plan/<office>/<period>` (the draw) and `review/<session>`.

Here is what supervisors and mediators see of it: plans, reviews, one's own practice and the quarter's report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from journal import Event
from offices.people import Office
from rooms.supervision.drawing import RuleEdition
from rooms.supervision.plans import PlanMade
from rooms.supervision.reviews import Review
from rooms.views import SessionRow

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
