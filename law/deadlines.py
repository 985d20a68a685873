"""Statutory dates and how each comes about, day by day.

Counting follows Order 121 Art 45: the first day is not counted; a period of natural days whose last day is a statutory
holiday ends on the first day that is none. Weekends, make-up days and moved days of rest move nothing, inside a holiday
as outside: Art 45 names statutory holidays only, and the earlier reading is the one an office cannot be late by.

Time for testing is not counted (Order 121 Art 22, Order 20 Art 20). It is itself a period whose first day does not
count: testing from the 3rd to the 8th takes out the 4th to the 8th. Nothing says so of a recusal (Art 21), so the
clock runs on while that is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from law.calendar import DAY, Rest, WorkingCalendar
from law.orders import ORDER_121, StatutoryOrder, chinese_number

TESTING = ("检测鉴定", "testing")
"""How a day that testing takes out is labelled."""


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
class Pause:
    """Days after `since` up to and with `until` do not count; None: it has not ended."""

    since: date
    until: date | None
    zh: str = TESTING[0]
    en: str = TESTING[1]

    def covers(self, day: date) -> bool:
        return self.since < day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`code`: "accept" | "mediate" | "tell_end" | "competence" | "verify" | "tell_filing"; `article_*` cite the
    rules it rests on.

    `standing`: the clock stands still and `left` counted days remain; `due` is then the earliest date that can be.
    """

    code: str
    due: date
    start: date
    article_zh: str
    article_en: str
    days: tuple[Day, ...]
    estimated: bool = False
    standing: bool = False
    left: int = 0

    def article(self, language: str) -> str:
        return self.article_en if language.startswith("en") else self.article_zh


@dataclass(frozen=True, slots=True)
class _Clock:
    """A period to be counted. Where its length stands: article, item (in Chinese) or paragraph and a further article of
    the order, and another regulation in words."""

    code: str
    start: Day
    wanted: int  # days
    order: StatutoryOrder
    article: int
    item: str = ""
    paragraph: int = 0
    further: int | None = None
    beside_zh: str = ""
    beside_en: str = ""
    working: bool = True  # counts working days, not natural ones


@lru_cache(maxsize=4096)  # an import asks it of a million complaints, of some hundreds of days
def accept_by(received: date, order: StatutoryOrder, calendar: WorkingCalendar) -> Deadline:
    """Accept or refuse, and tell the complainant."""
    start = Day(received, 0, "收到", "received")
    return _count(_Clock("accept", start, order.accept_days, order, order.accept_article), calendar)


def mediate_by(
    accepted: date, order: StatutoryOrder, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> Deadline:
    """Reach a settlement, or mediation ends; `pauses` are the times of testing."""
    clock = _Clock(
        "mediate",
        Day(accepted, 0, "受理", "accepted"),
        order.mediate_days,
        order,
        order.end_article,
        "五",
        further=order.testing_article if any(pause.since != pause.until for pause in pauses) else None,
        working=order.mediate_working,
    )
    return _count(clock, calendar, pauses)


def tell_end_by(ended: date, order: StatutoryOrder, calendar: WorkingCalendar) -> Deadline:
    """Tell both sides that mediation has ended."""
    start = Day(ended, 0, "终止", "ended")
    return _count(_Clock("tell_end", start, order.tell_end_days, order, order.end_article), calendar)


def competence_by(raised: date, order: StatutoryOrder, calendar: WorkingCalendar) -> Deadline:
    """Two offices agree who is competent, or their common superior decides."""
    start = Day(raised, 0, "争议发生", "disputed")
    return _count(_Clock("competence", start, order.competence_days, order, order.competence_article), calendar)


_PROCEDURE = ("《市场监督管理行政处罚程序规定》第十八条", "Provisions on Administrative Penalty Procedures, Art 18")


def verify_by(
    found: date,
    order: StatutoryOrder,
    calendar: WorkingCalendar,
    reported: bool,
    extended: bool,
    pauses: Sequence[Pause] = (),
) -> Deadline:
    """Verify a lead: one found in mediation, or a report's, whose period the penalty procedure sets (its Art 18).

    The same Art 18 takes the time of testing, appraisal and identification (`pauses`) out of the period, whichever way
    a lead came.
    """
    days = order.verify_days * (2 if extended else 1)
    elsewhere = reported or any(pause.since != pause.until for pause in pauses)
    clock = _Clock(
        "verify",
        Day(found, 0, "收到举报", "reported") if reported else Day(found, 0, "发现线索", "found"),
        days,
        order,
        order.report_article if reported else order.verify_article,
        beside_zh=f"、{_PROCEDURE[0]}" if elsewhere else "",
        beside_en=f"; {_PROCEDURE[1]}" if elsewhere else "",
    )
    return _count(clock, calendar, pauses)


def tell_filing_by(decided: date, order: StatutoryOrder, calendar: WorkingCalendar) -> Deadline | None:
    """Tell who reported by name whether a case is filed; None where the order sets no time (Order 121 Art 36)."""
    if order.tell_filing_days is None:
        return None
    start = Day(decided, 0, "作出决定", "decided")
    clock = _Clock("tell_filing", start, order.tell_filing_days, order, order.report_article, paragraph=2)
    return _count(clock, calendar)


def _count(clock: _Clock, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()) -> Deadline:
    days, day, number, over = [clock.start], clock.start.date, 0, False
    while not over:
        day += DAY
        pause = next((pause for pause in pauses if pause.covers(day)), None)
        rest = calendar.rest(day)
        if pause is not None and pause.until is None:
            return _standing(clock, days, clock.wanted - number, calendar, pauses)
        if pause is not None:
            days.append(Day(day, 0, pause.zh, pause.en))
        elif number < clock.wanted and (rest is None or not clock.working):
            number += 1
            days.append(Day(day, number, str(number), str(number)))
            over = number == clock.wanted and (clock.working or not calendar.festival(day))
        elif number == clock.wanted and not calendar.festival(day):
            days.append(Day(day, 0, "顺延到这天", "moved to this day"))
            over = True
        else:
            assert rest is not None, f"{day} is worked and not counted"
            days.append(_off(day, rest))
    return _deadline(clock, days, calendar)


def _standing(
    clock: _Clock, days: Sequence[Day], left: int, calendar: WorkingCalendar, pauses: Iterable[Pause]
) -> Deadline:
    """What was counted so far, and the date it would be if testing ended at once."""
    earliest = _count(clock, calendar, [pause for pause in pauses if pause.until is not None])
    told = _deadline(clock, days, calendar)
    return replace(told, due=earliest.due, estimated=earliest.estimated, standing=True, left=left)


def _off(day: date, rest: Rest) -> Day:
    return Day(day, 0, rest.zh, rest.en)


def _deadline(clock: _Clock, days: Sequence[Day], calendar: WorkingCalendar) -> Deadline:
    order = clock.order
    zh = f"{order.zh}第{chinese_number(clock.article)}条" + (f"第{clock.item}项" if clock.item else "")
    en = f"{order.en}, Art {clock.article}"
    if clock.paragraph:
        zh += f"第{chinese_number(clock.paragraph)}款"
        en += f"({clock.paragraph})"
    if clock.further is not None:
        zh += f"、第{chinese_number(clock.further)}条"
        en += f", Art {clock.further}"
    if order.counting_article is not None:
        zh += f"、第{chinese_number(order.counting_article)}条"
        en += f" and Art {order.counting_article}"
    elif order is not ORDER_121:
        # Order 20 is silent on counting; days are counted the same way, which is the Civil Code's (Arts 201, 203).
        zh += "、《民法典》第二百零一条、第二百零三条"
        en += "; Civil Code, Arts 201 and 203"
    return Deadline(
        clock.code,
        days[-1].date,
        days[0].date,
        zh + clock.beside_zh,
        en + clock.beside_en,
        tuple(days),
        calendar.estimated(days[-1].date),
    )
