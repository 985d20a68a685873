"""Days and times in a text: with a month in figures or words, lunar, slashed, of a feast, by the clock or as spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying import NUMERALS, Found, digits_of

_DATE_N = f"[0-9{''.join(NUMERALS)}十廿卅]"
_DATE_CHINESE = re.compile(
    rf"(?:(?P<year>[0-9{''.join(NUMERALS)}]{{4}}|[0-9]{{2}})\s{{0,2}}年\s{{0,2}})?(?P<month>{_DATE_N}{{1,3}})\s{{0,2}}月\s{{0,2}}(?P<day>{_DATE_N}{{1,3}})\s{{0,2}}[日号]"
)
_OF_A_YEAR = re.compile(r"(?:去年|前年|今年|明年|大前年)的?\s?$")
_OF_A_MONTH = re.compile(rf"(?P<month>上个?月|这个?月|本月|当月|下个?月)的?\s?(?P<day>{_DATE_N}{{1,3}})\s?[日号]")
_LUNAR = re.compile(
    r"(?:农历|阴历|旧历)?(?P<month>[正冬腊]|[一二三四五六七八九十]{1,2})月"
    r"(?P<day>初[一二三四五六七八九十]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?![日号\d天个多几])"
)
_SLASHED = re.compile(
    r"(?:(?<=[\s，。；;、：:（(])|^)(?P<month>1[0-2]|0?[1-9])(?:/|-(?=\d\d[送提到来去买订下交付]))(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%])",
    re.MULTILINE,
)
_SLASHED_IN_WORDS = re.compile(
    r"(?<=[社店司校院厅馆房所于在至到])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|2\d|1[3-9])(?=[\s\u4e00-\u9fff，。])"
)
_DOTTED = re.compile(
    r"(?:(?<=[\s，。；;、：:（(士生我在])|^)(?P<month>1[0-2]|0?[1-9])\.(?P<day>3[01]|[12]\d|0?[1-9])"
    r"(?=\s?(?:\d{1,2}[:：]\d\d|上午|下午|早上|中午|晚上|节|那天|当天|日|号|[”）)]|[寄买订付办到去来]))",
    re.MULTILINE,
)
_DAY_ALONE = re.compile(
    r"(?<=[，。；;：:\s到至说等从自约定])(?P<day>3[01]|[12]?\d)[号日](?=\s?(?:我|可以|之?前|来|去|送|取|早|晚|上午|下午|中午|凌晨|那天|当天|夜|等|起|到|至|开|了))"
)
_DASHED = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d\d)\s?[\-/.]\s?(?P<month>0?[1-9]|1[0-2])\s?[\-/.]\s?(?P<day>3[01]|[12]\d|0?[1-9])(?![\d\-/]|\.\d)"
)
_TIGHT = re.compile(
    r"(?<!\d)(?<!\d[\s\-·.])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\s\-·.]?\d)"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES: Final = "January February March April May June July August September October November December"
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE_ENGLISH = (
    re.compile(
        rf"\b{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>(?:19|20)\d\d))?(?![\dA-Za-z])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}\.?(?:,?\s+(?P<year>(?:19|20)\d\d))?(?![\dA-Za-z])",
        re.IGNORECASE,
    ),
)
_BIRTH_AFTER = re.compile(r"\s?(?:日?出生|生(?!产|效|意)|生人)")
_BIRTH_BEFORE = re.compile(r"(?:出生(?:日期|于)?|生日|生于|birth)[\s:：是为在于]*$", re.IGNORECASE)
_FEASTS: Final = {
    "五一": "5月上旬", "劳动节": "5月上旬", "十一": "10月上旬", "国庆节": "10月上旬", "国庆": "10月上旬", "元旦": "1月上旬", "情人节": "2月中旬", "妇女节": "3月上旬",
    "三八节": "3月上旬", "儿童节": "6月上旬", "六一": "6月上旬", "教师节": "9月中旬", "双十一": "11月中旬", "双11": "11月中旬", "双十二": "12月中旬", "平安夜": "12月下旬",
    "圣诞节": "12月下旬", "圣诞": "12月下旬", "春节": "春节前后", "大年": "春节前后", "除夕": "春节前后", "元宵节": "元宵前后", "清明节": "清明前后", "清明": "清明前后", "端午节": "端午前后",
    "端午": "端午前后", "七夕": "七夕前后", "中秋节": "中秋前后", "中秋": "中秋前后", "重阳节": "重阳前后",
}  # fmt: skip
_FEAST: Final = re.compile(
    rf"(?P<feast>{'|'.join(sorted(_FEASTS, key=len, reverse=True))})(?:的?(?:那天|当天|前一天|前天|后一天|第二天|头一天|前夜|前一晚|当晚|那晚|第[一二三四五六七]天)|初[一二三四五六七八])"
)
_FEAST_OF = re.compile(rf"(?<=[今去前]年)(?P<feast>{'|'.join(sorted(_FEASTS, key=len, reverse=True))})(?![前后期月])")
_THIRDS: Final = ("上旬", "中旬", "下旬")
_EARLY: Final = ("early", "mid-", "late")


def found_dates(view: str) -> Iterator[Found]:
    for pattern in (_DATE_CHINESE, _DASHED, _TIGHT):
        for match in pattern.finditer(view):
            month, day = _number(match["month"]), _number(match["day"])
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
            year = digits_of(match["year"] or "")
            year = f"20{year}" if len(year) == 2 else year
            put = f"{year}年{month}月" if year else f"{month}月"
            if not year and (before := _OF_A_YEAR.search(view[max(0, match.start() - 5) : match.start()])):
                put = before[0].strip() + put
                at = match.start() - len(before[0])
                yield Found(at, match.end(), "date", put + _THIRDS[_third(day)], 8)
                continue
            yield _dated(view, match, put + _THIRDS[_third(day)])
    yield from _unusual(view)
    for pattern in _DATE_ENGLISH:
        for match in pattern.finditer(view):
            day = int(match["day"])
            if 1 <= day <= 31:
                month_name = _MONTH_NAMES.split()[_MONTHS.index(match["month"][:3].lower())]
                early = _EARLY[_third(day)]
                put = f"{early}{'' if early.endswith('-') else ' '}{month_name}" + (
                    f" {match['year']}" if match["year"] else ""
                )
                yield _dated(view, match, put)


def _dated(view: str, match: re.Match[str], put: str) -> Found:
    birth = _BIRTH_AFTER.match(view, match.end()) or _BIRTH_BEFORE.search(
        view[max(0, match.start() - 8) : match.start()]
    )
    return Found(match.start(), match.end(), "date", "某年" if birth else put, 7)


def _unusual(view: str) -> Iterator[Found]:
    """Days beside a month that is not numbered, lunar ones, 4/17, and a day with its time but no month."""
    for match in _OF_A_MONTH.finditer(view):
        if 1 <= (day := _number(match["day"])) <= 31:
            yield Found(match.start(), match.end(), "date", match["month"] + _THIRDS[_third(day)], 8)
    for match in (*_FEAST.finditer(view), *_FEAST_OF.finditer(view)):
        yield Found(match.start(), match.end(), "date", _FEASTS[match["feast"]], 6)
    for match in _LUNAR.finditer(view):
        day = _number(match["day"].removeprefix("初"))
        yield Found(match.start(), match.end(), "date", f"{match['month']}月{_THIRDS[_third(day)]}", 6)
    for match in (*_SLASHED.finditer(view), *_SLASHED_IN_WORDS.finditer(view), *_DOTTED.finditer(view)):
        put = f"{int(match['month'])}月{_THIRDS[_third(int(match['day']))]}"
        yield Found(match.start(), match.end(), "date", put, 6)
    for match in _DAY_ALONE.finditer(view):
        yield Found(match.start(), match.end(), "date", _THIRDS[_third(int(match["day"]))], 6)


def _third(day: int) -> int:
    return 0 if day <= 10 else 1 if day <= 20 else 2


def _number(text: str) -> int:
    """12, 十二, 二十一, 廿三, 〇三; 0 for what is none."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" in text:
        tens, _, ones = text.partition("十")
        left, right = digits_of(tens), digits_of(ones)
        return (int(left) if left else 1) * 10 + (int(right) if right else 0)
    digits = digits_of(text)
    return int(digits) if digits else 0


_PART = r"(?P<part>凌晨|清晨|清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|今早|今晚|昨晚|当晚|早|晚)"
_TIME_N = f"[0-9{''.join(NUMERALS)}十]"
_CLOCK = re.compile(
    rf"(?:{_PART}\s?)?(?<![\d:：.\-])(?P<hour>[01]?\d|2[0-4])\s?[:：]\s?[0-5]\d(?:\s?[:：]\s?[0-5]\d)?(?![\d:：])"
)
_SPOKEN = re.compile(
    rf"{_PART}\s?(?P<hour>{_TIME_N}{{1,3}})\s?[点时](?!间|候)(?:半|钟|整|一刻|三刻|{_TIME_N}{{1,3}}分?)?(?:多|过|左右|许)?"
)
_EXACT = re.compile(
    rf"(?<![\d.])(?P<hour>{_TIME_N}{{1,3}})\s?(?:[点时]\s?{_TIME_N}{{1,3}}\s?分(?!之)|时许)"
    r"|(?<![一有早差这那快慢多少几\d.])(?P<about>[二两三四五六七八九十]{1,3})点(?:半|[二三四五]?十五?分?)?(?=左右|钟|多|整|来钟|前|才|过|到|开|关|就|还|准时|回|下班|上班|至|[，。、；\s]|$)"
    r"|(?<=[日号午晨上])(?P<clock>\d{1,2})时(?![间候段长效限不])"
    r"|(?<![一有早差这那快慢多少几\d.])(?P<one>一)点(?:半|钟|来钟|过)"
    r"|(?<![\d.第下这那有出])(?P<figures>\d{1,2})点(?:半|\d\d|多|左右|钟|整|前|才|过|(?=[到来去就还开关回至，。、；\s]|$))"
)
_TIME_ENGLISH = re.compile(
    r"\b(?:at\s+)?(?P<hour>1[0-2]|0?[1-9])(?:[:.][0-5]\d)?\s?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE
)
_HOURS: Final = ("hour", "about", "clock", "one", "figures")
_PARTS: Final = ((6, "凌晨"), (11, "上午"), (13, "中午"), (18, "下午"), (25, "晚上"))


def found_times(view: str) -> Iterator[Found]:
    for pattern in (_CLOCK, _SPOKEN, _EXACT):
        for match in pattern.finditer(view):
            hour = _hour(next(match[name] for name in _HOURS if name in pattern.groupindex and match[name]))
            if hour <= 24:
                part = match["part"] if "part" in pattern.groupindex else None
                bare = (
                    pattern is _EXACT and not (match["hour"] or match["clock"]) and hour <= 12
                )  # nobody says of which half of the day
                put = part or "某时" if bare else part or next(name for until, name in _PARTS if hour < until)
                yield Found(match.start(), match.end(), "time", put, 7)
    for match in _TIME_ENGLISH.finditer(view):
        put = "in the morning" if match["half"].lower() == "a" else "later in the day"
        yield Found(match.start(), match.end(), "time", put, 8)


def _hour(text: str) -> int:
    tens, ten, ones = text.partition("十")
    if ten:
        return int(digits_of(tens) or 1) * 10 + int(digits_of(ones) or 0)
    return int(digits_of(text) or 25)
