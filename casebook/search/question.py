"""What is asked: a person's words, or a complaint that looks for its like. Both become groups of tokens and classes.

A group is met by any of its tokens, each for what it is worth; its label is the word as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from casebook.search.words import concepts, mark, mended, plain, said, segments, single
from journal.numbers import ascii_digits
from law.articles import Days
from law.library import Library
from law.search import search as search_law

LONGEST_QUERY: Final = 120
LONGEST_ACCOUNT: Final = 6_000  # characters of a complaint that are read
MOST_GROUPS: Final = 14
_SYNONYM, _NEAR, _PART, _LONE = 0.8, 0.45, 0.6, 0.7
_CITED = 40.0  # law.search's score from which an article was named, not described
_LAW_COUNTS = 12.0  # and from which what it found says something
_MOST_ARTICLES = 4
_CITATION = re.compile(
    r"(?:第\s{0,3})?[零〇一二三四五六七八九十百0-9]{1,8}\s{0,3}条(?:之[一二三四五六七八九十])?|[《》]"
)
_SMALL = frozenset("的了和是在不我要有就也都还被把给对到说能会吧后前时买卖退钱没去来用做办收付上下多少几个很")


@dataclass(frozen=True, slots=True)
class Group:
    """`either`: token -> what meeting it is worth, 1 for the word itself. `weight`: more for what was said first."""

    label: str
    either: tuple[tuple[str, float], ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """`cited` were named, `implied` are what the words are about: article -> weight up to 1. `amount` in fen.

    `like`: a complaint looks for its like, so classes and the amount count more.
    """

    groups: tuple[Group, ...]
    cited: tuple[str, ...] = ()
    implied: tuple[tuple[str, float], ...] = ()
    industry: str = ""
    problem: str = ""
    amount: int | None = None
    like: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups or self.cited or (self.like and (self.industry or self.problem)))


@dataclass(frozen=True, slots=True)
class Filters:
    """ "" or None: any. `industry`: the beginning of a code: a section, a division, a class. Money in yuan."""

    industry: str = ""
    problem: str = ""
    article: str = ""
    tag: str = ""
    year: int | None = None
    office: str = ""
    settled: bool | None = None
    samples: bool = False  # with those the program brought along

    def marks(self) -> list[str]:
        found = []
        if self.industry:
            length = 5 if len(self.industry) >= 5 else 3 if len(self.industry) >= 3 else 1
            found.append(mark("i", self.industry[:length]))
        for kind, value in (("p", self.problem), ("a", self.article), ("t", self.tag), ("o", self.office)):
            if value:
                found.append(mark(kind, value))
        if self.year is not None:
            found.append(mark("y", str(self.year)))
        if self.settled is not None:
            found.append(mark("r", "settled" if self.settled else "open"))
        if not self.samples:
            found.append(mark("s", "own"))
        return found


def asked(text: str, library: Library, days: Days, industry: str = "", problem: str = "") -> Question:
    """What a person typed. `industry`, `problem`: what triage makes of it, "" when it does not know."""
    text = text.strip()[:LONGEST_QUERY]
    hits = [hit for hit in search_law(library, text, days, 8) if hit.score >= _LAW_COUNTS]
    cited = tuple(hit.article.id for hit in hits if hit.score >= _CITED)
    best = hits[0].score if hits else 1.0
    implied = () if cited else tuple((hit.article.id, round(hit.score / best, 3)) for hit in hits[:_MOST_ARTICLES])
    groups = _groups(_without_citation(text) if cited else text)
    return Question(tuple(groups[:MOST_GROUPS]), cited, implied, industry, problem)


def alike(
    title: str,
    request: str,
    facts: str,
    implied: Iterable[tuple[str, float]],
    industry: str = "",
    problem: str = "",
    amount: int | None = None,
) -> Question:
    """What a complaint is looked up by. Words of its title count most, then of what is asked, then of the account."""
    found: dict[str, Group] = {}
    for text, weight in ((title, 1.0), (request, 0.7), (facts[:LONGEST_ACCOUNT], 0.6)):
        for group in _groups(text):
            key = group.either[0][0]
            if key not in found:
                found[key] = Group(group.label, group.either, weight)
    return Question(tuple(found.values()), (), tuple(implied)[:6], industry, problem, amount, like=True)


def _groups(text: str) -> list[Group]:
    text = mended(text)
    listed = said(text)
    loose = text.lower()
    found: dict[str, Group] = {}
    for word in listed:
        loose = loose.replace(word.word, " ")
        key = plain("".join(char for char in word.word if char.isalnum()))
        either = {key: 1.0}
        for part in segments(word.word):
            if len(part) > 1 and part != key:
                either.setdefault(part, _PART)
        for id in word.concepts:
            either[mark("c", id)] = _SYNONYM
            for near in concepts()[id].near:
                either.setdefault(mark("c", near), _NEAR)
        # Two words of one group ask for the same thing twice.
        found.setdefault(word.concepts[0] if word.concepts else key, Group(word.word, tuple(either.items())))
    for piece in dict.fromkeys(segments(loose)):
        parts = {part: _PART for part in segments(piece, searched=True) if part != piece and len(part) > 1}
        found.setdefault(piece, Group(piece, ((piece, 1.0), *parts.items())))
    for char in dict.fromkeys(single(loose)):
        if len(loose.strip()) <= 8 and char not in _SMALL:  # of a longer text a single character says nothing
            found.setdefault(char, Group(char, ((plain(char), _LONE),)))
    return list(found.values())


def _without_citation(text: str) -> str:
    return re.sub(
        r"(?:第\s{0,3})?[零〇一二三四五六七八九十百0-9]{1,8}\s{0,3}条(?:之[一二三四五六七八九十])?|[《》]",
        " ",
        ascii_digits(text),
    )


def tokens(groups: Sequence[Group]) -> list[str]:
    return list(dict.fromkeys(token for group in groups for token, _ in group.either))
