"""Which days are worked in mainland China: a thin adapter over the `holidays` package, with notices on top.

The package's data equal the State Council's yearly notices up to `PUBLISHED`; later years are its estimate and
every date resting on one says so, until an office has entered that year's notice (`law.notices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

PUBLISHED = 2026  # the last year whose notice is in the package's data

DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a day is not worked, in words for a person."""

    zh: str
    en: str
    statutory: bool  # a statutory holiday, not merely a weekend or a moved day of rest


@dataclass(frozen=True, slots=True)
class Notice:
    """The State Council's notice for a year: days off with their holiday's name (zh, en), and weekends that are worked.

    It rules every day of its year, and of other years the days it names.
    """

    year: int
    off: tuple[tuple[date, str, str], ...]
    worked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The national calendar; `published` is the last year the package knows for certain."""

    published: int = PUBLISHED
    notices: tuple[Notice, ...] = ()

    def rest(self, day: date) -> Rest | None:
        """Why this day is off, None when it is worked (also on a weekend made a working day)."""
        if self.notices:
            known = _noticed(self.notices)
            if day in known.off:
                return known.off[day]
            if day in known.worked:
                return None
            if day.year in known.years:
                return weekend(day)
        zh, en, moved_work = _year(day.year)
        if day in zh:
            if "substituted" in en[day]:
                return Rest("调休", "moved day of rest", statutory=False)
            return Rest(_plain(zh[day], "（"), _plain(en[day], " ("), statutory=True)
        return None if day in moved_work else weekend(day)

    def worked(self, day: date) -> bool:
        return self.rest(day) is None

    def in_holiday(self, day: date) -> bool:
        """Whether a day off belongs to a statutory holiday: the unbroken run of days off around it holds one.

        The notices announce such runs as one holiday, weekend and moved days of rest included; a weekend
        that touches no holiday is none.
        """
        return any(rest.statutory for rest in self._run(day))

    def festival(self, day: date) -> bool:
        """True for a statutory holiday itself (Measures for Public Holidays, Art 2), which is what Order 121 Art 45
        names: not for the weekend, make-up day or moved day of rest beside it.

        Its dates do not depend on a year's notice, which only arranges the days of rest around them.
        """
        return day in _festivals(day.year)

    def estimated(self, *days: date) -> bool:
        return any(day.year > self.published and day.year not in _noticed(self.notices).years for day in days)

    def _run(self, day: date) -> list[Rest]:
        found = []
        for step in (DAY, -DAY):
            at = day if step > timedelta(0) else day - DAY
            while (rest := self.rest(at)) is not None:
                found.append(rest)
                at += step
            if not found:
                break  # the day itself is worked
        return found


@dataclass(frozen=True, slots=True)
class _Noticed:
    years: frozenset[int]
    off: Mapping[date, Rest]
    worked: frozenset[date]


@lru_cache(maxsize=64)
def _noticed(notices: tuple[Notice, ...]) -> _Noticed:
    return _Noticed(
        frozenset(notice.year for notice in notices),
        {day: Rest(zh, en, statutory=True) for notice in notices for day, zh, en in notice.off},
        frozenset(day for notice in notices for day in notice.worked),
    )


def weekend(day: date) -> Rest | None:
    """Why a day of a weekend is off, unless it was made a working day."""
    if day.weekday() < _SATURDAY:
        return None
    return Rest("周六", "Saturday", False) if day.weekday() == _SATURDAY else Rest("周日", "Sunday", False)


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[dict[date, str], dict[date, str], frozenset[date]]:
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    return dict(chinese), dict(english), frozenset(chinese.weekend_workdays)


@lru_cache(maxsize=32)
def _festivals(year: int) -> frozenset[date]:
    _, english, _ = _year(year)
    return frozenset(
        day
        for day, names in english.items()
        if any("substituted" not in name and "observed" not in name for name in names.split(";"))
    )


def _plain(name: str, bracket: str) -> str:
    """Without '(observed)' and the like."""
    return name.partition(bracket)[0].strip()
