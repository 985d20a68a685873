"""The one rule of connection quality."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from media.engine import quality_level


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ((0.0, 0.0), 4),
        ((0.02, 0.25, 0.03, 0.05), 4),
        ((0.021, 0.0), 3),
        ((0.0, 0.26), 3),
        ((0.0, 0.0, 0.1), 2),
        ((0.0, 0.0, 0.0, 0.4), 2),
        ((0.16, 0.0), 1),
        ((0.0, 0.0, 0.0, 0.9), 1),
    ],
)
def test_a_connection_is_as_good_as_the_worst_of_its_figures_allows(measured: tuple[float, ...], expected: int) -> None:
    assert quality_level(*measured) == expected


SHARES = st.floats(0, 1)


@given(SHARES, st.floats(0, 10), SHARES, SHARES, SHARES)
def test_more_of_anything_bad_never_makes_it_better(
    loss: float, rtt: float, concealed: float, frozen: float, more: float
) -> None:
    now = quality_level(loss, rtt, concealed, frozen)
    assert 1 <= now <= 4
    for worse in ((loss + more, rtt, concealed, frozen), (loss, rtt + more, concealed, frozen)):
        assert quality_level(*worse) <= now
