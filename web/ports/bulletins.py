"""Bulletins as pages ask for them, and the paper a page and its PDF are both made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

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


class Bulletins(Protocol):
    """Scoped: what a supervisor oversees, an inspector's own office."""

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        """Refused: not_found for a period that has not begun, not_public (a week's is never published)."""
        ...

    async def printed(self, paper: Paper) -> bytes:
        """As PDF/A with bookmarks; the same paper gives the same bytes."""
        ...
