"""A person with a microphone and a camera on a bad line, as packets: what they send, ask for and make of what arrives.

Behaves as Chromium does with our pages: sound of 50 packets a second, with the frame before it repeated in each (RED)
while packets are lost and there is room for it, thin while there is none; pictures within the rate the server allows;
repetitions on request (RTX, sound byte for byte), requests of its own once in a round trip, an estimate of its line.
Only sound that came as itself, repeated or redundantly is taken for heard: in-band FEC is not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import pylibsrtp
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from media.sfu import codecs
from media.sfu.rtp import ABS_SEND_TIME_BLOCK, HEADER, PADDING_BIT, NackTracker, RttEstimator
from media.sfu.sdp import ABS_SEND_TIME_ID, OPUS, RED, VP8, VP8_RTX
from media.sfu.stun import IceCredentials
from tests.tools.bench.media import ice
from tests.tools.bench.media.playout import FRAME, Ear, Eye
from tests.tools.bench.media.traffic import srtp

PICTURES = 15  # a second
PART = 1100  # bytes
KEY_TIMES = 4  # a key frame's size, in pictures
MOST_VIDEO, LEAST_VIDEO, START_VIDEO = 600_000, 30_000, 250_000  # bit/s
SOUND_SHARE = 45_000  # bit/s that a browser sets aside for sound, redundant or not
SOUND, THIN_SOUND = 80, 40  # bytes a frame: 32 and 16 kbit/s
LOSSY, CALM = 0.03, 0.01  # loss of its packets above and below which sound is sent redundantly and plainly
THIN_BELOW, THICK_ABOVE = 90_000, 108_000  # bit/s allowed
QUEUED = 0.35  # seconds there and back: then little allowed means a narrow line
MARK = struct.Struct("!IHHBd")  # frame, part, parts, key, made at
LARGE = 1 << 30  # added to a frame's number where it is of a camera's large layer
KEPT = 512
RTX_APART = 1 << 20  # SSRC of retransmissions


class Line(asyncio.DatagramProtocol):
    """One connection of the two."""

    def __init__(self, plan: dict[str, str], on_rtp: Any, on_rtcp: Any) -> None:
        self.outbound = srtp(bytes.fromhex(plan["up"]), inbound=False)
        self.inbound = srtp(bytes.fromhex(plan["down"]), inbound=True)
        self.reached = asyncio.Event()
        self._on_rtp, self._on_rtcp = on_rtp, on_rtcp
        self._plan = plan
        self._ours = IceCredentials(plan["client_ufrag"], plan["client_password"])
        self._transport: asyncio.DatagramTransport

    async def open(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=("127.0.0.1", port))

    def check(self) -> None:
        self.send(ice.check(IceCredentials(self._plan["ufrag"], self._plan["password"]), self._ours))

    def send(self, data: bytes) -> None:
        self._transport.sendto(data)

    def send_rtcp(self, *packets: Any) -> None:
        self.send(self.outbound.protect_rtcp(b"".join(map(bytes, packets))))

    def close(self) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not data or data[0] < 128:
            if answer := ice.answer(data, self._ours):
                self.send(answer)
            else:
                self.reached.set()
            return
        with contextlib.suppress(pylibsrtp.Error):  # repeated sound that has come meanwhile
            if 192 <= data[1] <= 223:
                for packet in RtcpPacket.parse(self.inbound.unprotect_rtcp(data)):
                    self._on_rtcp(packet)
            else:
                self._on_rtp(self.inbound.unprotect(data), len(data))


class Receiving:
    """Numbers of one stream on its way to us."""

    def __init__(self, trip: RttEstimator, kind: str) -> None:
        self.missing = NackTracker(trip, kind)
        self.highest: int | None = None
        self.received = self.base = 0
        self.report = (0, 0)
        self.lsr, self.lsr_at = 0, 0.0

    def take(self, seq: int, now: float) -> None:
        if self.highest is None:
            self.highest, self.base = seq, seq
        else:
            ahead = ((seq - self.highest + 0x8000) & 0xFFFF) - 0x8000
            if ahead > 1:
                self.missing.add_gap(self.highest + 1 & 0xFFFF, min(ahead - 1, 200))
            if ahead <= 0:
                self.missing.on_received(seq, now)
                return  # repeated: the network had lost it
            self.highest += ahead
        self.received += 1

    def block(self, ssrc: int, now: float) -> RtcpReceiverInfo:
        highest = self.highest or 0
        expected, received = highest - self.base + 1, self.received
        span, got = expected - self.report[0], received - self.report[1]
        self.report = expected, received
        lost = min(255, max(0, span - got) * 256 // span) if span > 0 else 0
        dlsr = int((now - self.lsr_at) * 65536) if self.lsr else 0
        return RtcpReceiverInfo(ssrc, lost, max(0, expected - received), highest & 0xFFFFFFFF, 0, self.lsr, dlsr)


class Estimate:
    """Of the line to us, by how much longer packets take than the fastest: the idea of Chromium's, much simplified."""

    QUEUED = 0.1  # seconds

    def __init__(self) -> None:
        self.bitrate = 0
        self._octets = 0
        self._fastest: deque[float] = deque(maxlen=30)  # of the last seconds
        self._delays: list[float] = []

    def arrived(self, octets: int, took: float) -> None:
        self._octets += octets
        self._delays.append(took)

    def judge(self) -> int:
        """Once a second."""
        rate, self._octets = self._octets * 8, 0
        if not self._delays:
            return self.bitrate
        delays, self._delays = sorted(self._delays), []
        self._fastest.append(delays[0])
        queued = delays[len(delays) // 2] - min(self._fastest)
        if queued > self.QUEUED:
            self.bitrate = int(0.85 * rate)
        else:
            self.bitrate = min(int(max(self.bitrate, 0.9 * rate) * 1.08), int(1.5 * rate) + 10_000)
        return self.bitrate


class Caller:
    def __init__(self, plan: dict[str, Any], clock: Callable[[], float], redundant: bool | None = None) -> None:
        """`redundant`: whether sound is sent so; None leaves it to the loss."""
        self._clock = clock
        self.ear, self.eye = Ear(), Eye()
        self.allowed = START_VIDEO  # by the server's REMB, bit/s
        self.loss = 0.0  # of our sound, as the server reports
        self.redundant = bool(redundant)
        self.resting = False  # no pictures from here
        self.sounds = self.keys = self.asked_keys = 0
        self._chosen = redundant
        self._thin = False
        self._plan = plan
        self._video, self._audio = plan["ssrcs"]
        self._up = Line(plan["publish"], self._nothing, self._told)
        self._down = Line(plan["subscribe"], self._receive, self._report)
        self._seq = {self._video: secrets.randbits(15), self._audio: secrets.randbits(15)}
        self._rtx_seq = secrets.randbits(15)
        self._sent: dict[tuple[int, int], bytes] = {}  # sound as it went out, pictures before encryption
        self._key_wanted = True
        self._frame = 0
        self._began = self._clock()
        self._before = b""
        self._trip = RttEstimator()
        self._receiving: dict[int, Receiving] = {}
        self._estimate = Estimate()
        self._asked_at = float("-inf")
        self.large: dict[int, float] = {}  # SSRC -> when the first packet of a large layer came
        self.parts_large = self.parts_small = 0  # of pictures that came
        self.padding = 0  # bytes

    async def open(self, port: int) -> None:
        for line in (self._up, self._down):
            await line.open(port)
        async with asyncio.timeout(20):
            for line in (self._up, self._down):
                while not line.reached.is_set():
                    line.check()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(line.reached.wait(), 0.3)

    def close(self) -> None:
        for line in (self._up, self._down):
            line.close()

    def told_of_pause(self, way: Literal["to", "from"], paused: bool) -> None:
        """What the room tells a page."""
        if way == "to":
            self.eye.pause(paused)
        else:
            self.resting = paused

    async def talk(self) -> None:
        """Send, play and report until cancelled."""
        loop = asyncio.get_running_loop()
        began = self._began = self._clock()
        pictures, second = 0.0, 0
        for tick in range(1 << 40):
            now = self._clock()
            self._speak(tick, began + tick * FRAME)
            pictures += FRAME * PICTURES
            if pictures >= 1:
                pictures -= 1
                self._film(loop, now)
            self.ear.play(now)
            self._ask(now)
            if tick % 50 == 25:
                second += 1
                self._each_second(now, second)
            await asyncio.sleep(max(0.0, began + (tick + 1) * FRAME - self._clock()))

    # ------------------------------------------------------------ sending

    def _speak(self, frame: int, made: float) -> None:
        thin = self._thin
        size = THIN_SOUND if thin else SOUND
        payload = b"\xf8" + MARK.pack(frame, 0, 1, 1, made)
        payload += os.urandom(size - len(payload))
        kind, body = OPUS, payload
        if self.redundant and self._before and not thin:
            head = bytes([0x80 | OPUS]) + (960 << 10 | len(self._before)).to_bytes(3, "big") + bytes([OPUS])
            kind, body = RED, head + self._before + payload
        self._before = payload
        packet = self._numbered(self._audio, kind, 0, frame * 960, body)
        data = self._up.outbound.protect(packet)
        self._keep(self._audio, data)
        self._up.send(data)
        self.sounds += 1

    def _film(self, loop: asyncio.AbstractEventLoop, now: float) -> None:
        rate = min(MOST_VIDEO, self.allowed - SOUND_SHARE)
        if self.resting or rate < LEAST_VIDEO:
            return  # as Chromium, which suspends a camera that has no room
        key = self._key_wanted
        self._key_wanted = False
        self.keys += key
        octets = rate // 8 // PICTURES * (KEY_TIMES if key else 1)
        parts = max(1, -(-octets // PART))
        timestamp = int((now - self._began) * 90_000)
        for part in range(parts):
            # Paced over the time of a picture, as Chromium does.
            loop.call_later(part * 0.8 / PICTURES / parts, self._send_part, self._frame, part, parts, key, timestamp)
        self._frame += 1

    def _send_part(self, frame: int, part: int, parts: int, key: bool, timestamp: int) -> None:
        descriptor = bytes((0x90 if part == 0 else 0x80, 0x80)) + struct.pack("!H", 0x8000 | frame & 0x7FFF)
        begins = (b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 360)) if key else b"\x11\x00\x00"
        body = descriptor + (begins if part == 0 else b"") + MARK.pack(frame, part, parts, key, self._clock())
        body += bytes(max(0, PART - len(body)) if parts > 1 else 0)
        packet = self._numbered(self._video, VP8, 0x80 if part == parts - 1 else 0, timestamp, body)
        self._keep(self._video, packet)
        self._up.send(self._up.outbound.protect(leaving(packet)))

    def _numbered(self, ssrc: int, kind: int, marker: int, timestamp: int, body: bytes) -> bytes:
        self._seq[ssrc] = self._seq[ssrc] + 1 & 0xFFFF
        return HEADER.pack(0x80, marker | kind, self._seq[ssrc], timestamp & 0xFFFFFFFF, ssrc) + body

    def _keep(self, ssrc: int, data: bytes) -> None:
        self._sent[ssrc, self._seq[ssrc]] = data
        self._sent.pop((ssrc, self._seq[ssrc] - KEPT & 0xFFFF), None)

    def _told(self, packet: Any) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            for lost in packet.lost:
                self._repeat(packet.media_ssrc, lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
            self._key_wanted = True
            self.asked_keys += 1
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            self.allowed = unpack_remb_fci(packet.fci)[0]
        elif isinstance(packet, RtcpRrPacket):
            for report in packet.reports:
                if report.ssrc == self._audio:
                    self.loss += 0.3 * (report.fraction_lost / 256 - self.loss)
                    if report.lsr:
                        now = int(time.time() * 65536) & 0xFFFFFFFF
                        self._choose((now - report.lsr - report.dlsr & 0xFFFFFFFF) / 65536)

    def _choose(self, there_and_back: float) -> None:
        if self._thin:
            self._thin = self.allowed < THICK_ABOVE
        else:
            self._thin = self.allowed < THIN_BELOW and there_and_back > QUEUED
        if self._chosen is None:
            self.redundant = self.loss > (CALM if self.redundant else LOSSY)

    def _repeat(self, ssrc: int, lost: int) -> None:
        data = self._sent.get((ssrc, lost))
        if data is None:
            return
        if ssrc == self._video:
            _, marker_type, seq, timestamp, _ = HEADER.unpack_from(data)
            self._rtx_seq = self._rtx_seq + 1 & 0xFFFF
            head = HEADER.pack(
                0x80, marker_type & 0x80 | VP8_RTX, self._rtx_seq, timestamp, self._video + RTX_APART
            )  # fmt: skip
            data = self._up.outbound.protect(leaving(head + struct.pack("!H", seq) + data[12:]))
        self._up.send(data)

    # ------------------------------------------------------------ receiving

    def _nothing(self, data: bytes, octets: int) -> None:
        return

    def _receive(self, data: bytes, octets: int) -> None:
        now = self._clock()
        first, marker_type, seq, _, ssrc = HEADER.unpack_from(data)
        body = 12
        if first & 0x10:
            body += 4 + 4 * struct.unpack_from("!H", data, 14)[0]
        kind = marker_type & 127
        if kind == VP8_RTX:
            if len(data) < body + 2 + MARK.size or first & PADDING_BIT:
                self.padding += octets
                return
            seq, body, ssrc = struct.unpack_from("!H", data, body)[0], body + 2, ssrc - 1
        if ssrc not in self._receiving:
            self._receiving[ssrc] = Receiving(self._trip, "audio" if kind in (OPUS, RED) else "video")
        self._receiving[ssrc].take(seq, now)
        if kind in (OPUS, RED):
            mem = memoryview(bytearray(data))
            blocks = (
                codecs.parse_red(mem, body, len(mem), OPUS, OPUS)
                if kind == RED
                else [codecs.RedBlock(body, len(mem), 0)]
            )
            for block in blocks:
                frame, _, _, _, made = MARK.unpack_from(mem, block.start + 1)
                self.ear.arrived(frame, made, now)
                if not block.timestamp_offset:
                    self._estimate.arrived(octets, now - made)
        else:
            at = body + 4
            if data[body] & 0x10:
                at += 10 if not data[at] & 1 else 3
            frame, part, parts, key, made = MARK.unpack_from(data, at)
            if frame & LARGE:
                self.large.setdefault(ssrc, now)
                self.parts_large += 1
                frame -= LARGE
            else:
                self.parts_small += 1
            self.eye.arrived(frame, part, parts, bool(key), now)
            if kind != VP8_RTX:
                self._estimate.arrived(octets, now - made)

    def _report(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket) and (receiving := self._receiving.get(packet.ssrc)):
            receiving.lsr = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            receiving.lsr_at = self._clock()

    def _ask(self, now: float) -> None:
        for ssrc, receiving in self._receiving.items():
            if lost := receiving.missing.due(now, receiving.received):
                self._down.send_rtcp(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 2, ssrc, lost))
        if not self.eye.paused and now - self.eye.waiting_since > 1.0 and now - self._asked_at > 0.5:
            self._asked_at = now
            for ssrc in self._receiving:
                self._down.send_rtcp(RtcpPsfbPacket(RTCP_PSFB_PLI, 2, ssrc))

    def _each_second(self, now: float, second: int) -> None:
        if second % 2 == 0:
            self._up.check()
            self._down.check()
        ntp = int(time.time() * 2**32) & (2**64 - 1)
        for ssrc, rate in ((self._video, 90_000), (self._audio, 48_000)):
            info = RtcpSenderInfo(ntp, int((now - self._began) * rate) & 0xFFFFFFFF, 1, 1)
            self._up.send_rtcp(RtcpSrPacket(ssrc, info))
        if self._receiving:
            reports = [receiving.block(ssrc, now) for ssrc, receiving in self._receiving.items()]
            remb = RtcpPsfbPacket(RTCP_PSFB_APP, 2, 0, pack_remb_fci(self._estimate.judge(), list(self._receiving)))
            self._down.send_rtcp(RtcpRrPacket(2, reports), remb)


def leaving(packet: bytes) -> bytes:
    """With the time it leaves in its header (abs-send-time), as the server's offers and answers have it."""
    sent = int(time.time() * 262_144) & 0xFFFFFF  # 6.18 fixed-point seconds
    return (
        bytes([packet[0] | 0x10])
        + packet[1:12]
        + ABS_SEND_TIME_BLOCK.pack(0xBEDE, 1, ABS_SEND_TIME_ID << 28 | 2 << 24 | sent)
        + packet[12:]
    )
