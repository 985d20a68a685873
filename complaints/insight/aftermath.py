"""Did complaints fall after action? Counts by whole weeks before and after, compared fairly, with how sure one can be.

Whom the lead is about is set beside a comparison: the other complaints of the same offices in the same weeks. Had both
changed alike, the action would have changed nothing; so what is measured is the ratio of the two ratios after/before.
Its 95 % interval is exact: given how many there were in all, those of the subject after the action follow Fisher's
noncentral hypergeometric distribution (Clopper and Pearson's binomial where there is nothing to compare with). Weeks
that scatter more than chance would have it (Pearson's dispersion above 1) count for less, so the interval widens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

WEEKS: Final = 13  # on either side, at most
LEAST_WEEKS: Final = 3  # whole ones after it, before anything is said
LEAST: Final = 8  # complaints on both sides together
_TAIL: Final = 0.025  # on either side of the interval
_WEEK: Final = timedelta(days=7)

Verdict = Literal["early", "few", "fell", "rose", "unclear"]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`before` and `after`: complaints of the subject in each whole week, the oldest first; `others_…`: of the
    comparison, in all. `acted`: the day the weeks are counted from; it belongs to neither side. `change`: how many
    times as many as before, when the comparison had stood still; None of nothing. `low` and `high`: its 95 % interval;
    `high` None when it has no end."""

    acted: date
    before: tuple[int, ...]
    after: tuple[int, ...]
    others_before: int
    others_after: int
    verdict: Verdict
    change: float | None = None
    low: float = 0.0
    high: float | None = None

    @property
    def per_week(self) -> tuple[float, float]:
        """Complaints a week before and after; 0 of no weeks."""
        return _mean(self.before), _mean(self.after)


def weeks_around(acted: date, today: date) -> tuple[date, int]:
    """The first day of the weeks before, and how many whole weeks after the day of action are over by now."""
    return acted - WEEKS * _WEEK, max(0, min(WEEKS, (today - acted - timedelta(days=1)) // _WEEK))


def week_of(day: date, acted: date) -> int:
    """-1 for the seven days before the action, 0 for those after it; the day itself has none: ValueError."""
    if day == acted:
        raise ValueError("the day of action is on neither side")
    distance = (day - acted).days
    return (distance - 1) // 7 if distance > 0 else distance // 7


def aftermath(acted: date, before: Sequence[int], after: Sequence[int], others: tuple[int, int]) -> Aftermath:
    """`others`: complaints of the comparison in all weeks before, and in all weeks after."""
    told = (acted, tuple(before), tuple(after), *others)
    if len(after) < LEAST_WEEKS:
        return Aftermath(*told, "early")
    was, now = sum(before), sum(after)
    if was + now < LEAST or not was or not before:
        return Aftermath(*told, "few")
    # Weeks of unlike number on the two sides: what the comparison had is brought to a rate first, or time itself is it.
    exposure = others if all(others) else (len(before), len(after))
    change = (now / exposure[1]) / (was / exposure[0])
    scatter = dispersion(before, after)
    low, high = interval(int(was / scatter), int(now / scatter), *exposure, known=not all(others))
    verdict: Verdict = "fell" if high is not None and high < 1 else "rose" if low > 1 else "unclear"
    return Aftermath(*told, verdict, change, low, high)


def dispersion(before: Sequence[int], after: Sequence[int]) -> float:
    """Pearson's, around the mean of each side; 1 at the least, as for chance alone."""
    squares, freedom = 0.0, 0
    for side in (before, after):
        mean = _mean(side)
        if mean and len(side) > 1:
            squares += sum((count - mean) ** 2 for count in side) / mean
            freedom += len(side) - 1
    return max(1.0, squares / freedom) if freedom else 1.0


def interval(
    was: int, now: int, others_before: int, others_after: int, known: bool = False
) -> tuple[float, float | None]:
    """Of the ratio of ratios, 95 %. `known`: the others are lengths of time, which have no chance in them."""
    if was + now == 0:
        return 0.0, None
    if known:
        reach = others_after / others_before
        low, high = _clopper_pearson(now, was + now)
        return _odds(low) / reach, None if high >= 1 else _odds(high) / reach
    log_weights = _weights(was + now, was + others_before, now + others_after)
    first = max(0, now - others_before)
    last = first + len(log_weights) - 1
    low_end = 0.0 if now == first else math.exp(_solve(lambda x: _upper(log_weights, first, now, x) - _TAIL))
    high_end = None if now == last else math.exp(_solve(lambda x: _TAIL - _lower(log_weights, first, now, x)))
    return low_end, high_end


def _weights(ours: int, all_before: int, all_after: int) -> list[float]:
    """Logarithms of the central hypergeometric weights of so many of ours after, of each number that can be."""
    first, last = max(0, ours - all_before), min(ours, all_after)
    return [_choose(all_after, k) + _choose(all_before, ours - k) for k in range(first, last + 1)]


def _shares(log_weights: Sequence[float], first: int, log_odds: float) -> list[float]:
    terms = [weight + (first + n) * log_odds for n, weight in enumerate(log_weights)]
    most = max(terms)
    plain = [math.exp(term - most) for term in terms]
    whole = math.fsum(plain)
    return [term / whole for term in plain]


def _upper(log_weights: Sequence[float], first: int, now: int, log_odds: float) -> float:
    return math.fsum(_shares(log_weights, first, log_odds)[now - first :])


def _lower(log_weights: Sequence[float], first: int, now: int, log_odds: float) -> float:
    return math.fsum(_shares(log_weights, first, log_odds)[: now - first + 1])


def _solve(rising: Callable[[float], float]) -> float:
    """Where a function that rises from below 0 to above it is 0, by halving."""
    left, right = -30.0, 30.0
    for _ in range(80):
        middle = (left + right) / 2
        if rising(middle) < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def _clopper_pearson(hits: int, of: int) -> tuple[float, float]:
    def at_least(k: int, p: float) -> float:
        return math.fsum(
            math.exp(_choose(of, n) + n * math.log(p) + (of - n) * math.log1p(-p)) for n in range(k, of + 1)
        )

    def share(rising: Callable[[float], float]) -> float:
        left, right = 1e-12, 1 - 1e-12
        for _ in range(80):
            middle = (left + right) / 2
            left, right = (middle, right) if rising(middle) < 0 else (left, middle)
        return (left + right) / 2

    low = 0.0 if hits == 0 else share(lambda p: at_least(hits, p) - _TAIL)
    high = 1.0 if hits == of else share(lambda p: _TAIL - (1 - at_least(hits + 1, p)))
    return low, high


def _odds(share: float) -> float:
    return share / (1 - share)


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _mean(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts) if counts else 0.0
