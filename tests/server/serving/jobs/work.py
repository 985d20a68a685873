"""Jobs worked off in the test's own process, by the real worker on a real queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server.db.engine import Database
from server.serving.jobs.runner import Handler, Worker
from server.serving.jobs.store import Job, JobQueue
from tests.server.db.databases import sqlite_url


@asynccontextmanager
async def office_queue(data: Path) -> AsyncIterator[JobQueue]:
    """The queue of a data folder's own database, whose tables are made if they are not there."""
    database = Database(sqlite_url(data / "yuntiao.db"))
    await database.migrate()
    try:
        yield JobQueue(database)
    finally:
        await database.close()


async def deal(queue: JobQueue, name: str, handler: Handler, worker: str = "w1") -> bool:
    """One try of one job that is due; False when there is none."""
    return await Worker(queue, {name: handler}, worker).once()


async def end(queue: JobQueue, name: str, of: str, error: str = "", **result: Any) -> Job:
    """As if a worker had done it: with this result, or failed."""

    async def handler(job: Any, **_: Any) -> None:
        await (job.failed(error, **result) if error else job.ready(**result))

    assert await deal(queue, name, handler)
    found = await queue.of(name, of)
    assert found is not None
    return found
