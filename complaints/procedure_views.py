"""Where a complaint stands in the procedure, what is due, and the holidays its dates rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from complaints.views import Deadline
from law.calendar import Notice
from law.orders import OrderRule


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """`steps`: keys of `complaints.procedure.transitions.STEPS` this officer may ask now, in the procedure's order."""

    state: str = ""
    steps: Sequence[str] = ()
    testing: str = ""  # the body, while it lasts
    testing_since: datetime | None = None
    recusal_by: str = ""  # who asked, while it is not decided
    recusal_since: datetime | None = None
    delegated: str = ""
    disputed: str = ""  # the other office, while it lasts
    dispatched: bool = False  # it came from the intake unit
    split: bool = False  # its report part is a lead of its own
    offices: Sequence[tuple[str, str]] = ()  # where it can be dispatched to: id, name


NO_PROCEDURE = ProcedureView()


@dataclass(frozen=True, slots=True)
class DueRow:
    """`kind`: "complaint" | "lead"; `title` says who and what about."""

    kind: str
    id: str
    number: str
    title: str
    office: str  # its name
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class DueBoard:
    """What is late, due today, due soon, and what stands still; the earliest of each, and not all where there are very
    many. `counts`: of all, by clock code: (late, today, soon)."""

    late: Sequence[DueRow] = ()
    today: Sequence[DueRow] = ()
    soon: Sequence[DueRow] = ()
    standing: Sequence[DueRow] = ()
    counts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    until: date | None = None  # the last day that is soon


@dataclass(frozen=True, slots=True)
class HolidayYear:
    notice: Notice
    entered: datetime
    by: str


@dataclass(frozen=True, slots=True)
class OrdersInUse:
    """By which rule complaints fall under an order; `older`: how many under way the officer sees under Order 20."""

    rule: OrderRule
    older: int = 0
