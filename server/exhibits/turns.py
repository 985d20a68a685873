"""Who may have files drawn next: one seat after another, one file of a seat at a time, within each seat's budget."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

BUDGET: Final = 60.0  # seconds of a core that a seat may use at once
REFILL: Final = 0.1  # seconds of a core that come back in a second
FORGOTTEN: Final = BUDGET / REFILL  # seconds after which a budget is full again, whatever was used

Seat = tuple[str, str]
"""Session and seat."""


class BudgetUsed(Exception):
    """The seat has had so much drawn that it has to wait for a while."""


class Turns:
    """`places`: files that are drawn at once. `clock`: seconds, monotonic."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = places, clock
        self._busy: set[Seat] = set()
        self._waiting: OrderedDict[Seat, deque[asyncio.Future[None]]] = OrderedDict()
        self._left: OrderedDict[Seat, tuple[float, float]] = OrderedDict()  # seconds left, and as of when

    def rested(self, seat: Seat) -> bool:
        """Whether something is left of its budget."""
        return self._budget(seat) > 0

    @asynccontextmanager
    async def turn(self, seat: Seat) -> AsyncIterator[Callable[[float], None]]:
        """Waits for a place. What is given is told the seconds of a core that were used. BudgetUsed."""
        if not self.rested(seat):
            raise BudgetUsed
        await self._place(seat)
        try:
            yield lambda seconds: self._use(seat, seconds)
        finally:
            self._busy.discard(seat)
            self._free += 1
            self._give()

    async def _place(self, seat: Seat) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(seat, deque()).append(mine)
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it had just been given the place
                self._busy.discard(seat)
                self._free += 1
                self._give()
            raise

    def _give(self) -> None:
        """Free places to seats that have none, those first that have waited longest for theirs."""
        for seat in list(self._waiting):
            if not self._free:
                return
            if seat in self._busy:
                continue
            queue = self._waiting[seat]
            while queue and queue[0].done():
                queue.popleft()  # given up
            if queue:
                self._free -= 1
                self._busy.add(seat)
                queue.popleft().set_result(None)
            if queue:
                self._waiting.move_to_end(seat)
            else:
                del self._waiting[seat]

    def _budget(self, seat: Seat) -> float:
        left, then = self._left.get(seat, (BUDGET, self._clock()))
        return min(BUDGET, left + REFILL * (self._clock() - then))

    def _use(self, seat: Seat, seconds: float) -> None:
        left = self._budget(seat) - seconds
        self._left[seat] = (left, self._clock())
        self._left.move_to_end(seat)
        while self._left and next(iter(self._left.values()))[1] < self._clock() - FORGOTTEN:
            self._left.popitem(last=False)
