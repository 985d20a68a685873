"""Fair comparison of how mediation goes: distributions instead of means, and each office beside what its own mix of
disputes would let one expect. Pure. There is no order from best to worst in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

FEW: Final = 10  # with fewer, a share or a spread says nothing of an office
QUARTERS: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
SURE: Final = 1.96  # standard deviations around the expected that 95 % fall within


@dataclass(frozen=True, slots=True)
class Mixed:
    """Of `count` mediations `hits` ended in a settlement."""

    hits: int
    count: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """An office's share of settlements, in percent, and what all offices' shares would make of its own mix of classes.

    `low` and `high`: between these it would lie in 95 of 100 cases were there no difference at all but chance.
    """

    seen: float
    expected: float
    low: float
    high: float
    count: int

    @property
    def usual(self) -> bool:
        return self.low <= self.seen <= self.high


def like_for_like(counts: Mapping[tuple[str, str], Mixed]) -> dict[str, Likeness]:
    """By office, from counts by office and class. Indirect standardisation: each of its classes with the share that
    class has in all offices together. Offices with fewer than `FEW` are left out."""
    by_class: dict[str, list[int]] = {}
    for (_, name), one in counts.items():
        both = by_class.setdefault(name, [0, 0])
        both[0] += one.hits
        both[1] += one.count
    share = {name: hits / count for name, (hits, count) in by_class.items() if count}
    found = {}
    for office in dict.fromkeys(office for office, _ in counts):
        mine = [(share.get(name, 0.0), one) for (whose, name), one in counts.items() if whose == office]
        count = sum(one.count for _, one in mine)
        if count < FEW:
            continue
        expected = sum(p * one.count for p, one in mine) / count
        spread = SURE * sqrt(sum(p * (1 - p) * one.count for p, one in mine)) / count
        seen = sum(one.hits for _, one in mine) / count
        low, high = max(0.0, expected - spread), min(1.0, expected + spread)
        found[office] = Likeness(100 * seen, 100 * expected, 100 * low, 100 * high, count)
    return found


def quantile(days: Mapping[int, int], q: float) -> int:
    """The smallest number of days by which at least this share was done (nearest rank). ValueError of none."""
    count = sum(days.values())
    if not count:
        raise ValueError("nothing was counted")
    left = max(1, ceil(q * count - 1e-9))
    for taken in sorted(days):
        left -= days[taken]
        if left <= 0:
            return taken
    raise AssertionError("counts below zero")


def quarters(days: Mapping[int, int]) -> Sequence[int] | None:
    """The days by which a tenth, a quarter, half, three quarters and nine tenths were done; None with too few."""
    return [quantile(days, q) for q in QUARTERS] if sum(days.values()) >= FEW else None


def bins(days: Mapping[int, int], width: int = 5, last: int = 60) -> list[tuple[int, int, int]]:
    """First and last day and how many, in equal steps; what took longer than `last` is in one of its own."""
    found = [(start, start + width - 1, 0) for start in range(0, last, width)] + [(last, -1, 0)]
    for taken, count in days.items():
        at = min(max(taken, 0), last) // width
        first, end, so_far = found[at]
        found[at] = first, end, so_far + count
    return found
