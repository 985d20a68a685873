"""A bulletin in words, of which a page and its PDF are both made, and its issued editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from complaints.statistics.periods import Period


@dataclass(frozen=True, slots=True)
class BulletinTable:
    """A table: `head` names its columns; the first of each row is its name, the others are numbers as shown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class BulletinChart:
    """A chart: what each bar is called and how high it is, None where it is kept back; `says`: the same in words."""

    says: str
    bars: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class BulletinSection:
    """In this order: its heading, sentences, chart, table."""

    heading: str
    sentences: Sequence[str] = ()
    bars: BulletinChart | None = None
    sheet: BulletinTable | None = None


@dataclass(frozen=True, slots=True)
class BulletinPaper:
    """A bulletin in words: everything that is read, in one language, and nothing that changes from build to build."""

    language: str
    office: str
    title: str
    span: str
    day: date  # the period's last, which the file is dated by
    lead: str  # what matters, first
    sections: Sequence[BulletinSection]
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
