"""Daily sums: every day of a period is in one piece, and what was taken off and put on again adds up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from complaints.statistics import DEFINITIONS, Judged, Measure
from complaints.statistics.facts import Fact, fact, fold_fact
from complaints.statistics.figures import Period, month, tallies, year
from complaints.statistics.sums import (
    COLUMNS,
    DIMS,
    FIELDS,
    LEVELS,
    Rollup,
    SumKey,
    apart,
    first_of,
    firsts,
    in_years,
    read_of,
    spans,
)
from journal import Draft, sealed
from tests.complaints.statistics.lives import lives

days = st.dates(date(2019, 1, 1), date(2029, 12, 31))
periods = st.builds(lambda first, length: Period(first, first + timedelta(days=length)), days, st.integers(0, 1500))


@given(periods, st.sampled_from(DIMS))
def test_the_pieces_of_a_period_are_all_its_days_once_and_each_is_whole(period: Period, dim: str) -> None:
    pieces = spans(period, dim)
    assert pieces[0][1].first == period.first
    assert pieces[-1][1].last == period.last
    for (_, one), (_, after) in pairwise(pieces):
        assert after.first == one.last + timedelta(days=1)
    for level, piece in pieces:
        if level in ("m", "y"):
            unit = month if level == "m" else year
            assert unit(piece.first).first == piece.first
            assert unit(piece.last).last == piece.last
        else:
            assert level == ("d" if "d" in LEVELS[dim] else "facts")


def test_a_year_of_streets_is_one_piece_and_a_week_of_channels_seven_days() -> None:
    whole = Period(date(2026, 1, 1), date(2026, 12, 31))
    assert spans(whole, "street") == [("y", whole)]
    assert spans(whole, "channel") == [("m", whole)]
    week = Period(date(2026, 6, 8), date(2026, 6, 14))
    assert spans(week, "channel") == [("d", week)]
    assert spans(week, "street") == [("d", week)]
    assert spans(week, "respondent") == [("facts", week)]


@given(st.lists(st.dates(date(2019, 1, 1), date(2029, 12, 31)), min_size=2, max_size=2))
def test_years_and_months_added_and_taken_off_are_the_months_asked_for(ends: list[date]) -> None:
    whole = Period(month(min(ends)).first, month(max(ends)).last)
    counted = Counter[date]()
    for level, start, sign in in_years(whole):
        for one in firsts("m", year(start)) if level == "y" else [start]:
            counted[one] += sign
    assert {one for one, times in counted.items() if times} == set(firsts("m", whole))
    assert set(counted.values()) <= {0, 1}


@given(st.lists(periods, max_size=4))
def test_periods_apart_are_all_days_once_and_in_each_period_wholly_or_not_at_all(some: list[Period]) -> None:
    found = apart(some)
    for one, after in pairwise(found):
        assert one.last < after.first
    for period in some:
        inside = [one for one in found if period.holds(one.first)]
        assert all(period.holds(one.last) for one in inside)
        assert sum((one.last - one.first).days + 1 for one in inside) == (period.last - period.first).days + 1


def test_eleven_months_are_a_year_less_one_and_half_a_year_six_months() -> None:
    eleven = Period(date(2026, 1, 1), date(2026, 11, 30))
    assert list(in_years(eleven)) == [("y", date(2026, 1, 1), 1), ("m", date(2026, 12, 1), -1)]
    half = Period(date(2026, 1, 1), date(2026, 6, 30))
    assert list(in_years(half)) == [("m", date(2026, n, 1), 1) for n in range(1, 7)]


def known(life: list[Draft], name: str) -> Fact:
    followed = fold_fact(sealed(f"complaint/{name}", 0, "", life))
    assert followed is not None
    return fact(name, followed, "Asia/Shanghai")


@given(st.lists(lives(), max_size=8))
@settings(max_examples=60, deadline=None)
def test_many_at_once_add_up_to_what_they_are_one_by_one(told: list[list[Draft]]) -> None:
    facts = [known(life, f"c{n}") for n, life in enumerate(told)]
    one_by_one, at_once = Rollup(), Rollup()
    for one in facts:
        one_by_one.put(one)
    counted = [one for one in facts if one.counted]
    at_once.pile({name: [stored(one, name) for one in counted] for name in FIELDS})
    assert list(at_once.sums()) == list(one_by_one.sums())
    assert list(at_once.taken()) == list(one_by_one.taken())


def stored(one: Fact, name: str) -> object:
    return int(getattr(one, name) * 100) if name in ("amount", "recovered") else getattr(one, name)


@given(st.lists(lives(), min_size=1, max_size=5), periods)
@settings(max_examples=60, deadline=None)
def test_sums_say_what_counting_one_by_one_says(told: list[list[Draft]], period: Period) -> None:
    facts = [known(life, f"c{n}") for n, life in enumerate(told)]
    shelf = Rollup()
    for one in facts:
        shelf.put(one)
    total = [(key, row) for key, row in shelf.sums() if key.dim == "total" and key.level == "d"]
    for measure in {m for one in DEFINITIONS for m in one.measures}:
        read = read_of(measure)
        if read is None or any(isinstance(test, Judged) for test in measure.tests):
            continue  # what is judged depends on today: tests/server/statistics/test_statistics.py
        counted = tallies(facts, [measure], period, period.last).get((measure, ""))
        added = sum(row[COLUMNS.index(read.column)] for key, row in total if period.holds(key.day))
        assert added == (counted.count if counted else 0), measure


@given(st.lists(lives(), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_is_taken_off_and_put_on_again_is_as_if_it_had_always_been_so(
    told: list[list[Draft]],
) -> None:
    # Each complaint as it was after each of its entries, one after another: only the last remains.
    stepwise, at_once = Rollup(), Rollup()
    for n, life in enumerate(told):
        before = None
        for length in range(1, len(life) + 1):
            now = known(life[:length], f"c{n}")
            if before is not None:
                stepwise.put(before, -1)
            stepwise.put(now)
            before = now
        assert before is not None
        at_once.put(before)
    assert list(stepwise.sums()) == list(at_once.sums())
    assert list(stepwise.taken()) == list(at_once.taken())


@given(lives())
@settings(max_examples=60, deadline=None)
def test_a_month_is_its_days_and_a_year_its_months(life: list[Draft]) -> None:
    shelf = Rollup()
    shelf.put(known(life, "c1"))
    found = dict(shelf.sums())
    for level, finer in (("m", "d"), ("y", "m")):
        for key, row in found.items():
            if key.level == level and finer in LEVELS[key.dim]:
                inner = [
                    other for one, other in found.items()
                    if one.level == finer and one[1:3] == key[1:3] and one.value == key.value
                    and first_of(level, one.day) == key.day
                ]  # fmt: skip
                assert list(row) == [sum(column) for column in zip(*inner, strict=True)]


def test_one_that_is_not_counted_adds_nothing_and_an_empty_shelf_is_empty() -> None:
    assert list(Rollup().sums()) == []


@pytest.mark.parametrize(
    "measure",
    [Measure("closed"), Measure("received", of="recovered"), Measure("decided", (Judged("decided", "accept_due"),))],
)
def test_what_sums_do_not_hold_is_counted_from_facts(measure: Measure) -> None:
    assert read_of(measure) is None


def test_a_key_begins_with_what_a_period_is_cut_into() -> None:
    assert SumKey("m", "total", "o1", date(2026, 6, 1), "")._fields[:4] == ("level", "dim", "office", "day")
