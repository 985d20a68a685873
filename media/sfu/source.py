"""One incoming stream (a simulcast layer is one of its own): cache, fan-out, NACK, key-frame requests, reports.

The fast path never decodes: for each sink a new header, a copy of the payload, encryption in place, sendto. The
decrypted buffer then changes places with the oldest one of the cache, so keeping packets for NACK costs no copy.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
)

from media.engine import Source
from media.sfu import vp8
from media.sfu.description import ABS_SEND_TIME_ID
from media.sfu.fanout import fan_out
from media.sfu.srtp import PacketBuffer

if TYPE_CHECKING:
    from media.sfu.feed import Feed
    from media.sfu.follower import Follower
    from media.sfu.publisher import Publisher
    from media.sfu.sink import Sink

EXTENSION = struct.Struct("!HHI")  # one-byte profile, one word: abs-send-time
CACHE_SIZE = {"video": 512, "audio": 256}  # powers of two
CLOCK_RATE = {"video": 90_000, "audio": 48_000}
MAX_GAP = 64  # a longer gap is an outage: ask for a key frame instead
NACK_TRIES = 10
PLI_INTERVAL = 0.5
ALIVE_FOR = 1.0  # a layer silent for longer was switched off by its sender
OUR_SSRC = 1


class IncomingStream:
    def __init__(
        self, publisher: Publisher, name: Source, kind: str, mid: str, payload_type: int, ssrc: int, rank: int,
        layered: bool, seq: int, timestamp: int,
    ) -> None:  # fmt: skip
        self.publisher = publisher
        self.name: Source = name
        self.kind = kind
        self.mid = mid
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.rank = rank  # 0: the best layer
        self.layered = layered
        self.sinks: list[Sink] = []
        self.feed: Feed | None = None
        self.waiting: list[Follower] = []  # until the next key frame
        self.cache: list[PacketBuffer | None] = [None] * CACHE_SIZE[kind]
        self.highest = (seq - 1) & 0xFFFF
        self.timestamp = timestamp  # of the packet with the highest sequence number
        self.picture = vp8.Picture()  # of the same packet; video only
        self.sender_info: RtcpSenderInfo | None = None
        self.received = self.octets = self.gaps = 0
        self.bitrate = 0  # bit/s over the last second
        self._base = seq
        self._cycles = -1 if seq == 0 else 0
        self._missing: dict[int, int] = {}  # seq -> NACKs sent
        self._reported = (0, 0, 0)  # expected, received, octets at the last report
        self._report_at = 0.0
        self._pli_at = float("-inf")
        self._pli_wanted = False
        self._seen = 0
        self._alive_at = time.monotonic()
        self._out = PacketBuffer()

    @property
    def extended(self) -> int:
        """The highest sequence number with its cycles (RFC 3550 A.1)."""
        return (self._cycles << 16) + self.highest

    def alive(self, now: float) -> bool:
        return now - self._alive_at < ALIVE_FOR

    def forward(self, packet: PacketBuffer, first: int, marker_type: int, seq: int, timestamp: int) -> PacketBuffer:
        """Send a decrypted packet to every sink and cache it; returns a free buffer."""
        self.received += 1
        self.octets += packet.size - packet.body
        mem, body, size = packet.mem, packet.body, packet.size
        sinks = self.sinks
        ahead = (seq - self.highest) & 0xFFFF
        late = ahead >= 0x8000
        if late:
            self._missing.pop(seq, None)
            sinks = [sink for sink in sinks if sink.covers(seq)]
        else:
            if ahead > 1:
                self._note_gap(ahead)
            if seq < self.highest:
                self._cycles += 1
            self.highest, self.timestamp = seq, timestamp
            if self.waiting and vp8.starts_key_frame(mem, body, size):
                self._start_waiting(mem, seq, timestamp, body, size)
        tail: bytes | memoryview
        if self.kind == "video":
            if not late:
                self.picture.update(mem, body, size)
            sent = int(time.time() * 262_144) & 0xFFFFFF  # 6.18 fixed-point seconds
            tail = EXTENSION.pack(0xBEDE, 1, ABS_SEND_TIME_ID << 28 | 2 << 24 | sent) + mem[body:size]
            kept = 0x90 | first & 0x20
        else:
            tail = mem[body:size]
            kept = 0x80 | first & 0x20
        if sinks:
            fan_out(self.publisher.endpoint, self._out, sinks, tail, kept, marker_type & 0x80, seq, timestamp)
        if self.feed is not None and (not late or self.feed.covers(seq)):
            self.feed.packet(packet, bool(first & 0x20), bool(marker_type & 0x80), seq, timestamp)
        slot = seq & (len(self.cache) - 1)
        spare = self.cache[slot]
        self.cache[slot] = packet
        return spare if spare is not None else PacketBuffer()

    def request_key_frame(self) -> None:
        """Ask the publisher for a key frame, at most one request per PLI_INTERVAL."""
        self._pli_wanted = True
        self._send_pli(time.monotonic())

    def _send_pli(self, now: float) -> None:
        if self._pli_wanted and now - self._pli_at >= PLI_INTERVAL:
            self._pli_wanted, self._pli_at = False, now
            self.publisher.send_rtcp(RtcpPsfbPacket(RTCP_PSFB_PLI, OUR_SSRC, self.ssrc))

    def on_sender_report(self, info: RtcpSenderInfo, now: float) -> None:
        self.sender_info, self._report_at = info, now
        for sink in self.sinks:
            sink.forward_report(info, now)
        if self.feed is not None:
            self.feed.report(info.ntp_timestamp, info.rtp_timestamp)

    def repair(self, now: float) -> None:
        """Every 50 ms: send the NACK and PLI that are due."""
        if self.received != self._seen:
            self._seen, self._alive_at = self.received, now
        if self._missing:
            for seq in [s for s, tries in self._missing.items() if tries >= NACK_TRIES]:
                del self._missing[seq]
            # Ascending, because aiortc's packing cannot take a list that wraps.
            if lost := sorted(self._missing):
                for seq in lost:
                    self._missing[seq] += 1
                self.publisher.send_rtcp(RtcpRtpfbPacket(RTCP_RTPFB_NACK, OUR_SSRC, self.ssrc, lost))
        if self.waiting:
            self._pli_wanted = True  # the key frame asked for may have been lost
        self._send_pli(now)

    def report(self, now: float, seconds: float) -> RtcpReceiverInfo:
        """A reception report block over the time since the last one."""
        expected = self.extended - self._base + 1
        was_expected, was_received, was_octets = self._reported
        self._reported = expected, self.received, self.octets
        span, lost = expected - was_expected, max(0, expected - was_expected - (self.received - was_received))
        self.bitrate = int((self.octets - was_octets) * 8 / seconds) if seconds > 0 else 0
        lsr = dlsr = 0
        if self.sender_info is not None:
            lsr = self.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            dlsr = int((now - self._report_at) * 65536) & 0xFFFFFFFF
        fraction = min(255, lost * 256 // span) if span > 0 else 0
        total = min(0x7FFFFF, max(0, expected - self.received))
        return RtcpReceiverInfo(self.ssrc, fraction, total, self.extended & 0xFFFFFFFF, 0, lsr, dlsr)

    def end(self) -> None:
        """The publisher sends it no more: let everybody go."""
        for follower in [*self.sinks, *self.waiting]:
            follower.stop()
        if self.feed is not None:
            self.feed.stop()

    def _note_gap(self, ahead: int) -> None:
        self.gaps += ahead - 1
        if ahead > MAX_GAP:
            self._missing.clear()
            self._pli_wanted = self.kind == "video"
        else:
            for lost in range(1, ahead):
                self._missing[(self.highest + lost) & 0xFFFF] = 0

    def _start_waiting(self, mem: memoryview, seq: int, timestamp: int, body: int, size: int) -> None:
        waiting, self.waiting = self.waiting, []
        picture = vp8.Picture.of(mem, body, size)
        for follower in waiting:
            follower.start(self, seq, timestamp, picture)
