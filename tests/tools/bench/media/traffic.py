"""The other side of `bench forward` and `bench fanout`: many synthetic clients in a process of their own, so that they
cost the server no CPU time. Started as `python -m tests.tools.bench.media.traffic`: a plan as one JSON line on standard
input, sends until that ends, then says what arrived.

It knows its SRTP keys from the plan instead of from a DTLS handshake; everything else is as on the wire: checks with
integrity, SRTP, sender and receiver reports, REMB, and NACKs for one packet in a hundred. With `repair` in the plan,
clients also ask for everything that is missing, ten times and for a second, and repeat what they are asked for.
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
from typing import Any

import pylibsrtp
from aiortc.rtp import (
    RTCP_PSFB_APP,
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

from media.sfu.rtp import HEADER
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
KEPT = 512  # pictures' packets, to be sent again
MOST_MISSING = 64  # packets at once
MOST_ASKED, ASKED_FOR, ROUND = 10, 1.0, 0.06  # times, seconds, and seconds between two
RTX_APART = 1 << 20  # SSRC of retransmissions
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

    def __init__(self, server: tuple[str, int], plan: dict[str, Any], film: Film | None, repair: bool = False) -> None:
        self.up, self.down = Connection(server, plan["publish"]), Connection(server, plan["subscribe"])
        self.video, self.audio = plan["ssrcs"]
        self.received = self.checked = self.bad = self._packets = self._sounds = 0
        self._pictures = _pictures(self.video, film.pictures if film else _noise())
        self._voice = _sounds(self.audio, film.sounds if film else [os.urandom(AUDIO_BYTES)])
        self._buffer = bytearray(2048)
        self._kept: dict[int, bytes] | None = {} if repair else None  # pictures by number, as sent
        self._highest: dict[int, int] = {}  # SSRC -> sequence number
        self._missing: dict[
            tuple[int, int], list[float]
        ] = {}  # SSRC, number -> when noticed, last asked for; how often
        self._rtx = 1

    def picture(self) -> None:
        packet = next(self._pictures)
        if self._kept is not None:
            number = packet[2] << 8 | packet[3]
            self._kept[number] = packet
            self._kept.pop(number - KEPT & 0xFFFF, None)
        self.up.send(self.up.outbound.protect(packet))
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
                if self._kept is not None and buffer[1] & 127 == VP8_RTX:
                    self._restored(bytes(buffer[:size]))
                if not 128 <= buffer[0] < 192 or 192 <= buffer[1] <= 223 or buffer[1] & 127 == VP8_RTX:
                    continue
                self.received += 1
                if self._kept is not None:
                    self._note(*struct.unpack_from("!HII", buffer, 2))
                if self.received % NACK_EVERY == 1:
                    self._look_at(bytes(buffer[:size]), feedback)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while size := self.up.socket.recv_into(buffer):
                if not buffer[0]:
                    self.up.answer(bytes(buffer[:size]))
                elif self._kept is not None and buffer[1] == 205:
                    self._repeat(bytes(buffer[:size]))
        if self._kept is not None:
            self._ask()

    def _note(self, seq: int, _timestamp: int, ssrc: int) -> None:
        """As browsers do: what is skipped is missing, until it comes."""
        highest = self._highest.get(ssrc, seq - 1 & 0xFFFF)
        ahead = (seq - highest + 0x8000 & 0xFFFF) - 0x8000
        if ahead > 0:
            self._highest[ssrc] = seq
            now = time.monotonic()
            for number in range(seq - min(ahead, MOST_MISSING) + 1, seq):
                self._missing[ssrc, number & 0xFFFF] = [now, 0.0, 0]
        else:
            self._missing.pop((ssrc, seq), None)

    def _restored(self, data: bytes) -> None:
        with contextlib.suppress(pylibsrtp.Error):
            plain = self.down.inbound.unprotect(data)
            if not plain[0] & 0x20:
                ssrc, number = struct.unpack_from("!IH", plain, 8)
                self._missing.pop((ssrc - 1, number), None)

    def _ask(self) -> None:
        """For everything missing, each ROUND seconds."""
        now = time.monotonic()
        due: dict[int, list[int]] = {}
        for (ssrc, number), noted in list(self._missing.items()):
            if noted[2] >= MOST_ASKED or now - noted[0] > ASKED_FOR:
                del self._missing[ssrc, number]
            elif now - noted[1] > ROUND:
                noted[1], noted[2] = now, noted[2] + 1
                due.setdefault(ssrc, []).append(number)
        for ssrc, numbers in due.items():
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 2, ssrc, sorted(numbers)[:MOST_MISSING])
            self.down.send(self.down.outbound.protect_rtcp(bytes(nack)))

    def _repeat(self, data: bytes) -> None:
        with contextlib.suppress(pylibsrtp.Error):
            for packet in RtcpPacket.parse(self.up.inbound.unprotect_rtcp(data)):
                if isinstance(packet, RtcpRtpfbPacket) and packet.media_ssrc == self.video and self._kept is not None:
                    for lost in packet.lost:
                        if again := self._kept.get(lost):
                            head = HEADER.pack(0x80, again[1] & 0x80 | VP8_RTX, self._rtx, 0, self.video + RTX_APART)
                            self._rtx = self._rtx + 1 & 0xFFFF
                            self.up.send(self.up.outbound.protect(head + again[2:4] + again[12:]))

    def _look_at(self, data: bytes, feedback: bool) -> None:
        self.checked += 1
        try:
            plain = self.down.inbound.unprotect(data)
        except pylibsrtp.Error:
            self.bad += 1
            return
        _, kind, seq, _, ssrc = HEADER.unpack_from(plain)
        if feedback and kind & 127 == VP8:
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 2, ssrc, [seq])
            self.down.send(self.down.outbound.protect_rtcp(bytes(nack)))


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
    clients = [Client((host, port), each, film, bool(plan.get("repair"))) for each in plan["clients"]]
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
