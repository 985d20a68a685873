"""A question in words becomes one of the statistics with its period, grouping, narrowing and comparison. Pure.

A grammar over our own definitions: it chooses a figure and never makes one. Every word of the question is used, known
to say nothing, or told as not understood; nothing is guessed. Words of trades are those by which complaints are sorted
(`complaints.triage`); other words are looked for in complaints only where somebody put them in quotation marks or they
are among those that complaints are known to say.

Longer than other modules: reading a question is one pass whose steps know each other's terms.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise, product
from typing import Final, Literal, get_args

from complaints import CHANNELS, PROBLEMS
from complaints.record.industries import DIVISIONS, SECTIONS
from complaints.record.places import all_divisions
from complaints.statistics import current
from complaints.statistics.facts import BANDS, EDGES
from complaints.statistics.figures import (
    EARLIEST,
    MOST_DAYS,
    MOST_VALUES,
    SAID,
    Narrowed,
    Period,
    crossed,
    month,
    quarter,
    year,
)
from complaints.triage import IGNORE, word_list
from journal.numbers import is_number, narrow

LONGEST: Final = 120  # characters of a question
Role = str
"""One of: statistic, mark (how it is asked), by, only, office, period, than, against, nothing, no (not understood)."""
Why = Literal[
    "empty", "long", "words", "several", "period", "amount",
    "reason", "forecast", "average", "except", "least", "reports",
]  # fmt: skip
_WHY: Final[Mapping[str, Why]] = {why: why for why in get_args(Why)}


class NotUnderstood(Exception):
    """`why` it is no question for figures; `words` of it that say so."""

    def __init__(self, why: Why, *words: str) -> None:
        super().__init__(why, *words)
        self.why, self.words = why, words


@dataclass(frozen=True, slots=True)
class Term:
    """Some words of the question and what they were taken for. `by`: of an "only", what it narrows."""

    role: Role
    value: str
    words: str
    by: str = ""
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`against`: "none", "previous", "year", an office's id, or the days of another period ("2025-01-01..2025-03-31").
    `by`: a grouping, or two (`complaints.statistics.figures.crossed`). `assumed`: what was not said: "period"."""

    statistic: str
    period: Period
    by: str
    against: str
    office: str
    only: Narrowed
    terms: Sequence[Term]
    assumed: Sequence[str] = ()


def read_question(text: str, today: date, offices: Mapping[str, str]) -> Reading:
    """`offices`: names and short names of those that may be asked about, with the scope that is meant, "" for a name
    that several have. NotUnderstood."""
    asked = narrow(text).strip().lower()
    if not asked:
        raise NotUnderstood("empty")
    if len(asked) > LONGEST:
        raise NotUnderstood("long")
    terms = list(_terms(asked, today, offices))
    for term in sorted((one for one in terms if one.role == "no"), key=lambda one: one.value == "words"):
        every = [one.words for one in terms if one.role == "no" and one.value == term.value]
        raise NotUnderstood(_WHY[term.value], *every)
    for before, after in pairwise(terms):
        if before.by == "division" and not _ENDING.search(before.words) and _of_a_place(after):
            raise NotUnderstood("several", before.words + after.words)  # 云南旅游: to there, or complained of there?
    terms = [term for term in terms if term.role != "nothing"]
    if not any(term.role in ("statistic", "mark", "by", "only", "period", "office", "against") for term in terms):
        raise NotUnderstood("words", text.strip())
    office, other = _offices(terms)
    period, against = _days(terms, today, other != "" or _side_by_side(terms))
    if other and against != "none":
        raise NotUnderstood("several", *(term.words for term in terms if term.role in ("office", "against", "period")))
    only = _narrowed(terms)
    by = _grouping(terms, only)
    return Reading(
        statistic=_statistic(terms),
        period=period,
        by=by,
        against=other or against,
        office=office,
        only=only,
        terms=terms,
        assumed=() if any(term.period for term in terms) else ("period",),
    )


# ---------------------------------------------------------------- what is counted


def _statistic(terms: Sequence[Term]) -> str:
    # 金额1万元以上的投诉: the amount is what they are narrowed by, not what is added up
    narrows = [one for one, after in pairwise(terms) if one.value == "disputed_amount" and after.by == "band"]
    named = list(dict.fromkeys(term.value for term in terms if term.role == "statistic" and term not in narrows))
    marks = {term.value for term in terms if term.role == "mark"}
    if "speed" in marks and "grown" not in marks:
        marks.add("long")
    if "percent" in marks and "grown" not in marks:  # 增长了百分之几 is no share
        marks.add("share")
    if "money" in marks and (len(named) != 1 or named[0] not in _MONEY):
        raise NotUnderstood("several", *(term.words for term in terms if term.value == "money"))
    base = [name for name in named if name in _TAKING] or [mark for mark in ("mediating",) if mark in marks]
    for mark, of in (("long", _TAKING), ("in_time", _IN_TIME), ("share", _SHARES)):
        if mark not in marks:
            continue
        meant = list(dict.fromkeys(of[one] for one in (named or base or [""]) if one in of))
        # 调解成功占受理的比例 is no success rate; how long something takes may be said from when it was received on
        others = [one for one in named if one not in of and (mark, one) != ("long", "received")]
        if len(meant) != 1 or others:
            told = (mark, *{"long": ("speed",), "share": ("percent",)}.get(mark, ()), *others)
            raise NotUnderstood("several", *(term.words for term in terms if term.value in told))
        return meant[0]
    if len(named) > 1:
        raise NotUnderstood("several", *(term.words for term in terms if term.role == "statistic"))
    if "loss" in marks and named != ["loss_recovered"]:
        raise NotUnderstood("several", *(term.words for term in terms if term.value == "loss"))
    if not named and "mediating" in marks:
        raise NotUnderstood("several", *(term.words for term in terms if term.value == "mediating"))
    return named[0] if named else "received"


_TAKING: Final = {
    "accepted": "median_days_to_decision", "handled": "median_days_to_handling", "": "median_days_to_handling",
    "mediated": "median_days_to_settlement", "mediating": "median_days_to_settlement",
}  # fmt: skip
_IN_TIME: Final = {"accepted": "on_time_decision", "mediating": "on_time_mediation", "ended": "on_time_notice"}
_MONEY: Final = ("loss_recovered", "disputed_amount")
_SHARES: Final = {"mediated": "success_rate", "mediating": "success_rate"}


def _grouping(terms: Sequence[Term], only: Narrowed) -> str:
    """By what was named; else by what several were named of; else by the problem."""
    found = list(dict.fromkeys(term.value for term in terms if term.role == "by"))
    if not found:
        several = [by for by, values in only if len(values) > 1 and by not in ("band", SAID)]
        return {"industry": "industry2"}.get(several[0], several[0]) if several else "problem"
    if len(found) == 1:
        return found[0]
    both = [f"{one}|{other}" for one in found for other in found if crossed(f"{one}|{other}")]
    if len(found) > 2 or not both:
        raise NotUnderstood("several", *(term.words for term in terms if term.role == "by"))
    return both[0]


def _narrowed(terms: Sequence[Term]) -> Narrowed:
    found: dict[str, list[str]] = {}
    said: list[list[str]] = []
    for term in terms:
        if term.role == "only" and term.by == SAID:
            said.append(term.value.split(","))
            found[SAID] = []
        elif term.role == "only" and term.by == "band" and "band" in found:  # from one amount up to another
            found["band"] = [one for one in found["band"] if one in term.value.split(",")]
            if not found["band"]:
                raise NotUnderstood("several", *(one.words for one in terms if one.by == "band"))
        elif term.role == "only":
            values = found.setdefault(term.by, [])
            values += [one for one in term.value.split(",") if one not in values]
    if said:  # of several words all, each in any of its forms
        found[SAID] = list(dict.fromkeys(" ".join(dict.fromkeys(words)) for words in product(*said)))
        if len(found[SAID]) > MOST_VALUES:
            raise NotUnderstood("several", *(term.words for term in terms if term.by == SAID))
    return tuple((by, tuple(values)) for by, values in found.items())


def _side_by_side(terms: Sequence[Term]) -> bool:
    """Whether two of one kind are compared, as trades. Of different kinds, or words, there is no dashboard."""
    compared = False
    for before, term, after in zip(terms, terms[1:], terms[2:], strict=False):
        if term.role != "than" or not before.role == after.role == "only":
            continue
        if before.by != after.by or before.by == SAID:
            raise NotUnderstood("several", before.words, after.words)
        compared = True
    return compared


def _offices(terms: Sequence[Term]) -> tuple[str, str]:
    """The one asked about, and the one it is compared with."""
    found = list(dict.fromkeys(term.value for term in terms if term.role == "office"))
    compared = any(term.role == "than" for term in terms)
    if len(found) > (2 if compared else 1):
        raise NotUnderstood("several", *(term.words for term in terms if term.role == "office"))
    return (found[0] if found else ""), (found[1] if len(found) == 2 else "")


# ---------------------------------------------------------------- days


def _days(terms: Sequence[Term], today: date, others: bool) -> tuple[Period, str]:
    """The period asked about, and the one it is compared with. `others`: two offices or trades are compared already."""
    asked = {term.value: term.words for term in terms if term.role == "against"}
    if len(asked) > 1:
        raise NotUnderstood("several", *asked.values())
    against = next(iter(asked), "")
    if not against and not others and any(term.value == "grown" for term in terms if term.role == "mark"):
        against = "grown"
    named = [(n, term.period) for n, term in enumerate(terms) if term.period is not None]
    beside = [n for n, _ in named if n and terms[n - 1].role == "than"]
    if len(named) > 2 or (len(named) == 2 and len(beside) != 1) or (beside and against not in ("", "grown")):
        raise NotUnderstood("period", *(terms[n].words for n, _ in named))
    if beside:
        other = next(period for n, period in named if n in beside)
        main = next((period for n, period in named if n not in beside), None) or _like(other, today)
        return _compared(main, other, today)
    if not named:
        main = month(today) if against in ("previous", "grown") else Period(year(today).first, today)
    else:
        main = named[0][1]
    if not against:
        return main, "none"
    return _compared(main, main.year_before() if against == "year" else main.previous(), today)


def _like(other: Period, today: date) -> Period:
    """What an earlier period is compared with where nothing else is named: the present one of its kind."""
    for kind in (month, quarter, year):
        if other == kind(other.first):
            return kind(today)
    if other.first.weekday() == 0 and (other.last - other.first).days == 6:
        return _named_period("本周", today)
    return Period(today - (other.last - other.first), today)


def _compared(main: Period, other: Period, today: date) -> tuple[Period, str]:
    """A period that is not over is compared as far as it has come; one of a year with the same days of another year."""
    main, other = max(main, other, key=lambda one: one.first), min(main, other, key=lambda one: one.first)
    if other.last >= main.first:
        raise NotUnderstood("period", str(other))
    if main.first <= today < main.last:
        main = Period(main.first, today)
    if other == year(other.first) and main.first.year == main.last.year:
        earlier = main
        for _ in range(main.first.year - other.first.year):
            earlier = earlier.year_before()
        other = earlier
    else:
        other = (
            Period(other.first, min(other.last, other.first + (main.last - main.first))) if not main.months else other
        )
    if other == main.year_before():
        return main, "year"
    return main, "previous" if other == main.previous() else f"{other.first}..{other.last}"


_DIGITS: Final = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_WEEKDAYS: Final = "一二三四五六日"
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_QUARTERS: Final = ("first", "second", "third", "fourth")
_N: Final = r"(?:[0-9]{1,4}|[一二两三四五六七八九十]{1,3})"
_YEAR: Final = r"(?:(?P<{0}y>今年|本年|去年|上年|前年)度?|(?P<{0}year>(?:19|20)[0-9][0-9])年度?)"
_PERIOD: Final = re.compile(
    rf"(?:{_YEAR.format('')}的?)?(?:(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度"
    rf"|前(?P<quarters>[一二两三123])个?季度|前(?P<months>{_N})个月|(?P<begin>年初)(?=以来|至今|到现在|到今天|起)"
    rf"|(?P<m1>{_N})月?份?(?:[到至\-~—]+)(?P<m2>{_N})月份?"
    rf"|(?P<month>{_N})月份?(?:(?P<day>{_N})[日号](?:[到至\-~—]+(?:(?P<to_month>{_N})月)?(?P<to_day>{_N})[日号])?)?)|{_YEAR.format('whole_')}"
    rf"|(?:最?近|过去)(?:这)?(?P<count>{_N}|半)个?(?P<unit>天|日|周|星期|季度|月|年)(?:内|里|来)?"
    rf"|(?P<week>上上|上|本|这)(?:周|个?星期)(?P<weekday>[{_WEEKDAYS}天])"
    rf"|(?:the )?(?P<nth>{'|'.join(_QUARTERS)}) quarter(?: of (?P<nth_year>(?:19|20)[0-9][0-9]))?"
    rf"|(?:(?<=in )|(?!may(?! 20)))(?P<name>{'|'.join(_MONTHS)})(?![a-z])(?: (?P<name_year>(?:19|20)[0-9][0-9]))?"
    r"|(?P<word>今天|今日|昨天|昨日|前天|本周|这周|这个星期|本星期|上上周|上上个?星期|上一?周|上一?个星期|上星期|本月份?|这个月|当月|上上个?月|上一?个?月份?"
    r"|本季度?|这个季度|上上个?季度|上一?个?季度|上上年|上一年"
    r"|today|yesterday|this week|last week|this month|last month|this quarter|last quarter"
    r"|this year|last year)"
)
_SINCE: Final = re.compile(r"以来|至今|到现在|到今天|起至今|开始至今|起(?![诉火])|开始")
_RANGE: Final = re.compile(r"[到至~—-]")


def _numeral(text: str) -> int:
    if is_number(text):
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_DIGITS[sign]) for sign in text))
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def _period_at(text: str, at: int, today: date) -> Term | None:
    found = _PERIOD.match(text, at)
    if found is None or not found[0]:
        return None
    try:
        period = _period(found.groupdict(), today)
        if not EARLIEST <= period.first <= period.last or (period.last - period.first).days > MOST_DAYS:
            raise ValueError(period)
    except (ValueError, KeyError):
        raise NotUnderstood("period", found[0]) from None
    if period.first > today:
        raise NotUnderstood("forecast", found[0])
    end = found.end()
    if since := _SINCE.match(text, end):
        end, period = since.end(), Period(period.first, max(today, period.first))
    elif text[at - 1 : at] in ("从", "自") and not _RANGE.search(found[0]):  # 从10月: alone, or from then on?
        raise NotUnderstood("period", text[at - 1 : end])
    return Term("period", "", text[at:end], period=period)


def _period(said: Mapping[str, str | None], today: date) -> Period:
    if word := said["word"]:
        return _named_period(word, today)
    if count := said["count"]:
        return _recent(count, said["unit"] or "", today)
    if weekday := said["weekday"]:
        weeks = {"上上": 2, "上": 1}.get(said["week"] or "", 0)
        monday = today - timedelta(days=today.weekday() + 7 * weeks)
        that_day = monday + timedelta(days=_WEEKDAYS.index("日" if weekday == "天" else weekday))
        return Period(that_day, that_day)
    if nth_quarter := said["nth"]:
        begins = 3 * _QUARTERS.index(nth_quarter) + 1
        return quarter(date(int(said["nth_year"] or _newest(today, begins)), begins, 1))
    if name := said["name"]:
        begins = _MONTHS.index(name) + 1
        return month(date(int(said["name_year"] or _newest(today, begins)), begins, 1))
    of = {"今": 0, "本": 0, "去": 1, "上": 1, "前": 2}
    whole = said["y"] or said["year"] or said["whole_y"] or said["whole_year"] or ""
    chosen = today.year - of[whole[0]] if whole and not is_number(whole) else int(whole) if whole else None
    if half := said["half"]:
        first = date(chosen or today.year, 1 if half == "上" else 7, 1)
        return Period(first, month(date(first.year, first.month + 5, 1)).last)
    if first_quarters := said["quarters"]:
        given = chosen or today.year
        return Period(date(given, 1, 1), month(date(given, 3 * _numeral(first_quarters), 1)).last)
    if first_months := said["months"]:
        if chosen is None:  # the first ones of the year, or those before now?
            raise ValueError(first_months)
        return Period(date(chosen, 1, 1), month(date(chosen, _numeral(first_months), 1)).last)
    if said["begin"]:
        return Period(date(chosen or today.year, 1, 1), today)
    if nth := said["quarter"]:
        return quarter(date(chosen or _newest(today, 3 * _numeral(nth) - 2), 3 * _numeral(nth) - 2, 1))
    if first_month := said["m1"]:
        begins, ends = _numeral(first_month), _numeral(said["m2"] or "")
        given = chosen or _newest(today, begins)
        return Period(date(given, begins, 1), month(date(given + (ends < begins), ends, 1)).last)
    if one := said["month"]:
        given = chosen or _newest(today, _numeral(one))
        if day := said["day"]:
            begin = date(given, _numeral(one), _numeral(day))
            end = date(given, _numeral(said["to_month"] or one), _numeral(said["to_day"] or day))
            return Period(begin, end)
        return month(date(given, _numeral(one), 1))
    assert chosen is not None
    return year(date(chosen, 1, 1))


def _newest(today: date, begins: int) -> int:
    """The year of the newest such month that has begun."""
    return today.year if begins <= today.month else today.year - 1


def _named_period(word: str, today: date) -> Period:
    monday = today - timedelta(days=today.weekday())
    match word:
        case "今天" | "今日" | "today":
            return Period(today, today)
        case "昨天" | "昨日" | "yesterday":
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case "前天":
            return Period(today - timedelta(days=2), today - timedelta(days=2))
        case "本周" | "这周" | "这个星期" | "本星期" | "this week":
            return Period(monday, monday + timedelta(days=6))
        case "上周" | "上一周" | "上个星期" | "上一个星期" | "上星期" | "last week":
            return Period(monday - timedelta(days=7), monday - timedelta(days=1))
        case "上上周" | "上上星期" | "上上个星期":
            return Period(monday - timedelta(days=14), monday - timedelta(days=8))
        case "上上月" | "上上个月":
            return month(today).previous().previous()
        case "上上季度" | "上上个季度":
            return quarter(today).previous().previous()
        case "上上年":
            return year(today).previous().previous()
        case _ if "季" in word or "quarter" in word:
            return quarter(today).previous() if word.startswith(("上", "last")) else quarter(today)
        case "this year":
            return year(today)
        case "last year" | "上一年":
            return year(today).previous()
        case _:
            return month(today).previous() if word.startswith(("上", "last")) else month(today)


def _recent(count: str, unit: str, today: date) -> Period:
    if count == "半":
        count, unit = ("6", "月") if unit == "年" else ("15", "天")
    n = _numeral(count)
    months = {"月": n, "季度": 3 * n, "年": 12 * n}.get(unit)
    if months is None:
        days = n * (7 if unit in ("周", "星期") else 1)
        return Period(today - timedelta(days=days - 1), today)
    earlier = today.year * 12 + today.month - 1 - months
    begins = month(date(earlier // 12, earlier % 12 + 1, 1))
    return Period(min(begins.first.replace(day=min(today.day, begins.last.day)), today) + timedelta(days=1), today)


# ---------------------------------------------------------------- words


def _terms(text: str, today: date, offices: Mapping[str, str]) -> Iterator[Term]:
    own = {name.lower(): id_ for name, id_ in offices.items() if name}
    at, unknown = 0, ""
    while at < len(text):
        term = _term_at(text, at, today, own)
        if term is None:
            unknown, at = unknown + text[at], at + 1
            continue
        if unknown:
            yield Term("no", "words", unknown)
            unknown = ""
        yield term
        at += len(term.words)
    if unknown:
        yield Term("no", "words", unknown)


def _term_at(text: str, at: int, today: date, offices: Mapping[str, str]) -> Term | None:
    """The longest that begins there."""
    if quoted := _QUOTED.match(text, at):
        return Term("only", re.sub(r"[,;:]", " ", quoted[1]).strip(), quoted[0], SAID)
    found = [one for one in (_period_at(text, at, today), _amount_at(text, at), _place_at(text, at)) if one]
    if first := _FIRST.match(text, at):
        several = first[0].endswith("家") and first[1] not in ("1", "一")
        found.append(Term("by", "respondent", first[0]) if several else Term("nothing", "", first[0]))
    named = max((name for name in offices if text.startswith(name, at)), key=len, default="")
    if named:
        found.append(Term("office", offices[named], named) if offices[named] else Term("no", "several", named))
    for end in range(min(len(text), at + _LONGEST_WORD), at, -1):
        known = _lexicon().get(text[at:end])
        if known is not None and not (_inside(text, at) or _inside(text, end)):
            found.append(replace(known, words=text[at:end]))
            break
    if (business := _BUSINESS.match(text, at)) and all(one.by in ("division", SAID) for one in found):
        return Term("only", business[0], business[0], SAID)
    return max(found, key=lambda one: (len(one.words), one.role == "no"), default=None)


def _inside(text: str, at: int) -> bool:
    """Whether a word of Latin letters or a number goes on there."""
    return 0 < at < len(text) and bool(_LETTER.match(text[at - 1]) and _LETTER.match(text[at]))


_BUSINESS: Final = re.compile(r"[\u4e00-\u9fff()]{2,30}?(?:有限责任公司|有限公司|股份公司|集团|商行|经营部)")
_QUOTED: Final = re.compile(r"(?:[“\"「『]|(?<![a-z0-9])['‘])([^”\"」』'’]{1,40})[”\"」』'’]")
_FIRST: Final = re.compile(
    r"前?([0-9]{1,2}|[一二两三四五六七八九十])(?:家|名|个|类|位|大)"
)  # "the first three": all are told
_LETTER: Final = re.compile(r"[a-z0-9]")
_AMOUNT: Final = re.compile(
    r"([0-9]+|[一二两三四五六七八九十]{1,3})(?:(百|千|万)(?:元|块钱?)?|元|块钱?)(以上|以下|以内|及以上)"
)


def _amount_at(text: str, at: int) -> Term | None:
    """From or up to one of the edges that amounts are counted by."""
    found = _AMOUNT.match(text, at)
    if found is None:
        return None
    yuan = _numeral(found[1]) * {"百": 100, "千": 1_000, "万": 10_000}.get(found[2] or "", 1)
    if yuan not in EDGES:
        raise NotUnderstood("amount", found[0])
    edge = EDGES.index(yuan) + 1
    bands = BANDS[edge:] if found[3].endswith("上") else BANDS[:edge]
    return Term("only", ",".join(bands), found[0], "band")


_ENDING: Final = re.compile(r"(?:[省市区县旗盟]|自治州)$")


def _of_a_place(term: Term) -> bool:
    """Whether it is something that places are known for: goods, and travelling there."""
    return term.words.startswith("旅") or (term.by == SAID and term.words in _goods())


@cache
def _goods() -> frozenset[str]:
    others = {word for name in ("problem", "request") for word in word_list(name).index}
    return frozenset(word.lower() for word in word_list("industry").index if word not in others)


def _place_at(text: str, at: int) -> Term | None:
    """A division by its name, alone or with those it lies in; one of several of that name is asked about."""
    best: Term | None = None
    for end in range(at + 2, min(len(text), at + 14) + 1):
        codes = _places().get(text[at:end], ())
        if len(codes) > 1:
            best = Term("no", "several", text[at:end])
        elif codes:
            best = Term("only", codes[0].removesuffix("00").removesuffix("00"), text[at:end], "division")
    return best


@cache
def _places() -> Mapping[str, tuple[str, ...]]:
    """Codes by name: in full, by those they lie in, and of provinces and cities without the ending."""
    found: dict[str, set[str]] = {}
    for code, one in all_divisions().items():
        if one.name in ("市辖区", "县", "城区", "郊区"):
            continue
        names = {one.name, one.whole}
        if code.endswith("00"):
            names |= {re.sub(r"[省市]$", "", one.name)}
        for name in names:
            if len(name) >= 2:
                found.setdefault(name, set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}


@cache
def _lexicon() -> Mapping[str, Term]:
    found: dict[str, Term] = {}

    def put(role: Role, value: str, words: str, by: str = "") -> None:
        for word in words.split("|"):
            found[word] = Term(role, value, word, by)

    for name in ("problem", "request", "industry"):
        listed = word_list(name)
        for word, values in listed.index.items():
            given = [(value, weight) for value, weight in values if value != IGNORE]
            if len(word) < 2 or not given:
                continue
            sure = name == "industry" and len(given) == 1 and given[0][1] >= _SURE and _TRADE.search(word)
            put("only", given[0][0] if sure else word.lower(), word.lower(), "industry" if sure else SAID)
    for code, words in DIVISIONS.items():
        put("only", code, words if len(words) < 3 else f"{words}|{words.removesuffix('业')}", "industry")
    for code, (zh, en) in SECTIONS.items():
        put("only", code, f"{zh}|{zh.removesuffix('业')}|{en.lower()}", "industry")
    for by, names in (("channel", CHANNELS), ("problem", PROBLEMS)):
        for value, (zh, en) in names.items():
            if value != "other":
                put("only", value, f"{zh}|{en.lower()}", by)
    for statistic in current():
        put("statistic", statistic.name, f"{statistic.zh}|{statistic.en.lower()}")
    known = tomllib.loads(files(__package__).joinpath("asking.toml").read_text("utf-8"))
    for by, values in known.pop("only").items():
        for value, words in values.items():
            put("only", value, "|".join(words), by)
    for role, values in known.items():
        for value, words in values.items():
            put(role, value, "|".join(words))
    return found


_LONGEST_WORD: Final = 48  # characters
_SURE: Final = 3  # what a word of a trade weighs that hardly another has
_TRADE: Final = re.compile(  # names who sells or serves; what is sold is looked for in complaints' words
    r"(?:店|馆|院|所|房|业|厅|社|公司|机构|中心|超市|商场|学校|驾校|医院|幼儿园|诊所|影楼|物业|中介|快递|外卖|家政|美容|美发|健身|培训|教育|餐饮|装修"
    r"|婚庆|旅游|保险|维修|干洗|月嫂|月子|托管|酒店|民宿|网吧|会所|楼|城|园|场|吧)$"
)
