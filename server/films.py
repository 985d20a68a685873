"""From the files of a session to its one video: accounts for stray files, asks for the composition, notes the result.

Owns the job process (started anew when it dies), the task that waits for finished compositions, and the sessions
whose recordings still have to be looked after: tried again until it is done, because a disk may be full for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import structlog

from journal import SYSTEM, Journal
from recordings import orphans
from recordings.encrypted_file_store import EncryptedFileStore
from recordings.errors import Damaged
from recordings.segment import SealedFile
from rooms.codec import history, stream
from rooms.commands import NoteRecording
from rooms.errors import Busy, RoomError
from rooms.events import SegmentSealed
from rooms.session import Session
from server.jobs.compositions import Compositions, Fact
from web.ports import Sessions

log = structlog.get_logger(__name__)

_AGAIN_AFTER = 2.0  # seconds
_AGAIN_AT_MOST = 60.0
_STOP_SECONDS = 15.0
_LIVE_SECONDS = 1.0


class Films:
    """`unfinished` names sessions whose recordings may not be accounted for, or composed, after a crash; `live` counts
    the rooms that media flow in: composing gives way to them."""

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
        """`job_options`: what else the job process is started with."""
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
        await self.account(session)
        await self._compositions.start(session, history(await self._journal.read(stream(session))))

    async def account(self, session: str) -> None:
        """Files that a dead worker or server left behind are kept as they are and named in the journal. One whose
        header was changed is left to whoever reads the log: the others are worth no less for it."""
        known = {segment.path for segment in (await self._sessions.state(session)).segments}
        found = await asyncio.to_thread(orphans.find_orphans, self._shelf.folder, known, session)
        for orphan in found:
            try:
                sealed = await asyncio.to_thread(orphans.seal_orphan, orphan, self._shelf)
            except Damaged:
                log.exception("recording not readable, left as it is", session=session, file=orphan.lies)
                continue
            if sealed is not None:
                await self._sessions.submit(session, NoteRecording(_fact(orphan.seat, sealed)), SYSTEM)

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
        await self.account(session)
        closed = state.closed_at is not None
        if closed and await self._compositions.state(session) is None:
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
        except RoomError as no:
            log.warning("the end of a composition cannot be noted", session=session, code=no.code)

    async def _jobs(self) -> None:
        """It ends with us, however we end: it watches its standard input."""
        command = ["-m", "server.jobs", "--data", str(self._data), "--until-stdin-closes", *self._job_options]
        if self._master is not None:
            command += ["--master", str(self._master)]
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


def _fact(seat: str, sealed: SealedFile) -> SegmentSealed:
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
