from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from journal.clock import HandClock, WallClock
from tests.contracts.journal_contract import settle

ZERO = datetime(2026, 4, 20, 9, tzinfo=UTC)


async def test_a_hand_clock_wakes_those_whose_moment_has_come_and_nobody_else() -> None:
    clock = HandClock(ZERO)
    soon = asyncio.create_task(clock.until(ZERO + timedelta(seconds=5)))
    late = asyncio.create_task(clock.until(ZERO + timedelta(seconds=50)))
    await settle()
    clock.move(timedelta(seconds=5))
    await soon
    assert not late.done()
    clock.move(timedelta(minutes=1))
    await late
    assert clock.now() == ZERO + timedelta(seconds=65)


async def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    await HandClock(ZERO).until(ZERO)
    wall = WallClock()
    await wall.until(wall.now() - timedelta(seconds=1))
    assert wall.now().utcoffset() == timedelta(0)


async def test_the_wall_clock_returns_when_it_is_time() -> None:
    wall = WallClock()
    moment = wall.now() + timedelta(milliseconds=20)
    await asyncio.wait_for(wall.until(moment), 5)
    assert wall.now() >= moment
