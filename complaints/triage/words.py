"""The weighted words of `lists/`, and finding them in a text.

At one place the longest word counts, and a word counts once however often it stands there. So a score can be read off
the marked text by hand.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

LISTS: Final = ("industry", "problem", "request", "urgency", "report")
LONGEST_TEXT: Final = 4_000  # characters of a text that are looked at: what a complaint is about is said by then
MOST_OFTEN: Final = 8  # places of one word that are looked at: it counts once


@dataclass(frozen=True, slots=True)
class Mention:
    """A word at `start`…`end` (characters) of one field of the submission, and what it weighs there."""

    field: str
    start: int
    end: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class WordList:
    """`words`: value -> word -> weight; `patterns`: value -> expressions with weights; `extra`: its own rules."""

    name: str
    version: int
    words: Mapping[str, Mapping[str, float]]
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], float], ...]]
    extra: Mapping[str, tuple[str, ...]]
    index: Mapping[str, tuple[tuple[str, float], ...]]  # word -> the values it speaks for
    finder: re.Pattern[str]

    def mentions(self, field: str, text: str) -> Iterator[tuple[str, Mention]]:
        """(value, mention) from left to right, expressions last."""
        text, often = text[:LONGEST_TEXT], Counter[str]()
        for found in self.finder.finditer(text):
            word = found[0]
            often[word] += 1
            if often[word] <= MOST_OFTEN:
                for value, weight in self.index[word]:
                    yield value, Mention(field, found.start(), found.end(), word, weight)
        for value, expressions in self.patterns.items():
            for expression, weight in expressions:
                for found in expression.finditer(text):
                    yield value, Mention(field, found.start(), found.end(), found[0], weight)


@functools.cache
def word_list(name: str) -> WordList:
    """One of `LISTS`, read once."""
    raw: dict[str, Any] = tomllib.loads(files(__package__).joinpath("lists", f"{name}.toml").read_text("utf-8"))
    words: dict[str, dict[str, float]] = {}
    patterns: dict[str, tuple[tuple[re.Pattern[str], float], ...]] = {}
    extra: dict[str, tuple[str, ...]] = {}
    index: dict[str, list[tuple[str, float]]] = {}
    for value, entry in raw.items():
        if isinstance(entry, list):
            extra[value] = tuple(entry)
        elif isinstance(entry, dict):
            patterns[value] = tuple((re.compile(one["re"]), float(one["weight"])) for one in entry.pop("patterns", ()))
            words[value] = {word: float(weight) for word, weight in entry.items()}
            for word, weight in words[value].items():
                index.setdefault(word, []).append((value, weight))
    # Python's alternation takes the first that fits: the longest must stand first.
    finder = re.compile("|".join(re.escape(word) for word in sorted(index, key=lambda word: (-len(word), word))))
    return WordList(
        name, raw["version"], words, patterns, extra, {word: tuple(values) for word, values in index.items()}, finder
    )


def version() -> str:
    """Of all lists together, as a confirmation notes it: which lists the suggestion came from."""
    return ".".join(str(word_list(name).version) for name in LISTS)
