"""One outgoing stream: continuous numbering over whatever incoming stream feeds it, and answers to NACK."""

from __future__ import annotations

import secrets
import struct
import time
from typing import TYPE_CHECKING, Any

from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo, RtcpSrPacket

from media.sfu import red, vp8
from media.sfu.description import OPUS, RED, VP8, VP8_RTX
from media.sfu.fanout import HEADER
from media.sfu.follower import Follower
from media.sfu.source import CLOCK_RATE, IncomingStream
from media.sfu.srtp import LENGTH, PacketBuffer, protect

if TYPE_CHECKING:
    from media.sfu.subscriber import Subscriber

MAX_REPORTS = 8  # sender reports remembered for the round-trip time
HURRY = 90  # ticks (1 ms) between pictures of the past that are shown at once


class Sink(Follower):
    """`seq_offset`, `ts_offset` and `shift` turn the incoming numbering into ours.

    The numbering goes on over pauses as well: a sequence number used twice under one key would give AES-GCM away.
    """

    __slots__ = (
        "_hurried", "_joined_at", "_last", "_out", "_red", "_reports", "_rtx_seq", "_rtx_ssrc", "_sent_before", "loss",
        "payload_type", "peer", "rtt", "seq_offset", "shift", "srtp", "ssrc", "subscriber", "ts_offset",
    )  # fmt: skip

    def __init__(self, subscriber: Subscriber, kind: str, ssrc: int, rtx_ssrc: int) -> None:
        super().__init__()
        self.subscriber = subscriber
        self.peer = subscriber.peer
        self.srtp: Any = subscriber.srtp_out
        self.ssrc = ssrc
        self.payload_type = OPUS if kind == "audio" else VP8
        self.seq_offset = 0
        self.ts_offset = 0
        self.shift: vp8.Shift | None = None
        self.loss = 0.0  # 0-1, as the client reports
        self.rtt = 0.0  # seconds
        self._red = False  # the client takes sound in its redundant form
        self._hurried: dict[int, int] = {}  # timestamps of pictures of the past -> what they were sent as
        self._sent_before = self._joined_at = (0, 0)  # packets and octets
        # Where our numbering stands: last sequence number, its timestamp, its picture, and when that was.
        self._last: tuple[int, int, vp8.Picture, float] | None = None
        self._reports: dict[int, float] = {}
        self._rtx_ssrc = rtx_ssrc
        self._rtx_seq = secrets.randbits(15)
        self._out = PacketBuffer()

    @property
    def sent(self) -> tuple[int, int]:
        """Packets and octets: counted once per stream, not once per sink and packet."""
        if self.stream is None:
            return self._sent_before
        (packets, octets), (p, o) = self._sent_before, self._joined_at
        return packets + self.stream.received - p, octets + self.stream.octets - o

    def follow(self, stream: IncomingStream, since: float = float("inf")) -> None:
        """A newcomer is shown the latest key frame and all since then at once, when nothing is missing of it.

        Not on a change between streams: there the past would come with timestamps that lie before what was shown.
        """
        if self.stream is None and stream.kind == "video" and (past := stream.past(since)):
            self._stop_waiting()
            self._catch_up(stream, past)
        else:
            super().follow(stream)

    def start(self, stream: IncomingStream, seq: int, timestamp: int, picture: vp8.Picture | None) -> None:
        old = self.stream
        step = timestamp_step(old, stream, timestamp) if old is not None and old.publisher is stream.publisher else None
        super().start(stream, seq, timestamp, picture)  # leaves the old one, which sets _last
        if self._last is None:
            first = secrets.randbits(15)
            self.ts_offset = secrets.randbits(32)
        else:
            last_seq, last_timestamp, last_picture, at = self._last
            first = (last_seq + 1) & 0xFFFF
            if step is not None:
                self.ts_offset += step
            else:
                elapsed = max(1, int((time.monotonic() - at) * CLOCK_RATE[stream.kind]))
                self.ts_offset = last_timestamp + elapsed - timestamp
            if picture is not None:
                self.shift = vp8.Shift.between(last_picture, self.shift, picture)
        self.seq_offset = (first - seq) & 0xFFFF
        self._hurried.clear()

    def _catch_up(self, stream: IncomingStream, past: list[PacketBuffer]) -> None:
        """Send the past to this sink alone, its pictures a millisecond apart, so that what is live follows at once."""
        key = past[0]
        self.start(stream, key.seq, stream.timestamp, vp8.Picture.of(key.mem, key.body, key.size))
        times = list(dict.fromkeys(HEADER.unpack_from(packet.mem)[3] for packet in past))
        self.ts_offset += HURRY * len(times)  # the first of them still follows what was shown before
        earlier = enumerate(t for t in times if t != stream.timestamp)
        count = len(times)
        self._hurried = {t: (stream.timestamp - HURRY * (count - 1 - n)) & 0xFFFFFFFF for n, t in earlier}
        for packet in past:
            first, marker_type, seq, timestamp, _ = HEADER.unpack_from(packet.mem)
            timestamp = self._hurried.get(timestamp, timestamp)
            stream.fan_out.send([self], packet, packet.body, first, marker_type & 0x80, seq, timestamp)
        packets, octets = self._joined_at
        self._joined_at = packets - len(past), octets - sum(packet.size - packet.body for packet in past)

    def take_red(self, wanted: bool) -> None:
        """Whether the client's latest answer accepts redundant sound."""
        if wanted != self._red:
            self._red = wanted
            if self.stream is not None:  # what was sent in the other form must not be sent again in this one
                self.joined = self.stream.extended + 1

    def takes_red(self, seq: int) -> bool:
        """Never the first packets: these repeat what was said before the sink was there."""
        return self._red and self.covers(seq - red.MOST_BLOCKS & 0xFFFF)

    def _join(self, stream: IncomingStream) -> None:
        self._joined_at = stream.received, stream.octets
        stream.lead([*stream.sinks, self])

    def _leave(self, stream: IncomingStream) -> None:
        self._sent_before = self.sent
        self._last = (
            (stream.highest + self.seq_offset) & 0xFFFF,
            (stream.timestamp + self.ts_offset) & 0xFFFFFFFF,
            stream.picture,
            time.monotonic(),
        )
        stream.lead([sink for sink in stream.sinks if sink is not self])

    def forward_report(self, info: RtcpSenderInfo, now: float) -> None:
        rtp = (info.rtp_timestamp + self.ts_offset) & 0xFFFFFFFF
        packets, octets = self.sent
        mapped = RtcpSenderInfo(info.ntp_timestamp, rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
        self.subscriber.send_rtcp(RtcpSrPacket(self.ssrc, mapped))
        self._reports[info.ntp_timestamp >> 16 & 0xFFFFFFFF] = now
        if len(self._reports) > MAX_REPORTS:
            del self._reports[next(iter(self._reports))]

    def on_receiver_report(self, report: RtcpReceiverInfo, now: float) -> bool:
        """Whether it tells of a round trip."""
        self.loss = report.fraction_lost / 256
        sent_at = self._reports.get(report.lsr)
        if sent_at is None:
            return False
        self.rtt = max(0.0, now - sent_at - report.dlsr / 65536)
        return True

    def resend(self, lost: int) -> bool:
        """Answer a NACK from the cache.

        Video goes as RTX. Audio goes again byte for byte: the same nonce with any other header or payload would
        give the AES-GCM key away.
        """
        stream = self.stream
        if stream is None:
            return False
        seq = (lost - self.seq_offset) & 0xFFFF
        packet = stream.history.get(seq)
        if packet is None or not self.covers(seq):
            return False
        first, marker_type, _, timestamp, _ = HEADER.unpack_from(packet.mem)
        body, payload_type = packet.body, self.payload_type
        if stream.red_type and marker_type & 127 == stream.red_type:
            if self.takes_red(seq):
                payload_type = RED
            else:
                body = red.own(packet.mem, body)
        payload = packet.mem[body : packet.size]
        if not self.subscriber.allowance.spend(len(payload)):
            return False
        first, marker = 0x80 | first & 0x20, marker_type & 0x80
        timestamp = (self._hurried.get(timestamp, timestamp) + self.ts_offset) & 0xFFFFFFFF
        mem = self._out.mem
        if self._rtx_ssrc:
            self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
            HEADER.pack_into(mem, 0, first, marker | VP8_RTX, self._rtx_seq, timestamp, self._rtx_ssrc)
            struct.pack_into("!H", mem, 12, lost)
            start = 14
        else:
            HEADER.pack_into(mem, 0, first, marker | payload_type, lost, timestamp, self.ssrc)
            start = 12
        end = start + len(payload)
        mem[start:end] = payload
        if self.shift is not None:
            self.shift.apply(mem, start, end)
        LENGTH[0] = end
        if protect(self.srtp, self._out.ptr, LENGTH) or self.peer.remote is None:
            return False
        return self.peer.send(mem[: LENGTH[0]])


def timestamp_step(old: IncomingStream, new: IncomingStream, timestamp: int) -> int:
    """What to add to a sink's offset when it leaves `old` for `new` at `timestamp`.

    Sender reports tie both RTP clocks to the publisher's wall clock; until both have one, the new frame is taken to
    follow the last one by a thirtieth second.
    """
    a, b = old.sender_info, new.sender_info
    if a is not None and b is not None:
        elapsed = (b.ntp_timestamp - a.ntp_timestamp) * CLOCK_RATE[new.kind] >> 32
        return a.rtp_timestamp + elapsed - b.rtp_timestamp
    return old.timestamp + CLOCK_RATE[new.kind] // 30 - timestamp
