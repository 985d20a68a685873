"""What is worth a second look among the acts of officers: pure, each hint with the acts that it rests on.

A hint accuses nobody: it says what differs from somebody's own usual day, from working hours, or from where they work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final, Literal
from zoneinfo import ZoneInfo

Code = Literal["volume", "off_hours", "other_office", "burst", "rushed"]

EARLIEST, LATEST = time(7, 0), time(21, 0)  # where the office is: an hour or two around office hours, with some grace
LEAST: Final = 15  # acts of a day that are not worth a word however few are usual
TIMES: Final = 3  # their own usual day
BURST: Final = 10  # full numbers, or erasures asked for, ...
BURST_WITHIN: Final = timedelta(minutes=10)
RUSHED_WITHIN: Final = timedelta(seconds=60)  # between a request and its second yes: nobody read it
OFF_HOURS_LEAST: Final = 3  # acts of one night
LOOKING: Final = frozenset({"viewed", "exported", "unmasked"})


@dataclass(frozen=True, slots=True)
class Act:
    """`id`: stream and version. `office`: whose the thing is; `subject`: the thing."""

    id: str
    at: datetime
    act: str
    actor: str
    actor_office: str
    office: str
    subject: str


@dataclass(frozen=True, slots=True)
class Hint:
    """`number`: how many acts; `usual`: of a usual day, where that is what it is about."""

    code: Code
    actor: str
    day: date
    acts: tuple[str, ...]
    number: int
    usual: int = 0


def hints(acts: Sequence[Act], zone: str, worked: Callable[[date], bool], since: date, until: date) -> Sequence[Hint]:
    """Of days in the period, newest first. Acts from before it say what is usual. Order does not matter."""
    local = ZoneInfo(zone)
    days: dict[tuple[str, date], list[Act]] = defaultdict(list)
    for act in sorted(acts, key=lambda one: (one.at, one.id)):
        days[act.actor, act.at.astimezone(local).date()].append(act)
    found: list[Hint] = []
    for (actor, day), those in days.items():
        if since <= day <= until:
            usual = [len(other) for (who, when), other in days.items() if who == actor and when < day]
            found += _volume(actor, day, those, usual)
            found += _off_hours(actor, day, those, local, worked)
            found += _other_office(actor, day, those)
            found += _burst(actor, day, those)
    found += _rushed([one for one in acts if one.act in ("asked", "approved")], local, since, until)
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.code, one.actor))


def _volume(actor: str, day: date, acts: Sequence[Act], usual: Sequence[int]) -> Iterable[Hint]:
    """More than three times the median of their own earlier days, and enough to be worth a word."""
    middle = int(median(usual)) if usual else 0
    if len(acts) >= LEAST and len(acts) > TIMES * middle and usual:
        yield Hint("volume", actor, day, _ids(acts), len(acts), middle)


def _off_hours(
    actor: str, day: date, acts: Sequence[Act], zone: ZoneInfo, worked: Callable[[date], bool]
) -> Iterable[Hint]:
    late = [
        one
        for one in acts
        if one.act in LOOKING and (not worked(day) or not EARLIEST <= one.at.astimezone(zone).time() < LATEST)
    ]
    if len(late) >= OFF_HOURS_LEAST:
        yield Hint("off_hours", actor, day, _ids(late), len(late))


def _other_office(actor: str, day: date, acts: Sequence[Act]) -> Iterable[Hint]:
    away = [one for one in acts if one.office and one.actor_office and one.office != one.actor_office]
    if away:
        yield Hint("other_office", actor, day, _ids(away), len(away))


def _burst(actor: str, day: date, acts: Sequence[Act]) -> Iterable[Hint]:
    """Many different things opened within minutes: nobody reads that fast."""
    opened = [one for one in acts if one.act in ("unmasked", "exported", "asked")]
    best: Sequence[Act] = ()
    first = 0
    for last, one in enumerate(opened):
        while one.at - opened[first].at > BURST_WITHIN:
            first += 1
        window = opened[first : last + 1]
        if len(window) > len(best):
            best = window
    if len(best) >= BURST:
        yield Hint("burst", actor, day, _ids(best), len(best))


def _rushed(acts: Sequence[Act], zone: ZoneInfo, since: date, until: date) -> Iterable[Hint]:
    asked = {one.subject: one for one in acts if one.act == "asked"}
    for one in acts:
        before = asked.get(one.subject)
        day = one.at.astimezone(zone).date()
        if one.act != "approved" or before is None or not since <= day <= until:
            continue
        if one.at - before.at < RUSHED_WITHIN:
            yield Hint("rushed", one.actor, day, (before.id, one.id), int((one.at - before.at).total_seconds()))


def _ids(acts: Sequence[Act]) -> tuple[str, ...]:
    return tuple(one.id for one in acts)
