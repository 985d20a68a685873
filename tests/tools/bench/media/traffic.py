"""The other side of `bench forward` and `bench fanout`: many synthetic clients in a process of their own, so that they
cost the server no CPU time. Started as `python -m tests.tools.bench.media.traffic`: a plan as one JSON line on standard
input, sends until that ends, then says what arrived.

It knows its SRTP keys from the plan instead of from a DTLS handshake; everything else is as on the wire: checks with
integrity, SRTP, sender and receiver reports, REMB, and NACKs for one packet in a hundred. With a `library` in the plan
(`client.c`, built) clients also ask for everything that is missing, ten times and for a second, and repeat what they
are asked for; what they do with packets is then done in C, so that the server's core is full first.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import select
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pylibsrtp
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)
from pylibsrtp._binding import ffi as srtp_ffi, lib as srtp_lib

from media import NativeLibrary
from media.sfu.rtp import HEADER, address_of, srtp_context
from media.sfu.sdp import OPUS, VP8, VP8_RTX
from media.sfu.stun import IceCredentials
from media.sfu.udp_mux import open_socket
from tests.tools.bench.media import ice

KEY_BYTES = 28  # AES-128-GCM: key and salt
TICK = 0.02
VIDEO_BYTES, AUDIO_BYTES = 1200, 90  # 720p at 1.44 Mbit/s
VIDEO_EACH_TICK = 3  # with one of audio: 150 and 50 packets a second
PACKETS_PER_SECOND = round((VIDEO_EACH_TICK + 1) / TICK)  # of each client
FRAME = 5  # packets
KEY_EVERY = 30  # frames
LEVEL_ID = 3  # of the audio-level extension
NACK_EVERY = 100
MOST_ASKED_FOR = 64  # packets in one NACK
NAMED = {
    "VIDEO_BYTES": VIDEO_BYTES, "AUDIO_BYTES": AUDIO_BYTES, "FRAME": FRAME, "KEY_EVERY": KEY_EVERY,
    "NACK_EVERY": NACK_EVERY, "LEVEL_ID": LEVEL_ID, "VP8": VP8, "VP8_RTX": VP8_RTX, "OPUS": OPUS,
}  # fmt: skip
CLIENT = NativeLibrary(
    Path(__file__).parent, "client", ("client.c",), ("client.h",), tuple(f"-D{n}={v}" for n, v in NAMED.items())
)
CORES = "YUNTIAO_BENCH_CORES"  # on which the clients are to run; none: on any
ON_ITS_WAY = 0.3  # seconds for what was still to be forwarded at the end
WARM_TICKS = 50  # whose lateness does not count
BITRATE = 40_000_000  # as REMB: enough for everybody's pictures
WIDTH, HEIGHT = 1280, 720
KEY_FRAME = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", WIDTH, HEIGHT)  # how one begins (RFC 6386 9.1)


def srtp(key: bytes, inbound: bool) -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=key, ssrc_type=kind, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return pylibsrtp.Session(policy)


class Film:
    """A second of pictures and sound that can be decoded, for those who do."""

    def __init__(self) -> None:
        # Only this needs codecs, which take a moment to load.
        from tests.tools.bench.media.film import pictures, sounds

        self.pictures = pictures(WIDTH, HEIGHT, KEY_EVERY, FRAME, VIDEO_BYTES)
        self.sounds = sounds()


class Connection:
    """One of a client's two: a socket whose address the server learned by a check."""

    def __init__(self, server: tuple[str, int], plan: dict[str, Any]) -> None:
        self.outbound = srtp(bytes.fromhex(plan["up"]), inbound=False)
        self.inbound = srtp(bytes.fromhex(plan["down"]), inbound=True)
        self.socket = open_socket("127.0.0.1", 0)
        self.socket.connect((server[0], plan.get("port", server[1])))
        self._ours = IceCredentials(plan["client_ufrag"], plan["client_password"])
        self.send(ice.check(IceCredentials(plan["ufrag"], plan["password"]), self._ours))

    def answer(self, data: bytes) -> None:
        """What is no media: perhaps a check of the server's."""
        if answer := ice.answer(data, self._ours):
            self.send(answer)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # a full buffer: lost, as on any network
            self.socket.send(data)


class Client:
    """Sends a camera and a microphone, receives everybody else's."""

    def __init__(self, server: tuple[str, int], plan: dict[str, Any], film: Film | None = None) -> None:
        self.up, self.down = Connection(server, plan["publish"]), Connection(server, plan["subscribe"])
        self.video, self.audio = plan["ssrcs"]
        self.received = self.checked = self.bad = self._packets = self._sounds = 0
        self._pictures = _pictures(self.video, film.pictures if film else _noise())
        self._voice = _sounds(self.audio, film.sounds if film else [os.urandom(AUDIO_BYTES)])
        self._buffer = bytearray(2048)

    def picture(self) -> None:
        self.up.send(self.up.outbound.protect(next(self._pictures)))
        self._packets += 1

    def sound(self) -> None:
        self.up.send(self.up.outbound.protect(next(self._voice)))
        self._sounds += 1

    def report(self) -> None:
        ntp = int(time.time() * 2**32) & (2**64 - 1)
        for ssrc, timestamp in ((self.video, self._packets // FRAME * 3000), (self.audio, self._sounds * 960)):
            info = RtcpSenderInfo(ntp, timestamp & 0xFFFFFFFF, 1, 1)
            self.up.send(self.up.outbound.protect_rtcp(bytes(RtcpSrPacket(ssrc, info))))
        reports = RtcpRrPacket(2, [RtcpReceiverInfo(5000, 0, 0, 0, 0, 0, 0)] * 4)
        remb = RtcpPsfbPacket(RTCP_PSFB_APP, 2, 0, pack_remb_fci(BITRATE, [5000]))
        self.down.send(self.down.outbound.protect_rtcp(bytes(reports) + bytes(remb)))

    def drain(self, feedback: bool) -> None:
        """Take everything that has arrived; decrypt one in a hundred, to know that it can be."""
        receive, buffer = self.down.socket.recv_into, self._buffer
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                size = receive(buffer)
                # Neither checks, reports nor repairs: what was forwarded, once.
                if not buffer[0]:
                    self.down.answer(bytes(buffer[:size]))
                if not 128 <= buffer[0] < 192 or 192 <= buffer[1] <= 223 or buffer[1] & 127 == VP8_RTX:
                    continue
                self.received += 1
                if self.received % NACK_EVERY == 1:
                    self._look_at(bytes(buffer[:size]), feedback)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while size := self.up.socket.recv_into(buffer):
                if not buffer[0]:
                    self.up.answer(bytes(buffer[:size]))

    def _look_at(self, data: bytes, feedback: bool) -> None:
        self.checked += 1
        try:
            plain = self.down.inbound.unprotect(data)
        except pylibsrtp.Error:
            self.bad += 1
            return
        _, kind, seq, _, ssrc = HEADER.unpack_from(plain)
        if feedback and kind & 127 == VP8:
            self._ask(ssrc, [seq])

    def _ask(self, ssrc: int, numbers: list[int]) -> None:
        nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 2, ssrc, numbers)
        self.down.send(self.down.outbound.protect_rtcp(bytes(nack)))


class Native:
    """The library, and what all its clients share."""

    def __init__(self, library: Path) -> None:
        self.ffi, self.lib = CLIENT.load(library)
        self.protect, self.unprotect = (
            self.ffi.cast("void *", address_of(srtp_ffi.addressof(srtp_lib, name)))
            for name in ("srtp_protect", "srtp_unprotect")
        )
        self.noise = self.ffi.new("char[]", os.urandom(VIDEO_BYTES))
        self.left = self.ffi.new("struct left *")


class RepairingClient(Client):
    """Asks for what is missing and repeats what it is asked for. Its packets are made and read in C."""

    def __init__(self, server: tuple[str, int], plan: dict[str, Any], native: Native) -> None:
        super().__init__(server, plan)
        self._native = native
        self._state = native.ffi.new(
            "struct client *",
            {
                "up": self.up.socket.fileno(),
                "down": self.down.socket.fileno(),
                "outbound": native.ffi.cast("void *", address_of(srtp_context(self.up.outbound))),
                "inbound": native.ffi.cast("void *", address_of(srtp_context(self.down.inbound))),
                "video": self.video,
                "audio": self.audio,
                "first": secrets.randbits(15),
            },
        )

    def picture(self) -> None:
        self._packets += 1
        self._native.lib.client_picture(self._state, self._native.protect, self._native.noise)

    def sound(self) -> None:
        self._sounds += 1
        self._native.lib.client_sound(self._state, self._native.protect, self._native.noise)

    def drain(self, feedback: bool) -> None:
        state, left = self._state, self._native.left
        self._native.lib.client_drain(state, self._native.unprotect, time.monotonic(), left)
        self.received, self.checked, self.bad = state.received, state.checked, state.bad
        for n in range(left.datagrams):
            data = bytes(self._native.ffi.buffer(left.data[n], left.sizes[n]))
            if not data[0]:
                (self.up if left.up[n] else self.down).answer(data)
            elif left.up[n] and data[1] == RTCP_RTPFB:
                self._repeat(data)
        wanted: dict[int, list[int]] = {}
        for n in range(left.wanted):
            wanted.setdefault(left.ssrcs[n], []).append(left.numbers[n])
        for ssrc, numbers in wanted.items():
            self._ask(ssrc, sorted(numbers)[:MOST_ASKED_FOR])

    def _repeat(self, data: bytes) -> None:
        with contextlib.suppress(pylibsrtp.Error):
            for packet in RtcpPacket.parse(self.up.inbound.unprotect_rtcp(data)):
                if isinstance(packet, RtcpRtpfbPacket) and packet.media_ssrc == self.video:
                    for lost in packet.lost:
                        self._native.lib.client_repeat(self._state, self._native.protect, self._native.noise, lost)


def _noise() -> list[list[bytes]]:
    """A second of frames of equal size; only the first bytes of the key frame are as they should be."""
    rest = os.urandom(VIDEO_BYTES)
    inter = [rest[: VIDEO_BYTES - 5] for _ in range(FRAME)]
    inter[0] = b"\1" + inter[0][1:]
    return [[KEY_FRAME + inter[0][len(KEY_FRAME) :], *inter[1:]], *([inter] * (KEY_EVERY - 1))]


def _pictures(ssrc: int, frames: list[list[bytes]]) -> Iterator[bytes]:
    """VP8 with 15-bit picture ids, over and over again."""
    seq = secrets.randbits(15)
    for n in itertools.count():
        parts = frames[n % len(frames)]
        for at, part in enumerate(parts):
            descriptor = bytes((0x90 if at == 0 else 0x80, 0x80, 0x80 | n >> 8 & 0x7F, n & 0xFF))
            marker = 0x80 if at == len(parts) - 1 else 0
            yield HEADER.pack(0x80, marker | VP8, seq & 0xFFFF, n * 3000 & 0xFFFFFFFF, ssrc) + descriptor + part
            seq += 1


def _sounds(ssrc: int, sounds: list[bytes]) -> Iterator[bytes]:
    level = struct.pack("!HHBBH", 0xBEDE, 1, LEVEL_ID << 4, 40, 0)
    first = secrets.randbits(15)
    for n in itertools.count():
        header = HEADER.pack(0x90, OPUS, first + n & 0xFFFF, n * 960 & 0xFFFFFFFF, ssrc)
        yield header + level + sounds[n % len(sounds)]


def run(plan: dict[str, Any]) -> dict[str, float]:
    """Send and receive until standard input ends."""
    host, port = plan["server"]
    film = Film() if plan["film"] else None
    native = Native(Path(plan["library"])) if plan["library"] else None
    clients = [
        Client((host, port), each, film) if native is None else RepairingClient((host, port), each, native)
        for each in plan["clients"]
    ]
    feedback = bool(plan["feedback"])
    sends = [c.picture for c in clients] + [c.sound for c in clients]
    sends += [c.picture for _ in range(VIDEO_EACH_TICK - 1) for c in clients]
    chunk = max(1, len(sends) // 40)  # about every half millisecond: as many people send, not all at one instant
    began = start = time.perf_counter()
    tick, latest = 0, 0.0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for at in range(0, len(sends), chunk):
            for send in sends[at : at + chunk]:
                send()
            due = start + (tick + at / len(sends)) * TICK
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
        for client in clients:
            client.drain(feedback)
        if feedback and tick % 50 == 0:
            for client in clients:
                client.report()
        tick += 1
        late = time.perf_counter() - start - tick * TICK
        if tick > WARM_TICKS:
            latest = max(latest, late)
        if late > 0.5:
            start = time.perf_counter() - tick * TICK  # fell behind: do not catch up in a burst
    lasted = time.perf_counter() - began
    time.sleep(ON_ITS_WAY)
    for client in clients:
        client.drain(feedback)
    return {
        "late": latest,
        "sent_per_s": tick * len(sends) / lasted,
        "received": sum(c.received for c in clients),
        "checked": sum(c.checked for c in clients),
        "bad": sum(c.bad for c in clients),
    }


if __name__ == "__main__":
    if cores := os.environ.get(CORES):
        os.sched_setaffinity(0, set(map(int, cores.split(","))))
    sys.stdout.write(json.dumps(run(json.loads(sys.stdin.readline()))) + "\n")
