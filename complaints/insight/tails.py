"""Tails of the negative binomial, for arrays: how unlikely a count is under an expectation that is itself uncertain.

A count is Poisson about a rate that is Gamma about `mean` with shape `size`: its variance is mean + mean²/size. Large
`size` is Poisson. The tail is a regularised incomplete beta function (NIST DLMF 8.17.22, continued fraction by Lentz's
method); no table, no library that takes seconds to load. Held to plain sums in tests.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

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


def at_least(count: Counts, mean: Floats, size: Floats) -> Floats:
    """P(X ≥ count), elementwise. `mean` ≥ 0 complaints, `size` > 0."""
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


def least_count(tail: float, mean: Floats, size: Floats) -> Counts:
    """The smallest count whose tail is at most `tail`, elementwise."""
    mean, size = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(size, np.float64))
    low = np.zeros(mean.shape, np.int64)
    high = np.ceil(mean + 10 + 12 * np.sqrt(mean + mean * mean / size)).astype(np.int64)
    while True:
        short = at_least(high, mean, size) > tail
        if not short.any():
            break
        high = np.where(short, high * 2, high)
    while (low + 1 < high).any():  # tail(low) > tail ≥ tail(high)
        middle = (low + high) // 2
        under = at_least(middle, mean, size) <= tail
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
