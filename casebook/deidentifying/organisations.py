"""Businesses: by what their names end in, and by the distinctive part of the names on file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from casebook.deidentifying import SEPARATORS, Found, any_of, cut_words, overlapping_words, plain, word_list

_ENDING = re.compile(any_of(word_list("businesses", "endings")))
_GENERIC: Final = frozenset(word_list("businesses", "generic"))
_ADMINS = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区|市|区|县|镇|高新区|开发区)){1,3}|^(?:中国|武汉|北京|上海|广州|深圳|湖北)"
)
_TRADES = re.compile(rf"(?:{any_of(word_list('businesses', 'trade_words'))}){{1,8}}$")
_KINDS: Final = frozenset(word_list("businesses", "kinds"))
_CALLED_SHORT = re.compile(
    r"(?:以下|下)?(?:均)?(?:简称|称)(?:为)?\s?[：:]?\s?[“\"「『]?(?P<short>(?!甲方|乙方|丙方|原告|被告|本法|本条例|本规定|本办法|民法典|消法|合同|协议|该|涉案|案涉)[\u4e00-\u9fffA-Za-z]{2,10})[”\"」』]?\s?[）)]"
)
_LAWFUL = re.compile(r"[（(][^（）()]{1,10}[）)]")
_LONGEST: Final = 24


def organisations(view: str, known: Iterable[str]) -> Iterator[Found]:
    for name in known:
        yield from literal(view, name, "organisation", put_for(name), 8)
        for core in cores(name):
            yield from literal(view, core, "organisation", "某商家", 5)
    for match in _CALLED_SHORT.finditer(view):
        yield Found(match.start("short"), match.end("short"), "organisation", put_for(match["short"]), 7)
    cut = cut_words(view)
    starts = {word.start for word in cut}
    for match in _ENDING.finditer(view):
        start = match.start()
        for word in reversed(overlapping_words(cut, match.start() - _LONGEST, match.start())):
            text = view[word.start : min(word.end, match.start())]
            if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9（）()·&\-]+", text) or text in _GENERIC:
                break
            if word.tag == "r" and len(text) > 1:  # 什么, 我们
                break
            if word.tag in ("r", "p", "c", "ul", "uj", "d", "y", "m") and len(text) == 1 and text not in "（）()":
                break
            start = word.start
        text = view[start : match.start()]
        if match[0] == "店" and any(
            word.tag[:1] in ("v", "d", "p") and start <= word.start
            for word in overlapping_words(cut, start, match.start())
        ):
            continue  # 找过店 is no name
        own = _TRADES.sub("", text)  # 教育培训学校 says what it is, not which
        if len(own) >= 2 and start in starts and own not in _KINDS and not re.fullmatch(r"[（()）]+", own):
            yield Found(start, match.end(), "organisation", put_for(match[0]), 5)


def put_for(name: str) -> str:
    """某公司, 某健身房: what it was, not which."""
    found = list(_ENDING.finditer(plain(name)))
    ending = found[-1][0] if found and found[-1].end() == len(name) else "商家"
    if ending.endswith("公司"):
        ending = "公司"
    return f"某{ending}"


def cores(name: str) -> list[str]:
    """云桥动力健身有限公司 → 云桥动力: what it is called in a sentence."""
    rest = _LAWFUL.sub("", plain(name))
    rest = _ADMINS.sub("", rest)
    found = _ENDING.search(rest)
    if found:
        rest = rest[: found.start()]
    short = _TRADES.sub("", rest)
    return [one for one in dict.fromkeys((rest, short)) if len(one) >= 2 and one != name]


def literal(view: str, name: str, kind: str, put: str, weight: int) -> Iterator[Found]:
    """Wherever it stands, also with something between its characters."""
    folded = re.sub(SEPARATORS, "", plain(name))
    if len(folded) < 2:
        return
    pattern = re.compile(rf"{SEPARATORS}{{0,2}}".join(re.escape(char) for char in folded), re.IGNORECASE)
    for match in pattern.finditer(view):
        yield Found(match.start(), match.end(), kind, put, weight)


_YEAR = r"[〔［\[（(【]\s?(?:(?:19|20)\d\d|二[〇零○][〇零○一二三四五六七八九]{2})\s?[〕］\]）)】]"
_DOCUMENT = re.compile(
    rf"{_YEAR}\s?[\u4e00-\u9fff]{{1,3}}\d{{0,4}}[\u4e00-\u9fff]{{1,16}}第?\s?\d{{1,6}}号(?:之[一二三四五六七八九十\d]{{1,2}})?"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出发]))[\u4e00-\u9fff]{{2,14}}?{_YEAR}\s?第?\s?\d{{1,6}}\s?号"
    r"|(?:(?<![\u4e00-\u9fff])|(?<=[号为是以的据到出]))[\u4e00-\u9fff]{2,10}?第\s?\d[\d\-]{2,12}号"
)
_LABELLED = re.compile(
    r"(?:编号|号码|工牌|[件货销证换券提购]码|[工团户床座房批券码摊位记证单档箱柜铺]{1,2}[号牌])[是为:：\s]{0,2}(?P<token>(?=[A-Za-z\-]{0,8}\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\d\-年月日])|\d{4}-[\u4e00-\u9fff]{1,4}-\d{1,6})"
    r"|(?P<bare>(?:19|20)\d\d[\u4e00-\u9fff]\d{2,4}[民刑行执知商][初终再恢保申特辖监]{1,2}\d{1,6}号)"
)
"""（2024）鄂0106民初123号, 鄂武市监处罚〔2026〕1183号: of a court or an office."""
_OF_LAW = re.compile(
    r"法释|法发|法办|国发|国办|国函|国令|[令告]第?$|总局|国市监|主席|财税|发改|工信部|公安部|住建部|商务部"
)
_STANDARD = re.compile(
    r"(?<![A-Za-z0-9])(?:GBZ?|GBT|[A-Z]{2}(?=/T)|QB|SB|NY|LS|JJG|JJF|JGJ|CJJ|JT|YY|HG|DBS?\d{2}|T/[A-Z]{2,8}|Q/[A-Z]{2,8}|ISO|IEC|EN|CCC|SC)"
    r"(?:/[TZ])?[\s\-]?\d[\d.]*+(?![A-Za-z])(?:[—–\-]\d{4}(?!\d))?"
)
"""GB/T 7718-2011: what all know."""


def documents(view: str) -> Iterator[Found]:
    """Numbers that courts and offices give; those of laws lead to nobody."""
    for match in _DOCUMENT.finditer(view):
        if not _OF_LAW.search(match[0][: match[0].rfind("第") if match[0].count("第") else None]):
            yield Found(match.start(), match.end(), "order", "（单号略）", 9)
    for match in _LABELLED.finditer(view):
        group = "token" if match["token"] else "bare"
        if len(match[group]) > 2:
            yield Found(match.start(group), match.end(group), "order", "（单号略）", 5)


def without_standards(view: str) -> str:
    """GB 7718-2011 is no number of anybody's; the length is the same."""
    return _STANDARD.sub(lambda match: "¤" * len(match[0]), view)
