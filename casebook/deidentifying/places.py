"""Addresses: chains of district, road, estate, house and room; a city alone leads to nobody and stays.

An anchor (a word that ends a part of an address) is followed to the left over words that can belong to its name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Final

from casebook.deidentifying import COMMON, RARE, Found, Word, any_of, cut_words, overlapping_words, word_list

_N = r"[0-9A-Za-z一二三四五六七八九十百零〇甲乙丙丁]"
_ROOM = re.compile(
    rf"(?:负|地下|B)?(?:{_N}(?:\s?(?:[\-—–~至]\s?)?{_N}){{0,7}})\s?(?:期(?!间|待|望|限)|门(?=[，。；,\s]|$)|号楼|号院|号店|号铺|号|栋|幢|座|单元|楼|层|室|房间|房|铺位|铺|户|门市|弄|排|组|队|#)"
    r"(?:之[一二三四五六])?(?:[东西南北]侧|附\d+号?)?"
)
_FLAT = re.compile(
    r"(?<![\d\-—A-Za-z])(?:[A-Z]{0,2}\d{1,3}\s?[\-—]\s?\d{1,2}\s?[\-—]\s?(?:\d{3,4}|\d{1,2}\s?[\-—]\s?\d{1,4})|[A-Z]{1,2}\d{1,2}\s?[\-—]\s?\d{3,4})(?![\d\-—])"
)
"""6-2-1102, 306-2-8-1, T4-1103: house, staircase, floor, door."""
_DOOR = re.compile(
    r"(?:(?:楼上|楼下|对门|隔壁|房号|门牌号?|业主|住户|家住|[我她他]家|[我她他]住|住[在到]|住的?|中间|送到)(?:是|的|为|[:：])?\s?|^)(?P<room>(?:[A-Z]?\d{1,3}\s?[\-—]\s?){0,2}[A-Z]?\d{3,4})(?![\d\-—]|[,，.]\d|\s?(?:[元块年次天月平米w万多余个点号户人份斤公级集届]|\d))",
    re.MULTILINE,
)
"""楼上1203, 我住3-1102; at the beginning of a line only with a dash (who speaks in a group of neighbours)."""
_BLOCK = re.compile(
    r"(?:[A-Z]\d?\s?(?:座|区|栋|馆|单元)|\d{1,2}\s?[\-—]\s?\d{3,4}(?!\d)|[A-K]\d?\s?出?口|架空层|负?[一二三\d]层|底商|[A-Z]\d{2,4}(?!\d)|(?<=[\u4e00-\u9fff])\d{3,4}(?!\d|\s?[元块年号次天个年月]))"
)
"""Only behind another part of an address."""
_UNKNOWN = re.compile(r"(?:(?![的了在是有和与及被把给向对到就也都我你他她它这那某该说去来])[\u4e00-\u9fff]){1,6}")
"""Between a district or a road and a house: the estate, whatever it is called."""
_HOUSE = re.compile(
    r"(?:(?<=[在于住到])|(?<=址)[是为:：]?)(?P<all>(?:(?![的了在是有和与及被把给向对到就也都我你他她它这那某该说去来])[\u4e00-\u9fff]){3,10}\d{1,4}号)(?![线机楼店\d])"
)
_HAMLET = re.compile(
    rf"(?<![\u4e00-\u9fff][市区县])[{COMMON}{RARE}]家(?:[大小老新上下])?[塆湾塘庄屯寨岭坡冲沟坪畈垸墩咀坳垱嘴](?:[村组]|[一二三四五六七八九十]组)?(?![\u4e00-\u9fff]?(?:公司|银行))"
)
"""桂家塆: a small place is as good as an address."""
_ENGLISH = re.compile(
    r"\b(?:Room|Flat|Apartment|Apt\.?|Unit|Building|Block|Tower)\s?[A-Z]?\d{1,4}[A-Z]?"
    r"(?:,?\s(?:Room|Flat|Apartment|Unit|Building|Block|Tower)\s?[A-Z]?\d{1,4}[A-Z]?)*"
    r"(?:,?\s(?:[A-Z][a-z]+\s){1,3}(?:Residences?|Gardens?|Court|Plaza|Mansions?|Road|Street|Avenue|Estate))?",
)
_DWELLING = re.compile(r"[栋幢室户]|单元|号楼|号院|房间?$")
_ROADS: Final = word_list("places", "roads")
_AREAS: Final = word_list("places", "areas")
_ANCHOR = re.compile(any_of((*_ROADS, *word_list("places", "estates"), *_AREAS)))
_BEFORE: Final = frozenset(word_list("places", "before"))
_JOIN = re.compile(r"[\s,，·\-、]{0,2}")
_LONGEST: Final = 14
_ALSO_WORDS: Final = word_list("places", "also_words")
"""Anchors that are ordinary words: they count only beside another part."""


@dataclass(frozen=True, slots=True)
class _AddressPart:
    start: int
    end: int
    kind: str  # "room" | "road" | "estate" | "admin"
    dwelling: bool = False


def places(view: str) -> Iterator[Found]:
    for match in _ENGLISH.finditer(view):
        yield Found(match.start(), match.end(), "address", "an address", 6)
    for match in _HOUSE.finditer(view):
        yield Found(match.start("all"), match.end("all"), "address", "某处", 5)
    for match in _DOOR.finditer(view):
        if match.start() < match.start("room") or re.search(r"[\-—]", match["room"]):
            yield Found(match.start("room"), match.end("room"), "address", "某处", 7)
    for match in _HAMLET.finditer(view):
        yield Found(match.start(), match.end(), "address", "某村", 5)
    for chain in _chains(_parts(view), view):
        kinds = {part.kind for part in chain}
        start, end = chain[0].start, chain[-1].end
        admins = [view[part.start : part.end] for part in chain if part.kind == "admin"]
        if kinds == {"admin"}:
            if (
                any(name.endswith(("街道", "镇", "乡", "村", "街道办", "办事处")) for name in admins)
                or len(admins) >= 3
            ):
                yield Found(start, end, "address", "某地", 4)
            continue
        if kinds == {"room"} and not (any(part.dwelling for part in chain) or len(chain) > 1):
            continue
        if (
            len(chain) == 1
            and kinds != {"room"}
            and ((view[start:end].endswith(_ALSO_WORDS) and not view[start:end].endswith("大道")) or end - start < 3)
        ):
            continue
        yield Found(start, end, "address", put_at(view[start:end], kinds), 6)


def is_place(text: str) -> bool:
    """Whether it ends as an address does: …路, …小区, …室."""
    ends = [*_ANCHOR.finditer(text), *_ROOM.finditer(text)]
    return any(match.end() == len(text) and (match.start() > 1 or len(match[0]) > 2) for match in ends)


_SMALL: Final = tuple("塆湾塘庄屯寨岭坡冲沟坪畈垸墩咀坳")


def put_at(text: str, kinds: Set[str] = frozenset()) -> str:
    for ending, put in (("小区", "某小区"), ("村", "某村"), ("广场", "某广场"), ("大厦", "某大厦"), ("市场", "某市场")):
        if ending in text:
            return put
    if text.endswith(_SMALL):
        return "某村"
    if not kinds and text.endswith(_ROADS) and not any(char.isdigit() for char in text):
        return "某路"
    return "某路" if kinds and kinds <= {"road", "admin"} else "某处"


def _parts(view: str) -> list[_AddressPart]:
    cut = cut_words(view)
    found: list[_AddressPart] = []
    for match in _ROOM.finditer(view):
        text = match[0]
        if view[match.start() - 1 : match.start()] == "第" and text.endswith("条"):
            continue
        if not any(char.isdigit() or char in "一二三四五六七八九十百零〇" for char in text) or re.match(
            r"\s?[线店机卡码]", view[match.end() : match.end() + 2]
        ):
            continue
        if text.endswith(("号", "房", "户", "组", "队", "排", "层", "楼", "座", "门市", "铺")) and re.search(
            r"[月第]\s?$", view[: match.start()][-2:]
        ):
            continue
        found.append(_AddressPart(match.start(), match.end(), "room", bool(_DWELLING.search(text))))
    found += [_AddressPart(match.start(), match.end(), "room", dwelling=True) for match in _FLAT.finditer(view)]
    edge, beside = 0, {part.end for part in found}
    for match in _ANCHOR.finditer(view):
        kind = "admin" if match[0] in _AREAS else "road" if match[0] in _ROADS else "estate"
        start = _left(view, cut, match.start(), edge)
        if match.start() - start >= 1 or not beside.isdisjoint(range(match.start() - 1, match.start() + 2)):
            found.append(_AddressPart(start, match.end(), kind))
            edge = match.end()
            beside.add(edge)
    ended = {part.end for part in found}
    for match in _BLOCK.finditer(view):
        if match.start() in ended:
            found.append(_AddressPart(match.start(), match.end(), "room", dwelling=True))
            ended.add(match.end())
    ends = [0, *sorted(ended)]
    for match in _FLAT.finditer(view):  # 保利心语7-2-503: what stands before it is the estate
        start = _left(view, cut, match.start(), ends[bisect_right(ends, match.start()) - 1])
        if 2 <= match.start() - start <= 6:
            found.append(_AddressPart(start, match.start(), "estate"))
    found.sort(key=lambda part: (part.start, -part.end))
    return found


def _left(view: str, cut: tuple[Word, ...], at: int, edge: int) -> int:
    """Where the name that ends at `at` begins: over words that may belong to it, not over an earlier part."""
    start = at
    for word in reversed(overlapping_words(cut, max(edge, at - _LONGEST), at)):
        text = view[max(word.start, edge) : min(word.end, at)]
        if (
            not text.strip()
            or not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9]+", text)
            or (word.text in _BEFORE and word.end <= at)
        ):
            break
        if text.isdigit() and len(text) > 3:
            break
        start = max(word.start, edge)
        if start <= edge or at - start >= _LONGEST:
            break
    return start


def _chains(parts: list[_AddressPart], view: str) -> Iterator[list[_AddressPart]]:
    chain: list[_AddressPart] = []
    for part in parts:
        if chain:
            last = chain[-1]
            if part.start <= last.end:
                if part.end > last.end:
                    chain.append(_AddressPart(last.end, part.end, part.kind, part.dwelling))
                continue
            if _JOIN.fullmatch(view[last.end : part.start]) or (
                part.dwelling and _UNKNOWN.fullmatch(view[last.end : part.start])
            ):
                chain.append(part)
                continue
            yield chain
        chain = [part]
    if chain:
        yield chain
