"""Businesses as their complaints show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from complaints.insight.respondents import Profile, SimilarRespondent
from complaints.statistics.periods import Period
from web.ports.leads import LeadRow
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Joined:
    """A business without its credit code that is counted with the one of the page, since a person said so. `why`: the
    marks both had."""

    key: str
    name: str
    complaints: int
    why: Sequence[str]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RespondentPage:
    """`names`: what it is called in complaints, and how often; `credit_code` and `phone` masked, each as the
    newest complaint that gives it has it, as is `address`. `crowded`: kinds of
    marks that so many share that they tie nobody to anybody. `leads`: only for who may read leads. `joined`: which
    others count with it; its own complaints are `alone`."""

    key: str
    name: str
    names: Sequence[tuple[str, int]]
    credit_code: str
    phone: str
    address: str
    profile: Profile
    related: Sequence[SimilarRespondent] = ()
    crowded: Sequence[str] = ()
    leads: Sequence[LeadRow] = ()
    left_out: int = 0  # older complaints beyond what one page counts
    joined: Sequence[Joined] = ()
    alone: int = 0


@dataclass(frozen=True, slots=True)
class RespondentRow:
    key: str
    name: str
    complaints: int
    settled: int
    last: date


@dataclass(frozen=True, slots=True)
class RespondentRecord:
    """A complaint behind a number. `title` has no person's name in it for who may not open the complaint."""

    id: str
    number: str
    title: str
    state: str
    received: date
    amount: Decimal | None
    problem: str


@dataclass(frozen=True, slots=True)
class RespondentRecords:
    name: str
    total: int
    rows: Sequence[RespondentRecord] = field(default=())


class Respondents(Protocol):
    """Scoped to the offices an officer sees. Refused(404): not_found, also where they see no complaint of it."""

    async def listed(self, officer: Officer, period: Period, text: str = "") -> Sequence[RespondentRow]:
        """Those with the most complaints received in the period first, 50 at most; `text`: in their name."""
        ...

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage: ...

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        """A page of the complaints behind a number of the profile, the newest first. `part`: of `Profile.parts`."""
        ...

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        """Count two as one; the key both are found under. Refused(409): wrong_state, nothing suggests it any more."""
        ...

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        """They are two: it is not suggested again."""
        ...

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        """Take a join back. Refused(409): wrong_state, it counts as another."""
        ...
