"""The media engine inside the web process: a pool of workers, rooms pinned to them, one stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from media.engine import (
    Admission,
    Matrix,
    MediaEngine,
    MediaError,
    MediaEvent,
    Negotiated,
    NotAdmitted,
    Quality,
    RoomLost,
    Source,
    Speaking,
    WorkerFull,
)
from media.sfu.control import Message, encode_matrix
from media.sfu.pool import WorkerGone, WorkerProcess

log = logging.getLogger(__name__)

MAX_EVENTS = 8192
MOST_PACKETS = 90_000  # in and out per second and worker: where a core is nearly full
MOST_LAG = 0.2  # seconds
RESTART_WITHIN = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class EmbeddedEngine(MediaEngine):
    """`port` 0 lets every worker take a free one; otherwise worker n listens on `port + n`."""

    def __init__(
        self,
        workers: int,
        host: str,
        port: int,
        public_addresses: Sequence[str],
        worker_command: Sequence[str],
        recordings: Path,
        reserve_bytes: int,
    ) -> None:
        self._commands = [
            [
                *worker_command, "--host", host, "--port", str(port + n if port else 0),
                *(argument for address in public_addresses for argument in ("--announce", address)),
                "--recordings", str(recordings), "--reserve", str(reserve_bytes),
            ]
            for n in range(workers)
        ]  # fmt: skip
        self._workers: list[WorkerProcess | None] = [None] * workers
        self._up = [asyncio.Event() for _ in range(workers)]
        self._rooms: dict[str, int] = {}  # room -> worker
        self._matrices: dict[str, Matrix] = {}
        self._events: asyncio.Queue[MediaEvent | None] = asyncio.Queue(MAX_EVENTS)
        self._restarts: set[asyncio.Task[None]] = set()
        self._stopping = False

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        try:
            await asyncio.gather(*(self._start_worker(n) for n in range(len(self._commands))))
        except MediaError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends the workers, who finish their recordings first; then the stream of events ends."""
        self._stopping = True
        for task in self._restarts:
            task.cancel()
        await asyncio.gather(*self._restarts, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers if worker is not None))
        self._rooms.clear()
        self._matrices.clear()
        self._put(None)

    async def _start_worker(self, n: int) -> None:
        worker = WorkerProcess(self._commands[n], self._put, lambda: self._on_lost(n))
        await worker.start()
        self._workers[n] = worker
        self._up[n].set()

    def _on_lost(self, n: int) -> None:
        """Its rooms are gone with it: say so at once, then bring up a successor."""
        log.error("Media worker %d died", n)
        self._workers[n] = None
        self._up[n].clear()
        for room in [room for room, owner in self._rooms.items() if owner == n]:
            del self._rooms[room]
            self._put(RoomLost(room))
        task = asyncio.get_running_loop().create_task(self._restart_worker(n))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def _restart_worker(self, n: int) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            try:
                await self._start_worker(n)
            except (MediaError, OSError):
                log.exception("Media worker %d does not start", n)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                return

    # ------------------------------------------------------------ what the program asks

    async def admit(self, room: str, participant: str) -> Admission:
        fresh = room not in self._rooms
        n = self._rooms[room] if not fresh else await self._choose()
        # Another admission to the same room may have chosen meanwhile.
        n = self._rooms.setdefault(room, n)
        try:
            matrix = self._matrices.get(room)
            if fresh and matrix is not None:
                await self._call(n, "route", room=room, matrix=encode_matrix(matrix))
            await self._call(n, "admit", room=room, participant=participant)
        except WorkerGone as error:
            raise WorkerFull("the media worker is being replaced") from error
        return Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        answer = await self._ask(room, "publish", participant=participant, sdp=sdp, sources=dict(sources))
        return str(answer)

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        await self._ask(room, "answer", participant=participant, sdp=sdp)

    async def restart(self, room: str, participant: str) -> None:
        await self._ask(room, "restart", participant=participant)

    async def route(self, room: str, matrix: Matrix) -> None:
        self._matrices[room] = matrix  # kept for the next worker, should this one die
        n = self._rooms.get(room)
        if n is not None:
            # A worker dying now has nothing to route; RoomLost tells, and admit brings the matrix back.
            with contextlib.suppress(WorkerGone):
                await self._call(n, "route", room=room, matrix=encode_matrix(matrix))

    async def look(self, room: str, participant: str, at: str) -> None:
        await self._ask(room, "look", participant=participant, at=at)

    async def remove(self, room: str, participant: str) -> None:
        n = self._rooms.get(room)
        if n is not None:
            with contextlib.suppress(WorkerGone):
                await self._call(n, "remove", room=room, participant=participant)

    async def close_room(self, room: str) -> None:
        self._matrices.pop(room, None)
        n = self._rooms.pop(room, None)
        if n is not None:
            with contextlib.suppress(WorkerGone):
                await self._call(n, "close_room", room=room)

    async def events(self) -> AsyncIterator[MediaEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    @property
    def loads(self) -> list[Message]:
        """Per worker what it last said of itself: packets, lag, rooms, peers, drops; empty while it is down."""
        return [worker.load if worker is not None else {} for worker in self._workers]

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker is not None]

    # ------------------------------------------------------------ workers

    async def _choose(self) -> int:
        """The least loaded worker; WorkerFull when each is at its limit."""
        if not any(self._workers):
            waits = [asyncio.create_task(event.wait()) for event in self._up]
            try:
                await asyncio.wait(waits, timeout=RESTART_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        rooms = list(self._rooms.values())
        able = [
            (worker.load.get("packets", 0), rooms.count(n), n)
            for n, worker in enumerate(self._workers)
            if worker is not None
            and worker.load.get("packets", 0) < MOST_PACKETS
            and worker.load.get("lag", 0.0) < MOST_LAG
        ]
        if not able:
            raise WorkerFull("every media worker is at its limit")
        return min(able)[2]

    async def _ask(self, room: str, op: str, **body: Any) -> Any:
        n = self._rooms.get(room)
        if n is None:
            raise NotAdmitted(f"no room {room}")
        try:
            return await self._call(n, op, room=room, **body)
        except WorkerGone as error:
            raise NotAdmitted("the media worker is being replaced") from error

    async def _call(self, n: int, op: str, **body: Any) -> Any:
        worker = self._workers[n]
        if worker is None:
            raise WorkerGone("the media worker is being replaced")
        return await worker.call(op, **body)

    def _put(self, event: MediaEvent | None) -> None:
        """A consumer who does not keep up loses passing remarks first; the rest must not be lost silently."""
        if self._events.full():
            if isinstance(event, (Speaking, Quality)):
                return
            log.error("Media events are not being consumed; the oldest is dropped")
            self._events.get_nowait()
        self._events.put_nowait(event)
