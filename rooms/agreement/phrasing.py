"""A promise as a clause: the Chinese that is signed, the same in everyday words, an English explanation; amounts in
words.

Pure text from a `Term`, the names of both sides and the day it is written on. Everything is in Beijing time, the one
time of day that a Chinese agreement can mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from rooms.vocabulary import Performance, Side, Term

BEIJING: Final = ZoneInfo("Asia/Shanghai")
_WEEKDAYS: Final = "一二三四五六日"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_STOPS: Final = "。．.；;，,、 "

Names = Mapping[Side, str]


@dataclass(frozen=True, slots=True)
class ClausePhrasing:
    heading: str
    text: str
    plain: str
    gloss: str


def phrased(term: Term, names: Names, now: datetime) -> ClausePhrasing:
    """All that is said of a promise; `names` as both sides are called in the agreement."""
    return ClausePhrasing(
        clause_heading(term), clause_text(term, names), plain_words(term, names, now), english_gloss(term, names)
    )


def clause_heading(term: Term) -> str:
    return "付款" if term.amount is not None else "履行事项"


def clause_text(term: Term, names: Names) -> str:
    who, other = names[term.who], names[_other(term.who)]
    action, how = term.action.strip(_STOPS), term.how.strip(_STOPS)
    paid = f"，向{other}支付{sum_of(term)}" if term.amount is not None else ""
    way = f"，{'支付' if paid else '履行'}方式：{how}" if how else ""
    if term.performance is Performance.ON_THE_SPOT:
        return f"{who}当场{action}{paid}{way}。双方确认本条已当场履行完毕。"
    by = f"应于{deadline(term.due)}前" if term.due is not None else "应"
    return f"{who}{by}{action}{paid}{way}。"


def plain_words(term: Term, names: Names, now: datetime) -> str:
    who, other = names[term.who], names[_other(term.who)]
    action, how = term.action.strip(_STOPS), term.how.strip(_STOPS)
    way = f"（{how}）" if how else ""
    what = f"{action}，{figures(term.amount)}元交给{other}" if term.amount is not None else action
    if term.performance is Performance.ON_THE_SPOT:
        return f"白话：今天当场，{who}{what}{way}，已经办完。"
    by = f"最迟{_day_of(term.due, now)}，" if term.due is not None else ""
    return f"白话：{by}{who}{what}{way}。"


def english_gloss(term: Term, names: Names) -> str:
    who = f"{'The business' if term.who is Side.BUSINESS else 'The consumer'}, {names[term.who]},"
    money = "" if term.amount is None else f" and pays ¥{figures(term.amount)} to {names[_other(term.who)]}"
    way = f" ({term.how.strip(_STOPS)})" if term.how.strip(_STOPS) else ""
    if term.performance is Performance.ON_THE_SPOT:
        when = ", which has been done on the spot"
    else:
        when = f" by {_english_day(term.due)}" if term.due is not None else ""
    return f"{who} does this: {term.action.strip(_STOPS)}{money}{way}{when}."


def needed(term: Term) -> Mapping[str, tuple[str, ...]]:
    """What a text written by hand must hold to say what its term says: field of the term -> words."""
    must: dict[str, tuple[str, ...]] = {}
    if term.amount is not None:
        must["amount"] = (figures(term.amount), capitals(term.amount))
    if term.due is not None and term.performance is Performance.LATER:
        must["due"] = (deadline(term.due),)
    return must


def sum_of(term: Term) -> str:
    """人民币2,000.00元（大写：贰仟元整）."""
    assert term.amount is not None
    return f"人民币{figures(term.amount)}元（大写：{capitals(term.amount)}）"


def deadline(due: datetime) -> str:
    """2026年7月3日17时; without an hour where the whole day is meant."""
    local = due.astimezone(BEIJING)
    day = f"{local.year}年{local.month}月{local.day}日"
    if _whole_day(local):
        return f"{day}24时"
    return f"{day}{local.hour}时{f'{local.minute}分' if local.minute else ''}"


def _whole_day(local: datetime) -> bool:
    return (local.hour, local.minute) == (23, 59)


def _day_of(due: datetime, now: datetime) -> str:
    local, today = due.astimezone(BEIJING), now.astimezone(BEIJING)
    year = "" if local.year == today.year else f"{local.year}年"
    day = f"{year}{local.month}月{local.day}日（星期{_WEEKDAYS[local.weekday()]}）"
    return f"{day}这一天结束" if _whole_day(local) else f"{day}{_clock(local)}"


def _clock(local: datetime) -> str:
    part = "凌晨" if local.hour < 6 else "上午" if local.hour < 12 else "中午" if local.hour == 12 else "下午"
    part = "晚上" if local.hour >= 18 else part
    hour = local.hour - 12 if local.hour > 12 else local.hour
    return f"{part}{hour}点{f'{local.minute:02}分' if local.minute else ''}"


def _english_day(due: datetime) -> str:
    local = due.astimezone(BEIJING)
    day = f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"the end of {day}" if _whole_day(local) else f"{day}, {local:%H:%M}"


def _other(side: Side) -> Side:
    return Side.CONSUMER if side is Side.BUSINESS else Side.BUSINESS


# ------------------------------------------------------------ money


DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "兆")
_MOST: Final = Decimal(10) ** 16


def figures(amount: Decimal) -> str:
    """`2,000.00`."""
    return f"{amount:,.2f}"


def capitals(amount: Decimal) -> str:
    """The numerals that no stroke of a pen can change: 2000 → 贰仟元整, 105.06 → 壹佰零伍元零陆分.

    By the regulations for filling in bills: 整 after yuan and jiao, not after fen; one 零 for the noughts between.
    ValueError for what is not yuan with at most two decimals.
    """
    if not amount.is_finite() or not 0 <= amount < _MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"not an amount in yuan: {amount}")
    yuan, cents = divmod(int(amount * 100), 100)
    jiao, fen = divmod(cents, 10)
    said = f"{_whole(yuan)}元" if yuan or not cents else ""
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        said += "零"
    return said + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    if not number:
        return DIGITS[0]
    said, group = "", 0
    while number:
        number, low = divmod(number, 10_000)
        if low:
            # A group that does not fill its four places is set off from what stands before it.
            gap = DIGITS[0] if number and low < 1_000 else ""
            said = gap + _four(low) + _GROUPS[group] + said
        elif said and not said.startswith(DIGITS[0]):
            said = DIGITS[0] + said
        group += 1
    return said


def _four(number: int) -> str:
    said, nought = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if nought and said else "") + DIGITS[digit] + _PLACES[place]
        nought = not digit
    return said
