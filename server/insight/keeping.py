"""Asks for a look when a report is out of date: each night, and after complaints were imported, merged or undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from server.insight.detection import Detection
from server.jobs.looking import JOB
from server.jobs.queue import JobQueue

EVERY: Final = 600.0  # seconds; the first time soon after a start
FIRST: Final = 20.0

log = structlog.get_logger(__name__)


class Keeping:
    def __init__(
        self, detection: Detection, queue: JobQueue, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._detection, self._queue, self._wait = detection, queue, wait

    async def keep_looking(self) -> None:
        pause = FIRST
        while True:
            await self._wait(pause)
            pause = EVERY
            try:
                await self.ask()
            except Exception:
                log.exception("whether hot spots have to be looked for could not be found out")

    async def ask(self) -> bool:
        """Whether a look is asked for now; one that waits is enough."""
        if not await self._detection.stale():
            return False
        if (JOB, {}) not in await self._queue.waiting():
            await self._queue.enqueue(JOB)
        return True
