"""Working days, holidays by the State Council's notices, and statutory dates with how each comes about, day by day.

Counting follows Order 121 Art 45: the first day is not counted; a period of natural days whose last day is a
statutory holiday ends on the first day that is none. Weekends, make-up days and moved days of rest move nothing,
inside a holiday as outside: Art 45 names statutory holidays only, and the earlier reading is the one an office
cannot be late by.

Time for testing is not counted (Order 121 Art 22, Order 20 Art 20). It is itself a period whose first day does not
count: testing from the 3rd to the 8th takes out the 4th to the 8th. Nothing says so of a recusal (Art 21), so the
clock runs on while that is decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from journal.numbers import ascii_digits
from law.orders import ORDER_121, StatutoryOrder, chinese_number

PUBLISHED = 2026  # the last year whose notice is in the package's data

DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a day is not worked, in words for a person."""

    zh: str
    en: str
    statutory: bool  # a statutory holiday, not merely a weekend or a moved day of rest


@dataclass(frozen=True, slots=True)
class HolidayNotice:
    """The State Council's notice for a year: days off with their holiday's name (zh, en), and weekends that are worked.

    It rules every day of its year, and of other years the days it names.
    """

    year: int
    off: tuple[tuple[date, str, str], ...]
    worked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The national calendar; `published` is the last year the package knows for certain."""

    published: int = PUBLISHED
    notices: tuple[HolidayNotice, ...] = ()

    def rest(self, day: date) -> Rest | None:
        """Why this day is off, None when it is worked (also on a weekend made a working day)."""
        if self.notices:
            known = _noticed(self.notices)
            if day in known.off:
                return known.off[day]
            if day in known.worked:
                return None
            if day.year in known.years:
                return weekend(day)
        zh, en, moved_work = _year(day.year)
        if day in zh:
            if "substituted" in en[day]:
                return Rest("调休", "moved day of rest", statutory=False)
            return Rest(_calendar_plain(zh[day], "（"), _calendar_plain(en[day], " ("), statutory=True)
        return None if day in moved_work else weekend(day)

    def worked(self, day: date) -> bool:
        return self.rest(day) is None

    def in_holiday(self, day: date) -> bool:
        """Whether a day off belongs to a statutory holiday: the unbroken run of days off around it holds one.

        The notices announce such runs as one holiday, weekend and moved days of rest included; a weekend
        that touches no holiday is none.
        """
        return any(rest.statutory for rest in self._run(day))

    def festival(self, day: date) -> bool:
        """True for a statutory holiday itself (Measures for Public Holidays, Art 2), which is what Order 121 Art 45
        names: not for the weekend, make-up day or moved day of rest beside it.

        Its dates do not depend on a year's notice, which only arranges the days of rest around them.
        """
        return day in _festivals(day.year)

    def estimated(self, *days: date) -> bool:
        return any(day.year > self.published and day.year not in _noticed(self.notices).years for day in days)

    def _run(self, day: date) -> list[Rest]:
        found = []
        for step in (DAY, -DAY):
            at = day if step > timedelta(0) else day - DAY
            while (rest := self.rest(at)) is not None:
                found.append(rest)
                at += step
            if not found:
                break  # the day itself is worked
        return found


@dataclass(frozen=True, slots=True)
class _Noticed:
    years: frozenset[int]
    off: Mapping[date, Rest]
    worked: frozenset[date]


@lru_cache(maxsize=64)
def _noticed(notices: tuple[HolidayNotice, ...]) -> _Noticed:
    return _Noticed(
        frozenset(notice.year for notice in notices),
        {day: Rest(zh, en, statutory=True) for notice in notices for day, zh, en in notice.off},
        frozenset(day for notice in notices for day in notice.worked),
    )


def weekend(day: date) -> Rest | None:
    """Why a day of a weekend is off, unless it was made a working day."""
    if day.weekday() < _SATURDAY:
        return None
    return Rest("周六", "Saturday", False) if day.weekday() == _SATURDAY else Rest("周日", "Sunday", False)


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[dict[date, str], dict[date, str], frozenset[date]]:
    import holidays  # half as much to load as all our law, and needed for the first date only

    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    return dict(chinese), dict(english), frozenset(chinese.weekend_workdays)


@lru_cache(maxsize=32)
def _festivals(year: int) -> frozenset[date]:
    _, english, _ = _year(year)
    return frozenset(
        day
        for day, names in english.items()
        if any("substituted" not in name and "observed" not in name for name in names.split(";"))
    )


def _calendar_plain(name: str, bracket: str) -> str:
    """Without '(observed)' and the like."""
    return name.partition(bracket)[0].strip()


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


def read_holiday_notice(text: str, year: int) -> HolidayNotice:
    """The notice for `year`. Sentences about anything else are passed over; BadNotice."""
    if len(text) > LONGEST:
        raise BadNotice("long")
    off: dict[date, tuple[str, str]] = {}
    worked: set[date] = set()
    for line in ascii_digits(text).splitlines():
        plain = _PLAIN.fullmatch(line.strip())
        if plain is not None:
            _notice_plain(plain, line.strip(), off, worked)
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
    return HolidayNotice(year, tuple((day, *off[day]) for day in sorted(off)), tuple(sorted(worked)))


def _notice_plain(found: re.Match[str], line: str, off: dict[date, tuple[str, str]], worked: set[date]) -> None:
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
