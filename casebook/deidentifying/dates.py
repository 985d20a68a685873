"""Days, coarsened to a third of a month (旬), so that what came before what stays; a birthday to nothing but "some year"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying.views import NUMERALS, Found, digits_of

_N = f"[0-9{''.join(NUMERALS)}十廿卅]"
_CHINESE = re.compile(
    rf"(?:(?P<year>[0-9{''.join(NUMERALS)}]{{4}}|[0-9]{{2}})\s{{0,2}}年\s{{0,2}})?(?P<month>{_N}{{1,3}})\s{{0,2}}月\s{{0,2}}(?P<day>{_N}{{1,3}})\s{{0,2}}[日号]"
)
_OF_A_YEAR = re.compile(r"(?:去年|前年|今年|明年|大前年)的?\s?$")
_OF_A_MONTH = re.compile(rf"(?P<month>上个?月|这个?月|本月|当月|下个?月)的?\s?(?P<day>{_N}{{1,3}})\s?[日号]")
_LUNAR = re.compile(
    r"(?:农历|阴历|旧历)?(?P<month>[正冬腊]|[一二三四五六七八九十]{1,2})月"
    r"(?P<day>初[一二三四五六七八九十]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?![日号\d天个多几])"
)
_SLASHED = re.compile(
    r"(?:(?<=[\s，。；;、（(])|^)(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%])", re.MULTILINE
)
_SLASHED_IN_WORDS = re.compile(
    r"(?<=[社店司校院厅馆房所于在至到])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|2\d|1[3-9])(?=[\s\u4e00-\u9fff，。])"
)
_DOTTED = re.compile(
    r"(?:(?<=[\s，。；;、（(])|^)(?P<month>1[0-2]|0?[1-9])\.(?P<day>3[01]|[12]\d|0?[1-9])"
    r"(?=\s?(?:\d{1,2}[:：]\d\d|上午|下午|早上|中午|晚上|节|那天|当天|日|号))",
    re.MULTILINE,
)
_DAY_ALONE = re.compile(
    r"(?<=[，。；;\s到至])(?P<day>3[01]|[12]?\d)[号日](?=\s?(?:早|晚|上午|下午|中午|凌晨|那天|当天|夜))"
)
_DASHED = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d\d)\s?[\-/.]\s?(?P<month>0?[1-9]|1[0-2])\s?[\-/.]\s?(?P<day>3[01]|[12]\d|0?[1-9])(?![\d\-/]|\.\d)"
)
_TIGHT = re.compile(
    r"(?<!\d)(?<!\d[\s\-·.])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\s\-·.]?\d)"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_ENGLISH = (
    re.compile(
        rf"\b{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>(?:19|20)\d\d))?\b", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}\.?(?:,?\s+(?P<year>(?:19|20)\d\d))?\b", re.IGNORECASE
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
    rf"(?P<feast>{'|'.join(sorted(_FEASTS, key=len, reverse=True))})(?:的?(?:那天|当天|前一天|前天|后一天|第二天|头一天|前夜|前一晚|当晚|那晚)|初[一二三四五六七八])"
)
_THIRDS: Final = ("上旬", "中旬", "下旬")
_EARLY: Final = ("early", "mid-", "late")


def found_dates(view: str) -> Iterator[Found]:
    for pattern in (_CHINESE, _DASHED, _TIGHT):
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
            yield _found(view, match, put + _THIRDS[_third(day)])
    yield from _unusual(view)
    for pattern in _ENGLISH:
        for match in pattern.finditer(view):
            day = int(match["day"])
            if 1 <= day <= 31:
                month_name = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                              "November", "December")[_MONTHS.index(match["month"][:3].lower())]  # fmt: skip
                early = _EARLY[_third(day)]
                put = f"{early}{'' if early.endswith('-') else ' '}{month_name}" + (
                    f" {match['year']}" if match["year"] else ""
                )
                yield _found(view, match, put)


def _found(view: str, match: re.Match[str], put: str) -> Found:
    birth = _BIRTH_AFTER.match(view, match.end()) or _BIRTH_BEFORE.search(
        view[max(0, match.start() - 8) : match.start()]
    )
    return Found(match.start(), match.end(), "date", "某年" if birth else put, 7)


def _unusual(view: str) -> Iterator[Found]:
    """Days beside a month that is not numbered, lunar ones, 4/17, and a day with its time but no month."""
    for match in _OF_A_MONTH.finditer(view):
        if 1 <= (day := _number(match["day"])) <= 31:
            yield Found(match.start(), match.end(), "date", match["month"] + _THIRDS[_third(day)], 8)
    for match in _FEAST.finditer(view):
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
