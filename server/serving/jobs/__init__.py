"""Work that outlives a request: what handlers of jobs are given, what is done with results, and the processes.

The queue is a table (`store`). `python -m server.serving.jobs` works it off, `runner` says how and has the handlers.
Any number of such processes may, at one node or several: `JobProcesses` keeps those of this server.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import structlog

from server.serving.jobs.store import LEASE, Job, JobQueue

PATIENCE = (10.0, 60.0, 300.0)
"""Seconds before a fault that may pass by itself is tried again: the first time, the second, the third."""
FULL_SECONDS = 30.0
"""A full disk is no fault of the recording, nor is a store that is away: they are waited for as long as it takes."""
COMING_SECONDS = 3.0
"""Between two looks for a file that its home has not got yet."""
COMES_WITHIN = timedelta(hours=1)
"""From when a job was asked for until such a file counts as missing."""

BELL: Final = "bell"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class RetryLater(Exception):
    """Raised by a handler: not now, once more in so many seconds. `free`: this was no vain try."""

    def __init__(self, seconds: float, error: str = "", free: bool = False) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds, self.error, self.free = seconds, error, free


class Claim:
    """A job as its handler has it, called in the handler's thread. What it says of how far it is goes to the queue with
    the next renewal; that it ended, at once, and only once whoever else worked at it."""

    def __init__(self, job: Job, queue: JobQueue, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """`loop`: the one the queue's connections belong to; None: that of the handler."""
        self.job, self._queue, self._loop = job, queue, loop
        self.ended = False

    def __call__(self, share: float) -> None:
        """How far it is, 0…1."""
        self.job = replace(self.job, progress=round(min(max(share, 0.0), 1.0), 3))

    def kept(self) -> None:
        """Something was done for good: whoever ends this process now has not made it a vain try."""
        self.job = replace(self.job, tries=1)

    @property
    def vain(self) -> bool:
        """All tries are used up, also where each ended with the whole process."""
        return self.job.tries > len(PATIENCE) + 1

    @property
    def number(self) -> str:
        """For names of files: no other claim of this job has it."""
        return f"{self.job.claim:x}"

    def put_off(self, error: str, passing: Set[str]) -> None:
        """RetryLater, with the error meanwhile. It returns when another try would help nothing."""
        if error in ("disk_full", "store_away"):
            raise RetryLater(FULL_SECONDS, error, free=True)
        if error in passing and self.job.tries <= len(PATIENCE):
            raise RetryLater(PATIENCE[max(0, self.job.tries - 1)], error)

    def await_files(self, error: str) -> None:
        """RetryLater while what it needs may still come to its home. It returns when that counts as missing."""
        if datetime.now(UTC) - self.job.asked < COMES_WITHIN:
            raise RetryLater(COMING_SECONDS, error, free=True)

    async def ready(self, **result: Any) -> bool:
        """False: another has it by now, or it was asked for anew; what was made is not wanted."""
        return await self._end("ready", "", result)

    async def failed(self, error: str, **result: Any) -> bool:
        return await self._end("failed", error, result)

    async def forget(self, name: str, of: str) -> None:
        """Nothing is told of that other job any more."""
        await self._asked(self._queue.forget(name, of))

    async def _end(self, state: Any, error: str, result: dict[str, Any]) -> bool:
        self.ended = True
        return await self._asked(self._queue.end(self.job, state, error, result))

    async def _asked(self, call: Coroutine[Any, Any, T]) -> T:
        if self._loop is None or self._loop is asyncio.get_running_loop():
            return await call
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self._loop))


EAR_SECONDS: Final = 2.0


class Bell:
    """Rung at any node, heard by the one whose duty it is. Without a `queue`: at the only one."""

    def __init__(self, name: str, queue: JobQueue | None = None) -> None:
        self._name, self._queue, self._rung = name, queue, asyncio.Event()

    async def ring(self) -> None:
        """Durable when it returns."""
        self._rung.set()
        if self._queue is not None:
            await self._queue.enqueue(self._name, of=BELL, needs="nothing")

    async def heard(self, seconds: float) -> None:
        """Until it was rung since the last time, or so many seconds are over."""
        clock = asyncio.get_running_loop().time
        ends = clock() + seconds
        while (left := ends - clock()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), left if self._queue is None else min(left, EAR_SECONDS))
            rung = self._rung.is_set()
            self._rung.clear()
            if await self._taken() or rung:
                return

    async def _taken(self) -> bool:
        if self._queue is None:
            return False
        try:
            job = await self._queue.claim(f"bell-{os.getpid()}", [self._name])
            if job is not None:
                await self._queue.done(job)
        except Exception as fault:  # the next time
            log.warning("whether another node asked for something is not known", what=self._name, fault=str(fault))
            return False
        return job is not None


LOOK_SECONDS: Final = 0.3
TIDY_SECONDS: Final = 600.0
_AGAIN_AFTER = 2.0  # seconds


class JobResults:
    """Has every result noted where it belongs. Of several nodes one does; a result whose noting was interrupted is
    handed out again, so noting it twice must be like once.

    `notes`: by kind. They raise what keeps them from it, and the result stays."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.notes: dict[str, Callable[[Job], Awaitable[None]]] = {}
        self.kept: set[str] = set()
        """Kinds that are told of for a while after they were noted."""

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        tidied = float("-inf")
        while True:
            try:
                await self.look()
                if clock() - tidied >= TIDY_SECONDS:
                    tidied = clock()
                    await self._queue.tidy(self.notes)
            except Exception:
                log.exception("results of jobs are not noted, trying again")
                await asyncio.sleep(_AGAIN_AFTER)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Once."""
        for job in await self._queue.ended(self.notes):
            try:
                await self.notes[job.name](job)
            except Exception:  # the next time; one must not keep the others from it
                log.exception("the result of a job is not noted, trying again", job=job.key)
            else:
                await self._queue.noted(job, keep=job.name in self.kept)


_FIRST_WITHIN = 30.0  # seconds, also without a job
_STOP_SECONDS = 15.0
_LIVE_SECONDS = 1.0


class JobProcesses:
    """Those of this server or of `yuntiao work`: each started anew when it ends, and what it had given back at once.

    They end with us, however we end: they watch their standard input. `live` counts the rooms that media flow in here:
    what is made gives way to them.
    """

    def __init__(
        self,
        queue: JobQueue,
        data: Path,
        options: Sequence[str] = (),
        number: int = 1,
        live: Callable[[], int] = lambda: 0,
        environment: Mapping[str, str] = MappingProxyType({}),
        first: Sequence[str] = (),
    ) -> None:
        """`options` of `server.serving.jobs.__main__`; `first`: the first one's besides, which begins at once."""
        self.options = list(options)
        self._queue, self._data, self._number, self._first = queue, data, number, first
        self._live, self._environment = live, environment

    async def run(self) -> None:
        """Until cancelled."""
        if not self._first:
            await self._until_there_may_be_a_job()
        async with asyncio.TaskGroup() as group:
            for number in range(self._number):
                group.create_task(self._keep(number), name=f"job process {number}")

    async def _until_there_may_be_a_job(self) -> None:
        """A new office has none yet: loading the job process would only hold up its first page."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_WITHIN):
                while not await self._is_asked():  # noqa: ASYNC110 - another process may ask
                    await asyncio.sleep(LOOK_SECONDS)

    async def _is_asked(self) -> bool:
        try:
            return await self._queue.any_due()
        except Exception as fault:  # the database is away for a while
            log.warning("whether there are jobs is not known", fault=str(fault))
            return False

    async def _keep(self, number: int) -> None:
        while True:
            name = f"{os.uname().nodename[:40]}-{os.getpid()}-{number}-{secrets.token_hex(4)}"
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *["-m", "server.serving.jobs", "--data", str(self._data), "--until-stdin-closes", "--name", name],
                    *self.options,
                    *(self._first if number == 0 else ()),
                    stdin=asyncio.subprocess.PIPE,
                    env={**os.environ, **self._environment},
                    start_new_session=True,  # Ctrl-C is for us: we end it in our own order
                )
            except OSError as fault:  # no memory or no process to be had for a while
                log.warning("job process does not start, trying again", fault=str(fault))
            else:
                telling = asyncio.create_task(self._tell(process))
                try:
                    status = await process.wait()
                except asyncio.CancelledError:
                    await _ended(process)
                    raise
                finally:
                    telling.cancel()
                log.warning("job process ended, starting it again", status=status)
                with contextlib.suppress(Exception):  # its leases end by themselves
                    await self._queue.release(name)
            await asyncio.sleep(_AGAIN_AFTER)

    async def _tell(self, process: asyncio.subprocess.Process) -> None:
        """How many rooms are live, whenever that changes."""
        assert process.stdin is not None
        told = 0
        while True:
            if (live := self._live()) != told:
                told = live
                process.stdin.write(b"%d\n" % live)
            await asyncio.sleep(_LIVE_SECONDS)


async def _ended(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


__all__ = ["LEASE", "Claim", "Job", "JobProcesses", "JobQueue", "JobResults", "RetryLater"]
