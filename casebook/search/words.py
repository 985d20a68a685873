"""From text to words: what people call the same thing, the topics of the law, and jieba's words for the rest.

A token is letters and digits only, so that every engine's index takes it as one; marks begin with `zz`. Change what
comes out here and the index must be made anew (`casebook.search.entries.VERSION`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

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
        "应该 应当 处理 投诉 反映 希望 解决 the of to and for with was were that this not from has had have are",
    )
)
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
class Said:
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
    for concept in found.values():
        for near in concept.near:
            if near not in found:
                raise BadSynonyms(f"{concept.id}: no group {near}")
    return MappingProxyType(found)


def mark(kind: str, value: str) -> str:
    """The token of a class or a filter's value; `value` may hold any characters."""
    return f"zz{kind}{value.encode().hex()}"


def said(text: str) -> list[Said]:
    """The listed words of a text, the longest where several begin or overlap, in order, each once."""
    found: dict[str, Said] = {}
    known = _listed()
    for match in _pattern().finditer(text.lower()):
        word = _key(match[0])
        groups, of_law = known[word]
        found.setdefault(word, Said(word, groups, of_law))
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
        found.extend(plain(word) for word in cut(run) if len(word) > 1 and word.isalnum() and word not in _STOP)
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
