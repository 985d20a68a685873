"""Texts as finders read them: full-width and look-alike characters folded, each character still at its place."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

NUMERALS: Final = dict(zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892", strict=True))
SEPARATORS: Final = r"[\s\u200b-\u200f\u2060\ufeff\u00ad\-‐‑‒–—―_·•・.()/（）、]"
"""What may stand between the digits of one number."""


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
