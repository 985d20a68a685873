"""What cases of a kind came to: how many were settled, for what share of the claim, how soon, on which articles.

A range, never a forecast: with fewer than `FEW` cases nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

FEW: Final = 3
MOST_ARTICLES: Final = 6


class Ended(Protocol):
    """Of a case: fen, days; `settled` None when nothing was agreed to."""

    @property
    def claimed(self) -> int | None: ...

    @property
    def settled(self) -> int | None: ...

    @property
    def days(self) -> int | None: ...

    @property
    def articles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `count` values: the lower quarter's end, the middle, the upper quarter's beginning (nearest rank)."""

    low: int
    middle: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`share`: of what was claimed, in percent, of settled cases. `articles`: id and how many rest on it."""

    cases: int
    settled: int
    share: Spread | None
    days: Spread | None
    articles: tuple[tuple[str, int], ...]

    @property
    def enough(self) -> bool:
        return self.cases >= FEW


def outcomes(ended: Iterable[Ended]) -> Outcomes:
    found = list(ended)
    shares = [
        round(100 * one.settled / one.claimed)
        for one in found
        if one.settled is not None and one.claimed is not None and one.claimed > 0
    ]
    cited = Counter(article for one in found for article in one.articles)
    often = sorted(cited.items(), key=lambda item: (-item[1], item[0]))
    return Outcomes(
        cases=len(found),
        settled=sum(one.settled is not None for one in found),
        share=_spread(shares),
        days=_spread([one.days for one in found if one.days is not None]),
        articles=tuple((article, count) for article, count in often if count > 1)[:MOST_ARTICLES],
    )


def _spread(values: Sequence[int]) -> Spread | None:
    if len(values) < FEW:
        return None
    ranked = sorted(values)

    def at(share: float) -> int:
        return ranked[max(0, ceil(share * len(ranked)) - 1)]

    return Spread(at(0.25), at(0.5), at(0.75), len(ranked))
