"""What in a text somebody could be known by, found by rules that are pure and say of what kind it is.

Rules propose, a person decides (`casebook`). `looking` puts the finders together; a finder answers with places
and what to put there. How much they find is measured on planted texts: `yuntiao bench deidentify`.

Here is what every finder stands on: texts made plain and cut into words, lists of words (`words/*.toml`), and the
surnames there are.
"""

from __future__ import annotations

import tomllib
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from law import dictionary

NUMERALS: Final = dict(zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892", strict=True))
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
