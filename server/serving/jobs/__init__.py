"""Work that outlives a request: a durable queue of jobs by name, with arguments as JSON has them.

The queue is huey's on SQLite. `python -m server.serving.jobs` works it off, `runner` says how. The web process's side
of composing recordings is `server.rooms.films`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

QUEUE = "yuntiao"
JOBS = "jobs.db"
"""The queue's file in the data folder; there with the first job."""

PATIENCE = (10.0, 60.0, 300.0)
"""Seconds before a fault that may pass by itself is tried again: the first time, the second, the third."""
FULL_SECONDS = 30.0
"""A full disk is no fault of the recording: it is waited for as long as it takes."""
BUSY_SECONDS = 2.0
"""A second one of its kind waits: one takes what there is to take."""
TOLD_SECONDS = 0.3

Run = Callable[[str, dict[str, Any]], None]


class RetryLater(Exception):
    """Raised by a handler: not now, once more in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Jobs:
    """The queue's file and its one kind of task; `run` is called in the process that works it off."""

    def __init__(self, database: Path, run: Run) -> None:
        from huey import SqliteHuey  # loads the clients of other queues too: by whoever has a job

        database.parent.mkdir(parents=True, exist_ok=True)
        self.huey: Any = SqliteHuey(QUEUE, filename=str(database), fsync=True, results=False, timeout=20)

        def job(name: str, arguments: dict[str, Any]) -> None:
            run(name, arguments)

        job.__module__ = "server.serving.jobs.queue"  # stored with each job: for good, wherever this stands
        self._task: Any = self.huey.task(name="job")(job)

    def put(self, name: str, arguments: dict[str, Any], after: float = 0.0) -> None:
        """Durable when it returns; `after` is in seconds from now."""
        if after > 0:
            self._task.schedule(args=(name, arguments), delay=after)
        else:
            self._task(name, arguments)

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs that are neither running nor done."""
        return [(task.args[0], task.args[1]) for task in [*self.huey.pending(), *self.huey.scheduled()]]

    def close(self) -> None:
        self.huey.storage.close()


def _elsewhere(name: str, arguments: dict[str, Any]) -> NoReturn:
    raise RuntimeError(f"{name} belongs to the job process")


class JobQueue:
    """Puts jobs into the queue from a running loop; opened with the first."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = asyncio.Lock()

    @cached_property
    def _jobs(self) -> Jobs:
        return Jobs(self._database, _elsewhere)

    async def enqueue(self, name: str, /, *, after: float = 0.0, **arguments: Any) -> None:
        """Durable when it returns. The name is one of `server.serving.jobs.runner`."""
        async with self._lock:
            await asyncio.to_thread(lambda: self._jobs.put(name, arguments, after))

    async def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        async with self._lock:
            return await asyncio.to_thread(lambda: self._jobs.waiting())
