"""Daily sums (rollups): what facts add up to, kept by office, day and one thing they have in common. Pure.

A sum is a whole number for each of `COLUMNS`, so a fact that changes is taken off as it was and put on as it is:
adding up is exact, in any order. Sums of words of which there are few (`COARSE`) are by day and by month, those of
which there are many (`MANY`) by year too, and of respondents (`FINE`), of which most have one complaint a day, by
month and by year only; `spans` cuts a period into the fewest of them, and what a level lacks is counted from facts.
`server.statistics.fact_store` keeps them.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import compress, pairwise, repeat
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaints.statistics import Done, Judged, Measure, OnTime
from complaints.statistics.facts import Fact, band
from complaints.statistics.figures import Period, month, year

Level = Literal["d", "m", "y"]
Values = Sequence[int]

COARSE: Final = ("total", "channel", "problem", "industry", "division", "platform", "band", "age_band", "mode")
MANY: Final = ("industry_code", "street")
FINE: Final = ("respondent",)
LEVELS: Final[Mapping[str, Sequence[Level]]] = {
    **dict.fromkeys(COARSE, ("m", "d")),
    **dict.fromkeys(MANY, ("y", "m", "d")),
    **dict.fromkeys(FINE, ("y", "m")),
}
"""From the widest."""
DIMS: Final = tuple(LEVELS)

STEPS: Final = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "lead",
    "asked", "answered", "heard", "rated", "satisfied", "decision_told", "confirmed",
)  # fmt: skip
DUES: Final = (("accept_due", "decision_told"), ("mediate_due", "concluded"), ("tell_due", "told"))
LATER: Final = (("accepted", "settled"), ("asked", "answered"))
"""Of which step's complaints it is kept how many have come to another, on whatever day."""
ADDED: Final = (("received", "amount"), ("settled", "recovered"), ("concluded", "travel"))
"""What is added up by which day: yuan are kept as whole fen, kilometres as they are."""
COLUMNS: Final = (
    *STEPS,
    *(f"{due}{what}" for due, _ in DUES for what in ("", "_done", "_kept")),
    *(f"{by}_{later}" for by, later in LATER),
    *(of for _, of in ADDED),
)
AT: Final = {name: n for n, name in enumerate(COLUMNS)}
SPREAD: Final = (("decided", "days_to_decision"), ("handled", "days_to_handling"), ("settled", "days_to_settlement"))
"""Of these is kept how many took how many days, by month."""
SPREAD_BY: Final = ("total", "channel", "problem", "industry")
YEARS: Final = "years"
"""Under which dimension it is kept of all together by year too."""
FIELDS: Final = tuple(
    dict.fromkeys(
        (
            "office", *(dim for dim in DIMS if dim not in ("total", "band")), *STEPS,
            *(due for due, _ in DUES), *(of for _, of in ADDED), *(of for _, of in SPREAD),
        )
    )
)  # fmt: skip
"""Of a fact: all that sums are made of."""


class SumKey(NamedTuple):
    """`day`: the first of the day, month or year."""

    level: Level
    dim: str
    office: str
    day: date
    value: str


class SumsTaken(NamedTuple):
    """A key of how many took how many days, in the month (of `YEARS` the year) that begins with `day`."""

    of: str
    dim: str
    office: str
    day: date
    value: str
    days: int


def values_of(fact: Fact) -> Mapping[str, str]:
    """What it is summed under, by dimension."""
    return {
        "total": "",
        "channel": fact.channel,
        "problem": fact.problem,
        "industry": fact.industry,
        "division": fact.division,
        "platform": fact.platform,
        "band": band(fact.amount),
        "age_band": fact.age_band,
        "mode": fact.mode,
        "industry_code": fact.industry_code,
        "street": fact.street,
        "respondent": fact.respondent,
    }


def weights(fact: Fact) -> Mapping[date, list[tuple[int, int]]]:
    """What it adds on which day: places in `COLUMNS` and by how much."""
    found: dict[date, list[tuple[int, int]]] = {}
    for name in STEPS:
        day: date | None = getattr(fact, name)
        if day is not None:
            found.setdefault(day, []).append((AT[name], 1))
    for due_name, done_name in DUES:
        due: date | None = getattr(fact, due_name)
        if due is not None:
            done: date | None = getattr(fact, done_name)
            there = found.setdefault(due, [])
            there.append((AT[due_name], 1))
            if done is not None:
                there.append((AT[f"{due_name}_done"], 1))
                if done <= due:
                    there.append((AT[f"{due_name}_kept"], 1))
    for by, later in LATER:
        first: date | None = getattr(fact, by)
        if first is not None and getattr(fact, later) is not None:
            found[first].append((AT[f"{by}_{later}"], 1))
    for by, of in ADDED:
        day, amount = getattr(fact, by), whole(fact, of)
        if day is not None and amount:
            found[day].append((AT[of], amount))
    return found


def whole(fact: Fact, of: str) -> int:
    """An amount as it is added up: fen, or kilometres; 0 where it is not known."""
    if of == "travel":
        return fact.travel or 0
    return int(getattr(fact, of) * 100)


@lru_cache(maxsize=8192)
def first_of(level: str, day: date) -> date:
    return day if level == "d" else day.replace(day=1) if level == "m" else day.replace(month=1, day=1)


# ---------------------------------------------------------------- what a measure reads, and where


class MeasureColumns(NamedTuple):
    """The columns a measure is read from. `open`: from today on, when it is another; `added`: what is summed."""

    column: str
    open: str
    added: str


def read_of(measure: Measure) -> MeasureColumns | None:
    """None when sums do not hold it: it is counted from facts."""
    match measure:
        case Measure(by, (), of) if by in STEPS and (not of or (by, of) in ADDED):
            return MeasureColumns(by, by, of)
        case Measure(by, (Done(later),), "") if (by, later) in LATER:
            return MeasureColumns(f"{by}_{later}", f"{by}_{later}", "")
        case Measure(by, (Judged(done, due),), "") if by == due and (due, done) in DUES:
            return MeasureColumns(by, f"{due}_done", "")
        case Measure(by, (Judged(done, due), OnTime(done_too, due_too)), "") if (
            by == due == due_too and done == done_too and (due, done) in DUES
        ):
            return MeasureColumns(f"{due}_kept", f"{due}_kept", "")
        case _:
            return None


def spans(period: Period, dim: str) -> list[tuple[Level | Literal["facts"], Period]]:
    """The period in the widest whole pieces a dimension has sums of; "facts" where it has none, in order of time."""
    return _cut(period, LEVELS[dim])


def _cut(period: Period, levels: Sequence[Level]) -> list[tuple[Level | Literal["facts"], Period]]:
    if not levels or levels[0] == "d":
        return [(levels[0] if levels else "facts", period)]
    pieces: list[tuple[Level | Literal["facts"], Period]] = []
    for level, piece in _whole(period, levels[0]):
        pieces += [(level, piece)] if level else _cut(piece, levels[1:])
    return pieces


def firsts(level: str, period: Period) -> list[date]:
    """The days that sums of a period of whole months or years stand under."""
    found, unit = [first_of(level, period.first)], month if level == "m" else year
    while (after := unit(found[-1]).last + timedelta(days=1)) <= period.last:
        found.append(after)
    return found


def months(period: Period, dim: str) -> list[tuple[Level | Literal["facts"], Period]]:
    """The period in whole months, and what lies before and behind them in days, or in facts."""
    rest: Level | Literal["facts"] = "d" if "d" in LEVELS[dim] else "facts"
    return [(level or rest, piece) for level, piece in _whole(period, "m")]


def in_years(whole: Period) -> Iterator[tuple[Level, date, int]]:
    """Whole months as few sums of them and of years: of which, its first day, and 1 to add it or -1 to take it off. A
    year is read that most of its months are in, and those that are not are taken off."""
    for start in firsts("y", whole):
        every = firsts("m", year(start))
        outside = [day for day in every if not whole.holds(day)]
        if len(outside) + 1 < len(every) - len(outside):
            yield "y", start, 1
            yield from (("m", day, -1) for day in outside)
        else:
            yield from (("m", day, 1) for day in every if whole.holds(day))


def merged(periods: Iterable[Period]) -> list[Period]:
    """The days of all of them in as few periods as there can be, in order of time."""
    found: list[Period] = []
    for period in sorted(periods, key=lambda one: (one.first, one.last)):
        if found and period.first <= found[-1].last + timedelta(days=1):
            found[-1] = Period(found[-1].first, max(found[-1].last, period.last))
        else:
            found.append(period)
    return found


def apart(periods: Iterable[Period]) -> list[Period]:
    """The days of all of them in periods that each lie in one of these or outside of it, in order of time."""
    some = list(periods)
    edges = sorted({one.first for one in some} | {one.last + timedelta(days=1) for one in some})
    found = [Period(first, after - timedelta(days=1)) for first, after in pairwise(edges)]
    return [one for one in found if any(other.holds(one.first) for other in some)]


def _whole(period: Period, level: Level) -> list[tuple[Level | None, Period]]:
    """What lies before, in and behind the whole months or years of a period."""
    unit, day = (month if level == "m" else year), timedelta(days=1)
    first = period.first if first_of(level, period.first) == period.first else unit(period.first).last + day
    last = period.last if unit(period.last).last == period.last else first_of(level, period.last) - day
    if first > last:
        return [(None, period)]
    found: list[tuple[Level | None, Period]] = [(level, Period(first, last))]
    if period.first < first:
        found.insert(0, (None, Period(period.first, first - day)))
    if last < period.last:
        found.append((None, Period(last + day, period.last)))
    return found


_Sums = dict[tuple[str, str, date, str], list[int]]
_BY_DAY: Final = tuple(dim for dim, levels in LEVELS.items() if levels[-1] == "d")
_BY_MONTH: Final = tuple(dim for dim, levels in LEVELS.items() if levels[-1] == "m")
_ABOVE: Final[Mapping[str, Level]] = {"d": "m", "m": "y"}


class Rollup:
    """Sums that are still to be added to those that are kept. What adds up to nothing is left out."""

    def __init__(self) -> None:
        self._days: _Sums = {}
        self._months: _Sums = {}
        self._taken: dict[SumsTaken, int] = {}
        self.touched: set[int] = set()
        """Places in `COLUMNS`; at all others every sum is 0."""

    def __len__(self) -> int:
        return len(self._days) + len(self._months) + len(self._taken)

    def put(self, fact: Fact, sign: int = 1) -> None:
        """`sign` -1: take it off. One that is not counted changes nothing."""
        if not fact.counted:
            return
        office, values = fact.office, values_of(fact)
        for day, added in weights(fact).items():
            self.add(office, day, values, added, sign)
        for by, of in SPREAD:
            at, days = getattr(fact, by), getattr(fact, of)
            if at is not None and days is not None:
                for dim in SPREAD_BY:
                    key = SumsTaken(of, dim, office, first_of("m", at), values[dim], days)
                    self._taken[key] = self._taken.get(key, 0) + sign
                key = SumsTaken(of, YEARS, office, first_of("y", at), "", days)
                self._taken[key] = self._taken.get(key, 0) + sign

    def add(
        self, office: str, day: date, values: Mapping[str, str], added: Sequence[tuple[int, int]], sign: int = 1
    ) -> None:
        start = first_of("m", day)
        self.touched.update(place for place, _ in added)
        for dims, at, shelf in ((_BY_DAY, day, self._days), (_BY_MONTH, start, self._months)):
            for dim in dims:
                row = _row(shelf, (dim, office, at, values[dim]))
                for place, amount in added:
                    row[place] += sign * amount

    def pile(self, facts: Mapping[str, Sequence[Any]]) -> None:
        """Put many facts, all of them counted: a column of values for each of `FIELDS`, money in fen. A day or a number
        that none of them has may be left out. Adds what `put` does one by one; counting is done by the column, which is
        faster the more of them have a sum in common."""
        columns = dict(facts, total=list(repeat("", len(facts["office"]))))
        columns["band"] = [_band(fen or 0) for fen in facts["amount"]]
        days = {name: DayColumn(facts[name]) for name in (*STEPS, *(due for due, _ in DUES)) if name in facts}
        added = {name: [(AT[name], day.there.astype(np.int64))] for name, day in days.items()}
        for due, done in DUES:
            if due in days and done in days:
                over = days[due].there & days[done].there
                kept = over & (days[done].ordinals <= days[due].ordinals)
                added[due] += [(AT[f"{due}_done"], over.astype(np.int64)), (AT[f"{due}_kept"], kept.astype(np.int64))]
        for by, later in LATER:
            if by in days and later in days:
                both = days[by].there & days[later].there
                added[by].append((AT[f"{by}_{later}"], both.astype(np.int64)))
        for by, of in ADDED:
            if by in days and of in facts:
                added[by].append((AT[of], np.fromiter((value or 0 for value in facts[of]), np.int64)))
        told = {name: WordColumn(columns[name]) for name in ("office", *DIMS)}
        for by, day in days.items():
            if day.there.any():
                self.touched.update(place for place, _ in added[by])
                for dims, level, shelf in ((_BY_DAY, "d", self._days), (_BY_MONTH, "m", self._months)):
                    _add_up(shelf, dims, told, day.by(level), added[by])
        for by, of in SPREAD:
            if by in columns and of in columns:
                self._spread(columns, by, of)

    def _spread(self, columns: Mapping[str, Sequence[Any]], by: str, of: str) -> None:
        both = [a is not None and b is not None for a, b in zip(columns[by], columns[of], strict=True)]
        if not any(both):
            return
        chosen = {name: list(compress(columns[name], both)) for name in ("office", by, of, *SPREAD_BY)}
        months, years = ([first_of(level, day) for day in chosen[by]] for level in ("m", "y"))
        kept = [(dim, months, chosen[dim]) for dim in SPREAD_BY]
        for dim, starts, values in (*kept, (YEARS, years, chosen["total"])):
            found = Counter(zip(chosen["office"], starts, values, chosen[of], strict=True))
            for (office, start, value, taken), count in found.items():
                key = SumsTaken(of, dim, office, start, value, taken)
                self._taken[key] = self._taken.get(key, 0) + count

    def sums(self) -> Iterator[tuple[SumKey, Values]]:
        """In a fixed order, so that two who write at once meet in the same one."""
        yield from _upwards(self._days, "d")
        yield from _upwards(self._months, "m")

    def taken(self) -> Iterator[tuple[SumsTaken, int]]:
        return ((key, count) for key, count in sorted(self._taken.items()) if count)


def _upwards(shelf: _Sums, level: Level) -> Iterator[tuple[SumKey, Values]]:
    """These, and what they add up to on the levels above that their dimension has."""
    coarser = _ABOVE.get(level)
    wider: _Sums = {}
    for key in sorted(shelf):
        row = shelf[key]
        if not any(row):
            continue
        dim, office, day, value = key
        yield SumKey(level, dim, office, day, value), row
        if coarser in LEVELS[dim]:
            whole_one = dim, office, first_of(coarser, day), value
            above = wider.get(whole_one)
            wider[whole_one] = row if above is None else list(map(operator.add, above, row))
    if coarser and wider:
        yield from _upwards(wider, coarser)


def _row(shelf: _Sums, key: tuple[str, str, date, str]) -> list[int]:
    row = shelf.get(key)
    if row is None:
        row = shelf[key] = [0] * len(COLUMNS)
    return row


def _add_up(
    shelf: _Sums,
    dims: Sequence[str],
    told: Mapping[str, WordColumn],
    at: WordColumn,
    added: Sequence[tuple[int, Numbers]],
) -> None:
    """`at`: on which day each fact adds; those without one add nothing."""
    which = np.flatnonzero(at.codes >= 0)
    offices = told["office"]
    base = offices.codes[which] * len(at.words) + at.codes[which]
    weights = [(place, numbers[which]) for place, numbers in added]
    for dim in dims:
        words = told[dim].words
        keys = base * len(words) + told[dim].codes[which]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        totals = [(place, np.add.reduceat(numbers[order], starts).tolist()) for place, numbers in weights]
        rest, values = np.divmod(keys[starts], len(words))
        where, days = np.divmod(rest, len(at.words))
        found = zip(where.tolist(), days.tolist(), values.tolist(), strict=True)
        for n, (office, day, value) in enumerate(found):
            row = _row(shelf, (dim, offices.words[office], at.words[day], words[value]))
            for place, total in totals:
                row[place] += total[n]


@lru_cache(maxsize=8192)
def _band(fen: int) -> str:
    return band(Decimal(fen) / 100)


# ------------------------------------------------------------ columns


Numbers = NDArray[np.int64]
_NO_DAY: Final = date(1, 1, 1)


class WordColumn:
    """A column of words as numbers. `codes`: of each row, which of `words` it says; -1 where it says nothing."""

    __slots__ = ("codes", "words")

    def __init__(self, column: Sequence[Any]) -> None:
        seen: dict[Any, int] = {}
        self.codes: Numbers = np.fromiter(
            (-1 if one is None else seen.setdefault(one, len(seen)) for one in column), np.int64, len(column)
        )
        self.words: Sequence[Any] = list(seen)


class DayColumn(WordColumn):
    """A column of days. `there`: which rows have one; `ordinals`: as numbers that can be compared, where they have."""

    __slots__ = ("ordinals", "there")

    def __init__(self, column: Sequence[date | None]) -> None:
        super().__init__(column)
        self.there = self.codes >= 0
        self.ordinals: Numbers = np.array([day.toordinal() for day in (*self.words, _NO_DAY)], np.int64)[self.codes]

    def by(self, level: str) -> WordColumn:
        """By the first day of the month or year that a day is in, or by day."""
        if level == "d":
            return self
        starts = WordColumn([first_of(level, day) for day in self.words])
        wider = WordColumn(())
        wider.codes = np.append(starts.codes, -1)[self.codes]
        wider.words = starts.words
        return wider
