"""Which characters name a person, a business, a place or an institution, weighed from all that speaks for it.

A finder sees one form; people write in more of them than can be listed. So what is around each character – its word,
whether a family name goes before it, a role, what the finders say – is a clue with a weight for each label, and the
best row of labels of a sentence is taken (a linear chain). The weights are made of texts labelled by hand
(`tests.tools.deidentify_training`) and lie in `weights.json`; each can be read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from casebook.deidentifying import COMMON, COMPOUND, RARE, Found, any_of, cut_words, overlapping_words, word_list
from law import dictionary

LABELS: Final = (
    "O",
    *(f"{begin}-{kind}" for kind in ("name", "organisation", "address", "institution") for begin in "BI"),
)
SENTENCE: Final = re.compile(r"[^。！？!?\n]+[。！？!?\n]*|[。！？!?\n]+")
_BREAKS: Final = frozenset('，。；：！？、,;:!?\n（）()“”"')
_ROLES: Final = re.compile(rf"(?:{any_of(word_list('weighed', 'roles'))}|[\u4e00-\u9fff][员长师工商])")
ENDINGS: Final = {
    kind: re.compile(any_of(word_list("weighed", kind))) for kind in ("organisation", "address", "institution")
}


_WITHIN: Final = {
    "quoted": re.compile(r"[“\"「『【](?P<in>[^”\"」』】\n，。]{1,12})[”\"」』】]"),
    "titled": re.compile(r"《(?P<in>[^》\n]{1,40})》"),
    "bracketed": re.compile(r"[（(](?P<in>[^）)\n，。]{1,14})[）)]"),
    "line": re.compile(r"^(?P<in>[^：:\n，。]{1,12})(?=[：:])", re.MULTILINE),
    "whole": re.compile(r"^[^\S\n]*(?P<in>[^：:\n，。]{1,12})$", re.MULTILINE),
    "doing": re.compile(r"(?P<in>[\u4e00-\u9fff])(?=称|表示|辩称|诉称|承认|答应|承诺|同意|拒绝|签名|签字|收了|让我|叫我|跟我)"),
}  # fmt: skip


_THEN: Final = re.compile(r"[是为叫]?[：:|｜ \t“\"（(]{1,3}|[是叫]")
"""Between a role and who has it: 投诉人：宾利, 承办人|巫山."""
_OPENING: Final = frozenset("在去到找从由被把给向和与跟及对于叫是姓问让请用因将系告，。、：；（(“\n !！?？")
_CLOSING: Final = frozenset(
    "的说讲称让收把被不也都就又还已未没退给要有在是跑关开办买做订打答承拒与和、，。：；）)（(”\n !！?？"
)
_REACH: Final = 9
"""How many characters away what opens or closes a phrase is seen."""
_LONGEST_WORD: Final = 30
DOUBT: Final = 2.0
"""What speaks against being of nothing beforehand: one name too many is kept with a key, one too few is published."""


Weights = tuple[dict[str, int], NDArray[np.float64], NDArray[np.float64]]
"""Rows of clues, their weights for each label, and those of one label after another."""


def as_weights(table: Mapping[str, Any]) -> Weights:
    """Of what stands in `weights.json`."""
    rows = {clue: at for at, clue in enumerate(table["clues"])}
    return rows, np.asarray([*table["clues"].values(), [0] * len(LABELS)]) / 100, np.asarray(table["after"]) / 100


@cache
def _weights() -> Weights:
    return as_weights(json.loads((files(__package__) / "weights.json").read_text("utf-8")))


@cache
def names() -> dict[str, dict[str, int]]:
    """How much a character is one of names, 1…4: as family name, in the middle, last, and alone after one."""
    table = json.loads((files(__package__) / "names.json").read_text("utf-8"))
    return {which: {char: int(grade) for grade, chars in of.items() for char in chars} for which, of in table.items()}


@cache
def ordinary() -> dict[str, int]:
    """How ordinary it is that a character follows another, 1…3: by texts that name nobody. What is not there is 0."""
    table = json.loads((files(__package__) / "pairs.json").read_text("utf-8"))
    return {
        first + second: int(grade) for grade, of in table.items() for first, others in of.items() for second in others
    }


@cache
def ordinary_characters() -> frozenset[str]:
    return frozenset(char for pair in ordinary() for char in pair)


def tagged(
    view: str, proposed: Sequence[Found], certain: Sequence[Found] = ()
) -> tuple[list[tuple[int, int, str]], list[float]]:
    """Places and their kinds, in order; and how likely each character is of one."""
    rows, weights, after = _weights()
    none = len(weights) - 1
    every = clues(view, proposed, certain)
    found: list[tuple[int, int, str]] = []
    likely = np.zeros(len(view))
    for sentence in SENTENCE.finditer(view):
        start, end = sentence.span()
        scores = np.stack([weights[[rows.get(clue, none) for clue in one]].sum(axis=0) for one in every[start:end]])
        likely[start:end] = 1 - _outside(scores, after)
        scores[:, 0] -= DOUBT
        found += spans_of(_best(scores, after), start)
    return found, likely.tolist()


@dataclass(frozen=True, slots=True)
class Least:
    """The chance of being of a name from which on a place is hidden: of one character; of what texts that name nobody have,
    now and then or often; of words of everyday that do not follow each other there; of what is in no dictionary."""

    one: float
    known: float
    often: float
    everyday: float
    rare: float


LEAST: Final = {
    "name": Least(0.1, 0.05, 0.5, 0.06, 0.02),
    "organisation": Least(0.1, 0.08, 0.2, 0.03, 0.012),
    "institution": Least(0.1, 0.05, 0.2, 0.01, 0.005),
    "address": Least(0.1, 0.08, 0.2, 0.08, 0.04),
}


STRICT: Final = {"paper": 3.0, "told": 0.5, "court": 1.0, "": 1.0}
MOST_ASKED: Final = 0.6
_SHORT: Final = 50
_COURT: Final = re.compile("本院|原告|被告|上诉人|审判|庭审|法庭|合议庭|辩称")
_PAPER: Final = re.compile(
    "决定书|通知书|告知书|告示|公告|通告|公示|通报|通知|笔录|纪要|协议书|移送函|告诫函|提醒函|风险提示|当事人|[我本]局|案例|案情|案由|点评|【|以案说法|"
    "消费者?提示|典型意义|处理结果|处理过程|调解员|经[查审核]|责令|执法人员|抽检|抽查|检定|[依根]据《|依照《|应当|不得"
)
_ANSWERED: Final = re.compile(
    "收悉|[答回]复如下|情况如下|您(?:于[^。]{1,20}通过[^。]{1,8})?(?:反映|提出的)|于您反映|"
    "(?:总结|汇报|报告|建议函|消费提示|活动启动)(?:[(（][^)）\\n]{1,6}[)）])?\\n"
)
"""An office answers or reports, though it speaks to somebody as letters do."""
_TOLD: Final = re.compile(
    "我(?![局院市县区国省]|中心)|(?<!感谢)你(?!公司|单位|局|于|院)|咱|俺|来电|市民|希望|恳请|请求|领导|市长|凭什么|[！？!?吗呢吧啥咋]|太[\u4e00-\u9fff]"
)


@lru_cache(maxsize=32)
def manner(view: str) -> str:
    """How a text is written: "court", "paper" (notices, cases: goods and procedures beside few names) or "told"; "" of a
    short one."""
    if _COURT.search(view):
        return "court"
    if len(view) < _SHORT:
        return ""
    paper = _ANSWERED.search(view) or len({match[0] for match in _PAPER.finditer(view)}) >= 3 or not _TOLD.search(view)
    return "paper" if paper else "told"


_ITEM_BEFORE: Final = re.compile(r"([^\s，。；：！？、,;:()（）“”]{2,8})、$")
_ITEM_AFTER: Final = re.compile(r"、([^\s，。；：！？、,;:()（）“”]{2,8})")
_DONE: Final = re.compile("[了着过]")
OF_A_LIST: Final = 0.03
"""The chance from which on what stands beside a name in a list is one, too; below, it is a list of goods or of steps."""
VERB: Final = 0.25


def needed(view: str, start: int, end: int, kind: str, likely: Sequence[float] = ()) -> float:
    """Where one name too many is as bad as one too few: by kind, by how ordinary its words are and by how the text is
    written. More is asked in a list of what is no name (噻虫嗪、灭蝇胺), and of what ends in a verb (绿植挡|着)."""
    least = min(MOST_ASKED, _needed(view, start, end, kind) * STRICT[manner(view)])
    if likely:
        sides = (_ITEM_BEFORE.search(view, max(0, start - 9), start), _ITEM_AFTER.match(view, end))
        items = [likely[slice(*item.span(1))] for item in sides if item]
        if items and all(sum(item) < OF_A_LIST * len(item) for item in items):
            return MOST_ASKED
        if _DONE.match(view, end) and any(
            word.end == end and word.tag.startswith("v") for word in overlapping_words(cut_words(view), end - 1, end)
        ):
            least = max(least, VERB)
        asked = _of_a_sentence(view, start, end, kind, max(likely[start:end]))
        least = max(least, asked if asked == DEED or manner(view) in ("paper", "court") else asked * WHERE_TOLD)
    return least


_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_UNNAMED: Final = re.compile(
    "[不无没未也最很太越还对用把被将让使拿].+|[甲乙丙丁]|[一二两三四五六七八九十\\d.]+(?:[个盒块杯壶克单是]|号字).*|"
    ".*[啊呢吗嘛呀着]|.*(?:又.又|越.越|(.)\\1(.)\\2).*|.{3,}(?:期间|[时极约易很更较])|(?:高档|老旧|新建|封闭式?|美丽)小区|"
    "机耕[路道]|.{2,6}[丸钞]"
)
"""How, when or how much, and things that are like no name: 无灯, 四盒墨, 又白又胖, 舀汤时, 降糖丸."""
_TITLE: Final = re.compile("[^。；\\n]{4,40}\\n")
"""What a paper is about, above it."""
_WHO_DOES: Final = re.compile("的(?:人|师傅|工人|阿姨|药师|把|是|，|、|都|要)")
_OF_SENTENCES: Final = re.compile("[了得着地把被在由从与应不无就都也]")
DEED: Final = 0.9
WHERE_TOLD: Final = 0.25
"""So much of it where people tell something, whose shops are called by words of everyday and clauses more often."""
CLAUSE: Final = 0.4
LONG_CLAUSE: Final = 0.16
WORDS: Final = 0.2


def _of_a_sentence(view: str, start: int, end: int, kind: str, most: float) -> float:
    """What is asked at least of what reads as part of a sentence: 收瓜|的人, 磨剪刀, 合理消费需要. `most`: its likeliest character."""
    text, long = view[start:end], end - start
    titled = manner(view) == "paper" and (title := _TITLE.match(view)) and end < title.end()
    if titled or _UNNAMED.fullmatch(text):
        return MOST_ASKED
    words = dictionary.tag(text)
    (first, tag), (last, _) = words[0], words[-1]
    family = text[0] in COMMON + RARE
    done = tag[:1] == "v" or (long < 5 and not family and dictionary.tag(text[0])[0][1] == "v")
    if done and long > 1 and _WHO_DOES.match(view, end) and not _OF_SENTENCES.search(text):
        return DEED
    known = all(len(word) > 1 and of[:2] not in _NAME_TAGS and dictionary.has_word(word) for word, of in words)
    if len(words) == 1:
        return MOST_ASKED if known and tag[:1] in "cpu" else 0.0
    if not _HAN.fullmatch(text) or _ends_as_names_do(text, kind):
        return 0.0
    if tag[:1] == "v" and not family and len(words) == 2 and len(first) == 1 < len(last) and dictionary.has_word(last):
        return CLAUSE
    if long > 3 and _OF_SENTENCES.search(text) and most < CLAUSE:
        return CLAUSE
    if long > 5 and most < LONG_CLAUSE and any(of[:1] == "v" for _, of in words):
        return LONG_CLAUSE
    return WORDS if known and long > 4 else 0.0


_NAME_TAGS: Final = ("nr", "nz", "nt", "ns")


def _ends_as_names_do(text: str, kind: str) -> bool:
    """With a trade, or with what places of this kind end in."""
    return any(
        match.end() == len(text) and (of in (kind, "organisation") or len(match[0]) > 1)
        for of, endings in ENDINGS.items()
        for match in endings.finditer(text)
    )


def _needed(view: str, start: int, end: int, kind: str) -> float:
    least = LEAST[kind]
    if end - start == 1:
        return least.one
    words = dictionary.tag(view[start:end])
    if kind in ("name", "organisation") and len(words) == 1 and words[0][1] == "ns":  # a city
        return MOST_ASKED
    grade = min(ordinary().get(view[at : at + 2], 0) for at in range(start, end - 1))
    if grade:
        return least.known if grade == 1 else least.often
    everyday = all(
        len(word) > 1 and tag[:2] not in ("nr", "nz", "nt") and dictionary.has_word(word) for word, tag in words
    )
    return least.everyday if everyday else least.rare


def _outside(scores: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each place the chance that it is of nothing: forward and backward sums."""
    moved = np.exp(after)
    each = np.exp(scores - scores.max(axis=1, keepdims=True))
    ahead, behind = np.empty_like(each), np.ones_like(each)
    ahead[0] = each[0] / each[0].sum()
    for at in range(1, len(each)):
        ahead[at] = (ahead[at - 1] @ moved) * each[at]
        ahead[at] /= ahead[at].sum()
    for at in range(len(each) - 2, -1, -1):
        behind[at] = moved @ (behind[at + 1] * each[at + 1])
        behind[at] /= behind[at].sum()
    both = ahead * behind
    shares: NDArray[np.float64] = both[:, 0] / both.sum(axis=1)
    return shares


def _best(scores: NDArray[np.float64], after: NDArray[np.float64]) -> list[int]:
    """Viterbi's row of labels."""
    back = np.zeros(scores.shape, dtype=np.intp)
    total = scores[0]
    for at in range(1, len(scores)):
        each = total[:, None] + after
        back[at] = each.argmax(axis=0)
        total = each.max(axis=0) + scores[at]
    row = [int(total.argmax())]
    for at in range(len(scores) - 1, 0, -1):
        row.append(int(back[at, row[-1]]))
    return row[::-1]


def spans_of(row: Iterable[int], start: int = 0) -> Iterator[tuple[int, int, str]]:
    """Of labels, one a character, the spans."""
    begun, kind, at = -1, "", start
    for at, label in enumerate(row, start):
        name = LABELS[label]
        if begun >= 0 and name != f"I-{kind}":
            yield begun, at, kind
            begun = -1
        if begun < 0 and name != "O":
            begun, kind = at, name[2:]
    if begun >= 0:
        yield begun, at + 1, kind


def clues(
    view: str,
    proposed: Sequence[Found],
    certain: Sequence[Found] = (),
    follows: Mapping[str, int] | None = None,
) -> list[list[str]]:
    """What speaks for or against each character being of a name: finders `proposed`; `certain` are days and numbers;
    `follows`: `ordinary`, or what to learn with."""
    shapes = [_shape(char) for char in view]
    padded = ["^", "^", "^", *shapes, "$", "$", "$"]
    out: list[list[str]] = []
    pairs, threes = (Counter(view[at : at + long] for at in range(len(view) + 1 - long)) for long in (2, 3))
    grades = names()
    family = [max(grades["family"].get(char, 0), 4 * (view[at : at + 2] in COMPOUND)) for at, char in enumerate(view)]
    family += [0] * 3
    middle, last, single = (
        [grades[which].get(char, 0) for char in view] + [0] * 3 for which in ("middle", "last", "single")
    )
    for at in range(len(view)):
        a, b, c, d, e = padded[at + 1 : at + 6]
        one = [
            "any",
            f"0{c}", f"-{b}", f"+{d}", f"--{a}", f"++{e}", f"-0{b}{c}", f"0+{c}{d}", f"--0{a}{b}", f"0++{d}{e}", f"-+{b}{d}",
            f"n2{family[at]}{single[at + 1]}", f"n3{family[at]}{middle[at + 1]}{last[at + 2]}",
        ]  # fmt: skip
        if at:
            one += (f"m{family[at - 1]}{middle[at]}{last[at + 1]}", f"o{family[at - 1]}{single[at]}")
        if at > 1:
            one.append(f"l{family[at - 2]}{middle[at - 1]}{last[at]}")
        if pairs[view[at : at + 2]] > 1:
            one.append("again")
        if threes[view[at : at + 3]] > 1:
            one.append("again3")
        if at and threes[view[at - 1 : at + 2]] > 1:
            one.append("-again3")
        out.append(one)
    _of_words(view, out)
    _of_phrases(view, out)
    _of_pairs(view, out, ordinary() if follows is None else follows)
    for match in _ROLES.finditer(view):
        for at in range(match.start(), match.end()):
            out[at].append("role")
        for ahead in (1, 2, 3):
            if match.start() - ahead >= 0:
                out[match.start() - ahead] += (f"role+{ahead}", f"role+{ahead}{match[0]}")
        for behind in range(4):
            if match.end() + behind < len(view):
                out[match.end() + behind].append(f"role-{behind}")
        if match.end() < len(view):
            out[match.end()].append(f"role-{match[0]}")
        if (said := _THEN.match(view, match.end())) and said.end() < len(view):
            out[said.end()] += ("role>", f"role>{match[0]}")
    for kind, pattern in ENDINGS.items():
        for match in pattern.finditer(view):
            for at in range(match.start(), match.end()):
                out[at].append(f"end{kind}{match[0]}")
            for back in range(1, 9):
                at = match.start() - back
                if at < 0 or view[at] in _BREAKS:
                    break
                out[at].append(f"to{kind}{min(back, 6)}")
                if len(match[0]) > 1:
                    out[at].append(f"to{kind}{match[0]}")
    for name, pattern in _WITHIN.items():
        for match in pattern.finditer(view):
            for at in range(*match.span("in")):
                out[at].append(name if at > match.start("in") else f"{name}B")
    for found in certain:
        for at in range(found.start, found.end):
            out[at].append(f"k{found.kind}")
        if found.start:
            out[found.start - 1].append(f"k+{found.kind}")
        if found.end < len(view):
            out[found.end].append(f"k-{found.kind}")
    for found in proposed:
        for at in range(found.start, found.end):
            where = "B" if at == found.start else "E" if at == found.end - 1 else "I"
            out[at] += (f"r:{found.kind}{found.weight}{where}", f"r:{found.kind}{where}")
        if found.start:
            out[found.start - 1].append(f"r:{found.kind}+")
        if found.end < len(view):
            out[found.end].append(f"r:{found.kind}-")
    return out


def _of_words(view: str, out: list[list[str]]) -> None:
    cut = cut_words(view)
    for index, word in enumerate(cut):
        before = cut[index - 1] if index else None
        behind = cut[index + 1] if index + 1 < len(cut) else None
        long = word.end - word.start
        known = long > 1 and dictionary.has_word(word.text)
        tag = word.tag[:2] if word.tag[:2] in ("nr", "ns", "nt", "nz") else word.tag[:1]
        before_tag, behind_tag = (before.tag[:2] if before else "^"), (behind.tag[:2] if behind else "$")
        for at in range(word.start, word.end):
            where = "S" if long == 1 else "B" if at == word.start else "E" if at == word.end - 1 else "M"
            out[at] += (
                f"t{tag}{where}{int(known)}", f"t-{before_tag}{tag}{where}", f"t+{tag}{behind_tag}{where}",
            )  # fmt: skip
            if before and _tells(before.text):
                out[at].append(f"w-{before.text}{where}")
            if behind and _tells(behind.text):
                out[at].append(f"w+{behind.text}{where}")
            if known:
                out[at].append(f"w{word.text}{where}")


def _of_phrases(view: str, out: list[list[str]]) -> None:
    """What opens the phrase a character is in (在, 找, 被), what closes it (的, 说, 收), and how long it is between them;
    and the longest word of the dictionary that the character could be of, however the text is cut."""
    closed = [("", _REACH)] * len(view)
    last = len(view)
    for at in range(len(view) - 1, -1, -1):
        if last < len(view) and last - at < _REACH:
            closed[at] = (_shape(view[last]), last - at)
        if view[at] in _CLOSING:
            last = at
    last = -1
    longest = _longest_words(view)
    for at in range(len(view)):
        opening, back = (_shape(view[last]), at - last) if last >= 0 and at - last < _REACH else ("", _REACH)
        closing, ahead = closed[at]
        out[at] += (
            f"L{opening}{min(back, 6)}", f"R{closing}{min(ahead, 6)}", f"P{opening}{closing}{min(back + ahead, _REACH)}",
            f"d{longest[at][0]}{longest[at][1]}",
        )  # fmt: skip
        if view[at] in _OPENING:
            last = at


def _of_pairs(view: str, out: list[list[str]], follows: Mapping[str, int]) -> None:
    """Where a name begins and ends, and within it, characters follow each other that do so nowhere else."""
    grades = [
        f"{follows.get(view[at : at + 2], 0)}{'w' if dictionary.has_word(view[at : at + 2]) else ''}"
        if "\u4e00" <= view[at] <= "\u9fff" and "\u4e00" <= view[at + 1] <= "\u9fff"
        else "-"
        for at in range(len(view) - 1)
    ]
    grades = ["-", "-", *grades, "-", "-"]
    for at, one in enumerate(out):
        further, before, behind, beyond = grades[at : at + 4]
        one += (f"q{before},{behind}", f"Q{further[0]}{before[0]}{behind[0]}{beyond[0]}")


def _longest_words(view: str) -> list[tuple[int, str]]:
    """How long, and whether the character begins it, ends it or is within; (0, "") of none."""
    found = [(0, "")] * len(view)
    for long in (2, 3, 4):
        for at in range(len(view) + 1 - long):
            if "\u4e00" <= view[at] <= "\u9fff" and dictionary.has_word(view[at : at + long]):
                for each in range(at, at + long):
                    found[each] = (long, "B" if each == at else "E" if each == at + long - 1 else "M")
    return found


def _tells(word: str) -> bool:
    """What is longer is a run of signs; each character beside it would carry all of it."""
    return len(word) <= _LONGEST_WORD and not word.isspace()


def _shape(char: str) -> str:
    if char.isdigit():
        return "0"
    if char.isascii() and char.isalpha():
        return "A" if char.isupper() else "a"
    return "⏎" if char == "\n" else " " if char.isspace() else char
