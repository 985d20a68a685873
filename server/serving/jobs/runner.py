"""Runs jobs: which there are, the handler of each, a loop for it, trying again, and what a shutdown left undone."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import huey.consumer

from recordings import NotThere
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from server.serving.jobs import Jobs, RetryLater
from server.serving.logs import dealing_with
from server.serving.settings import Settings

if TYPE_CHECKING:
    from recordings.files.object_store import BlobStore


Handler = Callable[..., Awaitable[None]]

log = logging.getLogger(__name__)


class Runner:
    """Called in the consumer's threads; `stop` from any other."""

    def __init__(self, database: Path, handlers: Mapping[str, Handler]) -> None:
        self.jobs = Jobs(database, self._run)
        self._handlers = handlers
        self._lock = threading.Lock()
        self._stopping = False
        self._running: dict[asyncio.Task[None], asyncio.AbstractEventLoop] = {}

    def stop(self) -> None:
        """Cancel what runs; it goes back into the queue."""
        with self._lock:
            self._stopping = True
            for task, loop in self._running.items():
                loop.call_soon_threadsafe(task.cancel)

    def _run(self, name: str, arguments: dict[str, Any], request: str) -> None:
        with dealing_with(request=request, job=name):  # what it puts into the queue again says so, too
            self._deal(name, arguments)

    def _deal(self, name: str, arguments: dict[str, Any]) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            log.error("No handler for the job %s", name)
            return
        try:
            asyncio.run(self._watched(handler, arguments))
        except RetryLater as again:
            self.jobs.put(name, arguments, again.seconds)
        except asyncio.CancelledError:
            self.jobs.put(name, arguments)
            log.info("The job %s was interrupted and waits for the next start", name)
        except Exception:
            # A handler reports what it foresees in its own way; this is a fault of the program.
            log.exception("The job %s failed", name)

    async def _watched(self, handler: Handler, arguments: dict[str, Any]) -> None:
        task = asyncio.current_task()
        assert task is not None
        with self._lock:
            if self._stopping:
                raise asyncio.CancelledError
            self._running[task] = asyncio.get_running_loop()
        try:
            await handler(**arguments)
        finally:
            with self._lock:
                del self._running[task]


class Consumer(huey.consumer.Consumer):  # type: ignore[misc]  # huey has no types
    """The threads that work the queue off, in a process that hears signals itself.

    Huey's, without its handlers of signals.

    They would leave our jobs running, and setting ours again after its start leaves a moment in which a signal is lost:
    threads are at work by then.
    """

    def _set_signal_handlers(self) -> None:
        pass


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


class Late:
    """A handler that is made when its first job comes."""

    def __init__(self, make: Callable[[], Handler]) -> None:
        self._make, self._making = make, threading.Lock()
        self._made: Handler | None = None

    async def __call__(self, **arguments: Any) -> None:
        with self._making:  # every job has a loop of its own, and none of them anything else to do
            self._made = self._made or self._make()
        await self._made(**arguments)


class _Makers:
    """Loads what a handler needs, and makes it."""

    def __init__(self, data: Path, keys: Keys, live: Live) -> None:
        self._data, self._live, self._turn = data, live, threading.Lock()
        settings = Settings(data=data)
        self._recordings, reserve, away = data / "recordings", settings.reserve(), settings.remote_files(data)
        self._shelf, self._documents, self._attachments, self._leads = (
            EncryptedFileStore(data / place, keys, remote=self._remote, reserve=reserve, away=away)
            for place in ("recordings", "documents", "attachments", "lead-files")
        )

    def compose(self) -> Handler:
        from server.rooms.composing import ComposeJob

        return ComposeJob(self._shelf, self._turn, self._live)

    def copy(self) -> Handler:
        from server.rooms.composing import CopyJob

        return CopyJob(self._shelf, self._turn, self._live)

    def transcribe(self) -> Handler:
        from server.rooms.transcribing import TranscribeJob

        return TranscribeJob(self._shelf, Settings(data=self._data).speech_folder, threading.Lock())

    def forget_copy(self) -> Handler:
        from server.rooms.composing import ForgetCopyJob

        return ForgetCopyJob(self._recordings)

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
        from server.exhibits.preparing import PrepareExhibitJob

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
    }


def unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Jobs that were begun by a process that died, or whose place in the queue was lost."""
    found: list[tuple[str, dict[str, Any]]] = []
    if _holds_anything(data / IMPORTS):
        from server.imports.jobs import unfinished_imports

        found += unfinished_imports(data)
    if _holds_anything(recordings := data / "recordings"):
        found += _unfinished_recordings(recordings)
    if _holds_anything(leads := data / "lead-files"):
        from server.retention.archive_job import interrupted_moves

        found += ((ARCHIVE_LEAD, {"session": lead}) for lead in interrupted_moves(leads))
    return found


def _unfinished_recordings(recordings: Path) -> list[tuple[str, dict[str, Any]]]:
    from server.evidence.exporting import interrupted_exports
    from server.exhibits.preparing import interrupted_preparations
    from server.retention.archive_job import interrupted_moves
    from server.rooms import composing, transcribing

    return [
        *(("compose", {"session": session}) for session in composing.interrupted_compositions(recordings)),
        *composing.unfinished_copies(recordings),
        *(("transcribe", {"session": session}) for session in transcribing.interrupted_transcripts(recordings)),
        *(("archive", {"session": session}) for session in interrupted_moves(recordings)),
        *((PREPARE, {"session": one, "exhibit": exhibit}) for one, exhibit in interrupted_preparations(recordings)),
        *(("export", {"session": one, "export": export}) for one, export in interrupted_exports(recordings)),
    ]


def _holds_anything(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
