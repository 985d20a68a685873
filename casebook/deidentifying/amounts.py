"""Amounts: one factor for a whole case makes its largest amount round, every other follows and is put on a grid.

So nobody finds a bill by its total, and who got what share of what stays: of two amounts the proportion moves by less
than 5 %, of three times an amount it stays three times. The grid: two significant digits, below 2 in steps of 0.05.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from casebook.deidentifying.views import Found

LEAST: Final = Decimal(10)
STATUTORY: Final = frozenset({Decimal(500), Decimal(1000)})
"""Least sums of the statutes (消费者权益保护法 Art 55, 食品安全法 Art 148): nobody is known by them."""

_ONES = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_HAN = "".join([*_ONES, *_UNITS, *_BIG])
_UNIT = r"(?:元人民币|块钱|元钱|元|块|圆|yuan|rmb|cny)"
_SIGN = r"(?:人民币|rmb|cny|￥|¥|\$)"
_DIGITS = re.compile(
    rf"(?P<sign>{_SIGN}\s{{0,2}})?(?<![\d.])(?P<number>\d{{1,3}}(?:[,，]\d{{3}}(?!\d))+|\d+)(?P<fen>\.\d+)?"
    rf"(?:\s{{0,2}}(?P<big>万|千|百|亿|w(?![A-Za-z])|k(?![A-Za-z])))?(?P<more>\d{{1,4}}(?P<more_unit>千|百)?)?(?P<about>多|余|来)?(?:\s{{0,2}}(?P<unit>{_UNIT}(?:整|正)?))?"
    rf"(?P<jiao>[\d{_HAN}]+角)?(?P<cents>[\d{_HAN}]+分(?!钟|之|店))?",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    rf"(?:人民币\s?)?(?<![{_HAN}])(?P<number>[{_HAN}]++(?:点[{_HAN}]++)?)(?P<about>多|余|来)?(?P<unit>{_UNIT})(?:整|正)?"
    rf"(?P<jiao>[{_HAN}]角)?(?P<cents>[{_HAN}]分(?!钟|之|店))?",
    re.IGNORECASE,
)
_PAID = (
    r"(?:充值?|收取?|付|交|花|退还?|还差|还|差|欠|转|汇|价|款|押金|定金|订金|总价|实付|先付|多收|减免|赔偿?|补|扣|办卡|卖|要价|报价|估价|称|药费|学费|运费|车费|房租|租金|月租|费用|总共|合计|一共|共|剩下的?|余款|尾款|还剩|剩|余额|涨到|涨成|涨价到|降到|变成|前前后后|前后|加起来|手续费|差价|原价|现价|单价|每月扣?|每年)"
    r"(?:了|过|掉|的|我|他|她|回|出|成|去|进去|给我|合计|共|共计|一共|大概|大约|约)?"
)
_BARE = re.compile(
    rf"{_PAID}\s?(?P<number>\d{{1,3}}(?:[,，]\d{{3}})+|\d{{2,6}})(?P<fen>\.\d{{1,2}})?(?P<about>多|余|来)?"
    r"(?![\d.,，]*\d|[\s\-]\d{3}|[\d年月日号天次个人节条张台件点分岁斤户%％:：\-])"
)
_BARE_CHINESE = re.compile(
    rf"{_PAID}\s?(?P<number>[{_HAN}]*[十百千万拾佰仟][{_HAN}]*)(?P<about>多|余|来)?"
    r"(?![年月日号天次个人节条张台件点分岁斤户元块圆%])"
)
_AMONG = re.compile(
    r"(?:(?<=[，,；;（(]))(?P<number>(?!(?:19|20)\d\d(?!\d))\d{4,5}|\d{1,2}[,，]\d{3})(?P<fen>)(?P<about>)(?=[，。；;）)！？!?])"
)
_EACH = re.compile(
    r"(?<![\d.,\-A-Za-z])(?P<number>\d{3,6})(?P<fen>\.\d{1,2})?(?P<about>)(?=一[盒套件瓶次年支台只张袋箱份斤间晚位平])"
)
_COUNTED = re.compile(r"\s?(?:人|次|公里|步|平|粉|吨|米|字|户|家|件|个|小时|天|年|名|元)")


def amounts(view: str) -> list[tuple[int, int, Decimal]]:
    """Where and how much, in yuan."""
    found: list[tuple[int, int, Decimal]] = []
    for match in _DIGITS.finditer(view):
        sign, unit, big = match["sign"], match["unit"], match["big"]
        if not (sign or unit or (big in ("万", "亿") and not _COUNTED.match(view, match.end()))):
            continue
        if match["more"] and not big:
            continue
        value = _digits(match)
        if value is not None and value >= LEAST:
            found.append((match.start(), match.end(), value))
    for match in _CHINESE.finditer(view):
        value = han(match["number"])
        if value is not None and value >= LEAST:
            found.append((match.start(), match.end(), value))
    taken = {at for start, end, _ in found for at in range(start, end)}
    for pattern in (_BARE, _BARE_CHINESE, _EACH, _AMONG):  # 充了三万六, 实付32.8
        for match in pattern.finditer(view):
            at, number = match.start("number"), match["number"]
            if at in taken:
                continue
            value = (
                han(number) if pattern is _BARE_CHINESE else Decimal(re.sub("[,，]", "", number) + (match["fen"] or ""))
            )
            if value is not None and value >= LEAST:
                found.append((at, match.end(), value))
    return found


def found_amounts(view: str, factor: Decimal, english: bool = False) -> Iterator[Found]:
    for start, end, value in amounts(view):
        if value in STATUTORY:
            continue
        put = rounded(value, factor)
        if put != value:
            yield Found(start, end, "amount", f"{put:f} yuan" if english else f"{put:f}元", 6)


def factor_of(values: Iterable[Decimal]) -> Decimal:
    """Makes the largest of them round."""
    largest = max(values, default=Decimal(0))
    return _grid(largest) / largest if largest >= LEAST else Decimal(1)


def rounded(value: Decimal, factor: Decimal) -> Decimal:
    """In whole yuan, or as it is when it is too small to say anything."""
    return _grid(value * factor) if value >= LEAST else value


def _grid(value: Decimal) -> Decimal:
    power = Decimal(1).scaleb(value.adjusted())
    step = power / 20 if value < 2 * power else power / 10
    if step < 1:
        step = Decimal(1)
    return ((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step).quantize(Decimal(1))


def _digits(match: re.Match[str]) -> Decimal | None:
    number = re.sub(r"[,，]", "", match["number"])
    if len(number) > 12:
        return None
    value = Decimal(number + (match["fen"] or ""))
    big = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "千": 1000, "k": 1000, "百": 100}.get(
        (match["big"] or "").lower(), 1
    )
    value *= big
    if match["more"]:
        more = Decimal(re.sub(r"\D", "", match["more"]))
        unit = {"千": 1000, "百": 100}.get(match["more_unit"] or "")
        value += more * (unit if unit else Decimal(big) / Decimal(10) ** len(str(more)))
    return value


def han(text: str) -> Decimal | None:
    """三千八百六十 → 3860; 一万二 → 12000. None for what is no number."""
    whole, _, part = text.partition("点")
    total = section = number = 0
    last = 1
    for char in whole:
        if char in _ONES:
            number = number * 10 + _ONES[char] if number and last == 0 else _ONES[char]
            last = 0 if char not in "零〇" else 1
        elif char in _UNITS:
            section += (number or 1) * _UNITS[char]
            number, last = 0, _UNITS[char]
        elif char in _BIG:
            total = (total + section + number) * _BIG[char]
            section, number, last = 0, 0, _BIG[char]
        else:
            return None
    if number and len(whole) > 1 and whole[-2] in "百佰千仟万萬" and whole[-2] not in "零〇":
        number *= {"百": 10, "佰": 10, "千": 100, "仟": 100}.get(whole[-2], 1000)
    value = Decimal(total + section + number)
    if part:
        value += Decimal("0." + "".join(str(_ONES.get(char, 0)) for char in part))
    return value
