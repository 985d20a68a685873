"""Complaints as numbers, and daily counts by what they are about: sparse.

A `Counts` is one kind of series (respondents, streets, trades, platforms, words); `group` says which season each goes
by. Days are numbers from the first day that is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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


# ------------------------------------------------------------ the table


NONE: Final = -1
RECENT: Final = 28  # days whose rows have an id and marks of the people in them
LEFT_OUT: Final = ("", "|")


@dataclass(frozen=True, slots=True)
class Table:
    """Complaints as numbers: one row each, in order of days, with codes for what they are about.

    Day 0 is `first`; `last` the newest day that is looked at. Group 0 is all trades together, and the season of what
    has none. Of the rows from `recent` on `ids`, `people` (who complained, by phone) and `phones` (of the business) are
    known. `NONE` stands for what a record does not say.
    """

    first: date
    last: int
    day: Ints
    respondent: Ints
    street: Ints
    trade: Ints
    platform: Ints
    group: Ints
    respondents: Sequence[str]
    streets: Sequence[str]
    trades: Sequence[str]  # industry division | problem
    platforms: Sequence[str]  # of e-commerce, as complaints name them
    groups: Sequence[str]  # industry divisions; [0] is ""
    recent: int
    ids: Sequence[str]
    people: Ints
    phones: Ints

    def date(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def kinds(self) -> list[Counts]:
        """A respondent goes by the season of the trade most of its complaints are of."""
        return [
            self._counts(
                RESPONDENT, self.respondent, self.respondents, self._groups(self.respondent, len(self.respondents))
            ),
            self._counts(STREET, self.street, self.streets, np.zeros(len(self.streets), np.int64)),
            self._counts(TRADE, self.trade, self.trades, self._groups(self.trade, len(self.trades))),
            self._counts(PLATFORM, self.platform, self.platforms, np.zeros(len(self.platforms), np.int64)),
        ]

    def members(self, kind: str, series: int, since: int) -> Ints:
        """Rows about it from a day on; of the recent ones."""
        columns = {RESPONDENT: self.respondent, STREET: self.street, TRADE: self.trade, PLATFORM: self.platform}
        of = columns[kind][self.recent :]
        return self.recent + np.nonzero((of == series) & (self.day[self.recent :] >= since))[0]

    def id(self, row: int) -> str:
        return self.ids[row - self.recent]

    def totals(self) -> Floats:
        """Groups × days; group 0 is all together."""
        found = np.zeros((max(len(self.groups), 1), self.last + 1))
        np.add.at(found, (self.group, self.day), 1.0)
        found[0] = np.bincount(self.day, minlength=self.last + 1)
        return found

    def _counts(self, kind: str, codes: Ints, keys: Sequence[str], group: Ints) -> Counts:
        there = codes != NONE
        return Counts.of(kind, keys, group, codes[there], self.day[there])

    def _groups(self, codes: Ints, many: int) -> Ints:
        """By code, the group of most of its rows."""
        there = codes != NONE
        span = max(len(self.groups), 1)
        cells, times = np.unique(codes[there] * span + self.group[there], return_counts=True)
        found = np.zeros(many, np.int64)
        order = np.argsort(times, kind="stable")
        found[cells[order] // span] = cells[order] % span
        return found


@dataclass(frozen=True, slots=True)
class History:
    """Daily totals for as long as there are complaints, both ending with the table's last day: industry sections × days
    (`sections[0]` is "", all together) and problem classes × days."""

    first: date
    sections: Sequence[str]
    totals: Floats
    problems: Sequence[str]
    by_problem: Floats
