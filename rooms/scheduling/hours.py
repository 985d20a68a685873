"""The hours in which an office, or one of its mediators, holds mediations; and when a mediator is away. Pure.

Kept in `availability/office-<id>` and `availability/officer-<id>`; a mediator without hours of their own has the
office's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from journal import Event
from journal.refusals import DomainError

Span = tuple[int, int]
"""From and until, in minutes after midnight."""
WeekHours = tuple[tuple[Span, ...], ...]
"""By weekday, Monday first."""

STANDARD: Final[WeekHours] = (((540, 720), (810, 1020)),) * 5 + ((),) * 2
MOST_SPANS: Final = 4
MOST_ABSENCES: Final = 200
MOST_NOTE: Final = 60  # characters
HOURS_SET, ABSENCE_ENTERED, ABSENCE_WITHDRAWN = "HoursSet", "AbsenceEntered", "AbsenceWithdrawn"
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–—~至到]\s*([01]?\d|2[0-4]):([0-5]\d)")
_BETWEEN = re.compile(r"[\s,，、;；]+")


class BadHours(DomainError):
    """What was written is no list of times such as 09:00-12:00, in order and without overlaps."""

    code = "bad_hours"


@dataclass(frozen=True, slots=True)
class Absence:
    """[`since`, `until`)."""

    id: str
    since: datetime
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """Of an office or an officer. `hours` None: nothing of its own."""

    hours: WeekHours | None = None
    absences: tuple[Absence, ...] = ()


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
                away = Absence(data["id"], since, until, data["note"])
                found = replace(found, absences=(*found.absences, away))
            case "AbsenceWithdrawn":
                left = tuple(one for one in found.absences if one.id != data["id"])
                found = replace(found, absences=left)
            case _:
                pass
    return found
