"""Runs jobs: which there are, the handler of each, a thread and a loop for it, and what a shutdown left undone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from recordings import NotThere
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from server.db import answered
from server.serving.jobs import Claim, RetryLater
from server.serving.jobs.store import LEASE, REMOVE, UNREACHED, JobQueue
from server.serving.logs import dealing_with
from server.serving.settings import Settings

if TYPE_CHECKING:
    from recordings.files.object_store import BlobStore


Handler = Callable[..., Awaitable[None]]
"""Takes its claim, and the job's arguments by name."""

LOOK_SECONDS: Final = 0.5
"""Between two looks for a job while there is none."""
RENEW_SECONDS: Final = 1.0
"""Between two renewals, each with how far the job is: a page asks no oftener."""
MARGIN: Final = 3.0
"""Seconds before a lease's end at which its worker stops by itself."""
ANSWER_SECONDS: Final = 5.0
"""Of the database; a statement that takes longer is given up."""
STOP_WITHIN: Final = 10.0
TOGETHER: Final = 3
"""Jobs of no kind below that one process does at once."""

log = logging.getLogger(__name__)


class _Running:
    """A job under way, in a thread of its own. `until`: when its lease is given up, by this process's clock."""

    def __init__(self, claim: Claim, until: float) -> None:
        self.claim, self.until, self.lost, self.over = claim, until, False, False
        self._lock = threading.Lock()
        self._stopped = False
        self._task: tuple[asyncio.Task[None], asyncio.AbstractEventLoop] | None = None

    @property
    def held(self) -> bool:
        """It counts, until its handler is done or its claim is lost."""
        return not (self.lost or self.over or self.claim.ended)

    def stop(self) -> None:
        """From any thread."""
        with self._lock:
            self._stopped = True
            if self._task is not None:
                task, loop = self._task
                loop.call_soon_threadsafe(task.cancel)

    async def watched(self, handler: Handler) -> None:
        task = asyncio.current_task()
        assert task is not None
        with self._lock:
            if self._stopped:
                raise asyncio.CancelledError
            self._task = task, asyncio.get_running_loop()
        try:
            await handler(self.claim, **self.claim.job.arguments)
        finally:
            self.over = True  # a renewal that is under way finds it ended, or back in the queue
            with self._lock:
                self._task = None


class Worker:
    """One per process. Claims what it has a hand free for: of each kind of `ALONE` one at a time, of the rest a few."""

    def __init__(self, queue: JobQueue, handlers: Mapping[str, Handler], name: str, lease: float = LEASE) -> None:
        self._queue, self._handlers, self._name, self._lease = queue, handlers, name, lease
        self._running: dict[asyncio.Task[None], _Running] = {}
        self._away = False  # the database

    async def work(self, stopped: asyncio.Event) -> None:
        """Until `stopped`; what is under way then goes back into the queue."""
        clock = asyncio.get_running_loop().time
        renewed = clock()
        waiting = asyncio.create_task(stopped.wait())
        try:
            while not stopped.is_set():
                if clock() - renewed >= RENEW_SECONDS:
                    await self._renew()
                    renewed = clock()
                if await self._take():
                    continue
                until = RENEW_SECONDS - (clock() - renewed) if self._running else LOOK_SECONDS
                pause = min(LOOK_SECONDS, max(0.0, until))
                await asyncio.wait({waiting, *self._running}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            for running in self._running.values():
                running.stop()
            if self._running:
                await asyncio.wait(self._running, timeout=STOP_WITHIN)
            for running in self._running.values():  # in a thread that nothing breaks off: it goes with the process
                running.lost = True
                with contextlib.suppress(*UNREACHED):
                    await self._queue.put_back(running.claim.job, 0.0)

    @property
    def busy(self) -> bool:
        return bool(self._running)

    async def once(self) -> bool:
        """Claim one and deal with it; False when there was none."""
        if not await self._take():
            return False
        await asyncio.wait(set(self._running))
        return True

    async def _take(self) -> bool:
        names, asked = self._free(), asyncio.get_running_loop().time()
        if not names:
            return False
        try:
            job = await answered(self._queue.claim(self._name, names, self._lease), _patience(self._running.values()))
        except UNREACHED as fault:
            self._unreached(fault)
            return False
        self._away = False
        if job is None:
            return False
        claim = Claim(job, self._queue, asyncio.get_running_loop())
        running = _Running(claim, asked + self._lease - MARGIN)
        task = asyncio.create_task(self._run(running), name=job.key)
        self._running[task] = running
        task.add_done_callback(self._running.pop)
        return True

    def _free(self) -> list[str]:
        """Kinds of which one more may be taken."""
        busy = [ALONE.get(running.claim.job.name) for running in self._running.values()]
        return [name for name in self._handlers if busy.count(kind := ALONE.get(name)) < (1 if kind else TOGETHER)]

    async def _renew(self) -> None:
        await asyncio.gather(*(self._renew_one(running) for running in list(self._running.values())))

    async def _renew_one(self, running: _Running) -> None:
        """Whatever the database does, it is given up before another may have it."""
        if not running.held:
            return
        job, clock = running.claim.job, asyncio.get_running_loop().time
        asked = clock()
        try:
            if await answered(self._queue.renew(job, self._lease), _patience([running])):
                running.until = asked + self._lease - MARGIN
                return
            why = "somebody else has it by now"
        except UNREACHED as fault:
            self._unreached(fault)
            if clock() < running.until:
                return
            why = "the database did not answer in time"
        if running.held:
            running.lost = True
            running.stop()
            log.warning("The job %s is given up: %s", job.key, why)

    def _unreached(self, fault: Exception) -> None:
        if not self._away:
            log.warning("The queue of jobs cannot be asked: %s", str(fault).partition("\n")[0])
        self._away = True

    async def _run(self, running: _Running) -> None:
        job = running.claim.job
        with dealing_with(request=job.request, job=job.name):  # what it puts into the queue again says so, too
            try:
                await self._deal(running)
            except UNREACHED as fault:  # its lease ends by itself
                self._unreached(fault)

    async def _deal(self, running: _Running) -> None:
        claim, job = running.claim, running.claim.job
        handler = self._handlers[job.name]
        try:
            await _beside(running.watched(handler))
        except RetryLater as again:
            spared = max(0, claim.job.tries - 1) if again.free else claim.job.tries
            await self._queue.put_back(replace(claim.job, tries=spared), again.seconds, again.error)
        except asyncio.CancelledError:
            if not running.lost:
                await self._queue.put_back(replace(claim.job, tries=max(0, claim.job.tries - 1)), 0.0)
                log.info("The job %s was interrupted and is taken up again", job.key)
        except Exception:
            # A handler reports what it foresees in its own way; this is a fault of the program.
            log.exception("The job %s failed", job.key)
            if not claim.ended:
                await self._queue.end(claim.job, "failed", "io", {})
        else:
            if not claim.ended:
                await self._queue.done(claim.job)


def _patience(under_way: Iterable[_Running]) -> float:
    """Seconds for the database to answer, before the first lease of what is under way has to be given up."""
    left = min((one.until for one in under_way if one.held), default=math.inf) - asyncio.get_running_loop().time()
    return min(ANSWER_SECONDS, max(0.0, left))


async def _beside(work: Coroutine[Any, Any, None]) -> None:
    """In a thread and a loop of its own: a handler may keep either busy, and we have to renew."""

    def run() -> BaseException | None:
        try:
            asyncio.run(work)
        except BaseException as fault:
            return fault
        return None

    if (fault := await asyncio.to_thread(run)) is not None:
        raise fault


class Live:
    """Whether rooms are live. The job process hears it from the one that started it: lines with a number of rooms.

    Called in any thread.
    """

    def __init__(self) -> None:
        self._rooms = 0
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """What came on standard input. Anything but a number is passed over."""
        *lines, self._rest = (self._rest + data)[-64:].split(b"\n")
        for line in lines:
            if line.isdigit():
                self._rooms = int(line)

    def __call__(self) -> bool:
        return self._rooms > 0


# Said where they are put into the queue, too: tests/server/serving/jobs/test_handlers.py.
PREPARE: Final = "prepare_exhibit"
ARCHIVE_LEAD: Final = "archive_lead"
LOOK: Final = "look_for_spots"
IMPORTS: Final = "imports"

ALONE: Final[Mapping[str, str]] = {
    "compose": "film", "copy": "film", "transcribe": "words", PREPARE: "exhibit", "archive": "store",
    ARCHIVE_LEAD: "store",
}  # fmt: skip
"""Of each of these one at a time in a process: it takes a core, or the line. Others wait for none of them."""


class Late:
    """A handler that is made when its first job comes."""

    def __init__(self, make: Callable[[], Handler]) -> None:
        self._make, self._making = make, threading.Lock()
        self._made: Handler | None = None

    async def __call__(self, job: Claim, **arguments: Any) -> None:
        with self._making:  # every job has a loop of its own, and none of them anything else to do
            self._made = self._made or self._make()
        await self._made(job, **arguments)


class _Makers:
    """Loads what a handler needs, and makes it."""

    def __init__(self, data: Path, keys: Keys, live: Live) -> None:
        self._data, self._keys, self._live = data, keys, live
        settings = Settings(data=data)
        self._recordings, reserve, away = data / "recordings", settings.reserve(), settings.remote_files(data)
        self._shelf, self._documents, self._attachments, self._leads = (
            EncryptedFileStore(data / place, keys, remote=self._remote, reserve=reserve, away=away)
            for place in ("recordings", "documents", "attachments", "lead-files")
        )

    def compose(self) -> Handler:
        from server.rooms.recording_jobs import ComposeJob

        return ComposeJob(self._shelf, self._live)

    def copy(self) -> Handler:
        from server.rooms.recording_jobs import CopyJob

        return CopyJob(self._shelf, self._live)

    def transcribe(self) -> Handler:
        from server.rooms.recording_jobs import TranscribeJob

        return TranscribeJob(self._shelf, Settings(data=self._data).speech_folder)

    def forget_copy(self) -> Handler:
        from server.rooms.recording_jobs import ForgetCopyJob

        return ForgetCopyJob(self._shelf)

    def archive(self) -> Handler:
        from server.retention.archive_job import ArchiveJob

        return ArchiveJob(self._recordings, self._archive, self._shelf)

    def archive_lead(self) -> Handler:
        from server.retention.archive_job import ArchiveJob

        return ArchiveJob(self._data / "lead-files", self._archive, self._leads)

    def export(self) -> Handler:
        from server.app import PACKAGE_PAGES
        from server.evidence import log_keeper
        from server.evidence.exporting import ExportJob

        signer = partial(log_keeper.configured_existing_signer, self._data)
        return ExportJob(self._shelf, self._documents, self._attachments, signer, PACKAGE_PAGES)

    def prepare(self) -> Handler:
        from server.rooms.recording_jobs import PrepareExhibitJob

        return PrepareExhibitJob(self._shelf, self._live)

    def take_in(self) -> Handler:
        from server.imports.jobs import ImportJob

        return ImportJob(self._data)

    def undo_import(self) -> Handler:
        from server.imports.jobs import UndoImportJob

        return UndoImportJob(self._data)

    def map_import_value(self) -> Handler:
        from server.imports.jobs import MapImportValueJob

        return MapImportValueJob(self._data)

    def look(self) -> Handler:
        from server.insight.detection import HotspotJob

        return HotspotJob(self._data)

    def remove(self) -> Handler:
        from server.retention.erasure import RemoveJob

        return RemoveJob(self._data, self._keys, self._shelf.away)

    def _archive(self, check: Callable[[], None] | None = None) -> BlobStore | None:
        from server.retention.archive_job import NOTES, ArchiveSettings

        return ArchiveSettings().archive_store(self._data / NOTES, check)

    def _remote(self, path: str) -> BinaryIO:
        store = self._archive()
        if store is None:
            raise NotThere(path)
        return store.open(path)


def handlers(data: Path, keys: Keys, live: Live) -> Mapping[str, Handler]:
    """Job name → coroutine function that takes the job's arguments by name. `data` is the data folder."""
    makers = _Makers(data, keys, live)
    return {
        "compose": Late(makers.compose),
        "copy": Late(makers.copy),
        "forget_copy": Late(makers.forget_copy),
        "transcribe": Late(makers.transcribe),
        "archive": Late(makers.archive),
        ARCHIVE_LEAD: Late(makers.archive_lead),
        "export": Late(makers.export),
        PREPARE: Late(makers.prepare),
        "import": Late(makers.take_in),
        "undo_import": Late(makers.undo_import),
        "map_import_value": Late(makers.map_import_value),
        LOOK: Late(makers.look),
        REMOVE: Late(makers.remove),
    }


def unfinished(data: Path) -> list[str]:
    """Imports whose process died, or that were begun and not asked for any more."""
    if not (data / IMPORTS).is_dir() or not any((data / IMPORTS).iterdir()):
        return []
    from server.imports.jobs import unfinished_imports

    return unfinished_imports(data)
