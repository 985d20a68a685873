"""The weighted words of `lists/` found in a text, and a naive Bayes over characters where none of them speaks.

At one place the longest word counts, and a word counts once however often it stands there. So a score can be read off
the marked text by hand.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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


# ------------------------------------------------------------ a model of neighbouring characters


ROWS: Final = {"industry": 1, "problem": 2}  # column of `labelled.tsv`
GRAMS: Final = 1  # the edition of this, beside those of the lists
LEARNED: Final = "tuned"  # the set that is learned from; the others only measure
SMOOTHED: Final = 0.2
_NOT_TEXT: Final = re.compile(r"[^\u4e00-\u9fffA-Za-z]+")
_SHOWN: Final = 4  # pieces that are told


@dataclass(frozen=True, slots=True)
class Piece:
    start: int
    end: int
    weight: float  # by how much it speaks more for the value than for the others


@dataclass(frozen=True, slots=True)
class Model:
    """A naive Bayes over pairs and triples of characters, for texts in which no listed word speaks.

    `logs`: value -> piece -> logarithm of its share; `unseen`: of a piece that never stood with the value. What it
    tells it tells with the pieces of the text that led there, and with little confidence: words that somebody chose
    weigh more.
    """

    priors: Mapping[str, float]
    logs: Mapping[str, Mapping[str, float]]
    unseen: Mapping[str, float]
    known: frozenset[str]

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """(value, share of certainty), the likeliest first; empty when no piece is known."""
        pieces = [piece for _, piece in _pieces(text) if piece in self.known]
        if not pieces:
            return []
        scores = {
            value: prior + sum(self.logs[value].get(piece, self.unseen[value]) for piece in pieces)
            for value, prior in self.priors.items()
        }
        top = max(scores.values())
        # Pieces overlap and depend on each other: their evidence counts a third.
        shares = {value: math.exp((score - top) / 3) for value, score in scores.items()}
        whole = sum(shares.values())
        return sorted(((value, share / whole) for value, share in shares.items()), key=lambda one: (-one[1], one[0]))

    def why(self, text: str, value: str) -> Sequence[Piece]:
        """The pieces that speak most for it."""
        found: dict[str, Piece] = {}
        others = [other for other in self.priors if other != value]
        for at, piece in _pieces(text):
            if piece in self.known and piece not in found:
                own = self.logs[value].get(piece, self.unseen[value])
                rest = sum(self.logs[other].get(piece, self.unseen[other]) for other in others) / len(others)
                if own > rest:
                    found[piece] = Piece(at, at + len(piece), round(own - rest, 2))
        return sorted(found.values(), key=lambda piece: (-piece.weight, piece.start))[:_SHOWN]


@functools.cache
def model(name: str) -> Model:
    """The model of a column, made when first asked. `name`: one of `ROWS`.

    Learned from the word lists themselves (a word speaks for its value as often as it weighs) and from the sentences
    the lists were adjusted to.
    """
    counts: dict[str, Counter[str]] = {}
    documents: Counter[str] = Counter()
    for value, words in word_list(name).words.items():
        counted = counts.setdefault(value, Counter())
        for word, weight in words.items():
            for _, piece in _pieces(word):
                counted[piece] += max(1, round(weight))
    column = ROWS[name]
    for line in files(__package__).joinpath("labelled.tsv").read_text("utf-8").splitlines():
        row = line.split("\t")
        if row[0] == LEARNED:
            documents[row[column]] += 1
            counts.setdefault(row[column], Counter()).update(piece for _, piece in _pieces(row[5]))
    known = frozenset(piece for counted in counts.values() for piece in counted)
    logs, unseen = {}, {}
    for value, counted in counts.items():
        total = sum(counted.values()) + SMOOTHED * len(known)
        logs[value] = {piece: math.log((count + SMOOTHED) / total) for piece, count in counted.items()}
        unseen[value] = math.log(SMOOTHED / total)
    whole = sum(documents.values()) + len(counts)
    priors = {value: math.log((documents[value] + 1) / whole) for value in counts}
    return Model(priors, logs, unseen, known)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pairs and triples of characters with where they stand, never across what is no text."""
    start = 0
    for stretch in _NOT_TEXT.split(text):
        at = text.index(stretch, start) if stretch else start
        start = at + len(stretch)
        for size in (2, 3):
            for n in range(len(stretch) - size + 1):
                yield at + n, stretch[n : n + size]
