"""Rooms hand over at the beginning of a turn, and the recorder comes when they have; it is told of who comes later."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, strategies as st

from media import FLUSH_INTERVAL, flush_tick
from media.engine import MediaEvent, Recording
from recordings import recorder
from recordings.recorder import BEHIND, Recorder, missed, until_pass
from recordings.writer import Writer
from tests.recordings.keyring import AnyKey

TICK = 0.05


@given(st.floats(1, 1e7))
def test_the_recorder_comes_a_tick_behind_the_next_turn(now: float) -> None:
    waits = until_pass(now)
    assert 0 < waits <= FLUSH_INTERVAL
    due = now + waits
    assert flush_tick(due) == flush_tick(due - TICK) == flush_tick(now - BEHIND) + 1, "rooms have had a tick of it"


@given(st.floats(1, 1e7))
def test_passes_follow_one_another_at_the_pace_of_turns(now: float) -> None:
    first = now + until_pass(now)
    assert abs(until_pass(first + 1e-6) - FLUSH_INTERVAL) < 1e-5


@given(st.floats(1, 1e7))
def test_a_pass_is_missed_when_the_next_one_is_of_another_turn(now: float) -> None:
    assume(abs(now % FLUSH_INTERVAL - BEHIND) > 1e-6)
    assume(FLUSH_INTERVAL - now % FLUSH_INTERVAL > 1e-6)
    assert missed(now) == (flush_tick(now + until_pass(now)) > flush_tick(now))


async def test_what_is_handed_over_after_a_pass_does_not_wait_for_the_next(
    tmp_path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "FLUSH_INTERVAL", 1e9)  # no pass comes by itself
    on = asyncio.Event()

    def heard(event: MediaEvent) -> None:
        if isinstance(event, Recording) and event.on:
            on.set()

    late = Recorder(tmp_path, 0, AnyKey(), writer=writer)
    tap = late.open("room", "ann", heard, lambda source: None)
    begun = time.time() - 1
    for number in range(50):
        tap.packet("mic", number, number * 960, False, bytes(80), begun + number / 50)
    late.flushed()
    async with asyncio.timeout(10):
        await on.wait()
    await late.stop()


def test_what_came_is_durable_within_a_second() -> None:
    """Each pass makes durable what it writes; it has a tenth of a second for it."""
    assert BEHIND + FLUSH_INTERVAL + 0.1 < 1.0
