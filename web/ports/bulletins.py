"""Bulletins as pages ask for them, and the paper a page and its PDF are both made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from aiohttp import web

from complaints.insight.bulletin import Bulletin, Kind
from complaints.statistics.periods import Period
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `head` names its columns; the first of each row is its name, the others are numbers as shown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart: what each bar is called and how high it is, None where it is kept back; `says`: the same in words."""

    says: str
    bars: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Section:
    """In this order: its heading, sentences, chart, table."""

    heading: str
    sentences: Sequence[str] = ()
    bars: Bars | None = None
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A bulletin in words: everything that is read, in one language, and nothing that changes from build to build."""

    language: str
    office: str
    title: str
    span: str
    day: date  # the period's last, which the file is dated by
    lead: str  # what matters, first
    sections: Sequence[Section]
    foot: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class IssuedBulletin:
    """One edition as it was issued. `papers`, `prints` (by language): SHA-256 of what is read and printed. `withdrawn`:
    why it stands no more."""

    kind: str
    period: Period
    scope: str
    public: bool
    edition: int
    number: str
    office: str
    issued: datetime
    by: str
    papers: str
    prints: Mapping[str, str]
    withdrawn: str = ""
    withdrawn_at: datetime | None = None


class IssuedBulletins(Protocol):
    """What was issued stays as it was. Officers see what was issued for exactly the offices they see."""

    async def editions(self, officer: Officer, kind: Kind, period: Period) -> Sequence[IssuedBulletin]:
        """Internal and public ones, in the order they were issued."""
        ...

    async def issue(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> None:
        """Refused: not_public, bad_day (the period is not over), unchanged, small_cells (what others published of the
        same period could be subtracted), wrong_state."""
        ...

    async def withdraw(self, officer: Officer, kind: Kind, period: Period, public: bool, reason: str) -> None:
        """The newest edition. Refused: missing, too_long, wrong_state."""
        ...

    async def published(self) -> Sequence[IssuedBulletin]:
        """For anybody: the newest edition of each that stands, the newest first, sixty at most."""
        ...

    async def public(self, kind: Kind, first: date, scope: str) -> IssuedBulletin:
        """For anybody: the newest edition, also one that was withdrawn. Refused(404): not_found."""
        ...

    async def paper(self, issued: IssuedBulletin, language: str) -> Paper:
        """Refused: not_found, unreadable (what was kept is not what was issued)."""
        ...

    async def print(self, issued: IssuedBulletin, language: str) -> bytes:
        """As `paper`."""
        ...


class Bulletins(Protocol):
    """Scoped: what a supervisor oversees, an inspector's own office."""

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        """Refused: not_found for a period that has not begun, not_public (a week's is never published)."""
        ...

    async def printed(self, paper: Paper) -> bytes:
        """As PDF/A with bookmarks; the same paper gives the same bytes."""
        ...


ISSUED: web.AppKey[IssuedBulletins] = web.AppKey("issued_bulletins", IssuedBulletins)
