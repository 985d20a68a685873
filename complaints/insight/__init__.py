"""What complaints say: bursts against an expectation, trends, and what is new. Pure: counts in, findings out.

`bursts` has what a day's numbers should come to and tests them, `spots` the life of a hot spot once found,
`examination` puts a day together, `months` a month (terms, change points, slopes), `aftermath` what followed an action.
The reasons are in docs/insight.md. Here is what all of them count with:

Complaints as numbers, and their sparse daily counts by what they are about. A `Counts` is one kind of series
(respondents, streets, trades, platforms, words); `group` says which season each goes by. Days are numbers from the
first day that is looked at.

A day's exposure: how many complaints it draws beside an ordinary one, by weekday, season and `Kind`, which is what
makes it unlike others of its weekday. Which days are off is the State Council's notice of the year (`law.deadlines`);
Spring Festival moves with the moon and is a kind of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from law import WorkingCalendar
from law.deadlines import DAY

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
class ComplaintColumns:
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


class DayKind(IntEnum):
    ORDINARY = 0
    HOLIDAY = 1  # off for a statutory holiday
    SPRING = 2  # off for Spring Festival
    EVE = 3  # the week before Spring Festival
    AFTER = 4  # one of the first three days worked after a holiday of three days and more
    MADE_UP = 5  # a weekend that is worked
    RIGHTS = 6  # about Consumer Rights Day, 15 March
    SALES = 7  # the week after 18 June and after 11 November


KINDS: Final = len(DayKind)
_LONG: Final = 3
_SALES: Final = ((6, 18), (11, 11))


def kind(day: date, calendar: WorkingCalendar) -> DayKind:
    """The one that counts: a holiday before all else."""
    rest = calendar.rest(day)
    if rest is not None and calendar.in_holiday(day):
        return DayKind.SPRING if _spring(day, calendar) else DayKind.HOLIDAY
    if rest is None and day.weekday() >= 5:
        return DayKind.MADE_UP
    if date(day.year, 3, 14) <= day <= date(day.year, 3, 18):
        return DayKind.RIGHTS
    if any(0 <= (day - date(day.year, month, on)).days < 7 for month, on in _SALES):
        return DayKind.SALES
    if rest is None and _day_after(day, calendar):
        return DayKind.AFTER
    return DayKind.EVE if _eve(day, calendar) else DayKind.ORDINARY


def kinds(first: date, days: int, calendar: WorkingCalendar) -> list[int]:
    """Of `days` days from the first on."""
    return list(_kinds(first, days, calendar))


@lru_cache(maxsize=64)
def _kinds(first: date, days: int, calendar: WorkingCalendar) -> tuple[int, ...]:
    return tuple(int(kind(first + timedelta(days=n), calendar)) for n in range(days))


def _spring(day: date, calendar: WorkingCalendar) -> bool:
    """Whether the run of days off it belongs to is Spring Festival's."""
    for step in (DAY, -DAY):
        at = day
        while (rest := calendar.rest(at)) is not None:
            if rest.statutory and ("春节" in rest.zh or "农历除夕" in rest.zh):
                return True
            at += step
    return False


def _eve(day: date, calendar: WorkingCalendar) -> bool:
    return day.month in (1, 2) and any(
        (rest := calendar.rest(at)) is not None and rest.statutory and ("春节" in rest.zh or "农历除夕" in rest.zh)
        for at in (day + timedelta(days=n) for n in range(1, 8))
    )


def _day_after(day: date, calendar: WorkingCalendar) -> bool:
    """Within three worked days after a holiday of at least `_LONG` days."""
    worked, at = 1, day - DAY
    while worked < 4:
        if calendar.rest(at) is None:
            worked += 1
        elif calendar.in_holiday(at):
            run = 0
            while calendar.rest(at) is not None:
                run, at = run + 1, at - DAY
            return run >= _LONG
        at -= DAY
    return False


YEAR: Final = 366
TURNS: Final = 4
GAP: Final = 21  # days
_AROUND: Final = 10  # days on either side that tell of a day of the year
_LEVEL: Final = 182  # days on either side that tell of a level
_PRIOR: Final = (60.0, 40.0, 150.0)  # complaints the wider group's factor counts for: weekday, kind of day, season
_LEAST, _MOST = 0.02, 20.0


@dataclass(frozen=True, slots=True)
class SeasonFactors:
    """Of one group. `season` by day of the year (0 is 1 January, 366 long)."""

    weekday: Floats
    kind: Floats
    season: Floats


ORDINARY: Final = SeasonFactors(np.ones(7), np.ones(KINDS), np.ones(YEAR))


@dataclass(frozen=True, slots=True)
class DayExposure:
    """What stands in the calendar for `count` days from `first` on: known before any complaint."""

    first: date
    count: int
    weekday: Ints
    kind: Ints
    of_year: Ints

    @classmethod
    def of(cls, first: date, count: int, calendar: WorkingCalendar) -> DayExposure:
        days = [first + timedelta(days=n) for n in range(count)]
        return cls(
            first,
            count,
            np.array([day.weekday() for day in days], np.int64),
            np.array(kinds(first, count, calendar), np.int64),
            np.array([day_of_year(day) for day in days], np.int64),
        )

    def exposure(self, factors: SeasonFactors) -> Floats:
        """By day; about 1 on the average."""
        found = factors.weekday[self.weekday] * factors.kind[self.kind] * factors.season[self.of_year]
        return np.asarray(np.clip(found, _LEAST, _MOST))


def day_of_year(day: date) -> int:
    """The same number for the same date of any year: 29 February has its own."""
    return (date(2024, day.month, day.day) - date(2024, 1, 1)).days


def observed_days(whole: Floats) -> Floats:
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


def fit_season(
    seen: Floats, days: DayExposure, wider: SeasonFactors = ORDINARY, there: Floats | None = None
) -> SeasonFactors:
    """Fit the exposure of a day: level · weekday · kind of day · season, a multiplicative model fitted by turns.

    From a group's daily totals, as many as `days`; `wider` is the group it is a part of, `there` as `observed_days`.
    Each factor is (seen + k · wider) / (expected without it + k): the mean of a Gamma-Poisson model whose prior is the
    wider group's. With little history every factor stays near the city's, and the city's near 1: a year is needed
    before a season shows, and one odd month does not become the rule.
    """
    there = np.ones(len(seen)) if there is None else there
    weekday, kind, season = wider.weekday, wider.kind, wider.season
    if not seen.sum():
        return wider
    for _ in range(TURNS):
        now = SeasonFactors(weekday, kind, season)
        level = there * _level(seen, there * days.exposure(now))
        for which in range(3):
            without = level * days.exposure(now) / _part(now, days, which)
            now = _with(now, which, _factor(seen, without, days, wider, which))
        weekday, kind, season = now.weekday, now.kind, now.season
    return SeasonFactors(weekday, kind, season)


def _level(seen: Floats, exposure: Floats) -> Floats:
    """Complaints an ordinary day, over about a year around; at the edges of what is there."""
    return _around(seen, _LEVEL) / np.maximum(_around(exposure, _LEVEL), 1e-9)


def _around(values: Floats, reach: int) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    return np.asarray(total[np.minimum(at + reach + 1, len(values))] - total[np.maximum(at - reach, 0)])


def _part(now: SeasonFactors, days: DayExposure, which: int) -> Floats:
    of = (days.weekday, days.kind, days.of_year)[which]
    return np.asarray(np.maximum((now.weekday, now.kind, now.season)[which][of], 1e-9))


def _with(now: SeasonFactors, which: int, factor: Floats) -> SeasonFactors:
    parts = [now.weekday, now.kind, now.season]
    parts[which] = factor
    return SeasonFactors(*parts)


def _factor(seen: Floats, without: Floats, days: DayExposure, wider: SeasonFactors, which: int) -> Floats:
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
