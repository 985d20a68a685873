"""A mediator's diary: which times are free, and what speaks against one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from law import WorkingCalendar
from law.deadlines import Rest
from rooms.scheduling.hours import Absence, Span, WeekHours

LENGTH: Final = timedelta(minutes=30)
"""How long a mediation is taken to last; invitations say so."""
STEP: Final = timedelta(minutes=30)
NOTICE: Final = timedelta(hours=2)
"""Nobody is offered a time that begins sooner."""
AHEAD: Final = 21  # days that are looked through for free times
_WEEKEND: Final = 5


class Trouble(StrEnum):
    """What speaks against a time. Each is a warning: an officer may have a reason."""

    BOOKED = "booked"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Booking:
    session: str
    starts: datetime
    title: str = ""  # whom it is with


@dataclass(frozen=True, slots=True)
class Objection:
    """`named`: the holiday (in Chinese, in English), or whom the other mediation is with; "" where nothing needs a
    name."""

    trouble: Trouble
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Diary:
    """`zone` and `calendar` are the office's; `hours` the mediator's own, or else the office's."""

    zone: ZoneInfo
    calendar: WorkingCalendar
    hours: WeekHours
    absences: tuple[Absence, ...] = ()
    booked: tuple[Booking, ...] = ()

    def rest(self, day: date) -> Rest | None:
        """Why nothing is held on this day; None of a day on which something may be. Of a weekend only where no hours
        are written for it."""
        found = self.calendar.rest(day)
        if found is None or (day.weekday() >= _WEEKEND and self.hours[day.weekday()] and not found.statutory):
            return None
        return found

    def spans(self, day: date) -> Sequence[Span]:
        """The hours of a day; a weekend that is worked instead of another day has Monday's."""
        if self.rest(day) is not None:
            return ()
        return self.hours[day.weekday()] or (self.hours[0] if day.weekday() >= _WEEKEND else ())

    def objections(self, starts: datetime) -> list[Objection]:
        local, found = starts.astimezone(self.zone), []
        rest = self.rest(local.date())
        if rest is not None:
            found.append(Objection(Trouble.HOLIDAY, rest.zh, rest.en))
        elif not self._within(local):
            found.append(Objection(Trouble.CLOSED))
        for away in self.absences:
            if away.since < starts + LENGTH and starts < away.until:
                found.append(Objection(Trouble.AWAY, away.note, away.note))
        for one in self.booked:
            if abs(one.starts - starts) < LENGTH:
                found.append(Objection(Trouble.BOOKED, one.title, one.title))
        return found

    def _within(self, local: datetime) -> bool:
        begins = local.hour * 60 + local.minute
        ends = begins + LENGTH // timedelta(minutes=1)
        return any(first <= begins and ends <= last for first, last in self.spans(local.date()))

    def slots(self, day: date) -> list[datetime]:
        """The times of a day at which one could begin, in UTC, free or not."""
        found = []
        for first, last in self.spans(day):
            minute = first
            while minute + LENGTH // timedelta(minutes=1) <= last:
                there = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
                found.append(there.astimezone(UTC))
                minute += STEP // timedelta(minutes=1)
        return found

    def free(self, now: datetime, most: int = 24, a_day: int = 48) -> list[datetime]:
        """The next free times, the earliest first; of one day at most `a_day`, spread over it."""
        first, found = now.astimezone(self.zone).date(), []
        for n in range(AHEAD):
            slots = self.slots(first + timedelta(days=n))
            free = [one for one in slots if one >= now + NOTICE and not self.objections(one)]
            found += free if len(free) <= a_day else [free[k * len(free) // a_day] for k in range(a_day)]
            if len(found) >= most:
                break
        return found[:most]
