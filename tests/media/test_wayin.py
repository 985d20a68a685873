"""The compiled way in ends as the one in Python does, whatever comes; and what is ordinary does not reach Python."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from hypothesis import given, settings, strategies as st

from media.sfu.description import LEVEL_URI
from media.sfu.endpoint import Endpoint
from media.sfu.feed import Feed
from media.sfu.native.fanout import Native
from media.sfu.native.wayin import LEAST_ENTRIES, NativeDoor, WayIn
from media.sfu.peer import address, sockaddr
from media.sfu.publisher import Publisher
from recordings.keys import case_keys
from recordings.take import Take
from recordings.vp8 import Frame
from server.bench.traffic import KEY_FRAME
from tests.media.bench import CAMERA_H, MIC, OPUS, SCREEN, Bench, picture, session, written
from tests.media.taps import CountingTap
from tests.media.test_continuity import STEPS, Script
from tests.recordings.studio import ORIGIN

pytestmark = pytest.mark.native

LEVEL_ID = 5


@pytest.fixture(scope="module")
def library(built: Path) -> Native:
    return Native(built)


@contextlib.asynccontextmanager
async def opened(native: Native | None, bitrate: int = 10**10) -> AsyncIterator[Bench]:
    endpoint = await Endpoint.bind("127.0.0.1", 0, bitrate, native)
    bench = Bench(endpoint)
    bench.publisher.lines["0"][1].extensions[LEVEL_URI] = LEVEL_ID
    try:
        yield bench
    finally:
        bench.publisher.detach()
        bench.client.close()
        endpoint.close()
        await asyncio.sleep(0)


def seen_by_python(bench: Bench) -> list[bytes]:
    """What the door hands over from now on, as it came."""
    door, found = bench.endpoint.doors[0], []
    sort = door.sort

    def spy(data: bytes, addr: Any) -> None:
        found.append(data)
        sort(data, addr)

    door.sort = spy  # type: ignore[method-assign]
    return found


def sound(seq: int, level: int) -> bytes:
    header = struct.pack("!BBHII", 0x90, OPUS, seq & 0xFFFF, seq * 960 & 0xFFFFFFFF, MIC)
    return header + struct.pack("!HHBBH", 0xBEDE, 1, LEVEL_ID << 4, level, 0) + b"\x78sound"


def left_behind(bench: Bench) -> dict[str, Any]:
    """What a connection and its streams know in the end."""
    publisher = bench.publisher
    return {
        "streams": {
            ssrc: (
                s.extended, s.timestamp, s.received, s.octets, s.picture, s.gaps, s.repaired, len(s.missing),
                s.history.key_seq, {n: kept(s, n) for n in range(s.highest - 300, s.highest + 1)},
            )
            for ssrc, s in publisher.streams.items()
        },
        "heard": publisher.heard,
        "left": publisher.sending.left,
        "loudness": publisher.voice.loudness,
        "drops": dict(bench.endpoint.drops),
        "sent": bench.endpoint.sent,
        "received": bench.endpoint.received,
    }  # fmt: skip


def kept(stream: Any, number: int) -> tuple[bytes, int] | None:
    packet = stream.history.get(number & 0xFFFF)
    return None if packet is None else (bytes(packet.mem[: packet.size]), packet.body)


def heard_by_client(script: Script) -> dict[str, list[tuple[int, int, int, bytes]]]:
    """What each sink's client got, its numbers counted from the first."""
    found: dict[str, list[tuple[int, int, int, bytes]]] = {}
    for source, sink in script.sinks.items():
        packets = script.packets.get(sink.ssrc, [])
        found[source] = [
            ((p.sequence_number - packets[0].sequence_number) & 0xFFFF,
             (p.timestamp - packets[0].timestamp) & 0xFFFFFFFF, p.marker, p.payload)
            for p in packets
        ]  # fmt: skip
    return found


@settings(max_examples=120, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=60), st.sampled_from([100, 32_760, 65_530]))
def test_both_ways_end_alike(library: Native, steps: list[tuple[str, int, int]], first: int) -> None:
    async def play(native: Native | None) -> tuple[Any, Any]:
        async with opened(native) as bench:
            script = Script(bench, first)
            for step in steps:
                script.do(*step)
            return left_behind(bench), heard_by_client(script)

    with pytest.MonkeyPatch.context() as patch:  # over a change of streams timestamps go by the clock
        patch.setattr("media.sfu.sink.time", SimpleNamespace(monotonic=lambda: 5.0))
        in_python, in_c = asyncio.run(play(None)), asyncio.run(play(library))
    assert in_c == in_python


async def test_what_is_ordinary_does_not_reach_python(library: Native) -> None:
    async with opened(library) as bench:
        camera, mic = bench.sink("camera"), bench.sink("mic")
        for seq in range(1, 4):
            bench.send(CAMERA_H, seq, 3000 * seq, picture(seq, key=seq == 1))
            bench.deliver(bench.sender.protect(sound(seq, 20)))
        camera.follow(bench.stream(CAMERA_H))
        mic.follow(bench.stream(MIC))
        bench.send(CAMERA_H, 4, 12_000, picture(4, key=True))
        for seq in range(5, 8):
            bench.send(CAMERA_H, seq, 3000 * seq, picture(seq))
            bench.deliver(bench.sender.protect(sound(seq, 20)))
        bench.arrived()
        handed = seen_by_python(bench)
        for seq in range(8, 100):
            bench.send(CAMERA_H, seq, 3000 * seq, picture(seq))
            bench.deliver(bench.sender.protect(sound(seq, 20)))
        assert handed == []
        assert len(bench.arrived()) == 2 * 92
        bench.send(CAMERA_H, 100, 300_000, picture(100, key=True))
        assert handed == [], "a key frame goes on from where it was decrypted"
        assert bench.stream(CAMERA_H).history.key_seq == 100
        bench.send(CAMERA_H, 102, 306_000, picture(102))
        assert len(handed) == 1, "a gap is looked at"
        assert len(bench.arrived()) == 2


async def test_how_loud_somebody_is_is_heard_on_both_ways(library: Native) -> None:
    found = []
    for native in (None, library):
        async with opened(native) as bench:
            for seq in range(60):
                bench.time += 0.02
                bench.deliver(bench.sender.protect(sound(seq, 20 if seq < 50 else 90)))
            found.append((bench.publisher.voice.loudness, bench.publisher.voice.decide(bench.time)))
    assert found[0] == found[1]
    assert found[0][1]


async def test_a_burst_by_the_socket_arrives_in_order_with_what_is_not_media_in_between(library: Native) -> None:
    async with opened(library) as bench:
        mic = bench.sink("mic")
        bench.send(MIC, 0, 0, b"\x78first")
        mic.follow(bench.stream(MIC))
        door = bench.endpoint.doors[0]
        handed = seen_by_python(bench)
        for seq in range(1, 200):
            bench.client.sendto(
                bench.sender.protect(written(MIC, seq, seq * 960, b"\x78%03d" % seq)), ("127.0.0.1", door.port)
            )
            if seq % 50 == 0:
                for strange in (b"", b"\x00" * 20, b"\x16" * 40, b"\xff", b"\x80" * 2100):
                    bench.client.sendto(strange, ("127.0.0.1", door.port))
        async with asyncio.timeout(10):
            while bench.stream(MIC).received < 200:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.001)
        got = bench.arrived()
        assert [p.payload for p in got] == [b"\x78%03d" % seq for seq in range(1, 200)]
        assert len(handed) == 2 + 3 * 4, (
            "two packets until it is armed, and what is strange but the one that is too long"
        )
        assert bench.endpoint.drops == {"empty": 3, "stun": 3, "unknown": 3, "size": 3}


async def test_nothing_forged_under_a_clients_address_passes(library: Native) -> None:
    async with opened(library) as bench:
        for seq in range(5):
            bench.send(MIC, seq, seq * 960, b"\x78sound")
        before = left_behind(bench)
        for _ in range(50):
            bench.deliver(written(MIC, 5, 4800, b"\x78forged") + os.urandom(10))
        after = left_behind(bench)
        assert after.pop("drops") == {"srtp": 50}
        assert after.pop("received") == before.pop("received") + 50
        assert before.pop("drops") == {}
        assert after == before
        bench.send(MIC, 5, 4800, b"\x78sound")
        assert bench.stream(MIC).received == 6


async def test_who_sends_too_much_is_held_to_the_same(library: Native) -> None:
    taken = []
    for native in (None, library):
        async with opened(native, bitrate=80_000) as bench:
            for seq in range(200):
                bench.send(MIC, seq, seq * 960, bytes(100))
            taken.append((bench.stream(MIC).received, bench.endpoint.drops["bitrate"] > 50))
    (in_python, dropped), (in_c, too) = taken
    assert abs(in_python - in_c) <= 3, "the bucket fills by the real clock meanwhile"
    assert dropped
    assert too


async def test_after_the_end_of_a_connection_its_packets_are_nobodys(library: Native) -> None:
    async with opened(library) as bench:
        for seq in range(5):
            bench.send(MIC, seq, seq * 960, b"\x78sound")
        bench.publisher.detach()
        bench.send(MIC, 5, 4800, b"\x78sound")
        assert bench.endpoint.drops == {"media": 1}
        bench.publisher.peer.close()
        bench.send(MIC, 6, 5760, b"\x78sound")
        assert bench.endpoint.drops == {"media": 2}


async def test_both_families_have_their_way_in(library: Native) -> None:
    endpoint = await Endpoint.bind(["127.0.0.1", "::1"], 0, 10**9, library)
    bench = Bench(endpoint)
    for door, host in zip(endpoint.doors, ("127.0.0.1", "::1"), strict=True):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((host, 0))
            publisher = Publisher(endpoint, RTCCertificate.generateCertificate(), lambda: None, lambda: 0.0)
            key = os.urandom(30)
            publisher._use_keys(session(key, inbound=True), session(os.urandom(30), inbound=False))
            publisher.expect(bench.publisher.lines)
            endpoint.learn(publisher.peer, client.getsockname())
            sender = session(key, inbound=False)
            for seq in range(20):
                client.sendto(sender.protect(written(MIC, seq, seq * 960, b"\x78")), (host, door.port))
            async with asyncio.timeout(10):
                while publisher.heard < 20:  # noqa: ASYNC110 - a counter
                    await asyncio.sleep(0.001)
            assert publisher.peer.entry.heard == 19, "all but the first"
            publisher.detach()
    bench.client.close()
    endpoint.close()


class Peers:
    """Stands in for the endpoint's peers: only who they are to C counts here."""

    def __init__(self, entry: Any) -> None:
        self.entry = entry


ADDRESSES = st.one_of(
    st.tuples(st.sampled_from(["127.0.0.1", "10.0.0.7"]), st.integers(1, 90)),
    st.tuples(st.just("::1"), st.integers(1, 40), st.just(0), st.sampled_from([0, 3])),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ADDRESSES, st.booleans()), max_size=300))
def test_the_directory_is_a_dictionary(library: Native, steps: list[tuple[Any, bool]]) -> None:
    class Nowhere:
        pass

    way_in = WayIn(library, Nowhere())  # type: ignore[arg-type]
    here: dict[Any, Any] = {}
    for number, (addr, comes) in enumerate(steps):
        where = sockaddr(addr)
        assert address(where) == addr
        if comes:
            entry = type("E", (), {"leg": library.ffi.new("struct leg *")})()
            entry.leg.number = number
            way_in.place(addr, Peers(entry))  # type: ignore[arg-type]
            here[where] = entry.leg
        else:
            way_in.leave(addr)
            here.pop(where, None)
    entries = way_in.directory.entries
    found = {
        bytes(library.ffi.buffer(entries[at].address, entries[at].length)): entries[at].leg.number
        for at in range(way_in.directory.mask + 1)
        if entries[at].leg
    }
    assert found == {where: leg.number for where, leg in here.items()}
    for where, leg in itertools.islice(here.items(), LEAST_ENTRIES):
        assert library.lib.yuntiao_unbind(way_in.directory, where, len(where)) == 1
        assert library.lib.yuntiao_bind(way_in.directory, where, len(where), leg) == 1


async def test_a_handler_that_fails_ends_nothing(library: Native) -> None:
    async with opened(library) as bench:
        door = bench.endpoint.doors[0]
        assert isinstance(door, NativeDoor)

        def fail(data: bytes, addr: Any) -> None:
            raise RuntimeError

        good, door.sort = door.sort, fail  # type: ignore[method-assign]
        bench.send(MIC, 0, 0, b"\x78")
        assert bench.endpoint.drops == {"handler": 1}
        door.sort = good  # type: ignore[method-assign]
        bench.send(MIC, 1, 960, b"\x78")
        assert bench.stream(MIC).received == 1


# ---------------------------------------------------------------- into a recording

Piece = tuple[
    int, int, bytes, bool, int, bool
]  # lost before it, timestamp, payload, marker, padding, handed over behind it


def film(chance: random.Random) -> Iterator[Piece]:
    """Frames of several packets, some of them damaged in one way or another."""
    for number in range(60):
        parts = chance.randint(1, 6)
        name = bytes((0x80, 0x80 | number >> 8, number & 0xFF))
        for part in range(parts):
            head = bytes((0x90 if part == 0 else 0x80,)) + name
            if chance.random() < 0.05:
                head = chance.choice([b"\x80\x80\x81\x02", b"\x10", b"\x00", b"\x90", b"", head[:2], head[:4]])
            start = KEY_FRAME if number % 7 == 0 else b"\x01"
            body = (start if part == 0 else b"") + chance.randbytes(chance.choice([0, 1, 2, 9, 40]))
            yield (
                chance.choices([0, 1, 3], [40, 1, 1])[0], 3000 * number, head + body,
                part == parts - 1 and chance.random() < 0.95, chance.choices([0, 1, 2], [9, 1, 1])[0],
                chance.random() < 0.1,
            )  # fmt: skip


class Shown:
    """Stands in for a take's reel: what would be written, in order."""

    file = None

    def __init__(self) -> None:
        self.items: list[Any] = []

    def picture(self, at: float, frame: Frame) -> None:
        self.items.append(frame)

    def sound(self, at: float, data: bytes) -> None:
        self.items.append(data)

    def tick(self, wall: float) -> bool:
        return False

    def close(self) -> None:
        return


@pytest.mark.parametrize("seed", range(12))
def test_what_is_recorded_is_the_same_on_both_ways(library: Native, tmp_path: Path, seed: int) -> None:
    folder = tmp_path

    async def record(native: Native | None) -> Any:
        async with opened(native) as bench:
            bench.recorded_at_once = False
            take = Take(folder, "r", "ann", lambda _: None, lambda _: None, lambda: None, 45.0, case_keys(folder))
            shown = Shown()
            take._reels = {"camera": shown, "screen": shown}  # type: ignore[dict-item]
            feeds = [Feed(take, name, lambda: None) for name in ("mic", "screen")]
            send(bench, SCREEN, 0, 0, picture(0, key=True), True)
            send(bench, MIC, 0, 0, b"\x78", False)
            for feed, ssrc in zip(feeds, (MIC, SCREEN), strict=True):
                feed.follow(bench.stream(ssrc))
            seq = 0
            for number, (lost, timestamp, payload, marker, padding, now) in enumerate(film(random.Random(seed))):
                seq += 1 + lost
                send(bench, SCREEN, seq, 90_000 + timestamp, payload, marker, padding)
                send(bench, MIC, 1 + number, 960 * number, b"\x78%d" % number, False, padding)
                if now:
                    for feed in feeds:
                        feed.hand_over()
                    take.work(number / 10, ORIGIN + number / 10)
            for feed in feeds:
                feed.stop()
            take.close("closed")
            take.work(100.0, ORIGIN + 100.0)
            assert take._put == take._taken
            assert sum(isinstance(item, Frame) for item in shown.items) > 3
            return shown.items, {source: tally.seen for source, tally in take._tallies.items()}

    with pytest.MonkeyPatch.context() as patch:
        # Sound and picture are woven by when they came, which is another time each time.
        patch.setattr("recordings.take.Braid", OneByOne)
        assert asyncio.run(record(library)) == asyncio.run(record(None))


def send(bench: Bench, ssrc: int, seq: int, timestamp: int, payload: bytes, marker: bool, padding: int = 0) -> None:
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    packet = bytearray(written(ssrc, seq, timestamp, payload + tail))
    packet[0] |= 0x20 if padding else 0
    packet[1] |= 0x80 if marker else 0
    bench.deliver(bench.sender.protect(bytes(packet)))


class OneByOne:
    """Sources one after the other, each in the order it came."""

    def __init__(self) -> None:
        self._held: dict[str, list[Any]] = {}

    def push(self, source: str, wall: float, item: Any, now: float) -> None:
        self._held.setdefault(source, []).append(item)

    def pop(self, now: float, everything: bool = False, behind: Any = ()) -> Iterator[tuple[float, Any]]:
        if everything:
            for source in sorted(self._held):
                yield from ((0.0, item) for item in self._held[source])


async def test_packets_collect_until_they_are_handed_over_and_a_full_chute_is_emptied_before(library: Native) -> None:
    async with opened(library) as bench:
        bench.recorded_at_once = False
        tap = CountingTap("r", "ann", lambda _: None)
        send(bench, SCREEN, 0, 0, picture(0, key=True), True)
        feed = Feed(tap, "screen", lambda: None)
        feed.follow(bench.stream(SCREEN))
        for seq in range(1, 500):
            key = seq == 1
            send(bench, SCREEN, seq, 3000 * (1 + seq // 5), picture(seq // 5, key) + bytes(1100), seq % 5 == 4)
        assert feed.chute is not None
        assert 0 < len(tap.packets["screen"]) < 499, "more than a chute holds"
        feed.hand_over()
        assert tap.packets["screen"] == list(range(1, 500))
        assert feed.chute.packets == 0
        send(bench, SCREEN, 500, 300_000, picture(100), True)
        feed.stop()
        assert tap.packets["screen"][-1] == 500, "what has collected is not lost at the end"
