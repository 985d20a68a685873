"""From the files of a session to its one video, on the side of the web process.

Copies of recordings for officers: asked for as a job, handed out once they are ready, journaled as they leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import structlog

from journal import SYSTEM, Journal
from journal.refusals import Busy, DomainError, Refused
from offices.people import Officer
from recordings import AWAY, CompositionError, Damaged, VaultError
from recordings.composing import composition_plan as progress
from recordings.composing.composition_plan import COPIES_KEPT, Copy, FilmProgress, to_json
from recordings.composing.planning import composition_plan
from recordings.composing.subtitles import LANGUAGES
from recordings.files import encrypted_file_store
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.segment import SealedFile
from recordings.views import VideoCopy, unread
from rooms.codec import SessionEntry, history, stream
from rooms.commands import NoteExport, NoteRecording
from rooms.events import CompositionFailed, RecordingComposed, SegmentSealed
from rooms.live.registry import Sessions
from rooms.record.rules import RecordUse
from rooms.session import Session
from server.complaints.store import SqlReads
from server.serving.jobs import JOBS, JobQueue

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.3

Fact = RecordingComposed | CompositionFailed


class Compositions:
    """The web process's side of composing: asks for a composition and hears when it is ready or given up.

    The room is the sole writer of its journal, so facts are only handed out here: whoever iterates `watch` submits them
    as `NoteRecording`. A fact is handed out again after a crash, until the one who took it has come back for the next.

    One per web process.
    """

    def __init__(self, recordings: Path, queue: JobQueue, language: str = "zh", zone: str = "Asia/Shanghai") -> None:
        self._recordings, self._queue = recordings, queue
        self._wording, self._zone = LANGUAGES[language], zone
        self._open: set[str] = set()

    async def start(self, session: str, history: Sequence[SessionEntry]) -> bool:
        """Ask for the composition of a session from its whole journal; False when nothing was recorded.

        Call it after the room's last SegmentSealed. Again after new segments: a further video is made.
        """
        try:
            planned = to_json(composition_plan(history, self._wording, self._zone))
        except CompositionError as fault:
            if fault.code == "nothing_recorded":
                return False
            failed = FilmProgress("failed", error=fault.code)
            await asyncio.to_thread(progress.write_progress, self._recordings, session, failed)
        else:
            await asyncio.to_thread(self._ask, session, planned)
            await self._queue.enqueue("compose", session=session)
        self._open.add(session)
        return True

    async def state(self, session: str) -> FilmProgress | None:
        """How far it is; None when none was asked for."""
        return await asyncio.to_thread(progress.read_progress, self._recordings, session)

    async def watch(self) -> AsyncGenerator[tuple[str, Fact], None]:
        """(session, fact) for every composition that ends, also of an earlier process. Never ends by itself."""
        self._open.update(await asyncio.to_thread(progress.sessions, self._recordings))
        while True:
            for session in sorted(self._open):
                state = await self.state(session)
                if state is None or state.noted:
                    self._open.discard(session)
                elif (fact := _outcome_fact(state)) is not None:
                    yield session, fact
                    # Unless it was asked for anew while the fact was being noted.
                    if await self.state(session) == state:
                        noted = replace(state, noted=True)
                        await asyncio.to_thread(progress.write_progress, self._recordings, session, noted)
                        self._open.discard(session)
            await asyncio.sleep(LOOK_SECONDS)

    def _ask(self, session: str, planned: bytes) -> None:
        progress.replace_file(progress.plan_file(self._recordings, session), planned)
        progress.write_progress(self._recordings, session, FilmProgress("queued"))


def _outcome_fact(state: FilmProgress) -> Fact | None:
    if state.state == "failed":
        return CompositionFailed(state.error)
    if state.state == "ready" and state.origin is not None:
        return RecordingComposed(
            state.path, state.sha256, state.size, state.duration_ms, state.origin,
            state.stored_sha256, state.stored_size, state.sm3,
        )  # fmt: skip
    return None


_FIRST_WITHIN = 30.0  # seconds; a queue that was lost is found out then
_AGAIN_AFTER = 2.0  # seconds
_AGAIN_AT_MOST = 60.0
_STOP_SECONDS = 15.0
_LIVE_SECONDS = 1.0


class CompositionService:
    """From the files of a session to its one video: accounts for stray files, asks for the composition, notes the
    result.

    Owns the job process (started anew when it dies), the task that waits for finished compositions, and the sessions
    whose recordings still have to be looked after: tried again until it is done, because a disk may be full for a
    while.

    `unfinished` names sessions whose recordings may not be accounted for, or composed, after a crash; `live` counts the
    rooms that media flow in: composing gives way to them.
    """

    def __init__(
        self,
        data: Path,
        shelf: EncryptedFileStore,
        journal: Journal,
        sessions: Sessions,
        compositions: Compositions,
        unfinished: Callable[[], Awaitable[Iterable[str]]],
        master: Path | None = None,
        live: Callable[[], int] = lambda: 0,
        job_options: Sequence[str] = (),
    ) -> None:
        """`job_options`: what else the job process is started with. `on_filmed` hears of each session whose video was
        made or given up, once its journal says so."""
        self.on_filmed: list[Callable[[str], Awaitable[None]]] = []
        self._data, self._shelf = data, shelf
        self._journal, self._sessions, self._compositions = journal, sessions, compositions
        self._unfinished, self._master, self._live = unfinished, master, live
        self._job_options = job_options
        self._tasks: list[asyncio.Task[None]] = []
        self._owed: set[str] = set()
        self._owing = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._jobs(), name="job process"),
            asyncio.create_task(self._watch(), name="finished compositions"),
            asyncio.create_task(self._look_after(), name="recordings left over"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

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
        await self._compositions.start(session, there)

    async def account(self, session: str, loose: bool = False) -> set[str]:
        """Files that a dead worker or server left behind, here or at their home, are kept as they are and named in the
        journal. One whose header was changed is left to whoever reads the log: the others are worth no less for it.
        Those the journal names and that went with a disk are told: paths. `loose`: after a start, or a worker's end."""
        known = {segment.path for segment in (await self._sessions.state(session)).segments}
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
        if state.closed_at is not None and await self._compositions.state(session) is None:
            found = (await self._sessions.state(session)).segments
            if state.composed is None or self._shelf.away is None or found != state.segments:
                await self._compose(session)

    async def _watch(self) -> None:
        while True:
            try:
                async for session, fact in self._compositions.watch():
                    await self._note(session, fact)
            except Exception:
                log.exception("waiting for compositions failed, going on")
            await asyncio.sleep(_AGAIN_AFTER)

    async def _note(self, session: str, fact: Fact) -> None:
        try:
            await self._sessions.submit(session, NoteRecording(fact), SYSTEM)
        except Busy:
            raise  # then it is handed out once more
        except DomainError as no:
            log.warning("the end of a composition cannot be noted", session=session, code=no.code)
        for told in self.on_filmed:
            await told(session)

    async def _jobs(self) -> None:
        """It ends with us, however we end: it watches its standard input."""
        command = ["-m", "server.serving.jobs", "--data", str(self._data), "--until-stdin-closes", *self._job_options]
        if self._master is not None:
            command += ["--master", str(self._master)]
        await self._until_there_may_be_a_job()
        while True:
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *command,
                    stdin=asyncio.subprocess.PIPE,
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
            await asyncio.sleep(_AGAIN_AFTER)

    async def _until_there_may_be_a_job(self) -> None:
        """A new office has no queue yet: loading the job process would only hold up its first page."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_WITHIN):
                while "--mail-drop" not in self._job_options and not (self._data / JOBS).exists():  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)

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


_OPEN = ("queued", "making")


class RecordingCopies:
    """The state lies beside the recordings, as `recordings.composing.composition_plan` has it."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        queue: JobQueue,
        reads: SqlReads,
        sessions: Sessions,
        now: Callable[[], datetime],
    ) -> None:
        self._recordings, self._shelf, self._queue = shelf.folder, shelf, queue
        self._reads, self._sessions, self._now = reads, sessions, now

    async def ask(self, officer: Officer, session: str) -> None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        recording = await self._reads.recording(officer, session)
        state = await self._sessions.state(session)
        composed = state.composed
        if recording.state != "ready" or composed is None or state.erasure is not None:
            raise Refused("no_recording", 409)
        own = await self._own(officer, session)
        if own and own[0].state in _OPEN:
            return
        now = self._now()
        copy = Copy(progress.new_copy_id(), session, officer.id, composed.path, words(officer, now), now)
        await asyncio.to_thread(progress.write_copy, self._recordings, copy)
        await self._queue.enqueue("copy", session=session, copy=copy.id)
        await self._queue.enqueue("forget_copy", after=COPIES_KEPT.total_seconds(), session=session, copy=copy.id)

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None:
        await self._reads.record(officer, session, RecordUse.TAKE)
        own = await self._own(officer, session)
        return _shown(own[0]) if own else None

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        await self._reads.record(officer, session, RecordUse.TAKE)
        found = next((one for one in await self._own(officer, session) if one.id == copy), None)
        if found is None or found.state != "ready":
            raise Refused("not_found", 404)
        try:
            file = await asyncio.to_thread(self._shelf.open, session, found.path)
        except AWAY as fault:
            raise unread(fault) from fault
        except VaultError as fault:  # erased, or removed by hand
            raise Refused("not_found", 404) from fault
        try:
            note = NoteExport("video", found.id, found.sha256, found.size)
            await self._sessions.submit(session, note, officer.actor)
        except BaseException:
            file.close()
            raise
        return _shown(found), file

    async def _own(self, officer: Officer, session: str) -> list[Copy]:
        """The newest first."""
        now = self._now()
        found = await asyncio.to_thread(progress.copies_of, self._recordings, session)
        return [copy for copy in found if copy.officer == officer.id and not copy.expired(now)]


def words(officer: Officer, at: datetime) -> str:
    """What is burned into the picture."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return LANGUAGES[officer.language].copy_of.format(
        name=officer.name, office=officer.office.name, time=f"{local:%Y-%m-%d %H:%M}"
    )


def _shown(copy: Copy) -> VideoCopy:
    return VideoCopy(copy.id, copy.state, copy.progress, copy.words, copy.asked, copy.asked + COPIES_KEPT, copy.size)
