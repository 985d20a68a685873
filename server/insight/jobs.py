"""The look for hot spots from a process of its own: the command line, and the job process beside a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.insight.detection import DetectionResult, HotspotDetector
from server.jobs.queue import JobQueue
from server.settings import Settings

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_detector(settings: Settings) -> AsyncIterator[HotspotDetector]:
    """On the installation's own database."""
    database = Database(settings.database)
    await database.migrate()
    try:
        yield HotspotDetector(database, SqlJournal(database, projectors()), _now)
    finally:
        await database.close()


async def detect_hotspots(settings: Settings, day: date | None, anew: bool) -> list[DetectionResult]:
    """Every circle's last whole day, or a given one; without `anew` those that need it."""
    async with open_detector(settings) as detection:
        wanted = await (detection.circles() if anew or day else detection.stale())
        return [await detection.look(one, day or detection.yesterday(one)) for one in wanted]


def detection_summary(looked: DetectionResult) -> dict[str, Any]:
    return {
        "scope": looked.scope,
        "day": looked.day.isoformat(),
        "complaints": looked.rows,
        "days_of_words_read": looked.read,
        "spots": looked.spots,
        "new_spots": looked.found,
        "seconds": looked.seconds,
    }


def _now() -> datetime:
    return datetime.now(UTC)


JOB = "look_for_spots"


class HotspotJob:
    """Handler of `look_for_spots()`: every report that is out of date. Begun again, it goes on with those left.

    What complaints say is counted in the job process because that gives way to live rooms.
    """

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self) -> None:
        await detect_hotspots(Settings(data=self._data), None, anew=False)


EVERY: Final = 600.0  # seconds; the first time soon after a start
FIRST: Final = 20.0


class DetectionSchedule:
    """Asks for a look when a report is out of date: each night, and after imports, merging and undoing."""

    def __init__(
        self, detection: HotspotDetector, queue: JobQueue, wait: Callable[[float], Awaitable[None]] = asyncio.sleep
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
