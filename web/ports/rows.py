"""What lists show: a session and a complaint in one line each, with the dates the law sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from law.modes import ROOM


@dataclass(frozen=True, slots=True)
class Deadline:
    """A statutory date and how it comes about; `days` are (date, label, counted).

    `article` and `days` are in the officer's language, `article_en` and `labels_en` in English ("" and (): not known).
    """

    code: str  # "accept" | "mediate" | "tell_end" | "competence" | "verify"
    due: date
    start: date
    article: str
    days: Sequence[tuple[date, str, bool]] = ()
    estimated: bool = False  # rests on a calendar year not yet published
    standing: bool = False  # stands still during testing: `due` is the earliest date that can be
    left: int = 0  # counted days that remain of one that stands still
    article_en: str = ""
    labels_en: Sequence[str] = ()
    running: bool = True  # False: what it was for is done


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in lists."""

    id: str
    complaint: str
    number: str
    ordinal: int
    title: str
    office: str
    mediator_id: str
    mediator: str
    starts: datetime
    status: str
    opened: datetime | None
    closed: datetime | None
    outcome: str  # OutcomeKind or ""
    loss_recovered: Decimal
    consumer: str
    business: str
    joint_ms: int
    # seat role -> seat status; instead of "invited" how far an invited party got: unlinked, linked, opened, agreed
    seats: Mapping[str, str] = field(default_factory=dict)
    mode: str = ROOM  # law.modes
    place: str = ""  # of one on site
    undelivered: frozenset[str] = frozenset()  # seats whose link could not be sent; on the desk and of a single session


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint in lists. `state`: registered, accepted, refused, mediating, settled, performing, ended, closed."""

    id: str
    number: str
    title: str
    channel: str
    state: str
    received: datetime
    amount: Decimal | None
    consumer: str
    business: str
    loss_recovered: Decimal
    deadline: Deadline | None
    telling: str = ""  # "owed": somebody must still be told of what was decided; "failed": a message did not leave
