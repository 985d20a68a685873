"""What a series is to bring in a window, and how far from it chance alone may go.

The mean is the rate of the past (a Gamma prior of all series of the kind; older days weigh less) times the window's
exposure; the spread is how little is known of that rate, and how much such rates wander by themselves, estimated from
earlier stretches. When the whole city has more than expected, what is expected of each series rises with it. A series
whose first complaint is recent is held to what earlier newcomers brought after theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight.series import Counts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rules:
    """`weekly`: false alarms promised in a week, at most, over everything tested on each of its days.

    `spend`: the part of them the line is set for. Rates wander further than the model's do; the rest is for that.
    """

    weekly: float = 1.0
    spend: float = 0.5
    least: int = 5  # complaints in the window, or nothing is said
    windows: tuple[int, ...] = (1, 3, 7, 14, 28)  # days
    baseline: int = 364  # days before the longest window
    half_life: float = 84.0  # days after which the past counts half
    unknown: int = 182  # days without a complaint after which one is a newcomer's first


RULES: Final = Rules()
_WANDER_WINDOWS: Final = 26  # stretches of the past that tell how much rates wander
_OWN: Final = 8.0  # stretches that the kind's own wandering counts for beside a series' own
_CLIP: Final = 16.0  # of squared deviations over their variance: an old burst is no rule
_LEAST_WANDER: Final = 0.002
_CITY: Final = 30.0  # complaints by which a rise of the whole city is doubted
_NEWCOMERS: Final = 200  # earlier ones, to know what newcomers bring;
_STRANGE: Final = (0.05, 5.0)  # else this: a shape, and a scale in days


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a kind's series were to bring, by window: means and sizes (`tails`), series × windows; the daily rates."""

    mean: Floats
    size: Floats
    seen: Ints
    rate: Floats


def expected(
    counts: Counts, exposure: Floats, day: int, rules: Rules, shift: Sequence[tuple[float, float]]
) -> Expectations:
    """`shift`: for each window the city's complaints and what was expected of it."""
    windows = rules.windows
    seen = np.stack([counts.within(day - width + 1, day) for width in windows], axis=1)
    last = day - max(windows)
    weight = _weights(last, rules, exposure.shape[1])
    known, borne = counts.weighed(weight), (exposure * weight).sum(axis=1)[counts.group]
    shape, scale = _prior(known, borne)
    begun_ = counts.first()
    young = begun_ > max(int(counts.day.min()) if len(counts.day) else 0, last - rules.baseline) + rules.unknown
    shape_, scale_ = np.full(len(known), shape), np.full(len(known), scale)
    if young.any():
        shape_[young], scale_[young] = _newcomers(counts, exposure, begun_, last, rules)
        since = np.cumsum((exposure * weight)[:, ::-1], axis=1)[:, ::-1]  # from a day on
        at = np.minimum(begun_, exposure.shape[1] - 1)
        known = np.where(young, np.maximum(known - weight[at], 0), known)
        borne = np.where(young, since[counts.group, at], borne)
    rate = (known + shape_) / (borne + scale_)
    mean = np.stack([rate * borne_by(exposure, day, width)[counts.group] for width in windows], axis=1)
    # A rise of the whole city is not this series': without its own part of it.
    for n, (city_seen, city_expected) in enumerate(shift):
        others = np.maximum(city_seen - seen[:, n], 0) + _CITY
        mean[:, n] *= np.maximum(1.0, others / (np.maximum(city_expected - mean[:, n], 0) + _CITY))
    wander = _wander(counts, exposure, rate, last, rules)
    size = 1 / (1 / (known + shape_)[:, None] + wander)
    return Expectations(mean, size, seen, rate)


def _weights(last: int, rules: Rules, days: int) -> Floats:
    """Of days up to the last before any window: halved every half-life, none beyond the baseline."""
    age = last - np.arange(days)
    weight = np.where((age >= 0) & (age < rules.baseline), 0.5 ** (np.maximum(age, 0) / rules.half_life), 0.0)
    return np.asarray(weight)


def discounted(values: Floats, exposure: Floats, day: int, rules: Rules) -> Floats:
    weight = _weights(day - max(rules.windows), rules, values.shape[1])
    return np.asarray((values * weight).sum(axis=1) / np.maximum((exposure * weight).sum(axis=1), 1e-9))


def the_city(city: Floats, exposure: Floats, day: int, rules: Rules) -> list[tuple[float, float]]:
    rate = float(discounted(city[None, :], exposure[None, :], day, rules)[0])
    return [
        (float(city[max(0, day - width + 1) : day + 1].sum()), rate * float(borne_by(exposure[None, :], day, width)[0]))
        for width in rules.windows
    ]


def borne_by(exposure: Floats, day: int, width: int) -> Floats:
    return np.asarray(exposure[:, max(0, day - width + 1) : day + 1].sum(axis=1))


def _prior(known: Floats, borne: Floats) -> tuple[float, float]:
    """Shape and scale of the Gamma that rates of this kind come from, by moments; weak with little to learn from."""
    if len(known) < 2 or not known.sum():
        return 0.5, max(float(borne.mean()) if len(borne) else 1.0, 1.0)
    rate = known / np.maximum(borne, 1e-9)
    mean = float(rate.mean())
    spread = float(rate.var()) - mean / max(float(borne.mean()), 1e-9)
    shape = min(max(mean * mean / spread if spread > 0 else 20.0, 0.05), 20.0)
    return shape, shape / mean


def _newcomers(counts: Counts, exposure: Floats, begun_: Ints, last: int, rules: Rules) -> tuple[float, float]:
    """Shape and scale of the Gamma that rates come from once there was a first complaint at all: what earlier
    newcomers brought in the four weeks after theirs. Few bring many, so the shape is small and the tail long."""
    span = max(rules.windows)
    first = max(int(counts.day.min()), last - rules.baseline) + rules.unknown
    which = np.nonzero((begun_ > first) & (begun_ <= last - span))[0]
    if len(which) < _NEWCOMERS:
        return _STRANGE
    until = begun_[counts.series] + span
    after = np.bincount(counts.series, counts.n * (counts.day < until), len(begun_))[which] - 1
    total = np.concatenate([np.zeros((len(exposure), 1)), np.cumsum(exposure, axis=1)], axis=1)
    group, at = counts.group[which], begun_[which]
    borne = float((total[group, at + span] - total[group, at]).mean())
    mean = max(float(after.mean()), 1e-3)
    spread = float(after.var()) - mean
    shape = min(max(mean * mean / spread if spread > 0 else 1.0, 0.005), 1.0)
    return shape, shape * borne / mean


def _wander(counts: Counts, exposure: Floats, rate: Floats, last: int, rules: Rules) -> Floats:
    """Series × windows: variance of the rate about its mean, in squares of it, beyond a Poisson count's.

    From the mean of (seen - expected)² - seen over earlier stretches; a series' own weighs as much as it knows.
    """
    found = np.empty((len(rate), len(rules.windows)))
    own = np.ones(len(rate))
    reach = _WANDER_WINDOWS * 7
    first = max(0, last - reach + 1)
    if last - first < 27 or not len(counts.series):
        return np.full(found.shape, 0.05)
    top, bottom = _moments(counts, exposure, rate, 7, first, last)
    weekly = max(float(top.sum() / max(bottom.sum(), 1e-9)), _LEAST_WANDER)
    weeks = (last - first + 1) // 7
    prior = _OWN * bottom / max(weeks, 1)
    own = np.clip((top + prior * weekly) / np.maximum(bottom + prior, 1e-12) / weekly, 0.7, 30.0)
    for n, width in enumerate(rules.windows):
        if width == 7:
            common = weekly
        else:
            top, bottom = _moments(counts, exposure, rate, width, first, last)
            common = max(float(top.sum() / max(bottom.sum(), 1e-9)), _LEAST_WANDER)
        found[:, n] = common * own
    return found


def _moments(
    counts: Counts, exposure: Floats, rate: Floats, width: int, first: int, last: int
) -> tuple[Floats, Floats]:
    """By series: sums over its stretches of (seen - expected)² - seen, and of expected²."""
    stretches = (last - first + 1) // width
    begin = last + 1 - stretches * width
    borne = exposure[:, begin : last + 1].reshape(len(exposure), stretches, width).sum(axis=2)
    bottom = rate * rate * (borne * borne).sum(axis=1)[counts.group]
    series, stretch, seen = counts.cells(width, first, last)
    due = rate[series] * borne[counts.group[series], stretch]
    square = np.minimum((seen - due) ** 2, _CLIP * (due + 0.25 * due * due + 1))
    top = bottom + np.bincount(series, square - seen - due * due, len(rate))
    return top, bottom
