"""When mediations may be: the hours of an office and of its mediators, and a mediator's diary. Pure.

A diary says which times are free, and what speaks against one. Hours are kept in `availability/office-<id>` and
`availability/officer-<id>`; a mediator without hours of their own has the office's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from journal import Event
from journal.refusals import DomainError
from law import WorkingCalendar
from law.deadlines import Rest

Span = tuple[int, int]
"""From and until, in minutes after midnight."""
WeekHours = tuple[tuple[Span, ...], ...]
"""By weekday, Monday first."""

STANDARD: Final[WeekHours] = (((540, 720), (810, 1020)),) * 5 + ((),) * 2
MOST_SPANS: Final = 4
MOST_ABSENCES: Final = 200
MOST_NOTE: Final = 60  # characters
HOURS_SET, ABSENCE_ENTERED, ABSENCE_WITHDRAWN = "HoursSet", "AbsenceEntered", "AbsenceWithdrawn"
_SPAN = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–—~至到]\s*([01]?[0-9]|2[0-4]):([0-5][0-9])")
_BETWEEN = re.compile(r"[\s,，、;；]+")


class BadHours(DomainError):
    """What was written is no list of times such as 09:00-12:00, in order and without overlaps."""

    code = "bad_hours"


@dataclass(frozen=True, slots=True)
class MediatorAbsence:
    """[`since`, `until`)."""

    id: str
    since: datetime
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """Of an office or an officer. `hours` None: nothing of its own."""

    hours: WeekHours | None = None
    absences: tuple[MediatorAbsence, ...] = ()


def read_spans(text: str) -> tuple[Span, ...]:
    """As an officer writes them: "09:00-12:00, 13:30-17:00"; "" for none. BadHours."""
    text = text.strip().replace("：", ":")
    spans = [_minutes(*(int(part) for part in found.groups())) for found in _SPAN.finditer(text)]
    if _BETWEEN.sub("", _SPAN.sub("", text)) or len(spans) > MOST_SPANS:
        raise BadHours
    if any(begin >= end for begin, end in spans) or any(one[1] > two[0] for one, two in pairwise(spans)):
        raise BadHours
    return tuple(spans)


def _minutes(hour: int, minute: int, until_hour: int, until_minute: int) -> Span:
    until = until_hour * 60 + until_minute
    if until > 24 * 60:
        raise BadHours
    return hour * 60 + minute, until


def write_spans(spans: Iterable[Span]) -> str:
    return ", ".join(f"{clock(begin)}-{clock(end)}" for begin, end in spans)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def hours_data(hours: WeekHours) -> dict[str, Any]:
    """As the journal keeps them."""
    return {"hours": [[list(span) for span in day] for day in hours]}


def availability(entries: Sequence[Event]) -> Availability:
    """A fold of its stream."""
    found = Availability()
    for entry in entries:
        if entry.erased:
            continue
        data = entry.data
        match entry.type:
            case "HoursSet":
                hours = tuple(tuple((span[0], span[1]) for span in day) for day in data["hours"])
                found = replace(found, hours=hours)
            case "AbsenceEntered":
                since, until = (datetime.fromisoformat(data[name]) for name in ("since", "until"))
                away = MediatorAbsence(data["id"], since, until, data["note"])
                found = replace(found, absences=(*found.absences, away))
            case "AbsenceWithdrawn":
                left = tuple(one for one in found.absences if one.id != data["id"])
                found = replace(found, absences=left)
            case _:
                pass
    return found


LENGTH: Final = timedelta(minutes=30)
"""How long a mediation is taken to last; invitations say so."""
STEP: Final = timedelta(minutes=30)
NOTICE: Final = timedelta(hours=2)
"""Nobody is offered a time that begins sooner."""
AHEAD: Final = 21  # days that are looked through for free times
_WEEKEND: Final = 5


class ObjectionKind(StrEnum):
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

    trouble: ObjectionKind
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Diary:
    """`zone` and `calendar` are the office's; `hours` the mediator's own, or else the office's."""

    zone: ZoneInfo
    calendar: WorkingCalendar
    hours: WeekHours
    absences: tuple[MediatorAbsence, ...] = ()
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
            found.append(Objection(ObjectionKind.HOLIDAY, rest.zh, rest.en))
        elif not self._within(local):
            found.append(Objection(ObjectionKind.CLOSED))
        for away in self.absences:
            if away.since < starts + LENGTH and starts < away.until:
                found.append(Objection(ObjectionKind.AWAY, away.note, away.note))
        for one in self.booked:
            if abs(one.starts - starts) < LENGTH:
                found.append(Objection(ObjectionKind.BOOKED, one.title, one.title))
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
