"""What a forwarded packet costs: CPU time of this process while it serves rooms of three and of eight on loopback.

The rooms are `media.sfu.room.Room` on a worker's socket and loop; the clients are in another process (`traffic`).
Figures are taken under real load only: a nearly idle loop wakes up for every packet and says nothing about a busy one.
Beside each stands the least a forwarder can do (decrypt, new header, encrypt, send) at the same load in the same run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import Matrix, MediaEvent, Offer, Source
from media.sfu import description
from media.sfu.description import Local, Stream
from media.sfu.endpoint import Endpoint
from media.sfu.fanout import HEADER
from media.sfu.leg import Leg
from media.sfu.publisher import Publisher
from media.sfu.room import Room
from media.sfu.srtp import LENGTH, PacketBuffer, protect, unprotect
from media.sfu.stun import Credentials
from media.sfu.subscriber import Subscriber
from media.tap import Tap
from server.bench.figures import Figures
from server.bench.traffic import KEY_BYTES, LEVEL_ID, PACKETS_PER_SECOND, srtp
from server.worker import loop_factory

ROOMS = {3: 20, 8: 4}  # size -> how many at once
TICK = 0.05
STARTED = 1.0  # seconds until everybody is connected and the first key frame is through
FILLED = 4.5  # seconds until every cache is full: filling it is page faults, not forwarding
MEASURED, MEASURED_QUICK = 10.0, 2.5
MOST_RATIO = 2.0  # of the whole to the bare loop
LEAST_OFFERED = (
    0.5  # of the load meant: on a machine busier than that, a loop idles between packets and figures mislead
)


@dataclass(frozen=True, slots=True)
class Load:
    """What a measured span saw. `cpu` is seconds of this process, `delivered` of all packets that were sent."""

    packets: int
    cpu: float
    wall: float
    delivered: float

    @property
    def us_per_packet(self) -> float:
        return self.cpu / self.packets * 1e6


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    span = MEASURED_QUICK if quick else MEASURED
    for size, rooms in ROOMS.items():
        bare = run(_bare_rooms, size, rooms, STARTED, span, feedback=False)
        whole = run(_rooms, size, rooms, FILLED, span, feedback=True)
        meant = rooms * size * (size - 1) * PACKETS_PER_SECOND
        ratio = f"us_ratio_to_bare_loop_room{size}"
        figures.values |= {
            f"us_per_forwarded_packet_room{size}": round(whole.us_per_packet, 2),
            f"us_per_packet_bare_loop_room{size}": round(bare.us_per_packet, 2),
            ratio: round(whole.us_per_packet / bare.us_per_packet, 2),
            f"packets_per_s_room{size}": round(whole.packets / whole.wall),
            f"packets_per_s_bare_loop_room{size}": round(bare.packets / bare.wall),
            f"core_share_room{size}": round(whole.cpu / whole.wall, 3),
            f"delivered_share_room{size}": round(min(whole.delivered, bare.delivered), 4),
            f"offered_share_room{size}": round(min(bare.packets / bare.wall, whole.packets / whole.wall) / meant, 3),
        }
        figures.at_most(ratio, MOST_RATIO)
        figures.at_least(f"delivered_share_room{size}", 0.95)
        figures.at_least(f"offered_share_room{size}", LEAST_OFFERED)
    return figures.json()


Build = Callable[["Floor", int, int], None]


def run(build: Build, size: int, rooms: int, warm_up: float, span: float, *, feedback: bool) -> Load:
    """Serve so many rooms built by `build` on a loop of a worker's kind, and measure `span` seconds after `warm_up`."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_run(build, size, rooms, warm_up, span, feedback))


async def _run(build: Build, size: int, rooms: int, warm_up: float, span: float, feedback: bool) -> Load:
    floor = Floor(await Endpoint.bind("127.0.0.1", 0))
    build(floor, size, rooms)
    ticking = asyncio.create_task(floor.ticks())
    try:
        async with _traffic(floor, feedback) as traffic:
            await asyncio.sleep(warm_up)
            cpu, sent, began = time.process_time(), floor.endpoint.sent, time.perf_counter()
            await asyncio.sleep(span)
            cpu, sent, wall = time.process_time() - cpu, floor.endpoint.sent - sent, time.perf_counter() - began
            arrived = await traffic()
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await floor.close()
    if not sent or arrived["bad"] or not arrived["checked"]:
        raise RuntimeError(f"{sent} packets were sent, clients saw {arrived}, dropped {dict(floor.endpoint.drops)}")
    return Load(sent, cpu, wall, arrived["received"] / floor.endpoint.sent)


Finish = Callable[[], Any]


@contextlib.asynccontextmanager
async def _traffic(floor: Floor, feedback: bool) -> AsyncIterator[Finish]:
    """The clients' process; what it gives ends them and tells what they saw."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.bench.traffic", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout
    plan = {"server": ["127.0.0.1", floor.endpoint.port], "clients": floor.clients, "feedback": feedback}

    async def finish() -> Any:
        stdin.close()
        return json.loads(await asyncio.wait_for(stdout.readline(), 20))

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
    async with asyncio.timeout(20):
        while not endpoint.received:  # noqa: ASYNC110 - a counter, written on the fast path
            await asyncio.sleep(0.05)


class Floor:
    """One socket with everything on it, and what the clients must know of it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.certificate = RTCCertificate.generateCertificate()
        self.rooms: list[Room] = []
        self.clients: list[dict[str, Any]] = []

    def connect(self, publisher: Leg, subscriber: Leg, ssrcs: tuple[int, int]) -> None:
        """Keys in place of a handshake; the clients get the other ends of them."""
        self.clients.append(
            {"publish": _keyed(publisher), "subscribe": _keyed(subscriber), "ssrcs": list(ssrcs)},
        )

    async def ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            for room in self.rooms:
                room.tick(time.monotonic())

    async def close(self) -> None:
        await asyncio.gather(*(room.close("closed") for room in self.rooms))
        self.endpoint.close()


def _keyed(leg: Leg) -> dict[str, str]:
    up, down = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    leg._use_keys(srtp(up, inbound=True), srtp(down, inbound=False))
    credentials = leg.peer.credentials
    return {"ufrag": credentials.ufrag, "password": credentials.password, "up": up.hex(), "down": down.hex()}


# ---------------------------------------------------------------- the rooms themselves


def _rooms(floor: Floor, size: int, rooms: int) -> None:
    for n in range(rooms):
        offers: list[Offer] = []
        room = _room(floor, f"r{n}", offers)
        names = [f"p{n}" for n in range(size)]
        ssrcs = {name: _ssrcs(n * size + at) for at, name in enumerate(names)}
        for name in names:
            room.admit(name)
            room.publish(name, _publishing(floor, ssrcs[name]), {"0": "mic", "1": "camera"})
        everybody = frozenset(names)
        routes = {name: everybody - {name} for name in names}
        room.route(Matrix(routes, routes, frozenset()))
        while offers:  # an answer may bring the next offer
            offer = offers.pop(0)
            room.answer(offer.participant, _receiving(offer.sdp))
        for name in names:
            participant = room.participants[name]
            assert participant.publisher is not None
            assert participant.subscriber is not None
            floor.connect(participant.publisher, participant.subscriber, ssrcs[name])
        floor.rooms.append(room)


def _room(floor: Floor, name: str, offers: list[Offer]) -> Room:
    def emit(event: MediaEvent) -> None:
        if isinstance(event, Offer):
            offers.append(event)

    return Room(name, floor.endpoint, floor.certificate, ["127.0.0.1"], _NoTaps(), emit, time.monotonic)


class _NoTaps:
    """Nobody is recorded."""

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        raise AssertionError("nobody is recorded")

    async def drain(self, room: str) -> None:
        """Nothing to wait for."""


def _ssrcs(client: int) -> tuple[int, int]:
    return 1000 + 2 * client, 1001 + 2 * client  # camera, microphone


def _publishing(floor: Floor, ssrcs: tuple[int, int]) -> str:
    """A client's offer of a microphone and a camera."""
    local = Local([], 9, Credentials(), floor.certificate.getFingerprints())
    streams = [Stream("audio", "s", "mic", ssrcs[1]), Stream("video", "s", "camera", ssrcs[0], ssrcs[0] + (1 << 20))]
    level = f"a=extmap:{LEVEL_ID} {description.LEVEL_URI}\r\na=rtpmap:"
    return description.offer(streams, local, 1).replace("a=rtpmap:", level, 1)


def _receiving(offer: str) -> str:
    """A client's answer that takes everything offered."""
    return offer.replace("a=sendonly", "a=recvonly").replace("a=setup:actpass", "a=setup:active")


# ---------------------------------------------------------------- the least a forwarder can do


class BarePublisher(Publisher):
    """Decrypt, copy, new header, encrypt, send: no cache, no feedback, no numbering."""

    def __init__(self, endpoint: Endpoint, certificate: RTCCertificate) -> None:
        super().__init__(endpoint, certificate, lambda: None, time.monotonic)
        self.sinks: list[tuple[Subscriber, dict[int, int]]] = []
        self._in, self._out = PacketBuffer(), PacketBuffer()

    def _on_rtp(self, data: bytes) -> None:
        mem, size = self._in.mem, len(data)
        mem[:size] = data
        LENGTH[0] = size
        if unprotect(self._srtp_in, self._in.ptr, LENGTH):
            return
        size = LENGTH[0]
        out, ptr = self._out.mem, self._out.ptr
        first, kind, seq, timestamp, ssrc = HEADER.unpack_from(mem)
        for subscriber, ssrcs in self.sinks:
            out[:size] = mem[:size]
            HEADER.pack_into(out, 0, first, kind, seq, timestamp, ssrcs[ssrc])
            LENGTH[0] = size
            if protect(subscriber.srtp_out, ptr, LENGTH):
                continue
            try:
                subscriber.peer.sendto(out[: LENGTH[0]], subscriber.peer.remote)  # type: ignore[arg-type] # clients check at once
            except OSError:
                continue
            self.endpoint.sent += 1


def _bare_rooms(floor: Floor, size: int, rooms: int) -> None:
    for n in range(rooms):
        publishers = [BarePublisher(floor.endpoint, floor.certificate) for _ in range(size)]
        subscribers = [Subscriber(floor.endpoint, floor.certificate, time.monotonic) for _ in range(size)]
        for at, (publisher, subscriber) in enumerate(zip(publishers, subscribers, strict=True)):
            ssrcs = _ssrcs(n * size + at)
            floor.connect(publisher, subscriber, ssrcs)
            publisher.sinks = [(other, _renamed(ssrcs)) for other in subscribers if other is not subscriber]


def _renamed(ssrcs: Iterable[int]) -> dict[int, int]:
    return {ssrc: ssrc + (1 << 24) for ssrc in ssrcs}
