"""Statutory dates and how each comes about, day by day.

Counting follows Order 121 Art 45: the first day is not counted; a period of natural days that ends in a
statutory holiday ends on the first day after it. A plain weekend moves nothing: Art 45 names statutory holidays
only, and the earlier reading is the one an office cannot be late by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from law.calendar import DAY, Rest, WorkingCalendar
from law.orders import ORDER_121, Order


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a count: `number` is its place when it counts, 0 when it does not; the words say why."""

    date: date
    number: int
    zh: str
    en: str

    @property
    def counted(self) -> bool:
        return self.number > 0

    def label(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Deadline:
    """`code`: "accept" | "mediate" | "tell_end"; `article_*` cite the rules the date rests on."""

    code: str
    due: date
    start: date
    article_zh: str
    article_en: str
    days: tuple[Day, ...]
    estimated: bool = False

    def article(self, language: str) -> str:
        return self.article_en if language.startswith("en") else self.article_zh


def accept_by(received: date, order: Order, calendar: WorkingCalendar) -> Deadline:
    """Accept or refuse, and tell the complainant."""
    start = Day(received, 0, "收到", "received")
    days = _working_days(start, order.accept_days, calendar)
    return _deadline("accept", days, order, order.accept_article, "", calendar)


def mediate_by(accepted: date, order: Order, calendar: WorkingCalendar) -> Deadline:
    """Reach a settlement, or mediation ends. Time for testing, which stands still, is not known here."""
    start = Day(accepted, 0, "受理", "accepted")
    if order.mediate_working:
        days = _working_days(start, order.mediate_days, calendar)
    else:
        days = _natural_days(start, order.mediate_days, calendar)
    return _deadline("mediate", days, order, order.end_article, "五", calendar)


def tell_end_by(ended: date, order: Order, calendar: WorkingCalendar) -> Deadline:
    """Tell both sides that mediation has ended."""
    start = Day(ended, 0, "终止", "ended")
    days = _working_days(start, order.tell_end_days, calendar)
    return _deadline("tell_end", days, order, order.end_article, "", calendar)


def _working_days(start: Day, wanted: int, calendar: WorkingCalendar) -> list[Day]:
    days, day, number = [start], start.date, 0
    while number < wanted:
        day += DAY
        rest = calendar.rest(day)
        if rest is None:
            number += 1
            days.append(Day(day, number, str(number), str(number)))
        else:
            days.append(_off(day, rest))
    return days


def _natural_days(start: Day, wanted: int, calendar: WorkingCalendar) -> list[Day]:
    days = [start]
    for number in range(1, wanted + 1):
        day = start.date + DAY * number
        days.append(Day(day, number, str(number), str(number)))
    last = days[-1].date
    if calendar.in_holiday(last):
        moved = calendar.after_rest(last)
        while last < moved:
            last += DAY
            rest = calendar.rest(last)
            days.append(_off(last, rest) if rest else Day(last, 0, "顺延到这天", "moved to this day"))
    return days


def _off(day: date, rest: Rest) -> Day:
    return Day(day, 0, rest.zh, rest.en)


def _deadline(
    code: str, days: Sequence[Day], order: Order, article: int, item: str, calendar: WorkingCalendar
) -> Deadline:
    zh = f"{order.zh}第{chinese_number(article)}条" + (f"第{item}项" if item else "")
    en = f"{order.en}, Art {article}"
    if order.counting_article is not None:
        zh += f"、第{chinese_number(order.counting_article)}条"
        en += f" and Art {order.counting_article}"
    elif order is not ORDER_121:
        # Order 20 is silent on counting; days are counted the same way, which is the Civil Code's (Arts 201, 203).
        zh += "、《民法典》第二百零一条、第二百零三条"
        en += "; Civil Code, Arts 201 and 203"
    return Deadline(code, days[-1].date, days[0].date, zh, en, tuple(days), calendar.estimated(days[-1].date))


def chinese_number(number: int) -> str:
    """1–999 as articles are numbered: 15 is 十五, 110 is 一百一十."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
