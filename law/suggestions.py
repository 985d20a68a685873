"""Which articles a complaint probably turns on, each with why: its class, its trade, or words of its account. Pure.

A suggestion decides nothing. Only what was in force on the day it happened is suggested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from law.articles import Article, Days
from law.library import Library
from law.search import mentions, rarity

MOST = 8
LONGEST_ACCOUNT = 20_000
MOST_WORDS = 8  # of one topic that are told: English words have any ending

_TOPIC = (3.0, 2.2, 1.6, 1.2)
_SAID_AGAIN = 0.25  # more for a topic of which several words speak
_PROBLEM, _INDUSTRY = 1.5, 1.2
_OFTEN = 1.15
_LEAST = 2.5
_GENERAL = frozenset({"damages", "food", "online", "performance", "refund", "whom_to_claim", "burden", "choice"})
"""Topics that hardly tell one dispute from another: half the weight."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`word` as it stands in the account; `problem` and `industry` as the complaint's codes."""

    kind: Literal["word", "problem", "industry"]
    value: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    article: Article
    score: float
    why: tuple[Reason, ...]


def suggest(
    library: Library, account: str, problem: str, industry: str, days: Days, most: int = MOST
) -> list[Suggestion]:
    """Best first. `account`: what is asked and said to have happened; `problem`, `industry`: codes, "" when unknown."""
    said: dict[str, list[str]] = {}
    for mention in mentions(account[:LONGEST_ACCOUNT]):
        words = said.setdefault(mention.topic, [])
        if len(words) < MOST_WORDS and mention.said not in words:
            words.append(mention.said)
    found = []
    for article in library.articles.values():
        if not article.in_force(days.of(article.statute)):
            continue
        score, why = 0.0, list[Reason]()
        for rank, topic in enumerate(article.topics):
            if topic in said:
                weight = _TOPIC[min(rank, len(_TOPIC) - 1)] * rarity(topic) * (0.5 if topic in _GENERAL else 1)
                score += weight * (1 + _SAID_AGAIN * min(3, len(said[topic]) - 1))
                why.extend(Reason("word", word) for word in said[topic])
        if problem and problem in article.problems:
            score += _PROBLEM
            why.append(Reason("problem", problem))
        if any(industry.startswith(code) for code in article.industries) and industry:
            score += _INDUSTRY
            why.append(Reason("industry", industry))
        if score >= _LEAST:
            score *= _OFTEN if article.often else 1
            found.append(Suggestion(article, round(score, 2), tuple(dict.fromkeys(why))))
    found.sort(key=lambda each: (-each.score, each.article.statute.since, each.article.number))
    return found[:most]
