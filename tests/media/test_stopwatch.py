"""What a machine gives to others is not counted against whom a test measures."""

from __future__ import annotations

import asyncio
import time

from tests.media.stopwatch import stopwatch


async def test_time_in_which_nothing_ran_is_left_out() -> None:
    async with stopwatch() as passed:
        await asyncio.sleep(0.05)
        time.sleep(0.3)  # noqa: ASYNC251 - as if the machine had been somebody else's
        await asyncio.sleep(0.05)
        assert passed.elapsed >= 0.4
        assert passed.seconds < passed.elapsed - 0.25
