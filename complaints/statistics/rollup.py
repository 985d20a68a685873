"""A rollup: sums of facts by column, on their way to the table that keeps them. Pure."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import compress, repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from complaints.statistics.facts import Fact
from complaints.statistics.particulars import band
from complaints.statistics.sums import (
    ADDED,
    AT,
    COLUMNS,
    DIMS,
    DUES,
    LATER,
    LEVELS,
    SPREAD,
    SPREAD_BY,
    STEPS,
    Level,
    SumKey,
    SumsTaken,
    Values,
    first_of,
    values_of,
    weights,
)

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
        months = [first_of("m", day) for day in chosen[by]]
        for dim in SPREAD_BY:
            found = Counter(zip(chosen["office"], months, chosen[dim], chosen[of], strict=True))
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
