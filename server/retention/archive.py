"""Closed cases go to the archive: which ones and when, what of their papers and files, and the journal's word before a
local copy goes.

Owns the task that looks for cases whose time has come. The job process carries the files
(`server.retention.archive_job`); `recordings.files.archive` says how far it is.

Of documents of a mediation, and files of its complaint and of leads, the journal has the hash of what they say, not of
the sealed bytes: they are opened and held against it once, and what goes is named by the hash of the bytes that were
opened. What does not fit stays where it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from complaints.record import AttachmentAdded
from complaints.service import ComplaintService
from journal import SYSTEM, Journal
from journal.refusals import DomainError
from recordings import RecordingsError
from recordings.files import archive
from recordings.files.archive import ArchiveMove, MoveItem, Place
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.object_store import BlobStore
from recordings.files.uploader import Uploader
from rooms.commands import NoteRecording
from rooms.events import (
    Archived,
    CompositionFailed,
    ConsentSpoken,
    DocumentSealed,
    ExhibitConfided,
    ExhibitOffered,
    ExhibitPrepared,
    ExhibitWithdrawn,
    Original,
    Picture,
    RecordingComposed,
    SegmentSealed,
    SessionClosed,
    SessionEntry,
    Signed,
    SigningOffered,
    TranscriptMade,
    history,
    stream,
)
from rooms.live.registry import Sessions
from server.complaints.attachments import attachment_path
from server.retention.erasure import RemovedFiles
from server.serving.jobs.store import JobQueue
from server.signing.copies import document_path, hand_path, text_path


@dataclass(frozen=True, slots=True)
class JournaledFile:
    """A file as the journal names it. `sha256` of what it says; `case`: whose key."""

    place: Place
    case: str
    path: str
    sha256: str


class ArchivePapers:
    """Files whose stored bytes the journal has no hash of: those on this disk that are what the journal says."""

    def __init__(
        self, complaints: ComplaintService, documents: EncryptedFileStore, attachments: EncryptedFileStore
    ) -> None:
        self._complaints = complaints
        self._shelves: dict[Place, EncryptedFileStore] = {"documents": documents, "attachments": attachments}

    async def items(self, session: str, complaint: str, told: Sequence[SessionEntry]) -> tuple[MoveItem, ...]:
        files = (await self._complaints.state(complaint)).attachments
        named = [*papers(session, told), *attached("attachments", complaint, complaint, files)]
        return await asyncio.to_thread(lambda: tuple(here(named, self._shelves)))


def here(named: Iterable[JournaledFile], shelves: Mapping[Place, EncryptedFileStore]) -> Iterator[MoveItem]:
    """Of these, what lies on this disk and is what the journal says. Blocks."""
    for one in named:
        shelf = shelves[one.place]
        if not (shelf.folder / one.path).is_file():
            continue  # it went there earlier, with another mediation of the complaint
        try:
            stored = shelf.identify(one.case, one.path, one.sha256)
        except (RecordingsError, OSError) as fault:
            log.warning("a file is not what the journal says and is not archived", path=one.path, fault=str(fault))
        else:
            yield MoveItem(one.path, stored, place=one.place)


def papers(session: str, told: Iterable[SessionEntry]) -> list[JournaledFile]:
    """Of every signing, also one that came to nothing: its text, each hand, each sealed document."""
    found: dict[str, str] = {}
    for entry in told:
        match entry.event:
            case SigningOffered(text=text):
                found[text_path(session, text)] = text
            case Signed(picture=picture, sha256=sha256) if picture:
                found[hand_path(session, picture)] = sha256
            case DocumentSealed(document=document, sha256=sha256):
                found[document_path(session, document)] = sha256
            case _:
                pass
    return [JournaledFile("documents", session, path, sha256) for path, sha256 in found.items()]


def attached(place: Place, record: str, case: str, files: Iterable[AttachmentAdded]) -> list[JournaledFile]:
    """What is shown of each file that was not removed, and what was sent where that was kept."""
    found = []
    for one in files:
        found.append(JournaledFile(place, case, attachment_path(record, one.attachment), one.sha256))
        if one.original:
            found.append(JournaledFile(place, case, attachment_path(record, one.attachment, True), one.original_sha256))
    return found


log = structlog.get_logger(__name__)

REQUEST = "archive.now"  # in the data folder: somebody asked not to wait any longer
_LOOK_SECONDS = 60.0
_NOTE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ArchiveTally:
    """Files and bytes; `waiting` are on their way, `failed` stay on this disk until somebody looks into it."""

    waiting: int = 0
    waiting_bytes: int = 0
    archived: int = 0
    archived_bytes: int = 0
    failed: int = 0
    stuck: int = 0  # cases that wait for the store

    def __add__(self, other: ArchiveTally) -> ArchiveTally:
        return ArchiveTally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


class Beside(Protocol):
    """What else goes to the archive, by the same task; `server.leads.desk.LeadArchive`."""

    async def look(self, settled_before: datetime) -> None: ...

    async def note(self) -> None: ...

    async def again(self) -> None: ...

    def tally(self) -> ArchiveTally:
        """Blocks."""
        ...


class Archive:
    """One per web process. `closed` names sessions closed before a time, each with its complaint."""

    def __init__(
        self,
        data: Path,
        journal: Journal,
        sessions: Sessions,
        queue: JobQueue,
        store: BlobStore | None,
        after: timedelta,
        closed: Callable[[datetime], Awaitable[Iterable[tuple[str, str]]]],
        now: Callable[[], datetime],
        papers: ArchivePapers,
        beside: Beside | None = None,
        moves: bool = True,
    ) -> None:
        """Unless it `moves` anything, what lies there is only read and erased."""
        self._beside, self._moves = beside, moves
        self._data, self._recordings, self._papers = data, data / "recordings", papers
        self._journal, self._sessions, self._queue = journal, sessions, queue
        self._blobs, self._store = store, store.address if store else ""
        self._after, self._closed, self._now = after, closed, now
        self._open: set[str] = set()
        self._settled: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self.tally = ArchiveTally()

    async def start(self) -> None:
        if self._store and self._moves:
            self._task = asyncio.create_task(self._keep_on(), name="archive")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self, closed_before: datetime) -> None:
        """Ask for every case that is due and was not asked for since the start."""
        for session, complaint in await self._closed(closed_before):
            if session in self._settled or session in self._open:
                continue
            if not await asyncio.to_thread(self._has_files, session, complaint):
                self._settled.add(session)
                continue
            move = await asyncio.to_thread(archive.read_move, self._recordings, session)
            if move is not None and move.store == self._store and move.state != "done":
                self._open.add(session)  # on its way since before this start
                await self._enqueue(session)
                continue
            await self._ask(session, complaint)
        self.tally = await asyncio.to_thread(tally, self._recordings)
        if self._beside is not None:
            await self._beside.look(closed_before)
            self.tally += await asyncio.to_thread(self._beside.tally)

    async def note(self) -> None:
        """The journal hears of what arrived; then the local copies may go."""
        if self._beside is not None:
            await self._beside.note()
        for session in sorted(self._open):
            move = await asyncio.to_thread(archive.read_move, self._recordings, session)
            if move is None or move.state == "done":
                self._open.discard(session)
                self._settled.add(session)
            elif move.state == "moved":
                try:
                    await self._note(session, move)
                except DomainError as no:  # it comes up again
                    log.warning("archived files cannot be noted", session=session, code=no.code)

    async def again(self) -> None:
        """What waits for a later try is tried now, and failures anew."""
        self._settled.clear()
        for session in sorted(self._open):
            await self._enqueue(session)
        if self._beside is not None:
            await self._beside.again()

    async def _enqueue(self, session: str) -> None:
        await self._queue.enqueue("archive", of=session, needs="disk", session=session)

    async def remove(self, case: str) -> RemovedFiles:
        """What lies in the archive of a record, or of a complaint's file, that is erased."""
        self._open.discard(case)
        return await asyncio.to_thread(_removed, self._blobs, case) if self._blobs else RemovedFiles()

    async def _note(self, session: str, move: ArchiveMove) -> None:
        for item in move.items:
            if item.step == "there":
                fact = Archived(item.path, move.store, item.sha256)
                await self._sessions.submit(session, NoteRecording(fact), SYSTEM)
        await asyncio.to_thread(archive.write_move, self._recordings, session, replace(move, state="noted"))
        await self._enqueue(session)

    def _has_files(self, session: str, complaint: str) -> bool:
        attached = self._data / "attachments"
        return archive.has_files(self._recordings, session) or archive.holds_files(attached, complaint)

    async def _ask(self, session: str, complaint: str) -> None:
        told = history(await self._journal.read(stream(session)))
        if not any(isinstance(entry.event, SessionClosed) for entry in told):
            return
        if not any(isinstance(entry.event, RecordingComposed | CompositionFailed) for entry in told):
            return  # its video is still to be made, from these files
        for name in ("compose", "transcribe"):
            if await self._queue.of(name, session) is not None:
                return
        self._settled.add(session)
        items = (*files(told), *await self._papers.items(session, complaint, told))
        if items:
            await asyncio.to_thread(
                archive.write_move, self._recordings, session, ArchiveMove("queued", self._store, items)
            )
            self._open.add(session)
            self._settled.discard(session)
            await self._enqueue(session)

    async def _keep_on(self) -> None:
        looked = float("-inf")
        clock = asyncio.get_running_loop().time
        while True:
            try:
                request = self._data / REQUEST
                if await asyncio.to_thread(request.exists):
                    await self.again()
                    await self.look(self._now())
                    await asyncio.to_thread(request.unlink, missing_ok=True)
                elif clock() - looked >= _LOOK_SECONDS:
                    looked = clock()
                    await self.look(self._now() - self._after)
                await self.note()
            except Exception:
                log.exception("archiving, trying again")
            await asyncio.sleep(_NOTE_SECONDS)


def files(told: Sequence[SessionEntry]) -> tuple[MoveItem, ...]:
    """Every recording and exhibit the journal knows of, by the hash of the bytes that lie on the disk, if it has it."""
    found: dict[str, MoveItem] = {}
    kept: dict[str, list[Original | Picture]] = {}  # of exhibits that were not withdrawn
    for entry in told:
        if isinstance(fact := entry.event, SegmentSealed | ConsentSpoken | RecordingComposed | TranscriptMade):
            if fact.stored_size and not fact.stored_sha256:
                found[fact.path] = MoveItem(fact.path, "", holds=fact.sha256)
            else:
                found[fact.path] = MoveItem(fact.path, fact.stored_sha256 or fact.sha256)
        elif isinstance(fact, ExhibitOffered | ExhibitConfided):
            kept[fact.exhibit] = [*fact.originals, *fact.pages]
        elif isinstance(fact, ExhibitPrepared):
            kept.setdefault(fact.exhibit, []).extend([*fact.pages, *([fact.film] if fact.film else [])])
        elif isinstance(fact, ExhibitWithdrawn):
            kept.pop(fact.exhibit, None)
    for one in (one for files in kept.values() for one in files):
        found[one.path] = MoveItem(one.path, one.stored_sha256 or one.sha256)
    return tuple(found.values())


def _removed(store: BlobStore, case: str) -> RemovedFiles:
    removed = RemovedFiles()
    for name in list(store.names(case)):
        removed += RemovedFiles(1, store.stat(name).size)
        store.delete(name)
    return removed


def tally(recordings: Path) -> ArchiveTally:
    items = [(move, item) for _, move in archive.all_moves(recordings) for item in move.items]
    waiting = [item for move, item in items if not item.error and item.step != "gone"]
    gone = [item for _, item in items if item.step == "gone"]
    return ArchiveTally(
        waiting=len(waiting),
        waiting_bytes=sum(item.size for item in waiting),
        archived=len(gone),
        archived_bytes=sum(item.size for item in gone),
        failed=sum(bool(item.error) for _, item in items),
        stuck=sum(bool(move.error) for _, move in archive.all_moves(recordings)),
    )


class UploadMetrics(Collector):
    """Which files do not lie in the store yet. docs/operations/monitoring/alerts.yml has the alerts."""

    def __init__(self, uploader: Uploader, now: Callable[[], float] = time.time) -> None:
        self._uploader, self._now = uploader, now

    def collect(self) -> Iterator[Metric]:
        found = self._uploader.standing
        behind = self._now() - found.since if found.since else 0.0
        for name, what, value in (
            ("waiting", "Files that lie on this disk alone.", found.waiting),
            ("waiting_bytes", "Their bytes.", found.waiting_bytes),
            ("behind_seconds", "For how long the oldest of them waits.", behind),
            ("failed", "Files that the store has otherwise, or does not take.", found.failed),
            ("store_away", "Whether the store of files cannot be reached.", bool(found.error)),
            ("cached_bytes", "Bytes of files that lie on this disk.", self._uploader.cached),
        ):
            yield GaugeMetricFamily(f"yuntiao_files_{name}", what, value)
        yield CounterMetricFamily(
            "yuntiao_files_uploaded", "Files and pieces since the start.", self._uploader.uploaded
        )


class ArchiveMetrics(Collector):
    """How the archive fares, as metrics.

    `tally` is that of the last look. Alarm on failed files, and on stuck cases that stay.
    """

    def __init__(self, tally: Callable[[], ArchiveTally]) -> None:
        self._tally = tally

    def collect(self) -> Iterator[GaugeMetricFamily]:
        tally = self._tally()
        files = GaugeMetricFamily("yuntiao_archive_files", "Files of closed cases by where they are.", labels=["state"])
        for state, number in (("waiting", tally.waiting), ("archived", tally.archived), ("failed", tally.failed)):
            files.add_metric([state], number)
        yield files
        size = GaugeMetricFamily("yuntiao_archive_bytes", "Their bytes.", labels=["state"])
        for state, number in (("waiting", tally.waiting_bytes), ("archived", tally.archived_bytes)):
            size.add_metric([state], number)
        yield size
        yield GaugeMetricFamily("yuntiao_archive_stuck_sessions", "Cases that wait for the store.", tally.stuck)
