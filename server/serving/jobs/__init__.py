"""Work that outlives a request: a durable queue of jobs by name, with arguments as JSON has them.

The queue is huey's on SQLite. `python -m server.serving.jobs` works it off, `runner` says how. The web process's side
of composing recordings is `server.rooms.films`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, Generic, NoReturn, Protocol, TypeVar, cast

from server.serving.logs import current_request

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
"""How often it is written down how far a job is: a page asks no oftener."""

log = logging.getLogger(__name__)

Run = Callable[[str, dict[str, Any], str], None]
"""Name, arguments, and the request that asked for it ("": none)."""


class RetryLater(Exception):
    """Raised by a handler: not now, once more in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@contextlib.contextmanager
def in_turn(turn: threading.Lock, what: str) -> Iterator[None]:
    """The only one of its kind. RetryLater while there is another, and while not even how far it is can be written."""
    if not turn.acquire(blocking=False):
        raise RetryLater(BUSY_SECONDS)
    try:
        yield
    except OSError as fault:
        log.warning("%s: %s", what, fault)
        raise RetryLater(FULL_SECONDS) from fault
    finally:
        turn.release()


class TriedState(Protocol):
    """What is kept of a job, a dataclass: `state` is "queued", something while it is worked at, "ready" or "failed"."""

    @property
    def tries(self) -> int: ...


State = TypeVar("State", bound=TriedState)


class Attempt(Generic[State]):
    """One try of a job: writes down how far it is, and once it failed whether there will be another.

    `file` is where `write` keeps a state; when it is gone the record was erased meanwhile, and nothing is written.
    """

    def __init__(self, state: State, file: Path, write: Callable[[State], None]) -> None:
        self.state, self._file, self._write, self._at = state, file, write, 0.0
        self.put(tries=state.tries + 1)

    def __call__(self, share: float) -> None:
        now = monotonic()
        if now - self._at >= TOLD_SECONDS and share < 1.0:
            self._at = now
            self.put(progress=round(share, 3))

    def put(self, **changed: Any) -> None:
        self.state = cast(State, replace(cast(Any, self.state), **changed))
        if self._file.exists():
            self._write(self.state)

    def kept(self) -> None:
        """Something was done for good: whoever ends this process now has not made it a vain try."""
        self.put(tries=1)

    @property
    def vain(self) -> bool:
        """All are used up, also where each ended with the whole process."""
        return self.state.tries > len(PATIENCE) + 1

    def put_off(self, error: str, passing: Set[str]) -> None:
        """RetryLater, and "queued" with the error meanwhile. It returns when another try would help nothing."""
        if error == "disk_full":
            self.put(state="queued", error=error, tries=self.state.tries - 1)
            raise RetryLater(FULL_SECONDS)
        if error in passing and self.state.tries <= len(PATIENCE):
            self.put(state="queued", error=error)
            raise RetryLater(PATIENCE[max(0, self.state.tries - 1)])


class Jobs:
    """The queue's file and its one kind of task; `run` is called in the process that works it off."""

    def __init__(self, database: Path, run: Run) -> None:
        from huey import SqliteHuey  # loads the clients of other queues too: by whoever has a job

        database.parent.mkdir(parents=True, exist_ok=True)
        self.huey: Any = SqliteHuey(QUEUE, filename=str(database), fsync=True, results=False, timeout=20)

        def job(name: str, arguments: dict[str, Any], request: str = "") -> None:
            run(name, arguments, request)

        job.__module__ = "server.serving.jobs.queue"  # stored with each job: for good, wherever this stands
        self._task: Any = self.huey.task(name="job")(job)

    def put(self, name: str, arguments: dict[str, Any], after: float = 0.0) -> None:
        """Durable when it returns; `after` is in seconds from now."""
        request = current_request()
        if after > 0:
            self._task.schedule(args=(name, arguments, request), delay=after)
        else:
            self._task(name, arguments, request)

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs that are neither running nor done."""
        return [(task.args[0], task.args[1]) for task in [*self.huey.pending(), *self.huey.scheduled()]]

    def close(self) -> None:
        self.huey.storage.close()


def _elsewhere(name: str, _arguments: dict[str, Any], _request: str) -> NoReturn:
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
