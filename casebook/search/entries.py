"""What a case says of itself to be found by, how much each word counts, and how a text becomes such words: what people
call the same thing, the topics of the law, and jieba's words for the rest.

A token is letters and digits only, so that every engine's index takes it as one; marks begin with `zz`. Change what
comes out here and the index must be made anew (`VERSION`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casebook import Case
from law import dictionary
from law.catalogue import topics
from law.search import vocabulary

_RUN = re.compile(r"[^\W_]+")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_CHINESE = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
_SPLIT = re.compile(r"(?P<first>[一-鿿])(?:了|过|不了|得了|完了?|着|了个|过一次|了一次|了几次)(?P<last>[一-鿿])")
_WHOLE = re.compile(
    "为了|除了|超过|通过|经过|不过|难过|度过|透过|罢了|了解|了结|过程|过期|过敏|过户|过失|完成|完善|完整|完全|着急|着火|着手"
)
_STOP = frozenset(
    re.split(
        " ",
        "消费者 商家 公司 店方 调解员 双方 要求 表示 认为 没有 可以 不能 以及 一个 这个 那个 我们 他们 自己 因为 所以 "
        "但是 怎么 怎么办 什么 如何 吗 呢 已经 还是 问题 情况 进行 之后 以后 现在 今年 去年 当时 对方 不给 不肯 "
        "应该 应当 处理 投诉 反映 希望 解决 结果 出来 店里 这样 后来 一直 东西 里面 回来 回去 "
        "下来 家里 一看 时候 the of to and for with was were that this not from has had have are",
    )
)
_COUNT = re.compile(r"[零一二两三四五六七八九十百千万几多半]+(?:个|天|年|块|块钱|回|岁|点)?")
_ENDINGS = ("ing", "ies", "ed", "es", "s")


class BadSynonyms(Exception):
    """The list of synonyms contradicts itself."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A group of words for one thing. `near`: groups that are often meant too."""

    id: str
    words: tuple[str, ...]
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenInText:
    """What a text says at a place: `word` as it stands there, and the groups and topics it belongs to."""

    word: str
    concepts: tuple[str, ...]
    topics: tuple[str, ...]


@cache
def concepts() -> Mapping[str, Concept]:
    table = tomllib.loads((files(__package__) / "synonyms.toml").read_text("utf-8"))
    found = {
        id: Concept(id, tuple(dict.fromkeys(word.lower() for word in entry["words"])), tuple(entry.get("near", ())))
        for id, entry in table.items()
    }
    found |= {one.id: one for one in _things(found)}
    for concept in found.values():
        for near in concept.near:
            if near not in found:
                raise BadSynonyms(f"{concept.id}: no group {near}")
    return MappingProxyType(found)


def _things(finer: Mapping[str, Concept]) -> list[Concept]:
    """What people call the same goods, but for those of which the list above knows two kinds: 定金 and 诚意金. A single
    character stands within other words."""
    groups: dict[str, set[str]] = {}
    for one in finer.values():
        if one.near:
            for word in one.words:
                groups.setdefault(word, set()).update((one.id,))
    return [
        Concept(f"thing {words[0]}", tuple(word for word in words if len(word) > 1))
        for words in dictionary.things()
        if len(set[str]().union(*(groups.get(word, ()) for word in words))) < 2
    ]


def mark(kind: str, value: str) -> str:
    """The token of a class or a filter's value; `value` may hold any characters."""
    return f"zz{kind}{value.encode().hex()}"


def said(text: str) -> list[TokenInText]:
    """The listed words of a text, the longest where several begin or overlap, in order, each once."""
    found: dict[str, TokenInText] = {}
    known = _listed()
    for match in _pattern().finditer(text.lower()):
        word = _key(match[0])
        groups, of_law = known[word]
        found.setdefault(word, TokenInText(word, groups, of_law))
    return list(found.values())


def mended(text: str) -> str:
    """Words that the speaker split put together: 拆了封 becomes 拆封, 退不了款 退款; 超过期限 stays."""
    return _SPLIT.sub(_joined, text)


def split(text: str) -> list[str]:
    """The words of a text that are split in it, whole."""
    return [word for match in _SPLIT.finditer(text) if (word := _joined(match)) != match[0]]


def segments(text: str, searched: bool = False) -> list[str]:
    """jieba's words, and English stems, in order, as often as they stand. `searched`: also parts of long ones."""
    found = []
    cut = dictionary.cut_for_search if searched else dictionary.cut
    for run in _RUN.findall(text.lower()):
        if run.isascii():
            if (stem := _stem(run)) not in _STOP and len(stem) > 1:
                found.append(stem)
            continue
        words = (word for word in cut(run) if len(word) > 1 and word.isalnum() and word not in _STOP)
        found.extend(plain(word) for word in words if not _COUNT.fullmatch(word))
    return found


def single(text: str) -> list[str]:
    """Characters that stand alone between words: 猫."""
    return [plain(word) for run in _RUN.findall(text) for word in dictionary.cut(run) if _CHINESE.fullmatch(word)]


def plain(token: str) -> str:
    """Rare characters by their code: the tables of SQLite's tokenizer end where they begin."""
    if token.isascii() or not _RARE.search(token):
        return token
    return "".join(char if char <= "\uffff" else f"u{ord(char):x}" for char in token)


def _joined(match: re.Match[str]) -> str:
    """What stands in a longer word of its own (超过期限, 了解) was not split."""
    (start, end), text = match.span(), match.string
    for whole in _WHOLE.finditer(text, max(0, start - 1), end + 1):
        if whole.start() < end and whole.end() > start:
            return match[0]
    word = match["first"] + match["last"]
    return word if dictionary.has_word(word) else match[0]


@cache
def _listed() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    groups: dict[str, list[str]] = {}
    of_law: dict[str, list[str]] = {}
    for concept in concepts().values():
        for word in concept.words:
            groups.setdefault(word, []).append(concept.id)
    for topic in topics().values():
        for word in topic.words:
            of_law.setdefault(word, []).append(topic.id)
    return {word: (tuple(groups.get(word, ())), tuple(of_law.get(word, ()))) for word in {**groups, **of_law}}


@cache
def _pattern() -> re.Pattern[str]:
    return vocabulary(_listed())


def _key(found: str) -> str:
    """The longest listed word it begins with."""
    words = _listed()
    return next(found[:end] for end in range(len(found), 0, -1) if found[:end] in words)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


_BITS: Final = 7
_IMPACT: Final = (1 << _BITS) - 1
_FORM: Final = np.dtype("<u8")


def packed_impacts(terms: Mapping[str, int]) -> bytes:
    """Of impacts from 1 to 127."""
    numbers = [_digest(token) << _BITS | impact for token, impact in terms.items()]
    return np.sort(np.array(numbers, _FORM)).tobytes()


@lru_cache(maxsize=512)
def digests(impacts: bytes) -> frozenset[int]:
    """Of all its tokens."""
    return frozenset((np.frombuffer(impacts, _FORM) >> _BITS).tolist())


def impact_table(cases: Sequence[bytes], tokens: Sequence[str]) -> NDArray[np.float64]:
    """The impact of every one of `tokens`, each once, in every case: a row a case, 0 where it does not stand."""
    found = np.zeros((len(cases), len(tokens)))
    if not found.size:
        return found
    asked = np.array([_digest(token) for token in tokens], _FORM)
    order = np.argsort(asked)
    every = np.frombuffer(b"".join(cases), _FORM)
    stands = every >> _BITS
    near = np.minimum(np.searchsorted(asked, stands, sorter=order), len(tokens) - 1)
    column = order[near]
    met = asked[column] == stands
    row = np.repeat(np.arange(len(cases)), [len(case) // _FORM.itemsize for case in cases])
    found[row[met], column[met]] = every[met] & _IMPACT
    return found


@lru_cache(maxsize=50_000)
def _digest(token: str) -> int:
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest()) >> _BITS


VERSION: Final = 5
"""Another number, and every entry is made anew at the next start."""

WEIGHTS: Final[Mapping[str, float]] = {
    "title_zh": 6.0, "title_en": 6.0, "claims": 2.0, "facts": 2.0, "outcome": 1.2, "experience": 1.0, "process": 0.7,
    "comment": 0.8, "tags": 3.0,
}  # fmt: skip
FLAT: Final[Mapping[str, float]] = dict.fromkeys(WEIGHTS, 1.0)
NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_HALF = 5.0  # weight at which half of what can be said is said


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Yuan are in fen; `industry`, `problem`: codes, "" when not known; `settled` None: nothing was agreed to."""

    id: str
    office: str
    sample: bool
    industry: str
    problem: str
    articles: tuple[str, ...]
    event_date: date
    claimed: int | None
    settled: int | None
    days: int | None
    impacts: bytes  # `casebook.search.entries`


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with every token it is found by, marks included, each once."""

    entry: IndexEntry
    tokens: tuple[str, ...]


def entry(case: Case, weights: Mapping[str, float] = WEIGHTS) -> IndexEntry:
    return listed_entry(case, weights).entry


def listed_entry(case: Case, weights: Mapping[str, float] = WEIGHTS, own: Mapping[str, str] = NO_NAMES) -> Listed:
    """`own`: what offices' own topics are called, by id; a case is found by that, too."""
    said = terms(case, weights, own)
    made = IndexEntry(
        id=case.id,
        office=case.office,
        sample=case.sample,
        industry=case.industry,
        problem=case.problem,
        articles=case.articles,
        event_date=case.event_date,
        claimed=fen(case.claimed),
        settled=fen(case.settled),
        days=case.days,
        impacts=packed_impacts(said),
    )
    return Listed(made, tuple(dict.fromkeys((*said, *marks(made)))))


def terms(case: Case, weights: Mapping[str, float] = WEIGHTS, own: Mapping[str, str] = NO_NAMES) -> dict[str, int]:
    """Token -> impact, in the tokens' order."""
    texts = {name: getattr(case, name) for name in weights if name != "tags"}
    law = topics()
    texts["tags"] = " ".join(f"{law[tag].zh} {law[tag].en}" if tag in law else own.get(tag, "") for tag in case.tags)
    scores: dict[str, float] = {}
    for name, text in texts.items():
        for token, often in _counted(_tokens(text)).items():
            scores[token] = scores.get(token, 0.0) + weights[name] * min(often, 4) ** 0.5
    for tag in case.tags:
        scores[mark("t", tag)] = scores.get(mark("t", tag), 0.0) + 2 * weights["tags"]
    impacts = {token: round(100 * score / (score + _HALF)) for token, score in scores.items()}
    return {token: impacts[token] for token in sorted(impacts) if impacts[token] > 0}


def marks(of: IndexEntry) -> list[str]:
    """What filters, and classes of a complaint, find it by."""
    found = [mark("p", of.problem), mark("y", str(of.event_date.year)), mark("o", of.office)]
    found.extend(mark("i", of.industry[:length]) for length in (1, 3, 5) if len(of.industry) >= length)
    found.extend(mark("a", article) for article in of.articles)
    found.append(mark("s", "sample" if of.sample else "own"))
    found.append(mark("r", "settled" if of.settled is not None else "open"))
    return list(dict.fromkeys(found))


def fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else round(yuan * 100)


def _tokens(text: str) -> Iterable[str]:
    yield from segments(text, searched=True)
    yield from (plain(char) for char in single(text))
    for whole in split(text):
        yield from segments(whole, searched=True)
        yield from (mark("c", concept) for one in said(whole) for concept in one.concepts)
    for word in said(text):
        yield plain("".join(char for char in word.word if char.isalnum()))
        yield from (mark("c", concept) for concept in word.concepts)
        yield from (mark("t", topic) for topic in word.topics)


def _counted(tokens: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for token in tokens:
        found[token] = found.get(token, 0) + 1
    return found
