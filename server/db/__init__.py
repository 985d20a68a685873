"""The database: engine, schema, migrations, journal, projections. Other SQL is in the stores of the features only.

Here is what columns keep: JSON in its shortest form, and a statutory clock, of which every complaint's row has one. Of
its days only those are written that do not follow from the one before. And what a connection to PostgreSQL is asked
for that its address leaves out. Loads no library of databases or pages: processes that make rows need none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from law import Day, Deadline as Clock, weekend
from law.deadlines import DAY

compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # a Chinese character is 3 bytes, not 6


def clock_row(clock: Clock) -> dict[str, Any]:
    """`days`: each the one after the day before, the first is `start`. A number: the how-manieth that counts; 0: one of
    a weekend, which does not; [zh, en]: why another does not. Any other day stands there whole."""
    row: dict[str, Any] = {
        "code": clock.code,
        "due": clock.due.isoformat(),
        "start": clock.start.isoformat(),
        "article_zh": clock.article_zh,
        "article_en": clock.article_en,
        "days": list(_short(clock.days, clock.start)),
    }
    for name in ("estimated", "standing", "left"):
        if getattr(clock, name):
            row[name] = getattr(clock, name)
    return row


_written: dict[int, tuple[Clock, str]] = {}
_REMEMBERED = 1024


def written_clock(clock: Clock) -> str:
    """The row as JSON. Complaints of one day have one and the same clock (`law.accept_by`), of an import some thousands
    each: what was written of it is known by its identity, since its days would have to be compared otherwise."""
    known = _written.get(id(clock))
    if known is None:
        if len(_written) >= _REMEMBERED:
            _written.clear()
        # With the clock itself, which keeps its identity from being another's.
        known = _written[id(clock)] = clock, compact(clock_row(clock))
    return known[1]


def days_of(row: Mapping[str, Any]) -> list[Day]:
    """The days of a clock's row."""
    return list(_whole(row["days"], date.fromisoformat(row["start"])))


def _short(days: Sequence[Day], start: date) -> Iterator[Any]:
    expected = start
    for day in days:
        short = _words(day)
        yield short if day.date == expected else _spelled(day)
        expected = day.date + DAY


def _words(day: Day) -> Any:
    if day.number:
        return day.number if day.zh == day.en == str(day.number) else _spelled(day)
    rest = weekend(day.date)
    return 0 if rest is not None and (rest.zh, rest.en) == (day.zh, day.en) else [day.zh, day.en]


def _spelled(day: Day) -> dict[str, Any]:
    return {"date": day.date.isoformat(), "number": day.number, "zh": day.zh, "en": day.en}


def _whole(days: Iterable[Any], start: date) -> Iterator[Day]:
    at = start
    for day in days:
        match day:
            case {"date": day_of, "number": number, "zh": zh, "en": en}:  # every day of a row from before 2026-11-27
                at = date.fromisoformat(day_of)
                yield Day(at, number, zh, en)
            case [zh, en]:
                yield Day(at, 0, zh, en)
            case 0:
                rest = weekend(at)
                assert rest is not None, f"{at} is not of a weekend"
                yield Day(at, 0, rest.zh, rest.en)
            case number:
                yield Day(at, number, str(number), str(number))
        at += DAY


CONNECT_WITHIN: Final = 2
"""Seconds for each of several machines that the database may be on; the least that PostgreSQL's library knows."""
SILENT: Final = {"tcp_user_timeout": 4000, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3}
"""After how long a connection is given up whose other end says nothing: milliseconds, seconds, seconds, times. By
itself TCP waits a quarter of an hour for a machine that is gone, and with it whoever waits for an append."""


def reaching(named: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a connection with what an address leaves out. Of several machines (`host=a,b`) it is the one that
    may be written to."""
    several = {"target_session_attrs": "read-write", "connect_timeout": CONNECT_WITHIN}
    return SILENT | (several if "," in str(named.get("host", "")) else {}) | dict(named)


class StorageError(Exception):
    """What can go wrong in the database; `code` is stable."""

    code = "storage"


class FollowerTooSlow(StorageError):
    """Events were appended faster than a follower took them; it must read the streams and follow anew."""

    code = "follower_too_slow"
