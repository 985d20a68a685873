"""Receiving in C has the same results as in Python, and packets that need no decision do not reach Python."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RTCP_RTPFB_NACK, RtcpRtpfbPacket
from hypothesis import given, settings, strategies as st

from media.sfu.native import MIN_ENTRIES, NativeForwarder, NativeReceiver, NativeUdpSocket
from media.sfu.publisher import Publisher
from media.sfu.stun import parse_sockaddr, sockaddr
from media.sfu.udp_mux import UdpMux
from tests.media.bench import CAMERA_H, MIC, Bench, picture, session, written
from tests.media.sfu.native.receivers import (
    heard_by_client,
    left_behind,
    library as library,  # a fixture
    opened,
    seen_by_python,
    sound,
)
from tests.media.sfu.test_continuity import STEPS, Script
from tests.tools.bench.media import ice

pytestmark = pytest.mark.native


@settings(max_examples=120, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=60), st.sampled_from([100, 32_760, 65_530]))
def test_both_ways_end_alike(library: NativeForwarder, steps: list[tuple[str, int, int]], first: int) -> None:
    async def play(native: NativeForwarder | None) -> tuple[Any, Any]:
        async with opened(native) as bench:
            script = Script(bench, first)
            for step in steps:
                script.do(*step)
            return left_behind(bench), heard_by_client(script)

    with pytest.MonkeyPatch.context() as patch:  # over a change of streams timestamps go by the clock
        patch.setattr("media.sfu.downtrack.time", SimpleNamespace(monotonic=lambda: 5.0))
        in_python, in_c = asyncio.run(play(None)), asyncio.run(play(library))
    assert in_c == in_python


async def test_what_is_ordinary_does_not_reach_python(library: NativeForwarder) -> None:
    async with opened(library) as bench:
        camera, mic = bench.downtrack("camera"), bench.downtrack("mic")
        for seq in range(1, 4):
            bench.send(CAMERA_H, seq, 3000 * seq, picture(seq, key=seq == 1))
            bench.deliver(bench.sender.protect(sound(seq, 20)))
        camera.subscribe(bench.stream(CAMERA_H))
        mic.subscribe(bench.stream(MIC))
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
        bench.send(CAMERA_H, 101, 303_000, picture(101))
        handed.clear()
        bench.send(CAMERA_H, 104, 312_000, picture(104))
        assert handed == [], "what was skipped is told, the packet behind it forwarded"
        assert len(bench.arrived()) == 3
        assert (bench.stream(CAMERA_H).gaps, len(bench.stream(CAMERA_H).nacks)) == (2, 2)
        bench.send(CAMERA_H, 103, 309_000, picture(103))
        assert len(handed) == 1, "what is late is looked at"
        assert (bench.stream(CAMERA_H).gaps, len(bench.stream(CAMERA_H).nacks)) == (1, 1)


async def test_a_request_for_which_repair_has_no_time_does_not_reach_python(library: NativeForwarder) -> None:
    async with opened(library) as bench:
        handed = seen_by_python(bench)
        request = bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, MIC, [7]))
        bench.deliver(request)
        assert len(handed) == 1
        bench.mux.repair_time.tokens = -10.0
        bench.deliver(request)
        assert (len(handed), bench.mux.drops["repair"]) == (1, 1)


async def test_how_loud_somebody_is_is_heard_on_both_ways(library: NativeForwarder) -> None:
    found = []
    for native in (None, library):
        async with opened(native) as bench:
            for seq in range(60):
                bench.time += 0.02
                bench.deliver(bench.sender.protect(sound(seq, 20 if seq < 50 else 90)))
            found.append((bench.publisher.voice.loudness, bench.publisher.voice.update(bench.time)))
    assert found[0] == found[1]
    assert found[0][1]


async def test_a_burst_by_the_socket_arrives_in_order_with_what_is_not_media_in_between(
    library: NativeForwarder,
) -> None:
    async with opened(library) as bench:
        mic = bench.downtrack("mic")
        bench.send(MIC, 0, 0, b"\x78first")
        mic.subscribe(bench.stream(MIC))
        udp_socket = bench.mux.sockets[0]
        handed = seen_by_python(bench)
        for seq in range(1, 200):
            bench.client.sendto(
                bench.sender.protect(written(MIC, seq, seq * 960, b"\x78%03d" % seq)), ("127.0.0.1", udp_socket.port)
            )
            if seq % 50 == 0:
                for strange in (b"", b"\x00" * 20, b"\x16" * 40, b"\xff", b"\x80" * 2100):
                    bench.client.sendto(strange, ("127.0.0.1", udp_socket.port))
        async with asyncio.timeout(10):
            while bench.stream(MIC).received < 200:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.001)
        got = bench.arrived()
        assert [p.payload for p in got] == [b"\x78%03d" % seq for seq in range(1, 200)]
        assert len(handed) == 2 + 3 * 4, (
            "two packets until it is armed, and what is strange but the one that is too long"
        )
        assert bench.mux.drops == {"empty": 3, "stun": 3, "unknown": 3, "size": 3}


async def test_nothing_forged_under_a_clients_address_passes(library: NativeForwarder) -> None:
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


async def test_who_sends_too_much_is_held_to_the_same(library: NativeForwarder) -> None:
    taken = []
    for native in (None, library):
        async with opened(native, bitrate=80_000) as bench:
            for seq in range(200):
                bench.send(MIC, seq, seq * 960, bytes(100))
            taken.append((bench.stream(MIC).received, bench.mux.drops["bitrate"] > 50))
    (in_python, dropped), (in_c, too) = taken
    assert abs(in_python - in_c) <= 3, "the bucket fills by the real clock meanwhile"
    assert dropped
    assert too


async def test_after_the_end_of_a_connection_its_packets_are_nobodys(library: NativeForwarder) -> None:
    async with opened(library) as bench:
        for seq in range(5):
            bench.send(MIC, seq, seq * 960, b"\x78sound")
        bench.publisher.detach()
        bench.send(MIC, 5, 4800, b"\x78sound")
        assert bench.mux.drops == {"media": 1}
        bench.publisher.peer.close()
        bench.send(MIC, 6, 5760, b"\x78sound")
        assert bench.mux.drops == {"media": 2}


async def test_both_address_families_are_received(library: NativeForwarder) -> None:
    mux = await UdpMux.bind(["127.0.0.1", "::1"], 0, 10**9, library)
    bench = Bench(mux)
    for udp_socket, host in zip(mux.sockets, ("127.0.0.1", "::1"), strict=True):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((host, 0))
            client.setblocking(False)
            publisher = Publisher(mux, RTCCertificate.generateCertificate(), lambda: None, lambda: 0.0)
            key = os.urandom(30)
            publisher._set_keys(session(key, inbound=True), session(os.urandom(30), inbound=False))
            publisher.apply_offer(bench.publisher.sections)
            ice.settle(publisher.peer, udp_socket, client)
            sender = session(key, inbound=False)
            for seq in range(20):
                client.sendto(sender.protect(written(MIC, seq, seq * 960, b"\x78")), (host, udp_socket.port))
            async with asyncio.timeout(10):
                while publisher.authenticated < 20:  # noqa: ASYNC110 - a counter
                    await asyncio.sleep(0.001)
            assert publisher.peer.native.authenticated == 19, "all but the first"
            publisher.detach()
    bench.close()
    mux.close()


class Peers:
    """Stands in for the mux's peers: only what C knows of them counts here."""

    def __init__(self, native: Any) -> None:
        self.native = native


ADDRESSES = st.one_of(
    st.tuples(st.sampled_from(["127.0.0.1", "10.0.0.7"]), st.integers(1, 90)),
    st.tuples(st.just("::1"), st.integers(1, 40), st.just(0), st.sampled_from([0, 3])),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ADDRESSES, st.booleans()), max_size=300))
def test_the_directory_is_a_dictionary(library: NativeForwarder, steps: list[tuple[Any, bool]]) -> None:
    class Nowhere:
        pass

    receiver = NativeReceiver(library, Nowhere())  # type: ignore[arg-type]
    here: dict[Any, Any] = {}
    for number, (addr, comes) in enumerate(steps):
        where = sockaddr(addr)
        assert parse_sockaddr(where) == addr
        if comes:
            native = type("E", (), {"struct": library.ffi.new("struct transport *")})()
            native.struct.number = number
            receiver.bind_address(addr, Peers(native))  # type: ignore[arg-type]
            here[where] = native.struct
        else:
            receiver.unbind_address(addr)
            here.pop(where, None)
    entries = receiver.addresses.entries
    found = {
        bytes(library.ffi.buffer(entries[at].address, entries[at].length)): entries[at].transport.number
        for at in range(receiver.addresses.mask + 1)
        if entries[at].transport
    }
    assert found == {where: transport.number for where, transport in here.items()}
    for where, transport in itertools.islice(here.items(), MIN_ENTRIES):
        assert library.lib.yuntiao_unbind(receiver.addresses, where, len(where)) == 1
        assert library.lib.yuntiao_bind(receiver.addresses, where, len(where), transport) == 1


async def test_a_handler_that_fails_ends_nothing(library: NativeForwarder) -> None:
    async with opened(library) as bench:
        udp_socket = bench.mux.sockets[0]
        assert isinstance(udp_socket, NativeUdpSocket)

        def fail(data: bytes, addr: Any) -> None:
            raise RuntimeError

        good, udp_socket.demultiplex = udp_socket.demultiplex, fail  # type: ignore[method-assign]
        bench.send(MIC, 0, 0, b"\x78")
        assert bench.mux.drops == {"handler": 1}
        udp_socket.demultiplex = good  # type: ignore[method-assign]
        bench.send(MIC, 1, 960, b"\x78")
        assert bench.stream(MIC).received == 1
