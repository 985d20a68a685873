"""Where a class changed and how fast it moves: change points and slopes of weekly counts, season taken out.

Change points: of all ways to cut the weeks into stretches of one rate each, the one whose Poisson likelihood, less a
price for every cut, is greatest (optimal partitioning, exact). The price grows with how much the counts are spread
beyond Poisson, so restless classes need more. Slope: a log-linear quasi-Poisson regression of the newest stretch.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORTEST: Final = 4  # weeks of a stretch
PRICE: Final = 3.0  # of a cut, times ln(weeks)
WEEKS: Final = 4  # a slope is told by these
_SURE: Final = 1.96


@dataclass(frozen=True, slots=True)
class Change:
    """From week `at` on (0 the first) the rate, in complaints a week of ordinary exposure, was another."""

    at: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change in four weeks as a share (0.1 is a tenth more), with its 95 % range; `sure`: the range leaves 0 out."""

    by: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0 or self.high < 0


def changes(seen: Floats, exposure: Floats) -> list[Change]:
    """`exposure`: how much a week draws beside an ordinary one (its days' sum over 7)."""
    weeks = len(seen)
    if weeks < 2 * SHORTEST or not seen.sum():
        return []
    cuts = [0, *partition(seen, exposure, PRICE * np.log(weeks) * dispersion(seen, exposure)), weeks]
    rates = [float(seen[a:b].sum() / max(exposure[a:b].sum(), 1e-9)) for a, b in pairwise(cuts)]
    return [Change(cuts[n], rates[n - 1], rates[n]) for n in range(1, len(rates))]


def partition(seen: Floats, exposure: Floats, price: float) -> list[int]:
    """The beginnings of stretches but the first. O(weeks²)."""
    weeks = len(seen)
    counts = np.concatenate([[0.0], np.cumsum(seen)])
    borne = np.concatenate([[0.0], np.cumsum(exposure)])
    best, before = np.full(weeks + 1, np.inf), np.zeros(weeks + 1, np.int64)
    best[0] = -price
    for end in range(SHORTEST, weeks + 1):
        starts = np.arange(0, end - SHORTEST + 1)
        y, e = counts[end] - counts[starts], np.maximum(borne[end] - borne[starts], 1e-9)
        with np.errstate(divide="ignore", invalid="ignore"):
            cost = best[starts] + price - np.where(y > 0, y * np.log(y / e), 0.0)
        before[end] = starts[int(np.argmin(cost))]
        best[end] = cost.min()
    cuts, at = [], weeks
    while before[at] > 0:
        at = int(before[at])
        cuts.append(at)
    return cuts[::-1]


def dispersion(seen: Floats, exposure: Floats) -> float:
    """Variance beyond Poisson as a factor, 1 at the least: from differences of neighbouring weeks, which a step of the
    rate hardly touches, the middle half of them."""
    if len(seen) < 3:
        return 1.0
    rate = max(float(seen.sum() / max(exposure.sum(), 1e-9)), 1e-9)
    due = rate * np.maximum(exposure, 1e-9)
    # (a/ea - b/eb)² has the expectation rate·(1/ea + 1/eb)
    between = (seen[1:] / exposure[1:] - seen[:-1] / exposure[:-1]) ** 2 / (
        rate * (1 / exposure[1:] + 1 / exposure[:-1])
    )
    if due.mean() < 1:
        return 1.0
    return max(1.0, float(np.median(between)) / 0.455)  # the median of χ² with one degree


def slope(seen: Floats, exposure: Floats) -> Slope | None:
    """None when there is too little to say: under eight weeks or ten complaints."""
    if len(seen) < 2 * SHORTEST or seen.sum() < 10:
        return None
    at = np.arange(len(seen), dtype=np.float64) - (len(seen) - 1) / 2
    a, b = float(np.log(seen.sum() / exposure.sum())), 0.0
    for _ in range(50):
        mean = exposure * np.exp(np.clip(a + b * at, -30, 30))
        score = np.array([(seen - mean).sum(), ((seen - mean) * at).sum()])
        information = np.array([[mean.sum(), (mean * at).sum()], [(mean * at).sum(), (mean * at * at).sum()]])
        step = np.linalg.solve(information + 1e-9 * np.eye(2), score)
        a, b = a + float(np.clip(step[0], -1, 1)), b + float(np.clip(step[1], -0.5, 0.5))
        if np.abs(step).max() < 1e-10:
            break
    mean = exposure * np.exp(np.clip(a + b * at, -30, 30))
    spread = max(1.0, float(((seen - mean) ** 2 / np.maximum(mean, 1e-9)).sum() / (len(seen) - 2)))
    off = _SURE * float(
        np.sqrt(spread / max(float((mean * at * at).sum() - (mean * at).sum() ** 2 / mean.sum()), 1e-9))
    )
    return Slope(*(float(np.expm1(np.clip(WEEKS * one, -20, 20))) for one in (b, b - off, b + off)))
