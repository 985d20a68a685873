"""A text cut into words with their kinds, as finders of names and places walk over it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from law import dictionary


@dataclass(frozen=True, slots=True)
class Word:
    start: int
    end: int
    text: str
    tag: str


@lru_cache(maxsize=32)
def words(view: str) -> tuple[Word, ...]:
    """Every character is in one word; tags are jieba's ("nr" a person, "ns" a place, …)."""
    out, at = [], 0
    for text, tag in dictionary.tag(view):
        start = view.find(text, at)
        if start < 0:
            continue
        at = start + len(text)
        out.append(Word(start, at, text, tag))
    return tuple(out)


def overlapping(cut: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """Words of `cut` that reach into `start`…`end`, in order; found by halving, however long the text is."""
    first = bisect_right(cut, start, key=lambda word: word.end)
    return cut[first : bisect_left(cut, end, lo=first, key=lambda word: word.start)]
