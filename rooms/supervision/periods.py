"""Weeks that are planned for and quarters that are reported on, as offices name them: `2026-W48`, `2026-Q4`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_WEEK: Final = re.compile(r"(20[0-9][0-9])-W([0-5][0-9])")
_QUARTER: Final = re.compile(r"(20[0-9][0-9])-Q([1-4])")


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def monday(week: str) -> date | None:
    """None for what is no week."""
    found = _WEEK.fullmatch(week)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def begins(day: date, zone: str) -> datetime:
    """The moment a day begins where the office is, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_days(quarter: str) -> tuple[date, date] | None:
    """Its first day and the first one after it; None for what is no quarter."""
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        return None
    year, first = int(found[1]), int(found[2]) * 3 - 2
    return date(year, first, 1), date(year + first // 10, (first + 2) % 12 + 1, 1)


def quarter_before(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"


def days_between(earlier: datetime, later: datetime) -> int:
    return max(0, (later - earlier) // timedelta(days=1))
