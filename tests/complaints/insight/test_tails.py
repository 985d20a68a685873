"""Tails of the negative binomial against plain sums, and their limits in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from complaints.insight.bursts import least_count, lgamma, tail_at_least


def by_summing(count: int, mean: float, size: float) -> float:
    """1 - P(X < count), term by term."""
    share = mean / (mean + size)
    terms = (
        math.exp(
            math.lgamma(k + size)
            - math.lgamma(size)
            - math.lgamma(k + 1)
            + size * math.log1p(-share)
            + k * math.log(share)
        )
        for k in range(count)
    )
    return 1 - math.fsum(terms)


def tail(count: int, mean: float, size: float) -> float:
    return float(tail_at_least(np.array([count]), np.array([mean]), np.array([size]))[0])


@given(st.integers(0, 60), st.floats(0.05, 40), st.floats(0.1, 500))
def test_a_tail_is_what_summing_term_by_term_gives(count: int, mean: float, size: float) -> None:
    assert tail(count, mean, size) == pytest.approx(by_summing(count, mean, size), abs=1e-9)


def test_with_size_one_it_is_geometric() -> None:
    assert tail(7, 2.0, 1.0) == pytest.approx((2 / 3) ** 7)


def test_with_a_great_size_it_is_poisson() -> None:
    poisson = 1 - math.exp(-3) * math.fsum(3**k / math.factorial(k) for k in range(9))
    assert tail(9, 3.0, 1e9) == pytest.approx(poisson, rel=1e-3)


def test_nothing_expected_makes_anything_impossible_and_nothing_certain() -> None:
    assert tail(1, 0.0, 1.0) == 0.0
    assert tail(0, 0.0, 1.0) == 1.0


def test_a_far_tail_keeps_its_digits() -> None:
    assert tail(20, 0.5, 2.0) == pytest.approx(
        sum(math.comb(k + 1, k) * 0.64 * 0.2**k for k in range(20, 80)), rel=1e-9
    )


@given(st.floats(1e-9, 0.3), st.floats(0.01, 300), st.floats(0.2, 1e4))
def test_the_least_count_is_the_first_whose_tail_is_small_enough(most: float, mean: float, size: float) -> None:
    count = int(least_count(most, np.array([mean]), np.array([size]))[0])
    assert tail(count, mean, size) <= most < tail(count - 1, mean, size)


@given(st.floats(0.001, 1e7))
def test_lgamma_is_the_librarys(x: float) -> None:
    assert float(lgamma(np.array([x]))[0]) == pytest.approx(math.lgamma(x), rel=1e-11, abs=1e-11)
