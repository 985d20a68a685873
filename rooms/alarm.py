"""The one timer of a room, which rings at the next moment at which time alone changes something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from journal.clock import Clock


class Alarm:
    def __init__(self, room: str, clock: Clock, ring: Callable[[], Awaitable[None]]) -> None:
        self._name, self._clock, self._ring = f"timer of {room}", clock, ring
        self._due: datetime | None = None
        self.task: asyncio.Task[None] | None = None

    def set(self, due: datetime | None) -> None:
        """An earlier ring is harmless, since it is set again after each: only what is sooner winds it anew."""
        if due is None or (self._due is not None and self._due <= due):
            return
        self.cancel()
        self._due = due
        self.task = asyncio.get_running_loop().create_task(self._wait(due), name=self._name)

    def rang(self) -> None:
        """The ring was heard; it may be set to any moment again."""
        self._due = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def _wait(self, due: datetime) -> None:
        await self._clock.until(due)
        await self._ring()
