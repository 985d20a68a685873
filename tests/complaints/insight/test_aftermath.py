"""Did complaints fall after action: held to closed forms, to counting every table, and to what nobody may claim."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import comb

import pytest
from hypothesis import given, strategies as st

from complaints.insight.aftermath import aftermath, dispersion, interval, week_of, weeks_around

ACTED = date(2026, 6, 10)


def test_the_day_of_action_is_on_neither_side_and_weeks_are_whole() -> None:
    assert [week_of(ACTED + timedelta(days=days), ACTED) for days in (-8, -7, -1, 1, 7, 8)] == [-2, -1, -1, 0, 0, 1]
    with pytest.raises(ValueError, match="neither"):
        week_of(ACTED, ACTED)
    assert weeks_around(ACTED, ACTED + timedelta(days=7))[1] == 0
    assert weeks_around(ACTED, ACTED + timedelta(days=8)) == (ACTED - timedelta(days=91), 1)
    assert weeks_around(ACTED, ACTED + timedelta(days=800))[1] == 13


def test_of_nothing_after_in_equal_time_the_interval_is_the_closed_form() -> None:
    # Clopper-Pearson of 0 of n: the upper end is 1 - (α/2)^(1/n).
    low, high = interval(10, 0, 13, 13, known=True)
    share = 1 - 0.025 ** (1 / 10)
    assert low == 0
    assert high == pytest.approx(share / (1 - share))


def slow_tail(was: int, now: int, others: tuple[int, int], odds: float) -> tuple[float, float]:
    """P(at most `now`), P(at least `now`), by counting every table with these margins."""
    ours, after = was + now, now + others[1]
    weights = {
        k: comb(ours, k) * comb(sum(others), after - k) * odds**k
        for k in range(ours + 1)
        if 0 <= after - k <= sum(others)
    }
    whole = sum(weights.values())
    below = sum(weight for k, weight in weights.items() if k <= now) / whole
    above = sum(weight for k, weight in weights.items() if k >= now) / whole
    return below, above


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 40), st.integers(1, 40))
def test_each_end_leaves_a_fortieth_outside_when_every_table_is_counted(was: int, now: int, b: int, a: int) -> None:
    low, high = interval(was, now, b, a)
    if was + now == 0:
        assert (low, high) == (0, None)
        return
    if low > 0:
        assert slow_tail(was, now, (b, a), low)[1] == pytest.approx(0.025, abs=1e-6)
    if high is not None:
        assert slow_tail(was, now, (b, a), high)[0] == pytest.approx(0.025, abs=1e-6)
    observed = Fraction(now, a) / Fraction(was, b) if was else None
    assert observed is None or (low <= observed and (high is None or observed <= high))


def test_a_fall_everybody_had_is_no_success() -> None:
    falling, rest = (
        aftermath(ACTED, [6] * 13, [3] * 13, (1300, 650)),
        aftermath(ACTED, [6] * 13, [3] * 13, (1300, 1300)),
    )
    assert falling.verdict == "unclear"
    assert falling.change == pytest.approx(1.0)
    assert rest.verdict == "fell"
    assert rest.change == pytest.approx(0.5)
    assert rest.high is not None
    assert rest.high < 1


def test_too_little_time_and_too_few_complaints_are_said_to_be_that() -> None:
    assert aftermath(ACTED, [6] * 13, [0, 0], (100, 15)).verdict == "early"
    assert aftermath(ACTED, [0] * 11 + [3, 4], [0] * 13, (1000, 1000)).verdict == "few"
    assert aftermath(ACTED, [0] * 13, [2] * 13, (1000, 1000)).verdict == "few"


def test_one_burst_before_it_proves_less_than_as_many_spread_evenly() -> None:
    steady = aftermath(ACTED, [3] * 13, [1] * 13, (1300, 1300))
    burst = aftermath(ACTED, [0] * 12 + [39], [1] * 13, (1300, 1300))
    assert steady.verdict == "fell"
    assert burst.verdict == "unclear"
    assert burst.change == steady.change


def test_without_others_weeks_themselves_are_the_comparison() -> None:
    alone = aftermath(ACTED, [4] * 12, [4] * 6, (0, 0))
    assert alone.change == pytest.approx(1.0)
    assert alone.verdict == "unclear"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=13), st.lists(st.integers(0, 9), min_size=1, max_size=13))
def test_the_dispersion_is_never_below_chance(before: list[int], after: list[int]) -> None:
    assert dispersion(before, after) >= 1
    assert dispersion([5] * 8, [5] * 8) == 1


def test_more_evidence_of_the_same_never_widens_the_interval() -> None:
    widths = []
    for times in (1, 2, 4, 8):
        low, high = interval(20 * times, 10 * times, 400 * times, 400 * times)
        assert high is not None
        widths.append(math.log(high) - math.log(low))
    assert all(wider > narrower for wider, narrower in pairwise(widths))
