"""Second persons, accounts, who did what, and how long it is all kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from offices import Officer

ApprovalKind = Literal[
    "erase",
    "lift",
    "lift_lead",
    "unmask",
    "appoint",
    "restart",
    "access",
    "oversee",
    "place",
    "retention",
    "correct",
    "destroy",
    "publish",
]


@dataclass(frozen=True, slots=True)
class ApprovalWish:
    """What somebody asks a second person's yes to."""

    kind: ApprovalKind
    subject: str
    label: str
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """`state`: "open" | "over" | "approved" | "declined" | "taken back" | "done" | "failed". `mine`: they asked;
    `second`: they may say yes or no, unless they turn out to be the same person."""

    id: str
    kind: ApprovalKind
    label: str
    reason: str
    details: Mapping[str, str]
    state: str
    asker: str
    asked: datetime
    expires: datetime
    decider: str
    decided: datetime | None
    why: str
    mine: bool
    second: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """`waits`: the id of a request about this account that waits for a second person."""

    officer: Officer
    closed: datetime | None
    temporary: bool
    last: datetime | None
    waits: str


@dataclass(frozen=True, slots=True)
class ActFilter:
    actor: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ActRow:
    """`subject`, `label` and `reason` are "" where the thing is an office's that the reader does not see."""

    at: datetime
    act: str
    what: str
    actor: str
    actor_role: str
    actor_office: str
    office: str
    kind: str
    subject: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActList:
    rows: Sequence[ActRow]
    total: int
    page_size: int
    people: Sequence[tuple[str, str]]  # id and name of who did any of it


@dataclass(frozen=True, slots=True)
class ActHint:
    """`code` as in server.oversight.act_store."""

    code: str
    actor: str
    name: str
    day: date
    number: int
    usual: int


@dataclass(frozen=True, slots=True)
class RetentionChange:
    """One entry of the rule, the newest of which is in force; `number` is its version. `operator`: by the settings of a
    start. `before` and `after`: years of the kinds that changed; of the first entry all, and none before."""

    number: int
    at: datetime
    by: str
    operator: bool
    before: Mapping[str, int]
    after: Mapping[str, int]
    reason: str = ""
    approval: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """`kind`: how a mediation ended, or "files" of complaints never mediated, or "leads". `least`, `most`: what a
    change may come to. `said`: the entry by which it is what it is; None before the first start."""

    kind: str
    years: int
    least: int
    most: int
    said: RetentionChange | None


@dataclass(frozen=True, slots=True)
class RetentionEffect:
    """Of one kind, if the years were `after`. `kept`: how many there are; `soon`: of those due `earlier`, how many as
    soon as the grace is over; `held`: whose date would change and which stay all the same."""

    kind: str
    before: int
    after: int
    kept: int
    earlier: int
    soon: int
    later: int
    held: int


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """`waits`: id of a request for fewer years that waits. `may_change`: whether the reader decides about it."""

    number: int
    periods: Sequence[RetentionPeriod]
    changes: Sequence[RetentionChange]
    waits: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class DueFile:
    """`kind` "files" of a complaint, "leads" or "publicity"; its `years` from `end` were over on `due`."""

    kind: str
    case: str
    name: str
    end: datetime
    years: int
    due: datetime


@dataclass(frozen=True, slots=True)
class AppraisalItem:
    """`state`: "destroy" | "keep" (as proposed), "destroyed", "left" (something keeps it again). Days as ISO 8601."""

    kind: str
    case: str
    name: str
    end: str
    years: int
    due: str
    state: str


@dataclass(frozen=True, slots=True)
class AppraisalRow:
    """`waits`: id of the request for a second person's yes, "" when none waits. `under_way`: a second person agreed,
    and not all of it is done yet. `certificate`: SHA-256 of the PDF."""

    id: str
    number: str
    at: datetime
    by: str
    reason: str
    items: Sequence[AppraisalItem]
    waits: str
    under_way: bool
    done: datetime | None
    second: str
    certificate: str


@dataclass(frozen=True, slots=True)
class LookLimits:
    """How many full numbers one mediator may look at in 24 hours: of complaints they are in charge of (`in_hand`), of
    others with a reason (`other`), and how many `more` of either each yes of a second person opens."""

    in_hand: int = 60
    other: int = 20
    more: int = 50


LOOK_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {"in_hand": (10, 200), "other": (0, 50), "more": (0, 100)}
"""The least and the most of each: calling must stay possible, and a register cannot be read out in a day."""


@dataclass(frozen=True, slots=True)
class LookLimitsChange:
    at: datetime
    by: str
    limits: LookLimits
