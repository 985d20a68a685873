"""Single cells and columns of them: text, phones, identity numbers, amounts, flags, choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from complaints.channels.errors import BadCell
from complaints.errors import BadPhone
from complaints.record.identifiers import normal_phone
from journal.numbers import is_number

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
    parts = [part for part in re.split(r"[、，,;；/|\n]+", text(cell)) if part.strip()]
    return tuple(dict.fromkeys(choice(part, among) for part in parts))


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
