"""Interval arithmetic against the plainest model there is: the set of seconds."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from journal.clock import Spans, TimeSpan, intersect, subtract, total_ms, union

ZERO = datetime(2026, 4, 20, 9, tzinfo=UTC)
spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(-5, 20)).map(
        lambda pair: TimeSpan(ZERO + timedelta(seconds=pair[0]), ZERO + timedelta(seconds=pair[0] + pair[1]))
    ),
    max_size=8,
)


def seconds(some: list[TimeSpan] | Spans) -> set[int]:
    held: set[int] = set()
    for span in some:
        held |= set(range(int((span.start - ZERO).total_seconds()), int((span.end - ZERO).total_seconds())))
    return held


def is_normal(some: Spans) -> bool:
    apart = all(left.end < right.start for left, right in itertools.pairwise(some))
    return apart and all(span.start < span.end for span in some)


@given(spans)
def test_a_union_holds_every_second_once_and_is_normal(some: list[TimeSpan]) -> None:
    merged = union(some)
    assert seconds(merged) == seconds(some)
    assert is_normal(merged)
    assert total_ms(merged) == 1000 * len(seconds(some))


@given(spans, spans)
def test_an_intersection_holds_what_both_hold(left: list[TimeSpan], right: list[TimeSpan]) -> None:
    both = intersect(union(left), union(right))
    assert seconds(both) == seconds(left) & seconds(right)
    assert is_normal(both)


@given(spans, spans)
def test_a_difference_holds_what_only_the_first_holds(left: list[TimeSpan], right: list[TimeSpan]) -> None:
    rest = subtract(union(left), union(right))
    assert seconds(rest) == seconds(left) - seconds(right)
    assert is_normal(rest)


@given(spans, spans)
def test_what_is_common_and_what_is_not_add_up(left: list[TimeSpan], right: list[TimeSpan]) -> None:
    whole, other = union(left), union(right)
    assert total_ms(intersect(whole, other)) + total_ms(subtract(whole, other)) == total_ms(whole)


def test_an_empty_span_lasts_no_time_even_backwards() -> None:
    assert TimeSpan(ZERO, ZERO - timedelta(seconds=1)).ms == 0
