"""Finding typical cases, and the year's book of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from aiohttp import web

from casebook.case import Case
from casebook.notes import Edition
from casebook.outcomes import Outcomes
from casebook.search.question import Filters
from casebook.search.ranking import Reason
from casebook.yearbook.book import Book
from law.articles import Days
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class FoundCase:
    """`why`: what put it where it is, the words first. `alike`: near-copies of it that are not listed."""

    case: Case
    score: float
    why: tuple[Reason, ...]
    alike: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A complaint as it looks for its like. Codes are "" when not known; `amount` in yuan."""

    title: str
    request: str
    facts: str
    problem: str
    industry: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Alike:
    """`came_to` of every case that is about as near as those that are listed."""

    cases: Sequence[FoundCase]
    came_to: Outcomes


class CaseFinder(Protocol):
    """Only of what is published, in every office; samples where they are asked for, or everything is a demo's."""

    async def find(self, text: str, filters: Filters, days: Days, most: int) -> Sequence[FoundCase]:
        """Without words, what happened last. Best first otherwise."""
        ...

    async def alike(self, account: Account, days: Days, most: int) -> Alike: ...

    async def case(self, id: str) -> Case | None: ...


class Compendium(Protocol):
    """For any mediator or supervisor."""

    async def years(self, officer: Officer) -> Sequence[int]:
        """In which something was published, newest first; always this one."""
        ...

    async def book(self, officer: Officer, year: int, everybody: bool, samples: bool) -> Book:
        """Of the officer's office, or of all, dated and counted in the office's zone; `samples`: of nothing else."""
        ...

    async def prefaces(self, officer: Officer, year: int, everybody: bool) -> Sequence[Edition]:
        """As they were kept, the newest first: of the officer's office, or of the book of all."""
        ...

    async def write_preface(self, officer: Officer, year: int, everybody: bool, text: str, why: str, seen: int) -> None:
        """Refused: not_allowed (all offices' is a supervisor's), case_note_changed when overtaken."""
        ...

    async def pdf(self, book: Book, phone: bool) -> bytes: ...

    async def epub(self, book: Book) -> bytes: ...


CASE_FINDER: web.AppKey[CaseFinder] = web.AppKey("case_finder", CaseFinder)
COMPENDIUM: web.AppKey[Compendium] = web.AppKey("compendium", Compendium)
