"""Finding cases: the order of what is found, near-copies left out. Pure.

What is asked: a person's words, or a complaint that looks for its like. Both become groups of tokens and classes.
A group is met by any of its tokens, each for what it is worth; its label is the word as it was said.

The order is decided here alone, in whole numbers, from what `entries` made of a case: whichever database kept it and
found the candidates, the list is the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from casebook.search.entries import (
    IndexEntry,
    Listed,
    concepts,
    digests,
    impact_table,
    mark,
    mended,
    plain,
    said,
    segments,
    single,
)
from journal.numbers import ascii_digits
from law.catalogue import Days
from law.library import Library
from law.search import search as search_law

LONGEST_QUERY: Final = 120
LONGEST_ACCOUNT: Final = 6_000  # characters of a complaint that are read
MOST_GROUPS: Final = 14
_SYNONYM, _NEAR, _PART, _LONE = 0.8, 0.45, 0.6, 0.7
_CITED_ARTICLE = 40.0  # law.search's score from which an article was named, not described
_LAW_COUNTS = 12.0  # and from which what it found says something
_MOST_ARTICLES = 4
_CITATION = re.compile(
    r"(?:第\s{0,3})?[零〇一二三四五六七八九十百0-9]{1,8}\s{0,3}条(?:之[一二三四五六七八九十])?|[《》]"
)
_SMALL = frozenset("的了和是在不我要有就也都还被把给对到说能会吧后前时买卖退钱没去来用做办收付上下多少几个很")


@dataclass(frozen=True, slots=True)
class TokenGroup:
    """`either`: token -> what meeting it is worth, 1 for the word itself. `weight`: more for what was said first."""

    label: str
    either: tuple[tuple[str, float], ...]
    weight: float = 1.0


Shares = tuple[tuple[str, float], ...]
"""How likely each class is, the likeliest first; 1 for one that is known."""


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """`cited` were named, `implied` are what the words are about: article -> weight up to 1. `amount` in fen.

    `like`: a complaint looks for its like, so classes and the amount count more.
    """

    groups: tuple[TokenGroup, ...]
    cited: tuple[str, ...] = ()
    implied: tuple[tuple[str, float], ...] = ()
    trades: Shares = ()
    problems: Shares = ()
    amount: int | None = None
    like: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups or self.cited or (self.like and (self.trades or self.problems)))


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


def asked(text: str, library: Library, days: Days, trades: Shares = (), problems: Shares = ()) -> CaseQuestion:
    """What a person typed. `trades`, `problems`: what triage makes of it."""
    text = text.strip()[:LONGEST_QUERY]
    hits = [hit for hit in search_law(library, text, days, 8) if hit.score >= _LAW_COUNTS]
    cited = tuple(hit.article.id for hit in hits if hit.score >= _CITED_ARTICLE)
    best = hits[0].score if hits else 1.0
    implied = () if cited else tuple((hit.article.id, round(hit.score / best, 3)) for hit in hits[:_MOST_ARTICLES])
    groups = _groups(_without_citation(text) if cited else text)
    return CaseQuestion(tuple(groups[:MOST_GROUPS]), cited, implied, trades, problems)


def alike(
    title: str,
    request: str,
    facts: str,
    implied: Iterable[tuple[str, float]],
    trades: Shares = (),
    problems: Shares = (),
    amount: int | None = None,
) -> CaseQuestion:
    """What a complaint is looked up by. Words of its title count most, then of what is asked, then of the account."""
    found: dict[str, TokenGroup] = {}
    for text, weight in ((title, 1.0), (request, 0.7), (facts[:LONGEST_ACCOUNT], 0.6)):
        for group in _groups(text):
            key = group.either[0][0]
            if key not in found:
                found[key] = TokenGroup(group.label, group.either, weight)
    return CaseQuestion(tuple(found.values()), (), tuple(implied)[:6], trades, problems, amount, like=True)


def _groups(text: str) -> list[TokenGroup]:
    text = mended(text)
    listed = said(text)
    loose = text.lower()
    found: dict[str, TokenGroup] = {}
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
        found.setdefault(word.concepts[0] if word.concepts else key, TokenGroup(word.word, tuple(either.items())))
    for piece in dict.fromkeys(segments(loose)):
        parts = {part: _PART for part in segments(piece, searched=True) if part != piece and len(part) > 1}
        found.setdefault(piece, TokenGroup(piece, ((piece, 1.0), *parts.items())))
    for char in dict.fromkeys(single(loose)):
        if len(loose.strip()) <= 8 and char not in _SMALL:  # of a longer text a single character says nothing
            found.setdefault(char, TokenGroup(char, ((plain(char), _LONE),)))
    return list(found.values())


def _without_citation(text: str) -> str:
    return re.sub(
        r"(?:第\s{0,3})?[零〇一二三四五六七八九十百0-9]{1,8}\s{0,3}条(?:之[一二三四五六七八九十])?|[《》]",
        " ",
        ascii_digits(text),
    )


def tokens(groups: Sequence[TokenGroup]) -> list[str]:
    return list(dict.fromkeys(token for group in groups for token, _ in group.either))


Rule = Literal["synonyms", "near", "rarity", "articles", "trade", "problem", "amount"]
RULES: Final[tuple[Rule, ...]] = ("synonyms", "near", "rarity", "articles", "trade", "problem", "amount")

MOST_GROUPS_LIKE: Final = 14
MOST_WORDS: Final = 5
_CITED, _IMPLIED, _IMPLIED_LIKE, _MOST_IMPLIED = 8.0, 0.25, 0.3, 2.0
_CLASS, _DIVISION, _SECTION = 1.6, 1.2, 0.3
_PROBLEM = 0.6
_BY_SHARE = 0.4  # power of a class's share by which it counts: one that is doubtful still tells, and none decides alone
_LOOKED_FOR = 0.15  # share of a trade from which candidates are looked for in it
_AMOUNT = 0.1  # for the same sum; nothing for ten times more or less: it only decides between equals
_OWN = 0.05  # before a sample that is as good


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How many cases there are, and how many have a token."""

    cases: int
    having: Mapping[str, int]

    def rarity(self, group: TokenGroup) -> float:
        """Of the word itself where it is written, and never more than of its group."""
        most = max((self.having.get(token, 0) for token, worth in group.either if worth >= 0.6), default=0)
        return log(1 + (self.cases - most + 0.5) / (most + 0.5)) if most else 0.0

    @classmethod
    def of(cls, every: Collection[Listed]) -> IndexSize:
        return cls(len(every), Counter(token for one in every for token in one.tokens))


@dataclass(frozen=True, slots=True)
class MatchReason:
    """`word`: as it was asked; "also": met by another word for it. Others: a code or an id."""

    kind: Literal["word", "also", "article", "industry", "problem", "amount"]
    value: str
    points: float


@dataclass(frozen=True, slots=True)
class Ranked:
    entry: IndexEntry
    score: float
    why: tuple[MatchReason, ...]
    alike: int = 0  # near-copies of it that are left out


def telling(question: CaseQuestion, numbers: IndexSize) -> list[TokenGroup]:
    """The groups that tell most, best first: those nobody has are left out, and of a long account all but a few."""
    known = [group for group in question.groups if any(numbers.having.get(token) for token, _ in group.either)]
    known.sort(key=lambda group: (-group.weight * numbers.rarity(group), group.label))
    return known[:MOST_GROUPS_LIKE]


def ranked(
    question: CaseQuestion, entries: Iterable[IndexEntry], numbers: IndexSize, most: int, without: Collection[Rule] = ()
) -> list[Ranked]:
    """Best first; equal ones newest first, then by id."""
    every = list(entries)
    groups = [_limited(group, without) for group in telling(question, numbers)]
    met, exactly = _met(groups, every)
    worth = [group.weight * (1.0 if "rarity" in without else numbers.rarity(group)) for group in groups]
    points = np.array(worth).reshape(-1, 1) * met / 100
    words = np.zeros(len(every))
    for row in points:  # one after the other: the sum is the same on every machine
        words += row
    said: list[bool] = (met.max(axis=0, initial=0) > 0).tolist()
    found = []
    for at, entry in enumerate(every):
        classes = _classes(question, entry, without)
        if said[at] or (classes and (question.like or question.cited)):  # the index is asked for no more
            score = float(words[at]) + sum(reason.points for reason in classes) + (0 if entry.sample else _OWN)
            found.append((-round(score, 4), -entry.event_date.toordinal(), entry.id, at, classes))
    found.sort(key=lambda one: one[:3])
    return [
        Ranked(every[at], -score, _first((*_words(groups, met[:, at], exactly[:, at], points[:, at]), *classes)))
        for score, _, _, at, classes in found[:most]
    ]


def _first(why: Iterable[MatchReason]) -> tuple[MatchReason, ...]:
    """The words that counted most, then classes and articles: those are never crowded out."""
    ordered = sorted(why, key=lambda reason: (reason.kind not in ("word", "also"), -reason.points))
    words = [reason for reason in ordered if reason.kind in ("word", "also") and reason.points > 0.02]
    return (*words[:MOST_WORDS], *(reason for reason in ordered if reason.kind not in ("word", "also")))


def plan(question: CaseQuestion, numbers: IndexSize, most: int = 6) -> list[list[list[str]]]:
    """Which cases to look at, as questions to an index: each is all of these, of each any one. The narrowest first.

    As many of the telling groups as can be met together, then one less, and at last any of them; beside them cases that
    cite what was cited, and, for a complaint, cases of its class that share a word.
    """
    groups = telling(question, numbers)[:most]
    either = [[token for token, worth in group.either if worth >= 0.4] for group in groups]
    found: list[list[list[str]]] = []
    if question.cited:
        cites = [[mark("a", article) for article in question.cited]]
        found.extend([[*cites, *either]] if either else [])
        found.append(cites)
    found.extend(either[:count] for count in range(len(either), 1, -1))
    for left_out in range(len(either) - 1) if len(either) > 2 else ():
        found.append(either[:left_out] + either[left_out + 1 :])
    likely = [code for code, share in question.trades if share >= _LOOKED_FOR]
    if question.like and likely:
        trade = list(dict.fromkeys(mark("i", code[: 5 if len(code) >= 5 else 3]) for code in likely))
        wide = list(dict.fromkeys(mark("i", code[:3]) for code in likely))
        if either:
            by_trade = [[trade, *either[:count]] for count in (3, 2, 1) if len(either) >= count]
            by_trade.extend([trade, one] for one in either[1:3])
            found = [*found[:3], *by_trade, *found[3:], [trade, any_of(either)], [wide, any_of(either)]]
        found.append([wide])
    if either:
        found.append([any_of(either)])
    if not found and question.problems:
        found.append([[mark("p", question.problems[0][0])]])
    return found


def any_of(either: Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(token for group in either for token in group))


def wanted_tokens(question: CaseQuestion) -> list[str]:
    """Of which the numbers are needed."""
    return tokens(question.groups)


def _limited(group: TokenGroup, without: Collection[Rule]) -> TokenGroup:
    kept = [
        (token, worth)
        for token, worth in group.either
        if not ("synonyms" in without and token.startswith("zzc"))
        and not ("near" in without and token.startswith("zzc") and worth < 0.6)
    ]
    return TokenGroup(group.label, tuple(kept), group.weight)


def _met(
    groups: Sequence[TokenGroup], entries: Sequence[IndexEntry]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of every group, in every entry, the best of its tokens: impact times worth, and that worth."""
    asked = tokens(groups)
    column = {token: at for at, token in enumerate(asked)}
    impacts = impact_table([entry.impacts for entry in entries], asked)
    best, exactly = np.zeros((2, len(groups), len(entries)))
    for at, group in enumerate(groups):
        if group.either:
            worth = np.array([worth for _, worth in group.either])
            met = impacts[:, [column[token] for token, _ in group.either]] * worth
            first = met.argmax(axis=1)
            best[at], exactly[at] = met[np.arange(len(entries)), first], worth[first]
    return best, exactly


def _words(groups: Sequence[TokenGroup], *figures: NDArray[np.float64]) -> Iterable[MatchReason]:
    for group, met, exactly, points in zip(groups, *(each.tolist() for each in figures), strict=True):
        if met:
            yield MatchReason("word" if exactly >= 0.6 else "also", group.label, points)


def _classes(question: CaseQuestion, entry: IndexEntry, without: Collection[Rule]) -> list[MatchReason]:
    return list(_in_classes(question, entry, without))


def _in_classes(question: CaseQuestion, entry: IndexEntry, without: Collection[Rule]) -> Iterable[MatchReason]:
    if "articles" not in without:
        yield from (MatchReason("article", id, _CITED) for id in question.cited if id in entry.articles)
        left = _MOST_IMPLIED
        for id, weight in question.implied:
            if id in entry.articles and left > 0:
                points = min(left, weight * (_IMPLIED_LIKE if question.like else _IMPLIED))
                left -= points
                yield MatchReason("article", id, points)
    if "trade" not in without and entry.industry:
        points, best = _trade(question, entry.industry)
        if points:
            yield MatchReason("industry", best, points)
    share = next((share for code, share in question.problems if code == entry.problem), 0.0)
    if share and "problem" not in without:
        yield MatchReason("problem", entry.problem, round(share**_BY_SHARE * _PROBLEM, 4))
    if "amount" not in without and question.amount and entry.claimed:
        near = 1 - abs(log(question.amount / entry.claimed)) / log(10)
        if near > 0:
            yield MatchReason("amount", str(entry.claimed), round(_AMOUNT * near, 4))


def _trade(question: CaseQuestion, industry: str) -> tuple[float, str]:
    """What it is worth by how likely each trade is; as much of its code as is met most."""
    points: dict[str, float] = {}
    for code, share in question.trades:
        if len(code) >= 5 and code[:5] == industry[:5]:
            met, worth = industry, _CLASS
        elif code[:3] == industry[:3]:
            met, worth = industry[:3], _DIVISION
        elif question.like and code[:1] == industry[:1]:
            met, worth = industry[:1], _SECTION
        else:
            continue
        points[met] = points.get(met, 0.0) + share**_BY_SHARE * worth
    return round(sum(points.values()), 4), max(points, key=lambda met: points[met], default="")


SAME: Final = 0.8
"""Of all tokens of two cases, the share both have, from which one is a near-copy of the other."""


def near_copies(one: IndexEntry, other: IndexEntry) -> bool:
    """Told alike, of one problem and trade; amounts and days do not count."""
    if (one.problem, one.industry) != (other.problem, other.industry):
        return False
    mine, others = digests(one.impacts), digests(other.impacts)
    if min(len(mine), len(others)) < SAME * max(len(mine), len(others)):
        return False
    both = len(mine & others)
    return both >= SAME * (len(mine) + len(others) - both)


def collapsed(found: Sequence[Ranked], most: int) -> list[Ranked]:
    """The first `most` that are no copies of a better one; `alike` counts those of `found` that are."""
    kept: list[Ranked] = []
    for one in found:
        at = next((n for n, better in enumerate(kept) if near_copies(better.entry, one.entry)), None)
        if at is not None:
            kept[at] = replace(kept[at], alike=kept[at].alike + 1)
        elif len(kept) < most:
            kept.append(one)
    return kept
