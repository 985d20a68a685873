"""The time of day, as something that is handed in: a wall clock, and one moved by hand."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """Knows what time it is and can wait for a later one."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def until(self, moment: datetime) -> None:
        """Return when `now()` has reached `moment`."""
        ...


class WallClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def until(self, moment: datetime) -> None:
        # The wall clock may be set back while we wait: look again rather than trust one long sleep.
        left = (moment - self.now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(left, 60.0))
            left = (moment - self.now()).total_seconds()


class HandClock(Clock):
    """Stands still until it is moved: for tests, and for playing something back."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = count()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        """Forward; whoever waited for a moment on the way is woken."""
        self._now += by
        while self._waiting and self._waiting[0][0] <= self._now:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    async def until(self, moment: datetime) -> None:
        if moment > self._now:
            future = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (moment, next(self._order), future))
            await future
