"""Bursts: which series had more complaints lately than expected, by the tails of the negative binomial.

For each series and each window that ends on the day, complaints seen are held against what was expected: a negative
binomial, whose tail says how rare it is by chance. Its mean is the rate of the past (a Gamma prior of all series of the
kind; older days weigh less) times the window's exposure; its spread is how little is known of that rate, and how much
such rates wander by themselves, estimated from earlier stretches. When the whole city has more than expected, what is
expected of each series rises with it. A series whose first complaint is recent is held to what earlier newcomers
brought after theirs.

False alarms are bounded in number, not in share: over all series, windows and the week's days the null tails add up
to at most `Rules.weekly`. Expectations add whatever depends on what, so overlapping windows and days need no
correction; and a series too rare to reach the minimum of evidence spends next to nothing of it (Tarone's remark, for
counts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from complaints.insight import Counts


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


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GRID: Final = 0.06  # natural logarithms between expectations that are counted as one


@dataclass(frozen=True, slots=True)
class Alarm:
    """A series above the line. `since`: the day its rise most likely began; `seen`, `expected`: from then on."""

    kind: str
    series: int
    key: str
    window: int
    in_window: int
    window_expected: float
    tail: float
    size: float  # of the negative binomial the window was held to
    since: int
    seen: int
    expected: float


@dataclass(frozen=True, slots=True)
class BurstTests:
    """`tests`: series times windows. `line`: the tail that is rare enough. `budget`: false alarms expected today."""

    alarms: Sequence[Alarm]
    tests: int
    series: int
    line: float
    budget: float
    city_seen: int  # in the week that ends with the day
    city_expected: float
    expected: Sequence[Expectations]  # by kind, as they were given


def judge(kinds: Sequence[Counts], city: Floats, exposure: Floats, day: int, rules: Rules = RULES) -> BurstTests:
    """`exposure`: groups × days, group 0 the whole city's; `city`: its complaints by day. `day`: the last one seen."""
    shift = the_city(city, exposure[0], day, rules)
    found = [expected(counts, exposure, day, rules, shift) for counts in kinds]
    line, budget = the_line(found, rules)
    alarms = [
        alarm
        for counts, one in zip(kinds, found, strict=True)
        for alarm in _alarms(counts, one, exposure, day, rules, line)
    ]
    alarms.sort(key=lambda one: (one.tail, one.kind, one.key))
    week = slice(max(0, day - 6), day + 1)
    rate = discounted(city[None, :], exposure[0][None, :], day, rules)[0]
    return BurstTests(
        alarms,
        sum(one.mean.size for one in found),
        sum(len(one.rate) for one in found),
        line,
        budget,
        int(city[week].sum()),
        float(rate * exposure[0, week].sum()),
        found,
    )


# ---------------------------------------------------------------- the line, and what is above it


def the_line(found: Sequence[Expectations], rules: Rules) -> tuple[float, float]:
    """The greatest tail for which false alarms expected on one day stay within the budget, and how many those are."""
    mean = np.concatenate([one.mean.ravel() for one in found]) if found else np.zeros(0)
    size = np.concatenate([one.size.ravel() for one in found]) if found else np.zeros(0)
    if not len(mean):
        return 0.0, 0.0
    # Tests with about the same expectation are asked once: rounded up, so that the sum is none too small.
    level = np.ceil(np.log(np.maximum(mean, 1e-6)) / _GRID).astype(np.int64)
    sizes = np.floor(np.log(np.clip(size, 1e-3, 1e6)) / (4 * _GRID)).astype(np.int64)
    cells, times = np.unique(level * 1_000 + sizes + 500, return_counts=True)
    mean, size = np.exp(cells // 1_000 * _GRID), np.exp((cells % 1_000 - 500) * 4 * _GRID)
    allowed = rules.weekly * rules.spend / 7
    # What can hardly reach the minimum of evidence is added as it is, whatever the line.
    most = times * tail_at_least(np.full(len(mean), rules.least), mean, size)
    rarest = np.argsort(most)
    idle = rarest[np.cumsum(most[rarest]) < 0.02 * allowed]
    always, rest = float(most[idle].sum()), np.setdiff1d(rarest, idle)
    mean, size, tests, times = mean[rest], size[rest], times.sum(), times[rest]

    def spent(tail: float) -> float:
        least = np.maximum(least_count(tail, mean, size), rules.least)
        return always + float((times * tail_at_least(least, mean, size)).sum())

    low, high = np.log(allowed / max(float(tests), 1.0)), np.log(0.01)
    if low >= high or spent(float(np.exp(high))) <= allowed:
        return 0.01, spent(0.01)
    for _ in range(10):
        middle = (low + high) / 2
        if spent(float(np.exp(middle))) <= allowed:
            low = middle
        else:
            high = middle
    return float(np.exp(low)), spent(float(np.exp(low)))


def _alarms(
    counts: Counts, one: Expectations, exposure: Floats, day: int, rules: Rules, line: float
) -> Sequence[Alarm]:
    series, window = np.nonzero((one.seen >= rules.least) & (one.seen > one.mean))
    if not len(series):
        return []
    tail = tail_at_least(one.seen[series, window], one.mean[series, window], one.size[series, window])
    order = np.lexsort((tail, series))
    found, told = [], set[int]()
    for at in order[tail[order] <= line]:
        which = int(series[at])
        if which in told:
            continue
        told.add(which)
        n = int(window[at])
        since, seen, due = begun(counts, one, exposure, day, rules, which, n)
        found.append(
            Alarm(
                counts.kind,
                which,
                counts.keys[which],
                rules.windows[n],
                int(one.seen[which, n]),
                float(one.mean[which, n]),
                float(tail[at]),
                float(one.size[which, n]),
                since,
                seen,
                due,
            )
        )
    return found


def begun(
    counts: Counts, one: Expectations, exposure: Floats, day: int, rules: Rules, series: int, window: int
) -> tuple[int, int, float]:
    """The day from which on the rise is most likely: of all beginnings in the longest window, the greatest likelihood
    ratio of a Poisson count (seen·ln(seen/expected) - seen + expected); with what was seen and expected since."""
    first = max(0, day - max(rules.windows) + 1)
    daily = counts.daily(series, first, day)
    raised = one.mean[series, window] / max(
        one.rate[series] * float(borne_by(exposure, day, rules.windows[window])[counts.group[series]]), 1e-12
    )
    due = one.rate[series] * raised * exposure[counts.group[series], first : day + 1]
    seen, expected_ = np.cumsum(daily[::-1]), np.cumsum(due[::-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen > expected_, seen * np.log(seen / expected_) - seen + expected_, 0.0)
    best = int(np.argmax(ratio))
    return day - best, int(seen[best]), float(expected_[best])


# ------------------------------------------------------------ tails of the negative binomial


TailCounts = NDArray[np.int64]

MOST_SIZE: Final = 1e6  # beyond it the difference to Poisson is below what counts
_TINY: Final = 1e-300
_TURNS: Final = 400
_STIRLING: Final = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)  # B₂ₙ / 2n(2n-1)


def lgamma(x: Floats) -> Floats:
    """ln Γ(x) for x > 0: shifted to 8 and above, then Stirling's series; relative error below 1e-13."""
    x = np.asarray(x, dtype=np.float64)
    shift = np.zeros_like(x)
    at = x.copy()
    for _ in range(8):
        low = at < 8
        shift = np.where(low, shift - np.log(np.where(low, at, 1.0)), shift)
        at = np.where(low, at + 1, at)
    series = np.zeros_like(at)
    power = 1 / at
    for term in _STIRLING:
        series = series + term * power
        power = power / (at * at)
    return np.asarray(shift + (at - 0.5) * np.log(at) - at + 0.5 * np.log(2 * np.pi) + series)


def tail_at_least(count: TailCounts, mean: Floats, size: Floats) -> Floats:
    """P(X ≥ count), elementwise. `mean` ≥ 0 complaints, `size` > 0.

    A count is Poisson about a rate that is Gamma about `mean` with shape `size`: its variance is mean + mean²/size.
    Large `size` is Poisson. The tail is a regularised incomplete beta function (NIST DLMF 8.17.22, continued fraction
    by Lentz's method): no table, no library that takes seconds to load. Held to plain sums in tests.
    """
    given, mean, size = np.broadcast_arrays(
        np.asarray(count, np.float64), np.asarray(mean, np.float64), np.asarray(size, np.float64)
    )
    found = np.ones(given.shape)
    found[(given > 0) & (mean <= 0)] = 0.0
    ask = (given > 0) & (mean > 0)
    if ask.any():
        k, m, r = given[ask], mean[ask], np.minimum(size[ask], MOST_SIZE)
        found[ask] = _beta(k, r, m / (m + r), r / (m + r))
    return np.clip(found, 0.0, 1.0)


def least_count(tail: float, mean: Floats, size: Floats) -> TailCounts:
    """The smallest count whose tail is at most `tail`, elementwise."""
    mean, size = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(size, np.float64))
    low = np.zeros(mean.shape, np.int64)
    high = np.ceil(mean + 10 + 12 * np.sqrt(mean + mean * mean / size)).astype(np.int64)
    while True:
        short = tail_at_least(high, mean, size) > tail
        if not short.any():
            break
        high = np.where(short, high * 2, high)
    while (low + 1 < high).any():  # tail(low) > tail ≥ tail(high)
        middle = (low + high) // 2
        under = tail_at_least(middle, mean, size) <= tail
        open_ = low + 1 < high
        high = np.where(open_ & under, middle, high)
        low = np.where(open_ & ~under, middle, low)
    return np.asarray(high)


def _beta(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """I_x(a, b), y = 1 - x given apart so that nothing is lost to rounding."""
    front = np.exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * np.log(x) + b * np.log(y))
    direct = x < (a + 1) / (a + b + 2)
    p, q, z = np.where(direct, a, b), np.where(direct, b, a), np.where(direct, x, y)
    part = front * _fraction(p, q, z) / p
    return np.where(direct, part, 1 - part)


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    c = np.ones_like(a)
    d = 1 / _away(1 - (a + b) * x / (a + 1))
    found = d.copy()
    for m in range(1, _TURNS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away(1 + even * d)
        c = _away(1 + even / c)
        found = found * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away(1 + odd * d)
        c = _away(1 + odd / c)
        step = d * c
        found = found * step
        if np.all(np.abs(step - 1) < 1e-10):
            break
    return found


def _away(value: Floats) -> Floats:
    return np.where(np.abs(value) < _TINY, _TINY, value)
