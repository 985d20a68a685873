"""From the files of a session to its one video: accounts for stray files, asks for the composition, notes the result.

Owns the job process (started anew when it dies) and the task that waits for finished compositions.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog

from journal import SYSTEM, Journal
from recordings import orphans
from recordings.segment import SealedFile
from rooms.codec import history, stream
from rooms.commands import NoteRecording
from rooms.errors import RoomError
from rooms.events import SegmentSealed
from rooms.session import Session
from server.jobs.compositions import Compositions
from web.ports import Sessions

log = structlog.get_logger(__name__)

_AGAIN_AFTER = 2.0  # seconds
_STOP_SECONDS = 15.0


class Films:
    """`unfinished` names sessions whose recordings may not be accounted for, or composed, after a crash."""

    def __init__(
        self,
        data: Path,
        journal: Journal,
        sessions: Sessions,
        compositions: Compositions,
        unfinished: Callable[[], Awaitable[Iterable[str]]],
    ) -> None:
        self._data = data
        self._journal, self._sessions, self._compositions = journal, sessions, compositions
        self._unfinished = unfinished
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._jobs(), name="job process"),
            asyncio.create_task(self._watch(), name="finished compositions"),
            asyncio.create_task(self._catch_up(), name="recordings left over"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def closed(self, session: str, _state: Session) -> None:
        """For `rooms.registry.Rooms.on_closed`: every file of the session is finished by now."""
        await self.account(session)
        await self._compositions.start(session, history(await self._journal.read(stream(session))))

    async def account(self, session: str) -> None:
        """Files that a dead worker or server left behind are sealed as they are and named in the journal."""
        known = {segment.path for segment in (await self._sessions.state(session)).segments}
        found = await asyncio.to_thread(orphans.find, self._data / "recordings", known, session)
        for orphan in found:
            sealed = await asyncio.to_thread(orphans.seal, orphan)
            if sealed is not None:
                await self._sessions.submit(session, NoteRecording(_fact(orphan.seat, sealed)), SYSTEM)

    async def _catch_up(self) -> None:
        for session in await self._unfinished():
            try:
                await self.account(session)
                state = await self._sessions.state(session)
                if state.closed_at is not None and await self._compositions.state(session) is None:
                    await self.closed(session, state)
            except Exception:
                # One broken file must not keep the other sessions from being looked after.
                log.exception("recordings not accounted for", session=session)

    async def _watch(self) -> None:
        while True:
            try:
                async for session, fact in self._compositions.watch():
                    with contextlib.suppress(RoomError):
                        await self._sessions.submit(session, NoteRecording(fact), SYSTEM)
            except Exception:
                log.exception("waiting for compositions failed, going on")
            await asyncio.sleep(_AGAIN_AFTER)

    async def _jobs(self) -> None:
        """It ends with us, however we end: it watches its standard input."""
        command = ("-m", "server.jobs", "--data", str(self._data), "--until-stdin-closes")
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us: we end it in our own order
            )
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                await _ended(process)
                raise
            log.warning("job process ended, starting it again", status=status)
            await asyncio.sleep(_AGAIN_AFTER)


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
    )
