"""Kinds of day that change how many complaints come: China's holidays, what surrounds them, and days of buying.

A weekday is counted apart (`season`); here is what makes a day unlike others of its weekday. Which days are off is the
State Council's notice of the year (`law.calendar`); Spring Festival moves with the moon and is a kind of its own.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final

from law import WorkingCalendar
from law.calendar import DAY


class Kind(IntEnum):
    ORDINARY = 0
    HOLIDAY = 1  # off for a statutory holiday
    SPRING = 2  # off for Spring Festival
    EVE = 3  # the week before Spring Festival
    AFTER = 4  # one of the first three days worked after a holiday of three days and more
    MADE_UP = 5  # a weekend that is worked
    RIGHTS = 6  # about Consumer Rights Day, 15 March
    SALES = 7  # the week after 18 June and after 11 November


KINDS: Final = len(Kind)
_LONG: Final = 3
_SALES: Final = ((6, 18), (11, 11))


def kind(day: date, calendar: WorkingCalendar) -> Kind:
    """The one that counts: a holiday before all else."""
    rest = calendar.rest(day)
    if rest is not None and calendar.in_holiday(day):
        return Kind.SPRING if _spring(day, calendar) else Kind.HOLIDAY
    if rest is None and day.weekday() >= 5:
        return Kind.MADE_UP
    if date(day.year, 3, 14) <= day <= date(day.year, 3, 18):
        return Kind.RIGHTS
    if any(0 <= (day - date(day.year, month, on)).days < 7 for month, on in _SALES):
        return Kind.SALES
    if rest is None and _after(day, calendar):
        return Kind.AFTER
    return Kind.EVE if _eve(day, calendar) else Kind.ORDINARY


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


def _after(day: date, calendar: WorkingCalendar) -> bool:
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
