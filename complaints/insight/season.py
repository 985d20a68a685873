"""The exposure of a day: how many complaints it draws beside an ordinary one, by weekday, kind of day and season.

A multiplicative model of a group's daily totals, level · weekday · kind of day · season, fitted by turns. Each factor
is (seen + k · wider) / (expected without it + k): the mean of a Gamma-Poisson model whose prior is the wider group's.
With little history every factor stays near the city's, and the city's near 1: a year is needed before a season shows,
and one odd month does not become the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight.calendar import KINDS, kinds
from law import WorkingCalendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR: Final = 366
TURNS: Final = 4
GAP: Final = 21  # days
_AROUND: Final = 10  # days on either side that tell of a day of the year
_LEVEL: Final = 182  # days on either side that tell of a level
_PRIOR: Final = (60.0, 40.0, 150.0)  # complaints the wider group's factor counts for: weekday, kind of day, season
_LEAST, _MOST = 0.02, 20.0


@dataclass(frozen=True, slots=True)
class Factors:
    """Of one group. `season` by day of the year (0 is 1 January, 366 long)."""

    weekday: Floats
    kind: Floats
    season: Floats


ORDINARY: Final = Factors(np.ones(7), np.ones(KINDS), np.ones(YEAR))


@dataclass(frozen=True, slots=True)
class Days:
    """What stands in the calendar for `count` days from `first` on: known before any complaint."""

    first: date
    count: int
    weekday: Ints
    kind: Ints
    of_year: Ints

    @classmethod
    def of(cls, first: date, count: int, calendar: WorkingCalendar) -> Days:
        days = [first + timedelta(days=n) for n in range(count)]
        return cls(
            first,
            count,
            np.array([day.weekday() for day in days], np.int64),
            np.array(kinds(first, count, calendar), np.int64),
            np.array([day_of_year(day) for day in days], np.int64),
        )

    def exposure(self, factors: Factors) -> Floats:
        """By day; about 1 on the average."""
        found = factors.weekday[self.weekday] * factors.kind[self.kind] * factors.season[self.of_year]
        return np.asarray(np.clip(found, _LEAST, _MOST))


def day_of_year(day: date) -> int:
    """The same number for the same date of any year: 29 February has its own."""
    return (date(2024, day.month, day.day) - date(2024, 1, 1)).days


def observed(whole: Floats) -> Floats:
    """1 for days that complaints were recorded on, 0 for those of a gap: `GAP` days and more without a single one,
    where there is usually one a day. Nothing is learnt from them, and nothing was expected of them."""
    there = np.ones(len(whole))
    if not whole.sum() or whole[whole > 0].mean() < 1:
        return there
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], (whole == 0).astype(float), [0.0]])))
    for begin, end in edges.reshape(-1, 2):
        if end - begin >= GAP:
            there[begin:end] = 0
    return there


def fit(seen: Floats, days: Days, wider: Factors = ORDINARY, there: Floats | None = None) -> Factors:
    """From a group's daily totals, as many as `days`; `wider` is the group it is a part of, `there` as `observed`."""
    there = np.ones(len(seen)) if there is None else there
    weekday, kind, season = wider.weekday, wider.kind, wider.season
    if not seen.sum():
        return wider
    for _ in range(TURNS):
        now = Factors(weekday, kind, season)
        level = there * _level(seen, there * days.exposure(now))
        for which in range(3):
            without = level * days.exposure(now) / _part(now, days, which)
            now = _with(now, which, _factor(seen, without, days, wider, which))
        weekday, kind, season = now.weekday, now.kind, now.season
    return Factors(weekday, kind, season)


def _level(seen: Floats, exposure: Floats) -> Floats:
    """Complaints an ordinary day, over about a year around; at the edges of what is there."""
    return _around(seen, _LEVEL) / np.maximum(_around(exposure, _LEVEL), 1e-9)


def _around(values: Floats, reach: int) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    return np.asarray(total[np.minimum(at + reach + 1, len(values))] - total[np.maximum(at - reach, 0)])


def _part(now: Factors, days: Days, which: int) -> Floats:
    of = (days.weekday, days.kind, days.of_year)[which]
    return np.asarray(np.maximum((now.weekday, now.kind, now.season)[which][of], 1e-9))


def _with(now: Factors, which: int, factor: Floats) -> Factors:
    parts = [now.weekday, now.kind, now.season]
    parts[which] = factor
    return Factors(*parts)


def _factor(seen: Floats, without: Floats, days: Days, wider: Factors, which: int) -> Floats:
    of = (days.weekday, days.kind, days.of_year)[which]
    prior = (wider.weekday, wider.kind, wider.season)[which]
    got = np.bincount(of, seen, len(prior)).astype(np.float64)
    due = np.bincount(of, without, len(prior)).astype(np.float64)
    if which == 2:
        got, due = _smooth(got), _smooth(due)
    factor = (got + _PRIOR[which] * prior) / (due + _PRIOR[which])
    # Only shapes: what is common to all days is the level's. A kind of day is beside ordinary days.
    if which == 1:
        return np.asarray(factor / factor[0])
    return np.asarray(factor / np.mean(factor))


def _smooth(values: Floats) -> Floats:
    """Round the year, nearer days weighing more."""
    weights = _AROUND + 1.0 - np.abs(np.arange(-_AROUND, _AROUND + 1))
    round_ = np.concatenate([values[-_AROUND:], values, values[:_AROUND]])
    return np.asarray(np.convolve(round_, weights / weights.max(), "valid"))
