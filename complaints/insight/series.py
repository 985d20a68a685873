"""Daily counts by what they are about: sparse, since most businesses are complained about a few times a year.

A `Counts` is one kind of series (respondents, streets, trades, platforms, words); `group` says which season each goes
by. Days are numbers from the first day that is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESPONDENT, STREET, TRADE, PLATFORM, WORD = "respondent", "street", "trade", "platform", "word"
SERIES: Final = (RESPONDENT, STREET, TRADE, PLATFORM, WORD)


@dataclass(frozen=True, slots=True)
class Counts:
    """`n` complaints about `keys[series]` on `day`, one entry each; several for the same are added up."""

    kind: str
    keys: Sequence[str]
    group: Ints  # by key
    series: Ints
    day: Ints
    n: Ints

    @classmethod
    def of(cls, kind: str, keys: Sequence[str], group: Ints, series: Ints, day: Ints, n: Ints | None = None) -> Counts:
        """Added up, in order of series and day."""
        if not len(series):
            nothing = np.zeros(0, np.int64)
            return cls(kind, keys, group, nothing, nothing, nothing)
        span = int(day.max()) + 1
        cells, at = np.unique(series.astype(np.int64) * span + day, return_inverse=True)
        summed = np.bincount(at, n) if n is not None else np.bincount(at)
        return cls(kind, keys, group, cells // span, cells % span, summed.astype(np.int64))

    def within(self, first: int, last: int) -> Ints:
        """Complaints by series from day to day, both counted."""
        here = (self.day >= first) & (self.day <= last)
        return np.bincount(self.series[here], self.n[here], len(self.keys)).astype(np.int64)

    def weighed(self, weight: Floats) -> Floats:
        """By series, each day's complaints times that day's weight."""
        there = self.day < len(weight)
        found = np.bincount(self.series[there], self.n[there] * weight[self.day[there]], len(self.keys))
        return found.astype(np.float64)

    def first(self) -> Ints:
        """The day of each series' first complaint; beyond all days for one that has none."""
        found = np.full(len(self.keys), np.iinfo(np.int64).max)
        series, at = np.unique(self.series, return_index=True)
        found[series] = self.day[at]
        return found

    def cells(self, width: int, first: int, last: int) -> tuple[Ints, Ints, Floats]:
        """Non-empty cells of stretches `width` days long that end with `last`: series, stretch from 0, complaints."""
        stretches = (last - first + 1) // width
        begin = last + 1 - stretches * width
        here = (self.day >= begin) & (self.day <= last)
        code = self.series[here] * max(stretches, 1) + (self.day[here] - begin) // width
        cells, at = np.unique(code, return_inverse=True)
        summed = np.bincount(at, self.n[here], len(cells)).astype(np.float64)
        return cells // max(stretches, 1), cells % max(stretches, 1), summed

    def daily(self, series: int, first: int, last: int) -> Ints:
        """One series, day by day."""
        left, right = np.searchsorted(self.series, [series, series + 1])
        day, n = self.day[left:right], self.n[left:right]
        here = (day >= first) & (day <= last)
        return np.bincount(day[here] - first, n[here], last - first + 1).astype(np.int64)
