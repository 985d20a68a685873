"""One socket with rooms of some kind on it, the synthetic clients in a process of their own, and what a measured span
costs. CPU time is this process's, threads included: the clients' is not in it.

Figures are taken under real load only: a nearly idle loop wakes up for every packet and says nothing about a busy one.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import resource
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiortc.rtcdtlstransport import RTCCertificate

from media.sfu.endpoint import Endpoint
from media.sfu.leg import Leg
from media.sfu.room import Room
from server.bench.figures import quantile
from server.bench.traffic import KEY_BYTES, srtp
from server.worker import calm_collector, loop_factory

if TYPE_CHECKING:
    from media.sfu.native.fanout import Native
    from recordings.native.writer import Writer

TICK = 0.05
LOOK = 0.005  # seconds between two looks at how late the loop is
FAR_TOO_LATE = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Load:
    """What a measured span saw. `cpu` is seconds of this process; shares are of everything since the beginning."""

    packets: int
    cpu: float
    wall: float
    sent: int
    arrived: int
    drops: dict[str, int]
    lags: list[float]
    late: float  # the clients' own lateness at worst, seconds
    incoming_per_s: float  # what the clients sent
    kept_waiting: float  # share of the span in which the loop was ready and others had the core
    memory_kb: float  # resident at the end of the span
    writer: float = 0.0  # of `cpu`: what the recorder's thread took

    def __add__(self, other: Load) -> Load:
        """Both spans together; the worst where that is what counts."""
        return Load(
            self.packets + other.packets,
            self.cpu + other.cpu,
            self.wall + other.wall,
            self.sent + other.sent,
            self.arrived + other.arrived,
            {cause: self.drops.get(cause, 0) + other.drops.get(cause, 0) for cause in self.drops | other.drops},
            self.lags + other.lags,
            max(self.late, other.late),
            min(self.incoming_per_s, other.incoming_per_s),
            max(self.kept_waiting, other.kept_waiting),
            max(self.memory_kb, other.memory_kb),
            self.writer + other.writer,
        )

    @property
    def us_per_packet(self) -> float:
        return self.cpu / self.packets * 1e6

    @property
    def us_per_recorded_packet(self) -> float:
        """Of the recorder's thread, with everybody recorded."""
        return self.writer / self.wall / self.incoming_per_s * 1e6

    @property
    def per_s(self) -> float:
        return self.packets / self.wall

    @property
    def delivered(self) -> float:
        return self.arrived / self.sent

    @property
    def lag_p99(self) -> float:
        return quantile(self.lags, 0.99)


@dataclass
class Floor:
    """What is on the socket, and what the clients must know of it."""

    endpoint: Endpoint
    folder: Path  # for recordings
    writer: Writer | None = None  # of recordings, where they are written in C
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    rooms: list[Room] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    opening: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def connect(self, publisher: Leg, subscriber: Leg, ssrcs: tuple[int, int]) -> None:
        """Keys in place of a handshake; the clients get the other ends of them."""
        self.clients.append({"publish": keyed(publisher), "subscribe": keyed(subscriber), "ssrcs": list(ssrcs)})

    async def ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            for room in self.rooms:
                room.tick(time.monotonic())

    async def close(self) -> None:
        await asyncio.gather(*(room.close("closed") for room in self.rooms))
        for close in self.closing:
            await close()
        self.endpoint.close()


Build = Callable[[Floor, int, int], None]


@dataclass(frozen=True)
class Course:
    """How a load is run: `feedback` as from browsers (reports, REMB, NACK); `film`: pictures that can be decoded."""

    warm_up: float
    span: float
    feedback: bool = True
    film: bool = False
    native: Native | None = None
    writer: Writer | None = None


def run(build: Build, size: int, rooms: int, course: Course, folder: Path) -> Load:
    """Serve so many rooms built by `build` on a loop of a worker's kind, and measure after the warm-up."""
    before = gc.get_threshold()
    calm_collector()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_run(build, size, rooms, course, folder))
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _run(build: Build, size: int, rooms: int, course: Course, folder: Path) -> Load:
    endpoint = await Endpoint.bind("127.0.0.1", 0, native=course.native)
    floor = Floor(endpoint, folder, course.writer)
    build(floor, size, rooms)
    for opening in floor.opening:
        await opening()
    lags: list[float] = []
    tasks = [asyncio.create_task(floor.ticks())]
    try:
        async with _traffic(floor, course) as traffic:
            await asyncio.sleep(course.warm_up)
            tasks.append(asyncio.create_task(_look(lags)))
            cpu, sent, began = time.process_time(), endpoint.sent, time.perf_counter()
            waiting, writer = seconds_waiting(), seconds_of("recorder")
            await asyncio.sleep(course.span)
            cpu, packets, wall = time.process_time() - cpu, endpoint.sent - sent, time.perf_counter() - began
            waiting, writer = seconds_waiting() - waiting, seconds_of("recorder") - writer
            memory = resident_kb()
            arrived = await traffic()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await floor.close()
    drops = dict(endpoint.drops)
    if not packets or arrived["bad"] or not arrived["checked"]:
        raise RuntimeError(f"{packets} packets were sent, clients saw {arrived}, dropped {drops}")
    return Load(
        packets,
        cpu,
        wall,
        endpoint.sent,
        arrived["received"],
        drops,
        lags,
        arrived["late"],
        arrived["sent_per_s"],
        waiting / wall,
        memory,
        writer,
    )


def resident_kb() -> float:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


def seconds_waiting() -> float:
    """That the kernel has let this process's first thread, the loop's, wait for a core; 0 where it does not say."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def seconds_of(name: str) -> float:
    """CPU time of the threads of this name; 0 where the kernel does not say."""
    try:
        return sum(
            int(Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text().split()[0]) / 1e9
            for thread in threading.enumerate()
            if thread.name == name
        )
    except (OSError, ValueError, IndexError):
        return 0.0


async def _look(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK
        await asyncio.sleep(LOOK)
        lags.append(max(0.0, loop.time() - due))


Finish = Callable[[], Awaitable[Any]]


@contextlib.asynccontextmanager
async def _traffic(floor: Floor, course: Course) -> AsyncIterator[Finish]:
    """The clients' process; what it gives ends them and tells what they saw."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.bench.traffic", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    plan = {
        "server": ["127.0.0.1", floor.endpoint.port],
        "clients": floor.clients,
        "feedback": course.feedback,
        "film": course.film,
    }

    async def finish() -> Any:
        stdin.close()
        return json.loads(await asyncio.wait_for(stdout.readline(), FAR_TOO_LATE))

    try:
        stdin.write(json.dumps(plan).encode() + b"\n")
        await stdin.drain()
        await _first_packet(floor.endpoint)
        yield finish
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _first_packet(endpoint: Endpoint) -> None:
    async with asyncio.timeout(FAR_TOO_LATE):
        while not (endpoint.received or endpoint.sent):  # noqa: ASYNC110 - a counter, written on the fast path
            await asyncio.sleep(0.05)


def keyed(leg: Leg) -> dict[str, str]:
    up, down = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    leg._use_keys(srtp(up, inbound=True), srtp(down, inbound=False))
    credentials = leg.peer.credentials
    return {"ufrag": credentials.ufrag, "password": credentials.password, "up": up.hex(), "down": down.hex()}


def ssrcs_of(client: int) -> tuple[int, int]:
    """Camera and microphone."""
    return 1000 + 2 * client, 1001 + 2 * client
