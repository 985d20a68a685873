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
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiortc.rtcdtlstransport import RTCCertificate

from media.sfu.room import ForwardingRoom
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import UdpMux
from media.sfu.worker import in_slices
from server.rooms.worker import calm_collector
from server.serving import loop_factory
from tests.tools.bench.media import ice
from tests.tools.bench.media.accounts import resident_kb, seconds_of, seconds_of_kernel, seconds_waiting
from tests.tools.bench.media.load import Load
from tests.tools.bench.media.traffic import KEY_BYTES, srtp

if TYPE_CHECKING:
    from media.sfu.native import NativeForwarder
    from recordings.native import NativeWriter

TICK = 0.05
LOOK = 0.005  # seconds between two looks at how late the loop is
FAR_TOO_LATE = 20.0  # seconds
SETTLING = 2.0  # seconds after what is measured was changed


@dataclass
class Floor:
    """What is on the socket, and what the clients must know of it."""

    mux: UdpMux
    folder: Path  # for recordings
    writer: NativeWriter | None = None  # of recordings, where they are written in C
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    rooms: list[ForwardingRoom] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    opening: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def connect(self, publisher: PeerTransport, subscriber: PeerTransport, ssrcs: tuple[int, int]) -> None:
        """Keys in place of a handshake; the clients get the other ends of them."""
        self.clients.append({"publish": keyed(publisher), "subscribe": keyed(subscriber), "ssrcs": list(ssrcs)})

    async def ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            async for room in in_slices(self.rooms):
                room.tick(time.monotonic())

    async def close(self) -> None:
        await asyncio.gather(*(room.close("closed") for room in self.rooms))
        for close in self.closing:
            await close()
        self.mux.close()


Build = Callable[[Floor, int, int], None]
Change = Callable[[Floor], Awaitable[None]]
Switch = Callable[[Floor, bool], None]


@dataclass(frozen=True)
class Course:
    """How a load is run: `feedback` as from browsers (reports, REMB, NACK); `film`: pictures that can be decoded."""

    warm_up: float
    span: float
    feedback: bool = True
    film: bool = False
    native: NativeForwarder | None = None
    writer: NativeWriter | None = None
    clients: Path | None = None  # the library of clients that ask for what is missing, and repeat (`traffic.CLIENT`)


def run(build: Build, size: int, rooms: int, course: Course, folder: Path) -> Load:
    """Serve so many rooms built by `build` on a loop of a worker's kind, and measure after the warm-up."""
    return _served(build, size, rooms, course, folder, [_as_it_is])[0]


def stalled(
    build: Build, size: int, rooms: int, course: Course, folder: Path, seconds: float, after: int
) -> list[Load]:
    """A span, then one in which the loop stood still first for so many `seconds`, and `after` more."""

    async def stand_still(_floor: Floor) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - that is what is measured

    return _served(build, size, rooms, course, folder, [_as_it_is, stand_still, *[_as_it_is] * after])


def alternate(
    build: Build, size: int, rooms: int, course: Course, folder: Path, switch: Switch, pairs: int
) -> list[tuple[Load, Load]]:
    """The same rooms in turns without and with what `switch` brings, on and off by turns first: what the machine's
    neighbours do meanwhile lasts longer than a span, and so comes to both alike."""

    def switched(on: bool) -> Change:
        async def change(floor: Floor) -> None:
            switch(floor, on)
            await asyncio.sleep(SETTLING)

        return change

    order = [on for number in range(pairs) for on in ((True, False) if number % 2 else (False, True))]
    loads = _served(build, size, rooms, course, folder, [switched(on) for on in order])
    couples = zip(loads[::2], loads[1::2], strict=True)
    return [(other, one) if number % 2 else (one, other) for number, (one, other) in enumerate(couples)]


async def _as_it_is(_floor: Floor) -> None:
    pass


def _served(build: Build, size: int, rooms: int, course: Course, folder: Path, changes: Sequence[Change]) -> list[Load]:
    before = gc.get_threshold()
    calm_collector()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_run(build, size, rooms, course, folder, changes))
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _run(
    build: Build, size: int, rooms: int, course: Course, folder: Path, changes: Sequence[Change]
) -> list[Load]:
    """A span after each change."""
    mux = await UdpMux.bind("127.0.0.1", 0, native=course.native)
    floor = Floor(mux, folder, course.writer)
    build(floor, size, rooms)
    for opening in floor.opening:
        await opening()
    ticks, loads = asyncio.create_task(floor.ticks()), list[Load]()
    try:
        async with _traffic(floor, course) as traffic:
            await asyncio.sleep(course.warm_up)
            for change in changes:
                await change(floor)
                loads.append(await _span(mux, course.span))
            arrived = await traffic()
    finally:
        ticks.cancel()
        await asyncio.gather(ticks, return_exceptions=True)
        await floor.close()
    drops = dict(mux.drops)
    if not all(load.packets for load in loads) or arrived["bad"] or not arrived["checked"]:
        raise RuntimeError(f"{mux.sent} packets were sent, clients saw {arrived}, dropped {drops}")
    return [
        replace(
            load,
            sent=mux.sent,
            arrived=arrived["received"],
            drops=drops,
            late=arrived["late"],
            incoming_per_s=arrived["sent_per_s"],
        )
        for load in loads
    ]


async def _span(mux: UdpMux, seconds: float) -> Load:
    """What is seen from here."""
    lags: list[float] = []
    looking = asyncio.create_task(_look(lags))
    kernel = seconds_of_kernel()
    try:
        cpu, sent, began = time.process_time(), mux.sent, time.perf_counter()
        waiting, writer = seconds_waiting(), seconds_of("recorder")
        await asyncio.sleep(seconds)
        cpu, packets, wall = time.process_time() - cpu, mux.sent - sent, time.perf_counter() - began
        waiting, writer = seconds_waiting() - waiting, seconds_of("recorder") - writer
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    return Load(
        packets,
        cpu,
        wall,
        lags=lags,
        kept_waiting=waiting / wall,
        memory_kb=resident_kb(),
        writer=writer,
        kernel=seconds_of_kernel() - kernel,
    )


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
        sys.executable,
        "-m",
        "tests.tools.bench.media.traffic",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    plan = {
        "server": ["127.0.0.1", floor.mux.port],
        "clients": floor.clients,
        "feedback": course.feedback,
        "film": course.film,
        "library": str(course.clients or ""),
    }

    async def finish() -> Any:
        stdin.close()
        return json.loads(await asyncio.wait_for(stdout.readline(), FAR_TOO_LATE))

    try:
        stdin.write(json.dumps(plan).encode() + b"\n")
        await stdin.drain()
        await _first_packet(floor.mux)
        yield finish
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _first_packet(mux: UdpMux) -> None:
    async with asyncio.timeout(FAR_TOO_LATE):
        while not (mux.received or mux.sent):  # noqa: ASYNC110 - a counter, written on the fast path
            await asyncio.sleep(0.05)


def keyed(transport: PeerTransport) -> dict[str, str]:
    up, down = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    transport._set_keys(srtp(up, inbound=True), srtp(down, inbound=False))
    if not transport.peer.remote_credentials:
        transport.peer.set_remote_credentials(ice.CLIENT.ufrag, ice.CLIENT.password)
    credentials, (ufrag, password) = transport.peer.credentials, list(transport.peer.remote_credentials.items())[-1]
    return {
        "ufrag": credentials.ufrag, "password": credentials.password, "client_ufrag": ufrag,
        "client_password": password, "up": up.hex(), "down": down.hex(),
    }  # fmt: skip


def ssrcs_of(client: int) -> tuple[int, int]:
    """Camera and microphone."""
    return 1000 + 2 * client, 1001 + 2 * client
