"""What one day's looking found: as it is kept, shown and compared with the day after. Plain data, JSON by
`complaints.events.plain` and `typed`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days that begin with `first`. `low` to `high`: what nine ordinary weeks of ten would bring."""

    first: date
    seen: int
    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that many of the complaints have in common: `key` of `kind`, `name` for a person, `count` of them."""

    kind: str
    key: str
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpotFigures:
    """A hot spot in numbers. `since`: the day its rise began, `seen` and `expected` from then to the report's day.

    `course`: "new" | "rising" | "level" | "falling" | "over". `people`: different complainants as far as known, and of
    one the most, `person`; `shared`: businesses that gave one phone number. `records`: ids, newest first.
    """

    id: str
    kind: str
    key: str
    name: str
    since: date
    seen: int
    expected: float
    window: int
    in_window: int
    window_expected: float
    tail: float
    course: str
    alarmed: bool  # above the line on the report's day
    weeks: tuple[Week, ...]
    respondent: Trait | None = None
    problem: Trait | None = None
    people: int = 0
    person: int = 0
    shared: tuple[Trait, ...] = ()
    also: tuple[Trait, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """`before`: the mean of the four weeks before; `expected`: of this week."""

    key: str
    seen: int
    before: float
    expected: float


@dataclass(frozen=True, slots=True)
class ShiftedClass:
    """A class whose rate changed for good: from `week` on `after` a week instead of `before`, in ordinary weeks."""

    kind: str  # "industry" | "problem"
    key: str
    week: date
    before: float
    after: float
    by: float | None = None  # the newest stretch's slope in four weeks, when it is sure


@dataclass(frozen=True, slots=True)
class NewTerm:
    """In the last four weeks `seen`, in the year before `before`."""

    kind: str  # "word" | "respondent" | "trade"
    key: str
    seen: int
    before: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SeasonNote:
    """The next thirty days of a trade beside the last thirty: `times` by season alone. `last_year`: the same days."""

    key: str
    times: float
    expected: float
    last_year: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Figures of days that had been counted before and are others now: since the report of `since`. `joined`: the
    businesses that a person has counted as another since, or parted again."""

    since: date
    added: int
    removed: int
    oldest: date
    merged: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    scope: str
    day: date
    tests: int
    series: int
    line: float
    weekly: float
    week_seen: int
    week_expected: float
    spots: tuple[SpotFigures, ...] = ()
    classes: tuple[ClassWeek, ...] = ()
    streets: tuple[ClassWeek, ...] = ()
    moved: tuple[ShiftedClass, ...] = ()
    fresh: tuple[NewTerm, ...] = ()
    season: tuple[SeasonNote, ...] = ()
    correction: Correction | None = None
    first: date | None = None  # the first complaint there is
    totals: tuple[int, ...] = field(default=())  # of the days up to `day`, so that the next report can compare
    history_days: int = 0
