"""The look for hot spots from a process of its own: the command line, and the job process beside a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from server.insight.detection import Detection, Looked
from server.settings import Settings
from server.storage.engine import Database
from server.storage.journal_store import SqlJournal
from server.storage.projections import projectors


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Detection]:
    """On the installation's own database."""
    database = Database(settings.database)
    await database.migrate()
    try:
        yield Detection(database, SqlJournal(database, projectors()), _now)
    finally:
        await database.close()


async def look(settings: Settings, day: date | None, anew: bool) -> list[Looked]:
    """Every circle's last whole day, or a given one; without `anew` those that need it."""
    async with opened(settings) as detection:
        wanted = await (detection.circles() if anew or day else detection.stale())
        return [await detection.look(one, day or detection.yesterday(one)) for one in wanted]


def told(looked: Looked) -> dict[str, Any]:
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
