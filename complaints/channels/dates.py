"""Dates as clerks and spreadsheets write them: 2026-06-08 14:30, 2026年6月8日, 二〇二六年六月八日, 46181, 8-Jun-2026.

What can mean two days, or names two, is refused and never guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from complaints.channels.errors import BadCell

FIRST_YEAR, LAST_YEAR = 1990, 2100
_EXCEL_DAY_0 = datetime(1899, 12, 30)  # ECMA-376 18.17.4.1, with the leap year 1900 never had
_SERIALS = ((datetime(FIRST_YEAR, 1, 1) - _EXCEL_DAY_0).days, (datetime(LAST_YEAR, 1, 1) - _EXCEL_DAY_0).days)
_CLOCK = (
    r"(?:[T ]*(?P<half>上午|下午|中午|晚上|凌晨|早上|[AaPp][Mm])? ?(?P<h>\d{1,2})[:时点](?:(?P<m>\d{1,2})分?)?"
    r"(?::?(?P<s>\d{1,2})(?:\.\d{1,9})?秒?)?(?: ?(?P<end>[AaPp][Mm]))?)?"
)
_ZONE = r"(?P<zone> ?Z|[+-]\d{2}:?\d{2})?"
_DAY = (
    r"(?P<Y>\d{4})(?:-|/|\.|年)(?P<M>\d{1,2})(?:-|/|\.|月)(?P<D>\d{1,2})日?(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
)
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?")
_WRITTEN = re.compile(_DAY + r" ?" + _CLOCK + _ZONE, re.ASCII)
_SOLID = re.compile(
    r"(?P<Y>\d{4})(?P<M>\d{2})(?P<D>\d{2})(?:[T ]?(?P<h>\d{2}):?(?P<m>\d{2})(?::?(?P<s>\d{2}))?)?", re.ASCII
)
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ENGLISH = re.compile(r"(?P<D>\d{1,2})[- ](?P<name>[A-Za-z]{3})[a-z]*[-, ]+(?P<Y>\d{4}) ?" + _CLOCK, re.ASCII)
_DAY_LAST = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<Y>\d{4}) ?" + _CLOCK, re.ASCII)
_ANY_DAY = re.compile(
    r"\d{4}(?:-|/|\.|年)\d{1,2}(?:-|/|\.|月)\d{1,2}|\d{1,2}月\d{1,2}日|(?<!\d)20\d{6}(?!\d)", re.ASCII
)
_HAN = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN_DAY = re.compile(r"[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日")
_AFTERNOON = ("下午", "晚上", "pm")
_NARROW = str.maketrans("０１２３４５６７８９：／－．　（）—–\t\r\n", "0123456789:/-. ()--   ")

Moment = tuple[date, time | None, str]
"""Local day, time of day if one is given, and the zone written behind it ("" for none)."""


def moment(value: object, zone: str) -> datetime:
    """UTC. A day without a time of day is its beginning in the office's zone. BadCell."""
    match value:
        case str():  # first, since nearly all are
            return _plausible(_of_text(value, zone))
        case datetime() if value.tzinfo is not None:
            return _plausible(value.astimezone(UTC))
        case datetime():
            return _plausible(_in(value, zone))
        case date():
            return _plausible(_in(datetime.combine(value, time()), zone))
        case bool() | None:
            raise BadCell("bad_date")
        case int() | float():
            return _plausible(_in(_serial(value), zone))
        case _:
            return _plausible(_of_text(str(value), zone))


def day(value: object, zone: str) -> date:
    """The local day of such a moment."""
    return moment(value, zone).astimezone(_zone(zone)).date()


def clock(value: object) -> time:
    """A time of day in a column of its own. BadCell."""
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if isinstance(value, timedelta):
        value = value.total_seconds() / 86_400
    if isinstance(value, float) and 0 <= value < 1:
        return (_EXCEL_DAY_0 + timedelta(seconds=round(value * 86_400))).time()
    found = re.fullmatch(_CLOCK, str(value).translate(_NARROW).strip(), re.ASCII)
    if found is None or found["h"] is None:
        raise BadCell("bad_date")
    return _clock(found) or time()


def _of_text(text: str, zone: str) -> datetime:
    if _PLAIN.fullmatch(text):  # as programs write it, which most rows of an export were
        try:
            return _in(datetime.fromisoformat(text), zone)
        except ValueError:
            raise BadCell("bad_date") from None
    plain = re.sub(r" +", " ", text.translate(_NARROW)).strip()
    if _HAN_DAY.match(plain):
        plain = _from_han(plain)
    if found := _WRITTEN.fullmatch(plain):
        return _made(found, found["M"], found["D"], zone, found["zone"] or "")
    if found := _SOLID.fullmatch(plain):
        return _made(found, found["M"], found["D"], zone)
    if found := _ENGLISH.fullmatch(plain):
        return _made(found, _MONTHS.get(found["name"].lower(), 0), found["D"], zone)
    if found := _DAY_LAST.fullmatch(plain):
        first, second = int(found["a"]), int(found["b"])
        if first <= 12 and second <= 12 and first != second:
            raise BadCell("ambiguous_date")
        return _made(found, min(first, second) if max(first, second) > 12 else second, max(first, second), zone)
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", plain):
        return _in(_serial(float(plain)), zone)
    raise BadCell("two_dates" if len(_ANY_DAY.findall(plain)) > 1 else "bad_date")


def _made(found: re.Match[str], month: str | int, day_of: str | int, zone: str, written: str = "") -> datetime:
    try:
        at = datetime.combine(date(int(found["Y"]), int(month), int(day_of)), _clock(found) or time())
        if written:
            return datetime.fromisoformat(f"{at.isoformat()}{'+00:00' if 'Z' in written else written}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadCell("bad_date") from None
    return _in(at, zone)


def _clock(found: re.Match[str]) -> time | None:
    if found["h"] is None:
        return None
    parts = found.groupdict()
    hour, half = int(found["h"]), (parts.get("half") or parts.get("end") or "").lower()
    if half in _AFTERNOON and hour < 12:
        hour += 12
    if half in ("am", "凌晨") and hour == 12:
        hour = 0
    try:
        return time(hour, int(found["m"] or 0), int(found["s"] or 0))
    except ValueError:
        raise BadCell("bad_date") from None


def _serial(number: float) -> datetime:
    """Days since 1899-12-30; whole numbers of eight digits are dates somebody typed without hyphens."""
    if number == number and abs(number) < 1e15 and number == int(number) and len(str(int(number))) in (8, 14):
        found = _SOLID.fullmatch(str(int(number)))
        if found is not None:
            try:
                made = date(int(found["Y"]), int(found["M"]), int(found["D"]))
            except ValueError:
                raise BadCell("bad_date") from None
            return datetime.combine(made, _clock(found) or time())
    if not _SERIALS[0] <= number <= _SERIALS[1]:  # not a number, too
        raise BadCell("bad_date")
    return _EXCEL_DAY_0 + timedelta(seconds=round(number * 86_400))


def _from_han(text: str) -> str:
    year, _, rest = text.partition("年")
    month, _, rest = rest.partition("月")
    day_of, _, rest = rest.partition("日")
    return f"{year.translate(_HAN)}-{_han_number(month)}-{_han_number(day_of)}{rest}"


def _han_number(text: str) -> int:
    tens, found, ones = text.rpartition("十")
    if not found:
        return int(text.translate(_HAN))
    return (int(tens.translate(_HAN)) if tens.isalpha() and tens != "十" else 1) * 10 + (
        int(ones.translate(_HAN)) if ones else 0
    )


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _in(at: datetime, zone: str) -> datetime:
    try:
        return at.replace(tzinfo=_zone(zone)).astimezone(UTC)
    except OverflowError:
        raise BadCell("bad_date") from None


def _plausible(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise BadCell("bad_date")
    return at
