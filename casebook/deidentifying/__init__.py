"""What in a text somebody could be known by, found by rules that are pure and say of what kind it is.

Rules propose, a person decides (`casebook`). `looking` puts the finders together; a finder answers with places
and what to put there. How much they find is measured on planted texts: `yuntiao bench deidentify`.

Here are what every finder stands on (texts made plain and cut into words, lists of words, `words/*.toml`, and the
surnames there are) and two finders. Addresses are chains of district, road, estate, house and room: an anchor (a word
that ends a part of one) is followed to the left over words that can belong to its name; a city alone leads to nobody
and stays. Days and times are told with a month in figures or words, lunar, slashed, of a feast, by the clock or as
spoken.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from law import dictionary

NUMERALS: Final = dict(zip("〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "00012345678911234567892", strict=True))
SEPARATORS: Final = r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-‐‑‒–—―_·•・.()/（）、]"
"""What may stand between the digits of one number."""


@cache
def _lists(file: str) -> Mapping[str, str]:
    lists: dict[str, str] = tomllib.loads((files(__package__) / "words" / f"{file}.toml").read_text("utf-8"))
    return lists


def word_list(file: str, name: str) -> tuple[str, ...]:
    """A list of `words`."""
    return tuple(_lists(file)[name].split())


def characters(file: str, name: str) -> str:
    """A list of `words` whose words are characters."""
    return "".join(_lists(file)[name].split())


def any_of(choices: Iterable[str]) -> str:
    """A pattern for one of them, the longest first."""
    return "|".join(sorted(choices, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the raw text, of what kind, what to put there, and how sure: the higher wins where two overlap."""

    start: int
    end: int
    kind: str
    put: str
    weight: int = 5


HINT: Final = 1
"""The weight of what speaks for a name, but does not hide it."""


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """Every character by its compatibility form, where that is one character; the length is the same."""
    return "".join(_folded(char) for char in text)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isascii() or char in "，；：！？":  # between thousands a comma is one, between sentences it is not
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def digits_of(text: str) -> str:
    """Digits alone, Chinese numerals among them as digits."""
    return "".join(NUMERALS.get(char, char) for char in text if char.isdigit() or char in NUMERALS)


def chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    text: str
    tag: str


@lru_cache(maxsize=32)
def cut_words(view: str) -> tuple[Word, ...]:
    """Every character is in one word; tags are jieba's ("nr" a person, "ns" a place, …)."""
    out, at = [], 0
    for text, tag in dictionary.tag(view):
        start = view.find(text, at)
        if start < 0:
            continue
        at = start + len(text)
        out.append(Word(start, at, text, tag))
    return tuple(out)


def overlapping_words(cut: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """Words of `cut` that reach into `start`…`end`, in order; found by halving, however long the text is."""
    first = bisect_right(cut, start, key=lambda word: word.end)
    return cut[first : bisect_left(cut, end, lo=first, key=lambda word: word.start)]


COMMON: Final = characters("people", "common_surnames")
RARE: Final = characters("people", "rare_surnames")
COMPOUND: Final = word_list("people", "compound_surnames")
SURNAMES: Final = rf"(?:{any_of(COMPOUND)}|[{COMMON}{RARE}])"
ALSO_WORDS: Final = frozenset(characters("people", "surnames_also_words"))
NOT_GIVEN: Final = frozenset(characters("people", "not_given"))
NOT_NAMES: Final = frozenset(word_list("people", "words_like_names"))
PUTS: Final[Mapping[str, str]] = {
    "phone": "（电话略）", "id": "（证件号略）", "bank": "（账号略）", "account": "（账号略）", "order": "（单号略）",
    "code": "（信用代码略）", "plate": "（车牌略）", "email": "（邮箱略）", "link": "（链接略）", "number": "（号码略）",
}  # fmt: skip
ENGLISH: Final[Mapping[str, str]] = {kind: f"[{kind}]" for kind in PUTS}

# ------------------------------------------------------------ places


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


# ------------------------------------------------------------ days


_DATE_N = f"[0-9{''.join(NUMERALS)}十廿卅]"
_DATE_CHINESE = re.compile(
    rf"(?:(?P<year>[0-9{''.join(NUMERALS)}]{{4}}|[0-9]{{2}})\s{{0,2}}年\s{{0,2}})?(?P<month>{_DATE_N}{{1,3}})\s{{0,2}}月\s{{0,2}}(?P<day>{_DATE_N}{{1,3}})\s{{0,2}}[日号]"
)
_OF_LAW = re.compile(  # what a text says of a law is nobody's day; an operation may be 施行 too
    r"\s?(?:起(?:正式)?施行|(?:正式)?施行(?=[，。；、）)]|$)|第[一二三四五六七八九十]{1,3}届全国人(?:大|民代表大会)|(?:第[一二三四五]次)?修[正订][）)]|国务院第\s?[0-9]{1,3}\s?次常务会议"
    r"|[\u4e00-\u9fff]{0,12}(?:国务院|主席|总局|部|委|委员会|署|政府)令(?:〔[0-9]{4}〕)?第\s?[0-9]{1,4}\s?号)"
)
_OF_A_YEAR = re.compile(r"(?:去年|前年|今年|明年|大前年)的?\s?$")
_BORN_IN = re.compile(r"(?:19|20)\d\d年\s?\d{1,2}月(?=\s?(?:出生|生[，,；;）)]))")
_OF_A_MONTH = re.compile(rf"(?P<month>上个?月|这个?月|本月|当月|下个?月)的?\s?(?P<day>{_DATE_N}{{1,3}})\s?[日号]")
_LUNAR = re.compile(
    r"(?:农历|阴历|旧历)?(?P<month>[正冬腊]|[一二三四五六七八九十]{1,2})月"
    r"(?P<day>初[一二三四五六七八九十]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?![日号\d天个多几])"
)
_SLASHED = re.compile(
    r"(?:(?<=[\s，。；;、：:（(])|^)(?P<month>1[0-2]|0?[1-9])(?:/|-(?=\d\d(?:[送提到来去买订下交付]|\s\d{1,2}[:：]\d\d)))(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%])",
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
    r"(?<=[，。；;：:\s到至说等从自约定迟早在])(?P<day>3[01]|[12]?\d)[号日](?=\s?(?:我|发|交|开|出|到货|收到|可以|之?前|来|去|送|取|早|晚|上午|下午|中午|凌晨|那天|当天|夜|等|起|到|至|了))"
)
_DASHED = re.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d\d)\s?[\-/.]\s?(?P<month>0?[1-9]|1[0-2])\s?[\-/.]\s?(?P<day>3[01]|[12]\d|0?[1-9])(?![\d\-/]|\.\d)"
)
_TIGHT = re.compile(
    r"(?<!\d)(?<!\d[\s\-·.])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\s\-·.]?\d)"
)
_DAYS: Final = (_DATE_CHINESE, _DASHED, _TIGHT)
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
    for pattern in _DAYS:
        for match in pattern.finditer(view):
            month, day = _number(match["month"]), _number(match["day"])
            if not (1 <= month <= 12 and 1 <= day <= 31) or _OF_LAW.match(view, match.end()):
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


def days_of_laws(view: str) -> list[tuple[int, int]]:
    """When one was passed, amended, or came into force: they stay."""
    return [day.span() for pattern in _DAYS for day in pattern.finditer(view) if _OF_LAW.match(view, day.end())]


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
    for match in _BORN_IN.finditer(view):
        yield Found(match.start(), match.end(), "date", "某年", 7)
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
    rf"(?:{_PART}\s?)?(?<![\d.\-])(?<!\d[:：])(?P<hour>[01]?\d|2[0-4])\s?[:：]\s?[0-5]\d(?:\s?[:：]\s?[0-5]\d)?(?![\d:：])"
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
