"""The embedded media engine: a pool of worker processes, the placement of rooms on them, one stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, Protocol

from media.engine import (
    Admission,
    Heard,
    MediaEngine,
    MediaError,
    MediaEvent,
    Negotiated,
    NotAdmitted,
    ProbeTarget,
    Quality,
    RoomClosed,
    RoomLost,
    RouteMatrix,
    Source,
    Speaking,
    WorkerFull,
)
from media.sfu.control import MediaLimits, Message, WorkerGone, WorkerProcess, encode_matrix

log = logging.getLogger(__name__)

PACKETS_OF_NEW_ROOM = 2_000  # packets/s expected of a room that its worker's load does not include yet
NEW_FOR = 15.0  # seconds a room counts as new


class Captioning(Protocol):
    """Turns the sound of microphones into `Heard`, in a process of its own. `sound_fd`: where workers put it."""

    @property
    def sound_fd(self) -> int: ...

    def follow(self, room: str, participants: Set[str], hot: Sequence[str], emit: Callable[[MediaEvent], None]) -> None:
        """From now on these and nobody else of the room; what others began to say is forgotten at once."""
        ...

    async def stop(self) -> None: ...


@dataclass(slots=True)
class RoomPlacement:
    """A room's worker, and the participants admitted to it."""

    worker: int
    at: float
    people: set[str] = field(default_factory=set)


class Placement:
    """Chooses a worker for each room, and refuses rooms and participants when the server is full."""

    def __init__(self, limits: MediaLimits, clock: Callable[[], float]) -> None:
        self.rooms: dict[str, RoomPlacement] = {}
        self._limits = limits
        self._clock = clock

    def worker_of(self, room: str) -> int | None:
        placed = self.rooms.get(room)
        return placed.worker if placed is not None else None

    def rooms_on(self, worker: int) -> list[str]:
        return [room for room, placed in self.rooms.items() if placed.worker == worker]

    def place(self, room: str, loads: Sequence[Mapping[str, Any] | None]) -> int:
        """Return the worker for a new room. `loads`: each worker's (None: down, empty: unknown). Raises WorkerFull."""
        if len(self.rooms) >= self._limits.rooms:
            raise WorkerFull(f"{self._limits.rooms} rooms are open")
        able = [
            (self._expected(n, load), len(self.rooms_on(n)), n)
            for n, load in enumerate(loads)
            if load is not None
            and self._expected(n, load) < self._limits.packets
            and load.get("lag", 0.0) < self._limits.lag
        ]
        if not able:
            raise WorkerFull("every media worker is at its limit")
        worker = min(able)[2]
        self.rooms[room] = RoomPlacement(worker, self._clock())
        return worker

    def join(self, room: str, participant: str) -> None:
        """Count a participant, once. Raises WorkerFull if the server has too many."""
        people = self.rooms[room].people
        if participant in people:
            return
        if sum(len(placed.people) for placed in self.rooms.values()) >= self._limits.participants:
            if not people:
                del self.rooms[room]
            raise WorkerFull(f"{self._limits.participants} people are in rooms")
        people.add(participant)

    def leave(self, room: str, participant: str) -> None:
        placed = self.rooms.get(room)
        if placed is not None:
            placed.people.discard(participant)

    def _expected(self, worker: int, load: Mapping[str, Any]) -> float:
        """Return a worker's packet rate, including what its new rooms will add."""
        since = self._clock() - NEW_FOR
        young = sum(placed.worker == worker and placed.at > since for placed in self.rooms.values())
        return float(load.get("packets", 0)) + PACKETS_OF_NEW_ROOM * young


MAX_EVENTS = 8192
RESTART_WITHIN = 10.0
MIN_RESTART_PAUSE, MAX_RESTART_PAUSE = 0.1, 5.0


class EmbeddedEngine(MediaEngine):
    """Runs media workers. Worker n listens on port `port + n` (0: any free one) of every address in `hosts`."""

    def __init__(
        self,
        workers: int,
        hosts: Sequence[str],
        port: int,
        public_addresses: Sequence[str],
        worker_command: Sequence[str],
        recordings: Path,
        reserve_bytes: int,
        limits: MediaLimits = MediaLimits(),  # noqa: B008 - frozen
        captions: Captioning | None = None,
        leased: bool = False,
    ) -> None:
        """`leased`: workers forward and record nothing but until the moments that `hold` names."""
        self._captions = captions
        self._until = 0.0 if leased else inf
        self._commands = [
            [
                *worker_command, "--number", str(n), "--port", str(port + n if port else 0),
                *(argument for host in hosts for argument in ("--host", host)),
                *(argument for address in public_addresses for argument in ("--announce", address)),
                "--recordings", str(recordings), "--reserve", str(reserve_bytes),
                "--bitrate", str(limits.bitrate), "--room-people", str(limits.room_participants),
                "--room-bits", str(limits.room_bits), "--worker-bits", str(-(-limits.server_bits // workers)),
                *(("--captions-fd", str(captions.sound_fd)) if captions is not None else ()),
                *(("--leased",) if leased else ()),
            ]
            for n in range(workers)
        ]  # fmt: skip
        self._addresses = tuple(public_addresses)
        self._workers: list[WorkerProcess | None] = [None] * workers
        self._worker_up = [asyncio.Event() for _ in range(workers)]
        self._placement = Placement(limits, time.monotonic)
        self._matrices: dict[str, RouteMatrix] = {}
        self._events: asyncio.Queue[MediaEvent | None] = asyncio.Queue(MAX_EVENTS)
        self._restarts: set[asyncio.Task[None]] = set()
        self._stopping = False

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        try:
            await asyncio.gather(*(self._start_worker(n) for n in range(len(self._commands))))
        except MediaError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the workers, which finish their recordings first, and then the stream of events."""
        self._stopping = True
        for task in self._restarts:
            task.cancel()
        await asyncio.gather(*self._restarts, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers if worker is not None))
        if self._captions is not None:
            await self._captions.stop()
        self._placement.rooms.clear()
        self._matrices.clear()
        self._put(None)

    async def _start_worker(self, n: int) -> None:
        sound = self._captions.sound_fd if self._captions is not None else None
        worker = WorkerProcess(self._commands[n], self._on_event, lambda: self._on_lost(n), sound)
        await worker.start()
        self._workers[n] = worker
        if self._until < inf:
            worker.tell("hold", until=self._until)
        self._worker_up[n].set()

    def _on_event(self, event: MediaEvent) -> None:
        if isinstance(event, RoomLost):  # its time was over in the worker, which lives
            self._placement.rooms.pop(event.room, None)
        self._put(event)

    def _on_lost(self, n: int) -> None:
        """Tell that its rooms are lost, then start a successor."""
        log.error("Media worker %d died", n)
        self._workers[n] = None
        self._worker_up[n].clear()
        for room in self._placement.rooms_on(n):
            del self._placement.rooms[room]
            self._put(RoomLost(room))
        task = asyncio.get_running_loop().create_task(self._restart_worker(n))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def _restart_worker(self, n: int) -> None:
        pause = MIN_RESTART_PAUSE
        while not self._stopping:
            try:
                await self._start_worker(n)
            except (MediaError, OSError):
                log.exception("Media worker %d does not start", n)
                await asyncio.sleep(pause)
                pause = min(MAX_RESTART_PAUSE, pause * 2)
            else:
                return

    # ------------------------------------------------------------ requests

    def probe_target(self) -> ProbeTarget | None:
        for worker in self._workers:
            if worker is not None:
                return ProbeTarget(self._addresses, worker.port, *worker.probe)
        return None

    async def admit(self, room: str, participant: str) -> Admission:
        if not any(self._workers):
            await self._wait_for_worker()
        n = self._placement.worker_of(room)
        fresh = n is None
        if n is None:
            n = self._placement.place(room, [worker.load if worker is not None else None for worker in self._workers])
        self._placement.join(room, participant)
        try:
            matrix = self._matrices.get(room)
            if fresh and matrix is not None:
                await self._call(n, "route", room=room, matrix=encode_matrix(matrix))
            await self._call(n, "admit", room=room, participant=participant)
        except WorkerGone as error:
            raise WorkerFull("the media worker is being replaced") from error
        return Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        answer = await self._request(room, "publish", participant=participant, sdp=sdp, sources=dict(sources))
        return str(answer)

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        await self._request(room, "answer", participant=participant, sdp=sdp)

    async def restart(self, room: str, participant: str) -> None:
        await self._request(room, "restart", participant=participant)

    async def route(self, room: str, matrix: RouteMatrix) -> None:
        self._matrices[room] = matrix  # kept for the next worker if this one dies
        if self._captions is not None:
            self._captions.follow(room, matrix.captioned, matrix.hot, self._put)
        n = self._placement.worker_of(room)
        if n is not None:
            # If the worker dies now, RoomLost follows, and `admit` sends the matrix again.
            with contextlib.suppress(WorkerGone):
                await self._call(n, "route", room=room, matrix=encode_matrix(matrix))

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        await self._request(room, "pin", participant=participant, pinned=pinned)

    async def remove(self, room: str, participant: str) -> None:
        self._placement.leave(room, participant)
        n = self._placement.worker_of(room)
        if n is not None:
            with contextlib.suppress(WorkerGone):
                await self._call(n, "remove", room=room, participant=participant)

    async def close_room(self, room: str) -> None:
        self._matrices.pop(room, None)
        if self._captions is not None:
            self._captions.follow(room, frozenset(), (), self._put)
        n = self._placement.worker_of(room)
        if n is not None:
            del self._placement.rooms[room]
            with contextlib.suppress(WorkerGone):
                await self._call(n, "close_room", room=room)
        self._put(RoomClosed(room))

    def hold(self, until: float) -> None:
        """Go on until then, by `journal.clock.lease_clock`, whatever becomes of this process."""
        self._until = until
        for worker in self._workers:
            if worker is not None:
                worker.tell("hold", until=until)

    def forget(self, room: str) -> bool:
        """Drop the routes of a room that nobody is admitted to; False while somebody is."""
        placed = self._placement.rooms.get(room)
        if placed is not None and placed.people:
            return False
        self._matrices.pop(room, None)
        return True

    async def close_all(self) -> None:
        """As `close_room`, for every room: none is this server's any more."""
        await asyncio.gather(*(self.close_room(room) for room in {*self._placement.rooms, *self._matrices}))

    async def events(self) -> AsyncIterator[MediaEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    @property
    def loads(self) -> list[Message]:
        """The last load report of each worker (packets, lag, rooms, peers, drops); empty while it is down."""
        return [worker.load if worker is not None else {} for worker in self._workers]

    @property
    def worker_pids(self) -> list[int | None]:
        """Of each worker its process; None while it is down."""
        return [worker.pid if worker is not None else None for worker in self._workers]

    def load_of(self, room: str) -> Message:
        """The last load report of the worker that has the room; empty while none does."""
        worker = self._placement.worker_of(room)
        return self.loads[worker] if worker is not None else {}

    def live_rooms(self) -> int:
        """Return how many rooms media flow in, by the last load reports."""
        return sum(int(load.get("rooms", 0)) for load in self.loads if load.get("packets"))

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers if worker is not None]

    # ------------------------------------------------------------ workers

    async def _wait_for_worker(self) -> None:
        """Wait a while if all workers are being replaced, instead of refusing people."""
        waits = [asyncio.create_task(event.wait()) for event in self._worker_up]
        try:
            await asyncio.wait(waits, timeout=RESTART_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _request(self, room: str, op: str, **body: Any) -> Any:
        n = self._placement.worker_of(room)
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
        """Queue an event. If the queue is full, Speaking, Quality and Heard go first; other losses are logged."""
        if self._events.full():
            if isinstance(event, (Speaking, Quality, Heard)):
                return
            log.error("Media events are not being consumed; the oldest is dropped")
            self._events.get_nowait()
        self._events.put_nowait(event)
