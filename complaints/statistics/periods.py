"""The days a figure is counted over, and what it is compared with."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_QUARTER, _YEAR = 3, 12


@dataclass(frozen=True, slots=True)
class Period:
    """Both days count. ValueError when it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the period ends before it begins")

    def __str__(self) -> str:
        """2026-06-01 – 2026-06-30; of one day, that day."""
        return f"{self.first}" if self.first == self.last else f"{self.first} – {self.last}"

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def months(self) -> int:
        """How many whole calendar months it is; 0 when it is not made of whole ones."""
        whole = self.first.day == 1 and (self.last + _DAY).day == 1
        return _index(self.last) - _index(self.first) + 1 if whole else 0

    def previous(self) -> Period:
        """The one just before: as many whole months, else as many days."""
        last = self.first - _DAY
        if self.months:
            return Period(_month(_index(self.first) - self.months), last)
        return Period(last - (self.last - self.first), last)

    def year_before(self) -> Period:
        """The same days a year earlier; the 29th of February is the 28th there."""
        if self.months:
            return Period(_month(_index(self.first) - _YEAR), _month(_index(self.last) - _YEAR + 1) - _DAY)
        return Period(_a_year_earlier(self.first), _a_year_earlier(self.last))


def month(day: date) -> Period:
    """The calendar month a day is in."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def quarter(day: date) -> Period:
    first = day.month - (day.month - 1) % _QUARTER
    return Period(date(day.year, first, 1), month(date(day.year, first + _QUARTER - 1, 1)).last)


def year(day: date) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, _YEAR, 31))


def months_to(day: date, count: int = _YEAR) -> Period:
    """So many whole months, the last the one this day is in."""
    return Period(_month(_index(day) - count + 1), month(day).last)


def each_month(period: Period) -> list[str]:
    """Every month it touches, as figures are grouped by: "2026-04"."""
    return [f"{n // _YEAR:04d}-{n % _YEAR + 1:02d}" for n in range(_index(period.first), _index(period.last) + 1)]


def _index(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _month(index: int) -> date:
    return date(index // _YEAR, index % _YEAR + 1, 1)


def _a_year_earlier(day: date) -> date:
    year = day.year - 1
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
