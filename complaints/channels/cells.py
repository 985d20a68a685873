"""Single cells and columns of them as clerks and spreadsheets write them: text, phones, identity numbers, amounts,
flags, choices, and days (2026-06-08 14:30, 2026年6月8日, 二〇二六年六月八日, 46181, 8-Jun-2026).

What can mean two days, or names two, is refused and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from complaints import BadPhone
from complaints.channels import BadCell
from complaints.record.identifiers import normal_phone
from journal.numbers import ONES, is_number, read_numerals

Cell = str | float | int | bool | datetime | date | time | timedelta | None

LONGEST = 20_000  # characters of one cell
NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "没有", "暂无", "未知", "不详", "空", "null", "none", "n/a", "#n/a"}
)
LONGEST_NOTHING = max(map(len, NOTHING))
_BLANK = " \t\r\n\u3000\xa0\ufeff"
_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udfff]")  # of a character: JSON and workbooks may name one by itself
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # Excel's way to keep a number as text in a CSV
_FORMULA = re.compile(r"=\s*[\w@+(\-].*|@[A-Za-z]+\(.*", re.DOTALL)
_SCIENTIFIC = re.compile(r"([+-]?[0-9]+)(?:\.([0-9]*))?[eE]\+?([0-9]{1,3})")
_SEVERAL = re.compile(r"[/、，,;；|\n]|或者?|转")
_EXACT = 10**15  # whole numbers a double keeps, and Excel shows
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CODE = re.compile(r"[0-9A-Za-z]{18}")
_FEN = re.compile(r"[0-9]{1,9}\.[0-9]{2}")
_NARROW = str.maketrans("０１２３４５６７８９．，＋－（）　", "0123456789.,+-() ")
_MONEY = re.compile(
    r"(?:人民币|rmb|cny|约|共|合计|[¥￥$])*\s*([0-9,]+(?:\.[0-9]+)?)\s*(万|千|百)?\s*(?:元整?|圆整?|块|rmb|cny)?"
)
_D = r"[一二两三四五六七八九壹贰叁肆伍陆柒捌玖]"
_FOUR = rf"(?:{_D}[千仟])?零?(?:{_D}[百佰])?零?(?:{_D}?[十拾])?(?:(?<![百佰千仟万]){_D})?"
_NUMERALS = re.compile(
    rf"(?:人民币|约|共|合计|[：:])*\s*(?=[^零元圆角])(?P<whole>(?:{_FOUR}万)?零?{_FOUR})[元圆]零?(?:(?P<jiao>{_D})角)?零?(?:(?P<fen>{_D})分)?[整正]?"
)
"""伍仟元整, 壹万贰仟叁佰元伍角; 三万二元 could be two sums and is refused."""
_PARTED = re.compile(
    r"(?:人民币|约|共|合计|[¥￥])*\s*(?=[0-9])(?:([0-9]{1,4})万)?(?:([0-9])千)?(?:([0-9])百)?(?:元整?|块)?"
)
"""2万3千元."""
_TIMES = {"万": 10_000, "千": 1_000, "百": 100, None: 1}
_DEAREST = Decimal(10) ** 12
_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "要", "需要", "保密"})
_NO = frozenset({"否", "n", "no", "false", "0", "×", "x", "不", "不要", "不需要", "不保密", "公开"})


def text(cell: Cell) -> str:
    """As a person reads it, "" for nothing. BadCell: formula, unreadable_text, too_long."""
    match cell:
        case str():
            plain = cell
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() | int():
            return _number(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ", "seconds")
        case _:
            return str(cell)
    if not plain.isprintable():
        if _HALF.search(plain):
            raise BadCell("unreadable_text")
        plain = _UNSEEN.sub("", plain)
    plain = plain.strip(" \t\r\n\u3000\xa0")
    if plain[:1] in ("=", "@", "'"):
        if wrapped := _AS_TEXT.fullmatch(plain):
            plain = wrapped[1].strip()
        elif _FORMULA.fullmatch(plain):
            raise BadCell("formula")
        else:
            plain = plain.removeprefix("'")
    if "\ufffd" in plain:
        raise BadCell("unreadable_text")
    if len(plain) > LONGEST:
        raise BadCell("too_long", most=LONGEST)
    return plain


def empty(cell: Cell) -> bool:
    """Nothing, or one of the signs people write for it."""
    if not isinstance(cell, str):
        return cell is None
    if len(cell) > LONGEST_NOTHING and cell[0] not in _BLANK and cell[-1] not in _BLANK:
        return False
    return cell.strip(_BLANK).lower() in NOTHING


def phones(cell: Cell) -> tuple[str, ...]:
    """Every number in the cell, in its normal form. BadCell: digits_lost, bad_phone."""
    if isinstance(cell, str) and _MOBILE.fullmatch(cell):  # as most are
        return (cell,)
    found = []
    for part in _SEVERAL.split(text(cell).translate(_NARROW)):
        if not part.strip():
            continue
        try:
            found.append(normal_phone(_digits(part.strip())))
        except BadPhone:
            raise BadCell("bad_phone") from None
    return tuple(found)


def identity(cell: Cell) -> str:
    """A document's number. BadCell digits_lost: from the sixteenth digit a spreadsheet's number is no longer true."""
    if isinstance(cell, str) and _CODE.fullmatch(cell):
        return cell.upper()
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise BadCell("digits_lost")
    plain = re.sub(r"[\s\-]+", "", text(cell).translate(_NARROW)).upper()
    return plain if len(plain) == 18 else _digits(plain)


def amount(cell: Cell) -> Decimal:
    """Yuan with two decimals. BadCell: bad_amount, two_amounts."""
    if isinstance(cell, str) and _FEN.fullmatch(cell):
        return Decimal(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _money(cell)
    plain = text(cell).translate(_NARROW).lower().strip()
    if parted := _PARTED.fullmatch(plain):
        parts = zip(parted.groups("0"), (10_000, 1_000, 100), strict=True)
        return Decimal(sum(int(said) * times for said, times in parts)).quantize(Decimal("0.01"))
    if said := _NUMERALS.fullmatch(plain):
        return _in_numerals(said)
    found = _MONEY.fullmatch(plain)
    if found is None:
        raise BadCell("two_amounts" if len(re.findall(r"[0-9]+(?:\.[0-9]+)?", plain)) > 1 else "bad_amount")
    try:
        exact = Decimal(found[1].replace(",", "")) * _TIMES[found[2]]
        whole = exact.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise BadCell("bad_amount") from None
    if exact != whole or exact >= _DEAREST:
        raise BadCell("bad_amount")
    return whole


def _in_numerals(said: re.Match[str]) -> Decimal:
    yuan = read_numerals(said["whole"])
    if yuan is None:
        raise BadCell("bad_amount")
    jiao, fen = (ONES[said[part]] if said[part] else 0 for part in ("jiao", "fen"))
    return (yuan + Decimal(jiao) / 10 + Decimal(fen) / 100).quantize(Decimal("0.01"))


def flag(cell: Cell) -> bool:
    plain = text(cell).lower()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise BadCell("bad_choice", value=plain[:40])


def choice(cell: Cell, among: Mapping[str, str]) -> str:
    """`among`: what may be written -> our value."""
    plain = text(cell)
    found = among.get(plain.lower())
    if found is None:
        raise BadCell("bad_choice", value=plain[:40])
    return found


def choices(cell: Cell, among: Mapping[str, str]) -> tuple[str, ...]:
    """Several in one cell, each once."""
    return tuple(dict.fromkeys(choice(part, among) for part in parts(text(cell))))


def parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[、，,;；/|\n]+", text) if part.strip()]


def _number(number: float) -> str:
    if isinstance(number, float):
        if not number.is_integer():
            return repr(number)
        if abs(number) >= 1e21:
            return repr(number)
    return str(int(number))


def _money(number: float) -> Decimal:
    if not 0 <= number < _DEAREST:  # not a number, too
        raise BadCell("bad_amount")
    whole = Decimal(repr(number)).quantize(Decimal("0.01"))
    if abs(float(whole) - number) > 0.001:
        raise BadCell("bad_amount")
    return whole


def _digits(plain: str) -> str:
    """Whole digits from 13800001234.0 and 1.3800001234E10; digits_lost when the form does not hold them all."""
    if plain.endswith(".0") and is_number(plain[:-2]):
        return plain[:-2]
    found = _SCIENTIFIC.fullmatch(plain)
    if found is None:
        return plain
    whole, decimals, power = found[1], found[2] or "", int(found[3])
    if power > 30 or len(decimals) < power or decimals[power:].strip("0") or len(whole) + power > 15:
        raise BadCell("digits_lost")
    return whole + decimals[:power]


# ------------------------------------------------------------ columns


_REMEMBERED: Final = 2_048  # cells of a column that say one of a few things in every row


class Column(NamedTuple):
    """A column of cells, read at once.

    What nearly all cells of an export are is seen of all of them together; a column with anything else in it is read
    cell by cell, which says the same and takes five times as long. `values`: None where a cell says nothing, and where
    it is at fault. `faults`: by the cell's place.
    """

    values: Sequence[Any]
    faults: dict[int, BadCell]


Read = Callable[[Sequence[Cell]], Column]


def each_cell(read: Callable[[Cell], Any]) -> Read:
    """Cell by cell; `read` is not asked of what is empty."""

    def all_of(cells: Sequence[Cell]) -> Column:
        column = Column(values := [None] * len(cells), {})
        for place, cell in enumerate(cells):
            if not empty(cell):
                try:
                    values[place] = read(cell)
                except BadCell as no:
                    column.faults[place] = no
        return column

    return all_of


def repeated_cells(read: Callable[[Cell], Any]) -> Read:
    """Of cells that say one of a few things in every row."""
    known = lru_cache(_REMEMBERED, typed=True)(lambda cell: None if empty(cell) else read(cell))
    slowly = each_cell(read)

    def all_of(cells: Sequence[Cell]) -> Column:
        try:
            return Column(list(map(known, cells)), {})
        except BadCell:
            return slowly(cells)

    return all_of


def text_cells(most: int) -> Read:
    """Text of `most` characters. BadCell: as `text`, too_long."""

    def read(cell: Cell) -> str:
        plain = text(cell)
        if len(plain) > most:
            raise BadCell("too_long", most=most)
        return plain

    slowly = each_cell(read)

    def all_of(cells: Sequence[Cell]) -> Column:
        if not _as_they_stand(cells, most):
            return slowly(cells)
        plain = cast(Sequence[str], cells)
        return Column(
            [None if len(cell) <= LONGEST_NOTHING and cell.lower() in NOTHING else cell for cell in plain], {}
        )

    return all_of


def _as_they_stand(cells: Sequence[Cell], most: int) -> bool:
    """Whether all are text that means what it shows: no blanks around it, nothing unseen, no sign of a formula."""
    try:
        if not "".join(cast(Sequence[str], cells)).isprintable():
            return False
    except TypeError:  # a workbook's numbers and dates
        return False
    lines = "\n".join(("", *cast(Sequence[str], cells), ""))  # they hold no line break themselves: none is printable
    odd = ("\n ", " \n", "\n=", "\n@", "\n'", "\ufffd")
    return not any(map(lines.__contains__, odd)) and max(map(len, cast(Sequence[str], cells)), default=0) <= most


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
_NARROW_DIGITS = str.maketrans("０１２３４５６７８９：／－．　（）—–\t\r\n", "0123456789:/-. ()--   ")

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
    found = re.fullmatch(_CLOCK, str(value).translate(_NARROW_DIGITS).strip(), re.ASCII)
    if found is None or found["h"] is None:
        raise BadCell("bad_date")
    return _clock(found) or time()


def _of_text(text: str, zone: str) -> datetime:
    if _PLAIN.fullmatch(text):  # as programs write it, which most rows of an export were
        try:
            return _in(datetime.fromisoformat(text), zone)
        except ValueError:
            raise BadCell("bad_date") from None
    plain = re.sub(r" +", " ", text.translate(_NARROW_DIGITS)).strip()
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
