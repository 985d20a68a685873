"""From the files of a session to its one video, on the side of the web process; and copies of it for officers: asked
for as a job, handed out once they are ready, journaled as they leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import structlog

from journal import SYSTEM, Journal
from journal.refusals import Busy, DomainError, Refused
from offices import Officer
from recordings import AWAY, CompositionError, Damaged, VaultError
from recordings.composing import to_json
from recordings.composing.planning import composition_plan
from recordings.composing.subtitles import LANGUAGES
from recordings.files import encrypted_file_store, safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.segment import SealedFile
from recordings.views import CopyStage, VideoCopy, unread
from rooms.commands import NoteExport, NoteRecording
from rooms.events import CompositionFailed, RecordingComposed, SegmentSealed, SessionEntry, history, stream
from rooms.live.registry import Sessions
from rooms.record.rules import RecordUse
from rooms.session import Session
from server.complaints.store import SqlReads
from server.rooms.recording_jobs import film_order, forget_outdone
from server.serving.jobs.store import Job, JobQueue

log = structlog.get_logger(__name__)

Fact = RecordingComposed | CompositionFailed
COMPOSE: Final = "compose"
COPY: Final = "copy"
COPIES_KEPT: Final = timedelta(days=7)

UNNOTED_FOR: Final = 60.0  # seconds in which an answer by telephone is noted, or never is
_AGAIN_AFTER = 2.0  # seconds
_AGAIN_AT_MOST = 60.0


class CompositionService:
    """From the files of a session to its one video: accounts for stray files, asks for the composition, notes the
    result.

    Owns the sessions whose recordings still have to be looked after: tried again until it is done, because a disk may
    be full for a while. The room is the sole writer of its journal, so a result is submitted to it.

    `unfinished` names sessions whose recordings may not be accounted for, or composed, after a crash.
    """

    def __init__(
        self,
        shelf: EncryptedFileStore,
        journal: Journal,
        sessions: Sessions,
        queue: JobQueue,
        unfinished: Callable[[], Awaitable[Iterable[str]]],
        language: str = "zh",
        zone: str = "Asia/Shanghai",
    ) -> None:
        """`on_filmed` hears of each session whose video was made or given up, once its journal says so."""
        self.on_filmed: list[Callable[[str], Awaitable[None]]] = []
        self._shelf, self._journal, self._sessions, self._queue = shelf, journal, sessions, queue
        self._unfinished, self._began = unfinished, time.time()
        self._wording, self._zone = LANGUAGES[language], zone
        self._task: asyncio.Task[None] | None = None
        self._owed: set[str] = set()
        self._owing = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look_after(), name="recordings left over")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def closed(self, session: str, _state: Session) -> None:
        """For `rooms.live.registry.Rooms.on_closed`: every file of the session is finished by now."""
        try:
            await self._compose(session)
        except Exception:
            log.exception("video not asked for, trying again later", session=session)
            self._owe(session)

    def lost(self, session: str) -> None:
        """For `rooms.live.registry.Rooms.on_lost`: what the dead media worker was writing has no seal."""
        self._owe(session)

    async def _compose(self, session: str) -> None:
        if (await self._sessions.state(session)).erasure is not None:
            return  # what may still lie there is on its way out
        lost = await self.account(session)
        told = history(await self._journal.read(stream(session)))
        there = [one for one in told if not (isinstance(one.event, SegmentSealed) and one.event.path in lost)]
        await self.ask(session, there)

    async def ask(self, session: str, history: Sequence[SessionEntry]) -> bool:
        """For the composition of a session from its whole journal; False when nothing was recorded.

        After the room's last SegmentSealed. Again after new segments: a further video is made.
        """
        try:
            planned = to_json(composition_plan(history, self._wording, self._zone))
        except CompositionError as fault:
            if fault.code == "nothing_recorded":
                return False
            await self._note(session, CompositionFailed(fault.code))
            return True
        order, before = film_order(session), await self._queue.of(COMPOSE, session)
        await asyncio.to_thread(self._shelf.put_at_home, session, order, io.BytesIO(planned))
        await self._queue.enqueue(COMPOSE, of=session, session=session, order=order)
        if before is not None and "order" in before.arguments:  # whatever comes of that does not count any more
            await asyncio.to_thread(self._shelf.remove, before.arguments["order"])
        return True

    async def account(self, session: str, loose: bool = False) -> set[str]:
        """Files that a dead worker or server left behind, here or at their home, are kept as they are and named in the
        journal. One whose header was changed is left to whoever reads the log: the others are worth no less for it.
        Those the journal names and that went with a disk are told: paths. `loose`: after a start, or a worker's end."""
        state = await self._sessions.state(session)
        known, spoken = {segment.path for segment in state.segments}, {one.path for one in state.spoken}
        before = max(self._began, time.time() - UNNOTED_FOR)
        if gone := await asyncio.to_thread(self._shelf.forget_answers, session, spoken, before):
            log.warning("said by telephone and never noted: it is not kept", session=session, files=gone)
        lost = await asyncio.to_thread(self._shelf.stray, session, known, loose)
        if lost:
            log.warning("recordings went with a disk before they were at home", session=session, files=sorted(lost))
        found = await asyncio.to_thread(encrypted_file_store.find_orphans, self._shelf.folder, known, session)
        for orphan in found:
            try:
                sealed = await asyncio.to_thread(encrypted_file_store.seal_orphan, orphan, self._shelf)
            except Damaged:
                log.exception("recording not readable, left as it is", session=session, file=orphan.lies)
                continue
            if sealed is not None:
                await self._sessions.submit(session, NoteRecording(_sealed_segment(orphan.seat, sealed)), SYSTEM)
        return lost

    def _owe(self, session: str) -> None:
        self._owed.add(session)
        self._owing.set()

    async def _look_after(self) -> None:
        pause, looked = _AGAIN_AFTER, False
        while True:
            self._owing.clear()
            try:
                if not looked:
                    self._owed.update(await self._unfinished())
                    looked = True
            except Exception:
                log.exception("recordings left over not found, trying again")
            for session in sorted(self._owed):
                try:
                    await self._settle(session)
                except Exception:
                    # One broken file must not keep the other sessions from being looked after.
                    log.exception("recordings not accounted for, trying again", session=session)
                else:
                    self._owed.discard(session)
            done = looked and not self._owed
            pause = _AGAIN_AFTER if done else min(_AGAIN_AT_MOST, pause * 2)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._owing.wait(), None if done else pause)

    async def _settle(self, session: str) -> None:
        state = await self._sessions.state(session)
        if state.erasure is not None:
            return
        await self.account(session, loose=True)
        if state.closed_at is None or await self._queue.of(COMPOSE, session) is not None:
            return
        told = await self._sessions.state(session)
        if told.segments != state.segments or not (told.composed or told.composition_failed):
            await self._compose(session)

    async def note(self, job: Job) -> None:
        """A composition has ended. Busy."""
        await self._note(job.subject, _outcome_fact(job))
        told = history(await self._journal.read(stream(job.subject)))
        known = {entry.event.path for entry in told if isinstance(entry.event, RecordingComposed)}
        await asyncio.to_thread(forget_outdone, self._shelf, safe_id(job.subject), "composed-", job, known)

    async def _note(self, session: str, fact: Fact) -> None:
        try:
            await self._sessions.submit(session, NoteRecording(fact), SYSTEM)
        except Busy:
            raise  # then it is handed out once more
        except DomainError as no:
            log.warning("the end of a composition cannot be noted", session=session, code=no.code)
        for told in self.on_filmed:
            await told(session)


def _outcome_fact(job: Job) -> Fact:
    if job.state == "failed":
        return CompositionFailed(job.error)
    return RecordingComposed(**{**job.result, "origin": datetime.fromisoformat(job.result["origin"])})


def _sealed_segment(seat: str, sealed: SealedFile) -> SegmentSealed:
    return SegmentSealed(
        seat,
        sealed.path,
        sealed.sha256,
        sealed.size,
        sealed.started,
        sealed.ended,
        sealed.width,
        sealed.height,
        sealed.kind,
        sealed.stored_sha256,
        sealed.stored_size,
        sealed.sm3,
    )


class RecordingCopies:
    """Of an officer each their own, as jobs that are told of for a week."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        queue: JobQueue,
        reads: SqlReads,
        sessions: Sessions,
        now: Callable[[], datetime],
    ) -> None:
        self._shelf, self._queue = shelf, queue
        self._reads, self._sessions, self._now = reads, sessions, now

    async def ask(self, officer: Officer, session: str) -> None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        recording = await self._reads.recording(officer, session)
        state = await self._sessions.state(session)
        composed = state.composed
        if recording.state != "ready" or composed is None or state.erasure is not None:
            raise Refused("no_recording", 409)
        own = await self._own(officer, session)
        if own and own[0].open:
            return
        now, copy = self._now(), secrets.token_hex(12)
        said: dict[str, Any] = {
            "film": composed.path,
            "words": words(officer, now),
            "officer": officer.id,
            "asked": now.isoformat(),
        }
        await self._queue.enqueue(COPY, of=copy, session=session, copy=copy, **said)
        until = COPIES_KEPT.total_seconds()
        await self._queue.enqueue("forget_copy", of=copy, after=until, session=session, copy=copy)

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        own = await self._own(officer, session)
        return _shown(own[0]) if own else None

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        await self._reads.record(officer, session, RecordUse.TAKE)
        found = next((one for one in await self._own(officer, session) if one.arguments["copy"] == copy), None)
        if found is None or found.state != "ready":
            raise Refused("not_found", 404)
        try:
            file = await asyncio.to_thread(self._shelf.open, session, found.result["path"])
        except AWAY as fault:
            raise unread(fault) from fault
        except VaultError as fault:  # erased, or removed by hand
            raise Refused("not_found", 404) from fault
        try:
            note = NoteExport("video", copy, found.result["sha256"], found.result["size"])
            await self._sessions.submit(session, note, officer.actor)
        except BaseException:
            file.close()
            raise
        return _shown(found), file

    async def _own(self, officer: Officer, session: str) -> list[Job]:
        """The newest first."""
        now = self._now()
        found = [job for job in await self._queue.every(COPY, session) if job.arguments["officer"] == officer.id]
        return sorted((job for job in found if now - _asked(job) < COPIES_KEPT), key=_asked, reverse=True)


def words(officer: Officer, at: datetime) -> str:
    """What is burned into the picture."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return LANGUAGES[officer.language].copy_of.format(
        name=officer.name, office=officer.office.name, time=f"{local:%Y-%m-%d %H:%M}"
    )


def _asked(job: Job) -> datetime:
    return datetime.fromisoformat(job.arguments["asked"])


_STAGES: Final[Mapping[str, CopyStage]] = {
    "working": "making",
    "queued": "queued",
    "ready": "ready",
    "failed": "failed",
}


def _shown(job: Job) -> VideoCopy:
    asked, said = _asked(job), job.arguments
    size = job.result.get("size", 0)
    return VideoCopy(said["copy"], _STAGES[job.state], job.progress, said["words"], asked, asked + COPIES_KEPT, size)
