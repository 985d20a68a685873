"""Counting, facts to figures: the days a figure is counted over, what it is compared with, and offices compared fairly.

This is the reference; `server.statistics.store` does so in SQL. A measure's `Tally` is all a figure needs: whoever
counts hands tallies to the one place that divides and rounds.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, sqrt
from typing import Final, assert_never

from complaints.statistics import Count, Done, Judged, Measure, Median, OnTime, Share, Statistic, Sum, Test
from complaints.statistics.facts import Fact, band

_DAY = timedelta(days=1)
_QUARTER, _YEAR = 3, 12


@dataclass(frozen=True, slots=True)
class Period:
    """Both days count. ValueError when it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the period ends before it begins")

    def __str__(self) -> str:
        """2026-06-01 – 2026-06-30; of one day, that day."""
        return f"{self.first}" if self.first == self.last else f"{self.first} – {self.last}"

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def months(self) -> int:
        """How many whole calendar months it is; 0 when it is not made of whole ones."""
        whole = self.first.day == 1 and (self.last + _DAY).day == 1
        return _index(self.last) - _index(self.first) + 1 if whole else 0

    def previous(self) -> Period:
        """The one just before: as many whole months, else as many days."""
        last = self.first - _DAY
        if self.months:
            return Period(_month(_index(self.first) - self.months), last)
        return Period(last - (self.last - self.first), last)

    def year_before(self) -> Period:
        """The same days a year earlier; the 29th of February is the 28th there."""
        if self.months:
            return Period(_month(_index(self.first) - _YEAR), _month(_index(self.last) - _YEAR + 1) - _DAY)
        return Period(_a_year_earlier(self.first), _a_year_earlier(self.last))


def month(day: date) -> Period:
    """The calendar month a day is in."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def quarter(day: date) -> Period:
    first = day.month - (day.month - 1) % _QUARTER
    return Period(date(day.year, first, 1), month(date(day.year, first + _QUARTER - 1, 1)).last)


def year(day: date) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, _YEAR, 31))


def months_to(day: date, count: int = _YEAR) -> Period:
    """So many whole months, the last the one this day is in."""
    return Period(_month(_index(day) - count + 1), month(day).last)


def each_month(period: Period) -> list[str]:
    """Every month it touches, as figures are grouped by: "2026-04"."""
    return [f"{n // _YEAR:04d}-{n % _YEAR + 1:02d}" for n in range(_index(period.first), _index(period.last) + 1)]


def _index(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _month(index: int) -> date:
    return date(index // _YEAR, index % _YEAR + 1, 1)


def _a_year_earlier(day: date) -> date:
    year = day.year - 1
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


GROUPS: Final = (
    "channel", "problem", "industry", "industry2", "industry3", "industry4", "division", "street", "platform",
    "respondent", "band", "age_band", "mode", "office", "month", "day",
)  # fmt: skip
"""`industry` is the section of GB/T 4754; 2, 3 and 4 are its division, group and class, as far as the code goes."""
INDUSTRY: Final[Mapping[str, int]] = {"industry2": 3, "industry3": 4, "industry4": 5}
"""How many characters of a code each level has."""
BETWEEN: Final = "|"  # of two groupings at once, and of what they are called: "problem|channel", "quality|12315"
ROWS: Final = ("problem", "industry", "industry2", "channel", "division", "office", "band", "age_band", "mode", "month")
"""What may stand first of two: nothing of it has a `BETWEEN` in it."""
COLUMNS: Final = (
    "channel",
    "problem",
    "office",
    "month",
    "platform",
    "band",
    "age_band",
    "mode",
    "division",
    "industry",
)
EARLIEST: Final = date(1990, 1, 1)  # figures are asked of
MOST_DAYS: Final = 3660  # at once
SAID: Final = "said"
NARROWED_BY: Final = (
    "channel", "problem", "industry", "division", "street", "platform", "respondent", "band", "age_band", "mode", SAID,
)  # fmt: skip
"""What a question may be narrowed by. `industry` and `division`: by the beginning of a code of GB/T 4754 or 2260, so
that "H" is the section, "H62" its division, and "4201" a whole city; `said`: by words in the complaint."""
Narrowed = tuple[tuple[str, tuple[str, ...]], ...]
"""One of `NARROWED_BY`, and what it may be: one of them has to fit, and all of several."""
MOST_NARROWED: Final = 6
MOST_VALUES: Final = 12
LONGEST_VALUE: Final = 64  # characters


def read_narrowed(text: str) -> Narrowed:
    """As an address has it: industry:H62;channel:hotline,12315. What is not known, or too much, is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";")[:MOST_NARROWED]:
        by, _, values = part.partition(":")
        given = (value.strip()[:LONGEST_VALUE] for value in values.split(",")[:MOST_VALUES])
        kept = tuple(dict.fromkeys(value for value in given if value))
        if by in NARROWED_BY and kept:
            found[by] = kept
    return tuple(found.items())


def write_narrowed(only: Narrowed) -> str:
    return ";".join(f"{by}:{','.join(values)}" for by, values in only)


def fits(fact: Fact, only: Narrowed) -> bool:
    """Whether it is among those a question was narrowed to. Words stand in no fact: `SAID` is for SQL alone."""
    return all(_one_fits(fact, by, values) for by, values in only)


def _one_fits(fact: Fact, by: str, values: Sequence[str]) -> bool:
    match by:
        case "industry":
            return fact.industry in values or (fact.industry_code or fact.industry).startswith(tuple(values))
        case "division":
            return fact.division.startswith(tuple(values))
        case "band":
            return band(fact.amount) in values
        case _:
            return str(getattr(fact, by)) in values


ADDED: Final = ("amount", "recovered", "travel")
"""What is added up; other values are ordered."""
TOTAL: Final = ""  # the group of an ungrouped figure


@dataclass(frozen=True, slots=True)
class MeasureTally:
    """Of one measure: how many complaints, their amounts added up, and how many took how many days."""

    count: int = 0
    total: Decimal = Decimal("0.00")
    days: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: MeasureTally) -> MeasureTally:
        days = {taken: self.days.get(taken, 0) + other.days.get(taken, 0) for taken in {**self.days, **other.days}}
        return MeasureTally(
            self.count + other.count,
            self.total + other.total,
            {taken: count for taken, count in days.items() if count},
        )


NOTHING: Final = MeasureTally()
Tallies = Mapping[tuple[Measure, str], MeasureTally]  # by measure and group


def gathered(tallies: Tallies, groups: Mapping[str, Iterable[str]]) -> Tallies:
    """Each group what its parts are together. Parts hold no complaint twice."""
    measures = dict.fromkeys(measure for measure, _ in tallies)
    return {
        (measure, name): _added_up([tallies[key] for part in parts if (key := (measure, part)) in tallies])
        for name, parts in ((name, list(parts)) for name, parts in groups.items())
        for measure in measures
    }


def _added_up(some: Sequence[MeasureTally]) -> MeasureTally:
    """As `+` does, without a copy of all days for each."""
    days = Counter[int]()
    for one in some:
        days.update(one.days)
    return MeasureTally(
        sum(one.count for one in some),
        sum((one.total for one in some), NOTHING.total),
        {taken: count for taken, count in days.items() if count},
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None: there is nothing to divide by or to order. `top` and `bottom`: complaints behind it."""

    statistic: Statistic
    value: Decimal | None
    top: int
    bottom: int | None = None


def figure(statistic: Statistic, tallies: Tallies, group: str = TOTAL) -> Figure:
    formula = statistic.formula
    top = tallies.get((formula.top, group), NOTHING)
    match formula:
        case Count():
            return Figure(statistic, Decimal(top.count), top.count)
        case Sum():
            return Figure(statistic, _rounded(top.total, statistic), top.count)
        case Median():
            return Figure(statistic, _rounded(median(top.days), statistic), top.count)
        case Share():
            bottom = tallies.get((formula.bottom, group), NOTHING)
            share = Decimal(100 * top.count) / bottom.count if bottom.count else None
            return Figure(statistic, _rounded(share, statistic), top.count, bottom.count)
        case _:
            assert_never(formula)


def median(days: Mapping[int, int]) -> Decimal | None:
    """Of so many values each; None of none."""
    count = sum(days.values())
    if not count:
        return None
    lower = _nth(days, (count - 1) // 2)
    return Decimal(lower + _nth(days, count // 2)) / 2


def _nth(days: Mapping[int, int], n: int) -> int:
    """The value at place `n` of all in order, counted from 0."""
    for value in sorted(days):
        if n < days[value]:
            return value
        n -= days[value]
    raise IndexError(n)


def crossed(by: str) -> bool:
    """Whether it is two groupings at once."""
    first, _, second = by.partition(BETWEEN)
    return first in ROWS and second in COLUMNS and first != second


def tallies(facts: Iterable[Fact], measures: Sequence[Measure], period: Period, today: date, by: str = "") -> Tallies:
    """Count facts one by one. `today`: the day of the counting, which says what is late. `by`: of `GROUPS`, or two."""
    found: dict[tuple[Measure, str], MeasureTally] = {}
    for fact in facts:
        for measure in measures:
            if belongs(fact, measure, period, today):
                key = measure, group_of(fact, measure, by)
                found[key] = _with(found.get(key, NOTHING), fact, measure)
    return found


def belongs(fact: Fact, measure: Measure, period: Period, today: date) -> bool:
    """Whether this complaint is one of those behind the measure."""
    return fact.counted and period.holds(_day(fact, measure.by)) and all(_passes(fact, t, today) for t in measure.tests)


def group_of(fact: Fact, measure: Measure, by: str) -> str:
    """A month is that of the day the measure counts by."""
    if not by:
        return TOTAL
    if BETWEEN in by:
        first, _, second = by.partition(BETWEEN)
        return f"{group_of(fact, measure, first)}{BETWEEN}{group_of(fact, measure, second)}"
    match by:
        case "month":
            return f"{_day(fact, measure.by):%Y-%m}"
        case "day":
            return f"{_day(fact, measure.by)}"
        case "band":
            return band(fact.amount)
        case _ if by in INDUSTRY:
            return fact.industry_code[: INDUSTRY[by]]
        case _:
            return str(getattr(fact, by))


def _passes(fact: Fact, test: Test, today: date) -> bool:
    done = _day(fact, test.done)
    match test:
        case Done():
            return done is not None
        case OnTime(due=due_name):
            due = _day(fact, due_name)
            return done is not None and due is not None and done <= due
        case Judged(due=due_name):
            due = _day(fact, due_name)
            return done is not None or (due is not None and due < today)
        case _:
            assert_never(test)


def _day(fact: Fact, name: str) -> date | None:
    day: date | None = getattr(fact, name)
    return day


def _with(tally: MeasureTally, fact: Fact, measure: Measure) -> MeasureTally:
    if not measure.of:
        return MeasureTally(tally.count + 1)
    value = getattr(fact, measure.of)
    if measure.of in ADDED:
        return MeasureTally(tally.count + 1, tally.total + Decimal(value or 0))
    if value is None:  # nobody knows how many days: it is in no order
        return tally
    return MeasureTally(tally.count + 1, days=Counter(tally.days) + Counter({value: 1}))


def _rounded(value: Decimal | None, statistic: Statistic) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-statistic.digits), ROUND_HALF_UP)


def change(now: Figure, before: Figure) -> Decimal | None:
    """How it moved, one digit after the point: in percent of what it was; shares and days by their difference.

    None when either is no figure, a percentage of nothing is asked for, or the newer one is still growing.
    """
    if now.value is None or before.value is None or now.statistic.grows:
        return None
    moved = now.value - before.value
    if now.statistic.unit in ("complaints", "yuan", "kilometres"):
        if not before.value:
            return None
        moved = 100 * moved / before.value
    return moved.quantize(Decimal("0.1"), ROUND_HALF_UP)


# ------------------------------------------------------------ fair comparison


FEW: Final = 10  # with fewer, a share or a spread says nothing of an office
QUARTERS: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
SURE: Final = 1.96  # standard deviations around the expected that 95 % fall within


@dataclass(frozen=True, slots=True)
class SettlementCount:
    """Of `count` mediations `hits` ended in a settlement."""

    hits: int
    count: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """An office's share of settlements, in percent, and what all offices' shares would make of its own mix of classes.

    `low` and `high`: between these it would lie in 95 of 100 cases were there no difference at all but chance.
    """

    seen: float
    expected: float
    low: float
    high: float
    count: int

    @property
    def usual(self) -> bool:
        return self.low <= self.seen <= self.high


def like_for_like(counts: Mapping[tuple[str, str], SettlementCount]) -> dict[str, Likeness]:
    """Each office beside what its own mix of disputes would let one expect. There is no order from best to worst.

    By office, from counts by office and class. Indirect standardisation: each of its classes with the share that class
    has in all offices together. Offices with fewer than `FEW` are left out.
    """
    by_class: dict[str, list[int]] = {}
    by_office: dict[str, list[tuple[str, SettlementCount]]] = {}
    for (office, name), one in counts.items():
        by_office.setdefault(office, []).append((name, one))
        both = by_class.setdefault(name, [0, 0])
        both[0] += one.hits
        both[1] += one.count
    share = {name: hits / count for name, (hits, count) in by_class.items() if count}
    found = {}
    for office, some in by_office.items():
        mine = [(share.get(name, 0.0), one) for name, one in some]
        count = sum(one.count for _, one in mine)
        if count < FEW:
            continue
        expected = sum(p * one.count for p, one in mine) / count
        spread = SURE * sqrt(sum(p * (1 - p) * one.count for p, one in mine)) / count
        seen = sum(one.hits for _, one in mine) / count
        low, high = max(0.0, expected - spread), min(1.0, expected + spread)
        found[office] = Likeness(100 * seen, 100 * expected, 100 * low, 100 * high, count)
    return found


def quantile(days: Mapping[int, int], q: float) -> int:
    """The smallest number of days by which at least this share was done (nearest rank). ValueError of none."""
    count = sum(days.values())
    if not count:
        raise ValueError("nothing was counted")
    left = max(1, ceil(q * count - 1e-9))
    for taken in sorted(days):
        left -= days[taken]
        if left <= 0:
            return taken
    raise AssertionError("counts below zero")


def quarters(days: Mapping[int, int]) -> Sequence[int] | None:
    """The days by which a tenth, a quarter, half, three quarters and nine tenths were done; None with too few."""
    return [quantile(days, q) for q in QUARTERS] if sum(days.values()) >= FEW else None


def bins(days: Mapping[int, int], width: int = 5, last: int = 60) -> list[tuple[int, int, int]]:
    """First and last day and how many, in equal steps; what took longer than `last` is in one of its own."""
    found = [(start, start + width - 1, 0) for start in range(0, last, width)] + [(last, -1, 0)]
    for taken, count in days.items():
        at = min(max(taken, 0), last) // width
        first, end, so_far = found[at]
        found[at] = first, end, so_far + count
    return found
