"""Reading the State Council's yearly notice on holidays, as an office pastes it in.

Two forms, line by line: the notice's own sentences (元旦：1月1日（周五）至3日（周日）放假。1月4日上班。) and lines
(2027-01-01..2027-01-03 元旦 for days off, 2027-01-04 班 for a weekend that is worked). A weekday written beside a date
must be that date's: so the notice of another year is not taken for this one's.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from journal.numbers import ascii_digits
from law.calendar import DAY, Notice

LONGEST = 20_000  # characters
MOST_DAYS_OFF = 20  # of one holiday
NAMES = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午": "Dragon Boat Festival",
    "中秋": "Mid-Autumn Festival",
    "国庆": "National Day",
}
_WEEKDAYS = "一二三四五六日"
_DAY = r"(?:(?P<{0}y>[0-9]{{4}})年)?(?:(?P<{0}m>[0-9]{{1,2}})月)?(?P<{0}d>[0-9]{{1,2}})日"
_RANGE = re.compile(_DAY.format("a") + r"(?:至|到|-|—|~)" + _DAY.format("b"))
_ONE = re.compile(_DAY.format("a"))
_PLAIN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s*(?:\.\.|~|至)\s*([0-9]{4}-[0-9]{2}-[0-9]{2}))?\s+(\S+)")
_BESIDE = re.compile(
    r"(?:([0-9]{4})年)?(?:([0-9]{1,2})月)?([0-9]{1,2})日（[^（）]{0,40}(?:周|星期)([一二三四五六日])）"
)


class BadNotice(Exception):
    """`problem`: "empty" | "date" | "weekday" | "long" | "year"; `line` is the one that could not be read."""

    def __init__(self, problem: str, line: str = "") -> None:
        super().__init__(f"{problem}: {line}")
        self.problem, self.line = problem, line


def read(text: str, year: int) -> Notice:
    """The notice for `year`. Sentences about anything else are passed over; BadNotice."""
    if len(text) > LONGEST:
        raise BadNotice("long")
    off: dict[date, tuple[str, str]] = {}
    worked: set[date] = set()
    for line in ascii_digits(text).splitlines():
        plain = _PLAIN.fullmatch(line.strip())
        if plain is not None:
            _plain(plain, line.strip(), off, worked)
        else:
            _sentence(line.strip(), year, off, worked)
    if not off:
        raise BadNotice("empty")
    for day in (*off, *worked):
        if abs(day.year - year) > 1:
            raise BadNotice("year", day.isoformat())
    if not any(day.year == year for day in off):
        raise BadNotice("year", str(year))
    worked -= off.keys()
    return Notice(year, tuple((day, *off[day]) for day in sorted(off)), tuple(sorted(worked)))


def _plain(found: re.Match[str], line: str, off: dict[date, tuple[str, str]], worked: set[date]) -> None:
    try:
        first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])
    except ValueError:
        raise BadNotice("date", line) from None
    days = _days(first, last, line)
    if found[3] in ("班", "上班", "work"):
        worked.update(days)
    else:
        off.update({day: _names(found[3]) for day in days})


def _sentence(line: str, year: int, off: dict[date, tuple[str, str]], worked: set[date]) -> None:
    if "放假" not in line and "上班" not in line:
        return
    _check_weekdays(line, year)
    bare = re.sub(r"（[^（）]*）|\([^()]*\)", "", line)
    name, month = "", 0
    for known in NAMES:
        if known in bare:
            name = known
            break
    for part in re.split(r"[。；;]", bare):
        if "上班" in part:
            for found in _ONE.finditer(part):
                day = _date(found, "a", year, month, line)
                worked.add(day)
                month = day.month
        elif "放假" in part:
            ranges = list(_RANGE.finditer(part.partition("放假")[0]))
            for found in ranges:
                first = _date(found, "a", year, month, line)
                last = _date(found, "b", first.year, first.month, line)
                month = last.month
                off.update({day: _names(name) for day in _days(first, last, line)})
            if not ranges and (one := _ONE.search(part)) is not None:
                day = _date(one, "a", year, month, line)
                month = day.month
                off[day] = _names(name)


def _check_weekdays(line: str, year: int) -> None:
    month = 0
    for found in _BESIDE.finditer(line):
        month = int(found[2] or month or 0)
        try:
            day = date(int(found[1] or year), month, int(found[3]))
        except ValueError:
            raise BadNotice("date", line) from None
        if day.weekday() != _WEEKDAYS.index(found[4]):
            raise BadNotice("weekday", line)


def _date(found: re.Match[str], side: str, year: int, month: int, line: str) -> date:
    try:
        return date(int(found[side + "y"] or year), int(found[side + "m"] or month), int(found[side + "d"]))
    except ValueError:
        raise BadNotice("date", line) from None


def _days(first: date, last: date, line: str) -> list[date]:
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS_OFF):
        raise BadNotice("date", line)
    return [first + DAY * n for n in range((last - first).days + 1)]


def _names(name: str) -> tuple[str, str]:
    known = next((known for known in NAMES if known in name), "")
    return name or "放假", NAMES.get(known, name or "holiday")
