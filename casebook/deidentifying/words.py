"""A text cut into words with their kinds, as finders of names and places walk over it."""

from __future__ import annotations

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
