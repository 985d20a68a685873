"""How much two texts tell of the same: neighbouring characters, and what is told by whatever word. Pure.

`law/things.txt` lists what people call the same thing, `likeness.toml` what happened by the words it is told in; a
hotline's note shares these with the letter it notes, and few characters. Besides them a text names what ties it to one
matter: numbers of orders, a home, days, sums.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from law.dictionary import things
from law.orders import chinese_number


@cache
def groups() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(files(__package__).joinpath("likeness.toml").read_text("utf-8"))
    return found


LONGEST_COMPARED: Final = 600  # characters of an account: up to 300 of them are compared at once
LONGEST_READ: Final = 400  # of them, by words
SHINGLE: Final = 2
_SAID: Final = re.compile(r"[^\W0-9_]+")


def shingles(text: str) -> frozenset[str]:
    """Every two neighbouring characters of words; figures and signs are left out, amounts and days are signals of their
    own."""
    found = set[str]()
    for run in _SAID.findall(text):
        found.update([run[at : at + SHINGLE] for at in range(len(run) - SHINGLE + 1)])
    return frozenset(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of neighbouring characters two texts have in common (Jaccard), 0 to 1; 0 when either says nothing."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


# ------------------------------------------------------------ what is told


@dataclass(frozen=True, slots=True)
class Told:
    """`things`, `doings`: by the first word of their group. `words`: what no group has and few other texts have, two
    neighbouring characters or an English word. `counts`: what was counted, where more than three."""

    things: frozenset[str]
    doings: frozenset[str]
    words: frozenset[str]
    counts: frozenset[str]

    @property
    def weight(self) -> int:
        return GROUP * (len(self.things) + len(self.doings) + len(self.counts)) + len(self.words)

    def __and__(self, other: Told) -> Told:
        return Told(
            self.things & other.things, self.doings & other.doings, self.words & other.words, self.counts & other.counts
        )

    def __sub__(self, other: Told) -> Told:
        return Told(
            self.things - other.things, self.doings - other.doings, self.words - other.words, self.counts - other.counts
        )


GROUP: Final = 2  # what two neighbouring characters weigh once, a thing weighs so often

_EVERYWHERE: Final = frozenset(re.findall("..", groups()["everywhere"]))
_ANYWHERE: Final = frozenset("的了一是在有我他她你们就都说要求给个这那退钱没还")
_NUMERALS: Final = frozenset("零〇一二两三四五六七八九十百千万块元点多")
_COMMON: Final = frozenset(groups()["common"].split())
_RUN: Final = re.compile(r"[a-z]+|[㐀-鿿]+")
_COUNTED: Final = re.compile(
    r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3})(节|课时|次|桌|斤|克|公里|天|年|个月|件|箱|平米)"
)
_DIGITS: Final = {chinese_number(n): n for n in range(1, 100)} | {"两": 2}


@cache
def crowd() -> frozenset[str]:
    """What happens to many at once."""
    return frozenset(groups()["crowd"].split())


@cache
def _lexicon() -> tuple[dict[str, tuple[frozenset[str], frozenset[str]]], dict[str, list[str]]]:
    """Of every word its things and doings; the words, longest first, by the two characters they begin with."""
    meant: dict[str, tuple[set[str], set[str]]] = {word: (set(), set()) for word in groups()["nothing"].split()}
    for which, kind in enumerate((things(), [group.lower().split() for group in groups()["doings"]])):
        for words in kind:
            for word in words:
                meant.setdefault(word, (set(), set()))[which].add(words[0])
    begins: dict[str, list[str]] = {}
    for word in sorted(meant, key=len, reverse=True):
        begins.setdefault(word[:2], []).append(word)
    return {word: (frozenset(things), frozenset(doings)) for word, (things, doings) in meant.items()}, begins


def read(text: str) -> Told:
    """The longest word of a group counts at its place; what is between them is read by characters."""
    meant, _ = _lexicon()
    known, words = set[str](), set[str]()
    for run in _RUN.findall(text[:LONGEST_READ].lower()):
        if run.isascii():
            word = _stem(run)
            (known if word in meant else words).add(word)
        else:
            _chinese(run, known, words)
    words = {one for one in words if (len(one) > 3 and one not in _COMMON if one.isascii() else _particular(one))}
    counts = set[str]()
    for many, unit in _COUNTED.findall(text[:LONGEST_COMPARED]):
        number = int(many) if many.isascii() else _DIGITS.get(many, 0)
        if number > 3:  # of fewer many speak
            counts.add(f"{number}{unit}")
    things, doings = (frozenset[str]().union(*(meant[word][kind] for word in known)) for kind in (0, 1))
    return Told(things, doings, frozenset(words), frozenset(counts))


def _particular(two: str) -> bool:
    return two not in _EVERYWHERE and _ANYWHERE.isdisjoint(two) and not _NUMERALS.issuperset(two)


def _stem(word: str) -> str:
    """Without its ending where a group has it so."""
    meant, _ = _lexicon()
    ends = (end for end in ("ing", "ed", "es", "s", "d") if word.endswith(end))
    return word if word in meant else next((word[: -len(end)] for end in ends if word[: -len(end)] in meant), word)


def _chinese(run: str, known: set[str], between: set[str]) -> None:
    """Adds words of groups, and the neighbouring characters between them."""
    meant, begins = _lexicon()
    since = 0
    pairs = [run[at : at + 2] for at in range(len(run))]  # the last has one character
    for at, two in enumerate(pairs):
        if at < since or (two not in begins and two[0] not in begins):
            continue
        for word in begins.get(two, ()):
            if run.startswith(word, at):
                break
        else:
            word = two[0]
            if word not in meant:
                continue
        known.add(word)
        if since < at - 1:
            between.update(pairs[since : at - 1])
        since = at + len(word)
    between.update(pairs[since:-1])


# ------------------------------------------------------------ what ties a text to one matter


_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[A-Z]{1,4}[0-9]{6,20}|(?!1[3-9][0-9]{9}(?![0-9]))[0-9]{10,20})(?![0-9])"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•. ]?[A-Z0-9]{4,6}(?![A-Z0-9])"
)
_FOUR: Final = re.compile("[0-9A-Z]{4}")
_HOME: Final = re.compile(
    r"([0-9]{1,3})(?:号楼|栋|幢)(?:([0-9]{1,2})单元)?([0-9]{3,4})?|([0-9]{1,2})-([0-9]{1,2})-([0-9]{3,4})(?![0-9])"
    r"|(?<![0-9A-Za-z])([A-Z][0-9]?-[0-9]{1,3})(?![0-9])"
)
_DAY: Final = re.compile(r"([0-9]{1,2}|[一二三四五六七八九十]{1,2})月([0-9]{1,2}|[一二三四五六七八九十]{1,3})[日号]")
_SUM: Final = re.compile(r"[0-9][0-9,]{0,11}(?:\.[0-9]{1,2})?万?|[零一二两三四五六七八九十百千万]{2,12}")
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000}
_ONES: Final = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"两": 2}


def numbers(text: str) -> frozenset[str]:
    """Of orders, parcels, contracts; number plates."""
    text = text[:LONGEST_READ]
    return (
        frozenset(re.sub("[·•. ]", "", found) for found in _NUMBER.findall(text)) if _FOUR.search(text) else frozenset()
    )


def homes(text: str) -> frozenset[tuple[str, ...]]:
    """Buildings, staircases and doors, as far as they are named: ("7", "1204")."""
    text = text[:LONGEST_READ]
    if not any(sign in text for sign in ("号楼", "栋", "幢", "-")):
        return frozenset()
    return frozenset(tuple(part for part in found if part) for found in _HOME.findall(text))


def days(text: str) -> frozenset[tuple[int, int]]:
    """(month, day)."""
    found = _DAY.findall(text[:LONGEST_READ]) if "月" in text else ()
    told = (tuple(int(one) if one.isascii() else _DIGITS.get(one, 0) for one in day) for day in found)
    return frozenset((month, day) for month, day in told)


def sums(text: str) -> frozenset[float]:
    """Every figure of two digits and more, as money is told: 2,880, 一万五千八."""
    return frozenset(_value(found) for found in _SUM.findall(text[:LONGEST_COMPARED]) if len(found) > 1)


def _value(figure: str) -> float:
    """一万五千八 is 15,800, 两千零八 is 2,008."""
    if figure[0].isascii():
        plain = figure.rstrip("万").replace(",", "")
        return float(plain) * (10_000 if figure.endswith("万") else 1)
    whole = part = one = 0
    last = 10
    for sign in figure:
        if sign == "万":
            whole, part, one, last = (part + one) * 10_000, 0, 0, 10_000
        elif sign in _UNITS:
            part, one, last = part + (one or 1) * _UNITS[sign], 0, _UNITS[sign]
        else:
            one = _ONES[sign]
            last = 10 if sign == "零" else last
    return float(whole + part + one * last // 10)


# ------------------------------------------------------------ how it is said


_SECOND: Final = re.compile(
    "另外(?:还)?(?:有)?(?:一件|一个|一笔|一台|一桩|件)|另有一|还有一件|同款又|又买了?一|这回是|另一(?:件事|台|笔|张|批)|不是上次|"
    "[Aa]nother matter|[Ss]eparate (?:matter|complaint)"
)
_AGAIN: Final = re.compile(
    "上次|[前昨]天(?:投诉|反映|打)|上(?:周|礼拜|星期|回|个月)(?:就|已)?(?:投诉|反映|打过|说过|写)|前[几些]天(?:投诉|反映|打|写)|"
    "之前(?:投诉|反映|打过)|已经(?:投诉|反映)|第[二三四五]次(?:打|来|写|求助)|次(?:投诉|反映)|写过|补充|催办|刚刚报|还没人|没人管|没下文|"
    "没给说法|转过去|同一件事|再说明|没有?回复|没有?回音|无果|你们(?:转|回复|答复|同事|让我)|"
    "wrote on|told your|[Ff]ollow(?:ing)?[ -]up|[Nn]o (?:reply|answer)|[Rr]egarding the|[Aa]bout the|"
    "[Ss]econd (?:message|mail|letter)"
)
_FURTHER: Final = re.compile(
    "那(?:件|次|个事|事|台|碗|批|张|条)|另一家|别家|别的店|诊断|鉴定|质检|检测(?:报告|结果|单)|协会|报告(?:出来|打印)|拆(?:下来|开)(?:看|说)|"
    "还是(?:一样|老样子|没|那)|后来|confirmed|expert|"
    "(?:他们?|她|老板娘?|店[长主家]|经理|校长|院[长方]|财务|公司|前台|物业)(?:看了|又|还|才|也|就|都|只|根本|非|打电话|电话)?"
    "(?:说|认|承认|回|推|答应|让|不露面|不理)|[这那]钱(?:该|得|要)|(?:跑|去)(?:了|他).{0,3}[两二三四几]?[趟回]|第二天又|拿回来|"
    "[都已]过了|手术|单子|起诉|截图|录像|录音|误工|医药费|违约金|吐出来|打回来|过世以后|走了以后|不肯?露面"
)
_ANEW: Final = re.compile(
    "也[是在][^，。]{0,8}(?:买|办|订|块|[百千万][零一二两三四五六七八九])|还(?:推|让|劝|给)我(?:办|做|买)|又(?:办|买|订|交)了|"
    "^(?:我|我们|在|给|从|还)?[^，。他]{0,8}(?:买|办|订|定|充|租|报|存|寄)(?:了|的|在)"
)
_SAYING: Final = {"second": _SECOND, "again": _AGAIN, "further": _FURTHER}
_FOR_ANOTHER: Final = re.compile(
    "我[爸妈哥姐弟妹]|爸爸|妈妈|父亲|母亲|爷爷|奶奶|外[公婆]|老伴|媳妇|丈夫|妻子|老[公婆]|儿子|女儿|岳[父母]|代(?:为)?投诉|替.{1,6}投诉|受.{1,6}委托|"
    "my (?:mother|father|mum|dad|wife|husband|son|daughter|parents)"
)
_LAST_FOUR: Final = re.compile("尾号[是为：: ]{0,2}([0-9]{4})")
ROUND, EXCHANGED = 4, 13  # characters that stay on either side; that are exchanged


def said(text: str) -> str:
    """Of another matter ("second"), of what was told before ("again"), or of what came to light since ("further")."""
    return next((found for found, words in _SAYING.items() if words.search(text[:LONGEST_READ])), "")


def anew(text: str) -> bool:
    """Whether it begins with something bought or ordered, as who tells a matter for the first time does."""
    return bool(_ANEW.search(text[:LONGEST_READ].strip()))


def for_another(text: str) -> bool:
    return bool(_FOR_ANOTHER.search(text[:LONGEST_COMPARED]))


def last_four(text: str) -> str:
    """Of a phone: 尾号5076."""
    found = _LAST_FOUR.search(text[:LONGEST_COMPARED])
    return found[1] if found else ""


def exchanged(one: str, other: str) -> bool:
    """Whether two texts are one form in which another thing was put: 饼干 for 果汁."""
    mine, theirs = ("".join(_SAID.findall(text[:LONGEST_COMPARED])) for text in (one, other))
    first = next((at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
    if first < ROUND:
        return False
    mine, theirs = mine[first:], theirs[first:]
    for a, b in itertools.product(range(1, EXCHANGED), repeat=2):
        if len(mine) >= a + ROUND and mine[a : a + ROUND] == theirs[b : b + ROUND]:
            left, right = mine[:a], theirs[:b]
            return set(left).isdisjoint(right) and bool(read(left).weight and read(right).weight)
    return False
