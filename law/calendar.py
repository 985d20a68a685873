"""Which days are worked in mainland China: a thin adapter over the `holidays` package.

Its data equal the State Council's yearly notices up to `PUBLISHED`; later years are the package's estimate and
every date resting on one says so.
"""

from __future__ import annotations

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
class WorkingCalendar:
    """The national calendar; `published` is the last year known for certain."""

    published: int = PUBLISHED

    def rest(self, day: date) -> Rest | None:
        """Why this day is off, None when it is worked (also on a weekend made a working day)."""
        zh, en, moved_work = _year(day.year)
        if day in zh:
            if "substituted" in en[day]:
                return Rest("调休", "moved day of rest", statutory=False)
            return Rest(_plain(zh[day], "（"), _plain(en[day], " ("), statutory=True)
        if day.weekday() < _SATURDAY or day in moved_work:
            return None
        return Rest("周六", "Saturday", False) if day.weekday() == _SATURDAY else Rest("周日", "Sunday", False)

    def worked(self, day: date) -> bool:
        return self.rest(day) is None

    def in_holiday(self, day: date) -> bool:
        """Whether a day off belongs to a statutory holiday: the unbroken run of days off around it holds one.

        The notices announce such runs as one holiday, weekend and moved days of rest included; a weekend
        that touches no holiday is none.
        """
        return any(rest.statutory for rest in self._run(day))

    def after_rest(self, day: date) -> date:
        """The first worked day from this one on."""
        while not self.worked(day):
            day += DAY
        return day

    def estimated(self, *days: date) -> bool:
        return any(day.year > self.published for day in days)

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


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[dict[date, str], dict[date, str], frozenset[date]]:
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    return dict(chinese), dict(english), frozenset(chinese.weekend_workdays)


def _plain(name: str, bracket: str) -> str:
    """Without '(observed)' and the like."""
    return name.partition(bracket)[0].strip()
