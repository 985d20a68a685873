"""How long something took of the time in which this process got to run."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

_LOOK = 0.01
_STOOD_STILL = 0.03  # seconds late: no more than a busy loop is


class Stopwatch:
    """`elapsed`: seconds by the clock; `seconds`: without those the machine gave to others, in which nobody's promise
    could have been kept."""

    def __init__(self) -> None:
        self._began = self._looked = time.monotonic()
        self._stood_still = 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    @property
    def seconds(self) -> float:
        return self.elapsed - self._stood_still

    async def look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            now = time.monotonic()
            late = now - self._looked - _LOOK
            if late > _STOOD_STILL:
                self._stood_still += late
            self._looked = now


@contextlib.asynccontextmanager
async def stopwatch() -> AsyncIterator[Stopwatch]:
    watch = Stopwatch()
    looking = asyncio.create_task(watch.look())
    try:
        yield watch
    finally:
        looking.cancel()
