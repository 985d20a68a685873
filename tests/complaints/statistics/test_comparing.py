"""Fair comparison: closed cases, and against a slow reference."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given, strategies as st

from complaints.statistics.figures import FEW, SettlementCount, bins, like_for_like, quantile, quarters

spreads = st.dictionaries(st.integers(0, 200), st.integers(1, 6), min_size=1, max_size=30)
mixes = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")),
    st.integers(1, 60).flatmap(lambda count: st.integers(0, count).map(lambda hits: SettlementCount(hits, count))),
    min_size=1,
)


def test_an_office_alone_is_as_expected_of_itself() -> None:
    found = like_for_like({("a", "x"): SettlementCount(30, 40), ("a", "y"): SettlementCount(5, 60)})["a"]
    assert found.seen == pytest.approx(35.0)
    assert found.expected == pytest.approx(35.0)
    assert found.usual


def test_an_office_with_harder_disputes_is_not_blamed_for_them() -> None:
    # Both settle nine of ten quality disputes and one of ten price disputes, in opposite mixes.
    counts = {
        ("easy", "quality"): SettlementCount(81, 90), ("easy", "price"): SettlementCount(1, 10),
        ("hard", "quality"): SettlementCount(9, 10), ("hard", "price"): SettlementCount(9, 90),
    }  # fmt: skip
    found = like_for_like(counts)
    assert (found["easy"].seen, found["hard"].seen) == pytest.approx((82, 18))
    for one in found.values():
        assert one.seen == pytest.approx(one.expected)
        assert one.usual


def test_the_range_of_chance_is_that_of_as_many_tosses() -> None:
    found = like_for_like({("a", "x"): SettlementCount(100, 100), ("b", "x"): SettlementCount(0, 100)})
    half_width = 100 * 1.96 * sqrt(100 * 0.25) / 100
    assert found["a"].expected == pytest.approx(50)
    assert (found["a"].low, found["a"].high) == pytest.approx((50 - half_width, 50 + half_width))
    assert not found["a"].usual
    assert not found["b"].usual


@given(mixes)
def test_likeness_agrees_with_counting_one_by_one(counts: dict[tuple[str, str], SettlementCount]) -> None:
    cases = [(office, name, n < one.hits) for (office, name), one in counts.items() for n in range(one.count)]
    found = like_for_like(counts)
    for office in "ab":
        mine = [case for case in cases if case[0] == office]
        if len(mine) < FEW:
            assert office not in found
            continue
        chances = []
        for _, name, _ in mine:
            same = [hit for _, other, hit in cases if other == name]
            chances.append(sum(same) / len(same))
        assert found[office].expected == pytest.approx(100 * sum(chances) / len(mine))
        assert found[office].seen == pytest.approx(100 * sum(hit for *_, hit in mine) / len(mine))
        assert 0 <= found[office].low <= found[office].expected + 1e-9 <= found[office].high + 2e-9


@given(spreads, st.floats(0.01, 1.0))
def test_a_quantile_is_the_first_day_by_which_so_many_were_done(days: dict[int, int], q: float) -> None:
    every = sorted(day for day, count in days.items() for _ in range(count))
    found = quantile(days, q)
    assert sum(day <= found for day in every) >= q * len(every) - 1e-6
    assert found == every[0] or sum(day < found for day in every) < q * len(every)


def test_quantiles_of_known_days() -> None:
    hundred = dict.fromkeys(range(1, 101), 1)
    assert quarters(hundred) == [10, 25, 50, 75, 90]
    assert quantile({7: 1}, 0.5) == 7
    assert quarters({1: FEW - 1}) is None
    with pytest.raises(ValueError, match="nothing"):
        quantile({}, 0.5)


@given(spreads)
def test_every_settlement_is_in_one_step_of_the_picture(days: dict[int, int]) -> None:
    steps = bins(days)
    assert sum(count for *_, count in steps) == sum(days.values())
    for first, last, count in steps:
        assert count == sum(n for day, n in days.items() if first <= day and (last < 0 or day <= last))
