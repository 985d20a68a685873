"""The contract of a fan-out, held by both: the one in Python, and the one in C where it can be built.

What leaves the socket is compared byte for byte with what libsrtp makes of the packet that is meant.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from hypothesis import HealthCheck, given, settings, strategies as st

from media import NativeMissing
from media.sfu.codecs import Shift
from media.sfu.downtrack import DownTrack
from media.sfu.ice import pack_destination
from media.sfu.native import FORWARDING, NativeFanOut, NativeForwarder
from media.sfu.participant import Subscriber
from media.sfu.rtp import PacketBuffer
from media.sfu.udp_mux import FanOut, UdpMux
from tests.tools.bench.media import ice

if TYPE_CHECKING:
    from media.sfu.udp_mux import MakeFanOut

NOW = 1_700_000_000.123
SSRC = 77


class Crowd:
    """Subscribers with DownTracks on one mux, whose clients are the sockets of this test."""

    def __init__(self, mux: UdpMux, certificate: RTCCertificate, make: MakeFanOut) -> None:
        self.mux = mux
        self.downtracks: list[DownTrack] = []
        self.clients: list[socket.socket] = []
        self._certificate = certificate
        self._expected: list[pylibsrtp.Session] = []
        self._made: dict[bool, FanOut] = {}
        self._make = make

    def join(
        self, host: str = "127.0.0.1", kind: str = "video", shift: Shift | None = None, repeat: bool = True
    ) -> DownTrack:
        key = os.urandom(30)
        subscriber = Subscriber(self.mux, self._certificate, lambda: NOW)
        subscriber._set_keys(session(os.urandom(30)), session(key, repeat))
        downtrack = DownTrack(subscriber, subscriber.resend_budget, kind, 1000 + len(self.downtracks), 0)
        downtrack.seq_offset, downtrack.ts_offset, downtrack.shift = (
            60_000 + 7 * len(self.downtracks),
            (1 << 32) - 5,
            shift,
        )
        client = self.client(host)
        self.move(downtrack, client)
        self.clients.append(client)
        self._expected.append(session(key))
        self.downtracks = [*self.downtracks, downtrack]
        return downtrack

    def client(self, host: str = "127.0.0.1") -> socket.socket:
        client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        client.bind((host, 0))
        client.setblocking(False)
        return client

    def move(self, downtrack: DownTrack, client: socket.socket) -> None:
        addr = client.getsockname()
        udp_socket = next(d for d in self.mux.sockets if (":" in d.host) == (":" in addr[0]))
        ice.settle(downtrack.peer, udp_socket, client)

    def send(self, payload: bytes, first: int = 0x80, marker: int = 0, seq: int = 9, timestamp: int = 90) -> None:
        """A packet that came in with a header extension of its own, which is not passed on."""
        kind = self.downtracks[0].payload_type
        extended = kind == 96
        fan_out = self._made.setdefault(extended, self._make(self.mux, extended))
        fan_out._clock = lambda: NOW
        packet = PacketBuffer()
        packet.body, packet.size, packet.seq = 20, 20 + len(payload), seq
        packet.mem[:20] = struct.pack("!BBHII", first | 0x10, marker | 45, seq, timestamp, SSRC) + b"\xbe\xde\0\1abcd"
        packet.mem[20 : packet.size] = payload
        fan_out.send(self.downtracks, packet, packet.body, first, marker, seq, timestamp)

    def arrived(self) -> list[bytes]:
        """What each client got, in order; empty for none."""
        found = []
        for client in self.clients:
            data = b""
            with contextlib.suppress(BlockingIOError):
                data = client.recv(4096)
                with pytest.raises(BlockingIOError):
                    client.recv(4096)
            found.append(data)
        return found

    def meant(
        self, payload: bytes, first: int = 0x80, marker: int = 0, seq: int = 9, timestamp: int = 90
    ) -> list[bytes]:
        found = []
        for downtrack, keys in zip(self.downtracks, self._expected, strict=True):
            video = downtrack.payload_type == 96
            head = struct.pack(
                "!BBHII", 0x80 | first & 0x20 | (0x10 if video else 0), marker | downtrack.payload_type,
                (seq + downtrack.seq_offset) & 0xFFFF, (timestamp + downtrack.ts_offset) & 0xFFFFFFFF, downtrack.ssrc,
            )  # fmt: skip
            if video:
                head += struct.pack("!HHI", 0xBEDE, 1, 2 << 28 | 2 << 24 | int(NOW * (1 << 18)) & 0xFFFFFF)
            body = bytearray(payload)
            if downtrack.shift is not None:
                downtrack.shift.apply(memoryview(body), 0, len(body))
            found.append(keys.protect(head + bytes(body)))
        return found


def session(key: bytes, repeat: bool = True) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    policy.allow_repeat_tx = repeat
    return pylibsrtp.Session(policy)


@pytest.fixture
async def crowd(make: MakeFanOut) -> AsyncIterator[Crowd]:
    mux = await UdpMux.bind(["127.0.0.1", "::1"], 0)
    made = Crowd(mux, RTCCertificate.generateCertificate(), make)
    yield made
    for client in made.clients:
        client.close()
    mux.close()


def frames() -> Iterator[bytes]:
    yield b""
    yield b"\x10"
    yield b"\x90\x80\xff\xff\x00pixels"
    yield b"\x90\xe0\x80\x01\x05\x21\x00" + bytes(1000)


async def test_every_sink_gets_the_packet_under_its_own_numbers(crowd: Crowd) -> None:
    for _ in range(3):
        crowd.join()
    for n, payload in enumerate(frames()):
        crowd.send(payload, 0xA0 if n else 0x80, 0x80, 65_530 + n, 4_294_967_290 + n)
        assert crowd.arrived() == crowd.meant(payload, 0xA0 if n else 0x80, 0x80, 65_530 + n, 4_294_967_290 + n)
    assert crowd.mux.sent == 12
    assert not crowd.mux.drops


async def test_sound_goes_without_an_extension(crowd: Crowd) -> None:
    for _ in range(2):
        crowd.join(kind="audio")
    for seq in (1, 2, 3):
        crowd.send(b"opus", seq=seq)
        assert crowd.arrived() == crowd.meant(b"opus", seq=seq)


async def test_pictures_are_renumbered_for_whom_a_layer_was_switched(crowd: Crowd) -> None:
    crowd.join()
    crowd.join(shift=Shift(5, 250))
    crowd.join(shift=Shift(-40_000, -3))
    for seq, payload in enumerate(frames()):
        crowd.send(payload, seq=seq)
        assert crowd.arrived() == crowd.meant(payload, seq=seq)


async def test_more_sinks_than_fit_into_one_call_of_the_kernel(crowd: Crowd) -> None:
    for _ in range(37):
        crowd.join()
    for seq in (1, 2, 3):
        crowd.send(bytes(1100), seq=seq)
        assert crowd.arrived() == crowd.meant(bytes(1100), seq=seq)
    assert crowd.mux.sent == 111


async def test_both_families_in_one_room(crowd: Crowd) -> None:
    for host in ("127.0.0.1", "::1", "127.0.0.1", "::1", "::1"):
        crowd.join(host)
    for seq in (1, 2, 3):
        crowd.send(b"\x10both", seq=seq)
        assert crowd.arrived() == crowd.meant(b"\x10both", seq=seq)


async def test_one_that_cannot_be_encrypted_costs_the_others_nothing(crowd: Crowd) -> None:
    crowd.join()
    crowd.join(repeat=False)
    crowd.join()
    for _ in range(3):  # the same number again, which one of the keys refuses
        crowd.send(b"\x10again")
    first, *rest = [[client.recv(4096) for _ in range(n)] for client, n in zip(crowd.clients, (3, 1, 3), strict=True)]
    assert len(set(first)) == 1
    assert all(len(set(same)) == 1 for same in rest)
    assert crowd.mux.drops == {"protect": 2}
    assert crowd.mux.sent == 9


async def test_one_that_cannot_be_sent_to_costs_the_others_nothing(crowd: Crowd) -> None:
    for _ in range(3):
        crowd.join()
    nowhere = crowd.downtracks[1].peer
    nowhere.remote = ("127.0.0.1", 0)  # EINVAL, from the kernel itself
    nowhere.destination[:] = pack_destination(crowd.mux.sockets[0].socket.fileno(), nowhere.remote)
    for seq in (1, 2, 3):
        crowd.send(b"\x10", seq=seq)
        one, _, three = crowd.meant(b"\x10", seq=seq)
        assert crowd.arrived() == [one, b"", three]
    assert crowd.mux.drops == {"send": 3}


async def test_a_full_socket_drops_and_does_not_wait(crowd: Crowd) -> None:
    crowd.join()
    crowd.join()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                ours.send(bytes(1000))
        full = crowd.downtracks[0].peer
        full.sendto = lambda data, _: ours.send(data)  # as the socket's own
        struct.pack_into("=ii", full.destination, 0, ours.fileno(), 0)
        for seq in (1, 2, 3):
            crowd.send(b"\x10", seq=seq)
            assert crowd.arrived()[1] == crowd.meant(b"\x10", seq=seq)[1]
    assert crowd.mux.drops == {"send": 3}


async def test_a_client_that_moved_is_followed_at_once(crowd: Crowd) -> None:
    downtrack = crowd.join()
    for seq in (1, 2, 3):
        crowd.send(b"\x10before", seq=seq)
        assert crowd.arrived() == crowd.meant(b"\x10before", seq=seq)
    crowd.clients.append(crowd.client("::1"))
    crowd.move(downtrack, crowd.clients[-1])
    crowd.send(b"\x10after", seq=4)
    assert crowd.arrived() == [b"", *crowd.meant(b"\x10after", seq=4)]


async def test_who_comes_and_goes_between_packets_changes_only_that(crowd: Crowd) -> None:
    crowd.join()
    for seq in range(1, 20):
        if seq % 3 == 0:
            crowd.join()
        if seq % 7 == 0:
            crowd.downtracks, crowd.clients = crowd.downtracks[1:], crowd.clients[1:]
            crowd._expected = crowd._expected[1:]
        crowd.send(b"\x10", seq=seq)
        assert crowd.arrived() == crowd.meant(b"\x10", seq=seq)


@pytest.mark.native
async def test_python_and_c_agree_on_every_packet(built: Path) -> None:
    mux = await UdpMux.bind("127.0.0.1", 0)
    certificate = RTCCertificate.generateCertificate()
    crowds = [Crowd(mux, certificate, make) for make in (FanOut, NativeForwarder(built))]
    for crowd in crowds:
        crowd.join(shift=Shift(1, 1))
    one, two = crowds

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.binary(max_size=40), st.booleans(), st.booleans(), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF),
        st.integers(-70_000, 70_000), st.integers(-600, 600), st.integers(0, 0xFFFF), st.integers(-(1 << 33), 1 << 33),
    )  # fmt: skip
    def agree(
        payload: bytes, padded: bool, marked: bool, seq: int, timestamp: int,
        picture: int, tl0: int, offset: int, late: int,
    ) -> None:  # fmt: skip
        got = []
        for crowd in (one, two):
            downtrack = crowd.downtracks[0]
            downtrack.seq_offset, downtrack.ts_offset, downtrack.shift = offset, late, Shift(picture, tl0)
            downtrack.transport._set_keys(session(bytes(30)), session(bytes(range(30))))
            downtrack.srtp, downtrack.ssrc = downtrack.transport.srtp_out, 5
            crowd.downtracks = list(crowd.downtracks)
            for _ in range(2):  # the second goes through C
                crowd.send(payload, 0xA0 if padded else 0x80, 0x80 if marked else 0, seq, timestamp)
            got.append([crowd.clients[0].recv(4096) for _ in range(2)])
        assert got[0] == got[1]
        assert got[0][0] == got[0][1]

    agree()
    assert isinstance(two._made[True], NativeFanOut)
    assert not mux.drops
    for crowd in crowds:
        crowd.clients[0].close()
    mux.close()


@pytest.mark.compiler
def test_what_is_built_is_whole_and_only_for_this_source(tmp_path: Path) -> None:
    old = tmp_path / "media-x86_64-0123456789abcdef.so"
    old.write_bytes(b"of an earlier version")
    made = FORWARDING.build(tmp_path)
    assert list(tmp_path.iterdir()) == [made]
    stamp = made.stat().st_mtime_ns
    assert FORWARDING.build(tmp_path).stat().st_mtime_ns == stamp, "it was built twice"
    made.write_bytes(b"not a library")
    with pytest.raises(NativeMissing):
        FORWARDING.load(made)


def test_without_a_compiler_there_is_none_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/nonexistent/cc")
    monkeypatch.setattr(FORWARDING, "output", tmp_path)
    with pytest.raises(NativeMissing, match="compiler"):
        FORWARDING.build(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NativeMissing):
        FORWARDING.load(FORWARDING.path(tmp_path))
