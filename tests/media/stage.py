"""A conversation for tests: an engine, the people in one room, and everything the engine said."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from media.engine import (
    Admission,
    Connection,
    MediaEngine,
    MediaEvent,
    Negotiated,
    Offer,
    RoomClosed,
    RouteMatrix,
    Source,
)
from media.sfu.engine import EmbeddedEngine
from media.sfu.native import NativeForwarder
from media.sfu.room import ForwardingRoom
from media.sfu.transport import DtlsCertificate
from media.sfu.udp_mux import UdpMux
from server.app.rehearsal.peer import Kind, Pattern, Peer
from tests.media.taps import CountingTaps
from tests.tools.bench.media.network import Network

COMMAND = [sys.executable, "-m", "tests.media.sfu.worker.counting_worker"]
PATTERNS = [Pattern((60, 90, 200), 440.0), Pattern((200, 60, 60), 660.0), Pattern((60, 180, 60), 880.0)]


class InProcess(MediaEngine):
    """One room on this loop's own socket: the same code without a process in between."""

    def __init__(self, *hosts: str, announce: Sequence[str] = (), native: NativeForwarder | None = None) -> None:
        self.taps = CountingTaps()
        self.room: ForwardingRoom
        self.mux: UdpMux
        self.hosts = hosts or ("127.0.0.1",)
        self.native = native
        self.announced = list(announce or self.hosts)
        self._queue: asyncio.Queue[MediaEvent | None] = asyncio.Queue()
        self._ticker: asyncio.Task[None]

    async def start(self) -> None:
        self.mux = await UdpMux.bind(self.hosts, 0, native=self.native)
        certificate = DtlsCertificate.generateCertificate()
        self.room = ForwardingRoom(
            "r", self.mux, certificate, self.announced, self.taps, self._queue.put_nowait, time.monotonic
        )  # fmt: skip
        self._ticker = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            self.room.tick(time.monotonic())

    async def stop(self) -> None:
        self._ticker.cancel()
        await asyncio.gather(self._ticker, return_exceptions=True)
        await self.room.close("server")
        self.mux.close()
        self._queue.put_nowait(None)

    async def admit(self, room: str, participant: str) -> Admission:
        self.room.admit(participant)
        return Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        return self.room.publish(participant, sdp, sources)

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        self.room.answer(participant, sdp)

    async def restart(self, room: str, participant: str) -> None:
        self.room.restart(participant)

    async def route(self, room: str, matrix: RouteMatrix) -> None:
        self.room.route(matrix)

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        self.room.pin(participant, pinned)

    async def remove(self, room: str, participant: str) -> None:
        self.room.remove(participant)

    async def close_room(self, room: str) -> None:
        await self.room.close("closed")
        self._queue.put_nowait(RoomClosed(room))

    async def events(self) -> AsyncIterator[MediaEvent]:
        while (event := await self._queue.get()) is not None:
            yield event


class Stage:
    """Hands offers to the people they are for and remembers every other event."""

    def __init__(self, engine: MediaEngine, room: str = "r") -> None:
        self.engine = engine
        self.room = room
        self.people: dict[str, Peer] = {}
        self.networks: dict[str, Network] = {}
        self.events: list[tuple[float, MediaEvent]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read())

    async def join(
        self,
        name: str,
        sources: Iterable[Kind] = ("mic", "camera"),
        pattern: Pattern | None = None,
        address: str = "",
        network: Network | None = None,
        kind: Callable[..., Peer] = Peer,
    ) -> Peer:
        """`address`: of the person's own network interface; else where the engine listens. `network`: their line."""
        if not address:
            address = self.engine.hosts[0] if isinstance(self.engine, InProcess) else "127.0.0.1"

        async def publish(sdp: str, mids: dict[str, str]) -> str:
            return await self._by_way_of(network, await self.engine.publish(self.room, name, sdp, mids))  # type: ignore[arg-type]

        if network is not None:
            self.networks[name] = network
        peer = kind(
            publish,
            lambda sdp: self.engine.answer(self.room, name, sdp),
            pattern or PATTERNS[len(self.people) % len(PATTERNS)],
            [address],
        )
        self.people[name] = peer  # first, because an admission may bring an offer before it returns
        await self.engine.admit(self.room, name)
        await peer.start(sources)
        return peer

    async def everybody_hears_everybody(self, recorded: Iterable[str] = ()) -> None:
        await self.engine.route(self.room, full(self.people, recorded))

    async def until(self, holds: Callable[[MediaEvent], bool], seconds: float = 60.0, since: int = 0) -> MediaEvent:
        """The first event for which `holds` is true, also among those already seen (from number `since`)."""
        found: list[MediaEvent] = []

        def look() -> bool:
            found.extend(event for _, event in self.events[since:] if holds(event))
            return bool(found)

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(look)
        return found[0]

    async def connected(self, name: str, seconds: float = 60.0) -> None:
        await self.until(lambda e: e == Connection(self.room, name, "connected"), seconds)

    def said(self, *kinds: type[MediaEvent]) -> list[MediaEvent]:
        return [event for _, event in self.events if isinstance(event, kinds)]

    async def close(self) -> None:
        for peer in self.people.values():
            await peer.hang_up()
        for network in self.networks.values():
            await network.close()
        await self.engine.stop()
        await asyncio.wait_for(self._reader, 10)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def _by_way_of(network: Network | None, sdp: str) -> str:
        """The same description with the network's port in the place of the engine's."""
        found = re.search(r"127\.0\.0\.1 (\d+) typ host", sdp)
        if network is None or found is None:
            return sdp
        await network.lead_to(int(found[1]))
        return sdp.replace(found[0], f"127.0.0.1 {network.port} typ host")

    async def _read(self) -> None:
        async for event in self.engine.events():
            if isinstance(event, Offer) and event.participant in self.people:
                peer = self.people[event.participant]
                sdp = await self._by_way_of(self.networks.get(event.participant), event.sdp)
                task = asyncio.create_task(peer.offer(sdp, [asdict(track) for track in event.tracks]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            async with self._changed:
                self.events.append((time.monotonic(), event))
                self._changed.notify_all()


def full(people: Iterable[str], recorded: Iterable[str] = ()) -> RouteMatrix:
    """Everybody receives everybody else."""
    names = frozenset(people)
    routes = {name: names - {name} for name in names}
    return RouteMatrix(routes, routes, frozenset(recorded))


def embedded(folder: Path, workers: int = 1, leased: bool = False) -> EmbeddedEngine:
    return EmbeddedEngine(workers, ["127.0.0.1"], 0, ["127.0.0.1"], COMMAND, folder, 0, leased=leased)


@contextlib.asynccontextmanager
async def stage(engine: MediaEngine) -> AsyncIterator[Stage]:
    await engine.start()
    one = Stage(engine)
    try:
        yield one
    finally:
        await one.close()
