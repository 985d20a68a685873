"""What each side is asked afterwards, and what became of promises and wishes to talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from complaints.notices.questions import QuestionsAnswered
from web.ports.people import Office, Officer


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`whom`: "consumer" | "business"; `when`: "closed" | "due"; `promised`: something was left to be done later."""

    office: Office
    number: str
    whom: str
    when: str
    promised: bool
    answered: QuestionsAnswered | None


class Questions(Protocol):
    """Of a link: Refused(404) link_unknown; (410) link_expired."""

    async def look(self, secret: str) -> QuestionPage:
        """Changes nothing."""
        ...

    async def answer(self, secret: str, heard: str, satisfied: str, paid: str, talk: bool, note: str) -> None:
        """May be changed while the link is good. Refused: bad_choice, too_long, too_many_tries."""
        ...


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """`standing` as in complaints.procedure.aftercare; `paid`: what the consumer answered, "" when they did not."""

    session: str
    number: int  # of the promise, from 1
    complaint: str
    complaint_number: str
    office: str
    respondent: str  # a key; `business` is its name
    business: str
    who: str  # "consumer" | "business"
    action: str
    amount: Decimal | None
    due: date
    standing: str
    kept: date | None
    reminded: bool
    paid: str


@dataclass(frozen=True, slots=True)
class PromiseSum:
    """Of one respondent or office: how many promises in each standing, and yuan promised and still open."""

    key: str
    name: str
    standing: dict[str, int]
    promised: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class WishRow:
    complaint: str
    number: str
    office: str
    whom: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PerformanceView:
    rows: Sequence[PromiseRow]
    respondents: Sequence[PromiseSum]
    offices: Sequence[PromiseSum]
    wishes: Sequence[WishRow]
    asked: int  # consumers asked in the last 90 days, who answered, and who felt heard
    answered: int
    heard: int
    rated: int = 0  # who said how satisfied they are, and who are satisfied or partly satisfied
    satisfied: int = 0


class PerformanceDesk(Protocol):
    async def view(self, officer: Officer, wanted: str, respondent: str, now: datetime) -> PerformanceView:
        """Of the offices they see; "" for any standing, any respondent."""
        ...

    async def wishes(self, officer: Officer) -> int:
        """How many wait to be called."""
        ...
