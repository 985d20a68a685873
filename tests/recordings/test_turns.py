"""Rooms hand over at the beginning of a turn, and the recorder comes when they have: nobody tells the other."""

from __future__ import annotations

from hypothesis import given, strategies as st

from media.tap import COLLECTING, turn
from recordings.recorder import BEHIND, until_pass

TICK = 0.05


@given(st.floats(1, 1e7))
def test_the_recorder_comes_a_tick_behind_the_next_turn(now: float) -> None:
    waits = until_pass(now)
    assert 0 < waits <= COLLECTING
    due = now + waits
    assert turn(due) == turn(due - TICK) == turn(now - BEHIND) + 1, "rooms have had a tick of it"


@given(st.floats(1, 1e7))
def test_passes_follow_one_another_at_the_pace_of_turns(now: float) -> None:
    first = now + until_pass(now)
    assert abs(until_pass(first + 1e-6) - COLLECTING) < 1e-5


def test_what_came_is_durable_within_a_second() -> None:
    """Each pass makes durable what it writes; it has a tenth of a second for it."""
    assert BEHIND + COLLECTING + 0.1 < 1.0
