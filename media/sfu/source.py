"""One incoming stream (a simulcast layer is one of its own): history, fan-out, NACK, key-frame requests, reports.

The fast path never decodes: for each sink a new header, a copy of the payload, encryption in place, sendto. The
decrypted buffer then changes places with the oldest one of the history, so keeping packets for NACK costs no copy.
Where the way in is compiled (media.sfu.native.wayin), `numbers` and `history` lie in C's memory, and packets about
which there is nothing to decide do not come here.
Each sequence number is taken once: what comes again, as itself or as a repetition, goes nowhere, because a sink that
sent other bytes under a number it has used would give its AES-GCM key away.
"""

from __future__ import annotations

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
from media.sfu import red, vp8
from media.sfu.description import OPUS, RED_BIT
from media.sfu.fanout import HEADER
from media.sfu.gathering import Gathering
from media.sfu.header import PADDED, unpadded
from media.sfu.history import History
from media.sfu.missing import Missing
from media.sfu.srtp import PacketBuffer

if TYPE_CHECKING:
    from media.sfu.feed import Feed
    from media.sfu.follower import Follower
    from media.sfu.publisher import Publisher
    from media.sfu.sink import Sink

CACHE_SIZE = {"video": 512, "audio": 256}  # powers of two
CLOCK_RATE = {"video": 90_000, "audio": 48_000}
MAX_GAP = 64  # a longer gap is an outage: ask for a key frame instead
PLI_INTERVAL = 0.5
ALIVE_FOR = 1.0  # a layer silent for longer was switched off by its sender
OUR_SSRC = 1


class Numbers:
    """Where a stream's numbering stands: what every packet of it changes."""

    __slots__ = ("cycles", "highest", "id", "octets", "received", "timestamp", "tl0")

    def __init__(self) -> None:
        self.highest = 0
        self.cycles = 0
        self.timestamp = 0  # of the packet with the highest sequence number
        self.id = self.tl0 = 0  # of the picture it is of
        self.received = self.octets = 0


class IncomingStream(Gathering):
    # Every packet touches some of these, and of more than thirty CPython keeps a table of names for each stream.
    __slots__ = (
        "__weakref__", "_alive_at", "_base", "_given_up", "_pli_at", "_pli_wanted", "_report_at", "_reported", "_seen",
        "bitrate", "endpoint", "fan_out", "feed", "gaps", "history", "kind", "layered", "mid", "missing", "name",
        "numbers", "payload_type", "publisher", "rank", "red_type", "repaired", "retransmitted", "sender_info",
        "sinks", "ssrc", "video", "waiting", "way_in",
    )  # fmt: skip

    def __init__(
        self, publisher: Publisher, name: Source, kind: str, mid: str, payload_type: int, ssrc: int, rank: int,
        layered: bool, seq: int, timestamp: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.publisher = publisher
        self.endpoint = publisher.endpoint
        self.name: Source = name
        self.kind = kind
        self.video = kind == "video"
        self.mid = mid
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.rank = rank  # 0: the best layer
        self.layered = layered
        self.sinks: list[Sink] = []
        self.feed: Feed | None = None
        self.waiting: list[Follower] = []  # until the next key frame
        self.way_in = way_in = publisher.endpoint.way_in
        self.history = History(CACHE_SIZE[kind]) if way_in is None else way_in.history(CACHE_SIZE[kind])
        self.numbers: Numbers = Numbers() if way_in is None else way_in.lane(ssrc, self.history)
        self.missing = Missing(publisher.round_trip, kind)
        self.numbers.highest = (seq - 1) & 0xFFFF
        self.numbers.cycles = -1 if seq == 0 else 0
        self.numbers.timestamp = timestamp
        self.sender_info: RtcpSenderInfo | None = None
        self.gaps = 0  # lost on the way here, repaired or not
        self.repaired = 0
        self.retransmitted = 0  # came as RTX
        self.red_type = 0  # payload type of its redundant form; 0: not negotiated
        self.bitrate = 0  # bit/s over the last second
        self._base = seq
        self._given_up = 0
        self._reported = (0, 0, 0)  # expected, received, octets at the last report
        self._report_at = 0.0
        self._pli_at = float("-inf")
        self._pli_wanted = False
        self._seen = 0
        self._alive_at = time.monotonic()
        self.fan_out = self.endpoint.fan_out(self.endpoint, kind == "video")

    @property
    def extended(self) -> int:
        """The highest sequence number with its cycles (RFC 3550 A.1)."""
        return (self.numbers.cycles << 16) + self.numbers.highest

    @property
    def highest(self) -> int:
        return self.numbers.highest

    @property
    def timestamp(self) -> int:
        """Of the packet with the highest sequence number."""
        return self.numbers.timestamp

    @property
    def picture(self) -> vp8.Picture:
        """Of the same packet; video only."""
        return vp8.Picture(self.numbers.id, self.numbers.tl0)

    @property
    def received(self) -> int:
        return self.numbers.received

    @property
    def octets(self) -> int:
        return self.numbers.octets

    def lead(self, sinks: list[Sink]) -> None:
        """To whom it goes from now on. A new list each time: what a fan-out knows of the old one holds no more."""
        self.sinks = sinks
        self.changed()

    def feed_to(self, feed: Feed | None) -> None:
        self.feed = feed
        self.changed()

    def changed(self) -> None:
        """What becomes of its packets is another thing now: the next one is looked at here."""
        if self.way_in is not None:
            self.way_in.disarm(self)

    def alive(self, now: float) -> bool:
        return now - self._alive_at < ALIVE_FOR

    def forward(
        self, packet: PacketBuffer, first: int, marker_type: int, seq: int, timestamp: int, plain: int = 0
    ) -> PacketBuffer:
        """Send a decrypted packet to every sink and keep it; returns a free buffer.

        `plain` is where the packet's own payload begins when it repeats others before it (RED), else 0.
        """
        mem, body, size, numbers = packet.mem, packet.body, packet.size, self.numbers
        sinks, highest = self.sinks, numbers.highest
        ahead = (seq - highest) & 0xFFFF
        late = not 0 < ahead < 0x8000
        if late:
            if 0 < ahead < 0x10000 - self.history.size or self.history.get(seq) is not None:
                self.endpoint.drops["repeated"] += 1
                return packet
            self._take_late(seq)
            sinks = [sink for sink in sinks if sink.covers(seq)]
        else:
            if ahead > 1:
                self._note_gap(ahead)
            if seq < highest:
                numbers.cycles += 1
            begins = timestamp != numbers.timestamp or not numbers.received
            numbers.highest, numbers.timestamp = seq, timestamp
        numbers.received += 1
        numbers.octets += size - body
        start, skip = body, 0
        if self.video:
            if not late and begins:
                if vp8.starts_key_frame(mem, body, size):
                    self._on_key_frame(mem, seq, timestamp, body, size)
                    sinks = self.sinks
                skip = vp8.note(numbers, mem, body, size)  # the same for all packets of a frame
        elif plain:
            takers = [sink for sink in sinks if sink.takes_red(seq)]
            if len(takers) == len(sinks):
                takers, sinks = sinks, []
            elif takers:
                sinks = [sink for sink in sinks if sink not in takers]
            if takers:
                self.fan_out.send(takers, packet, body, first, marker_type & 0x80 | RED_BIT, seq, timestamp)
            start = plain
        if sinks:
            self.fan_out.send(sinks, packet, start, first, marker_type & 0x80, seq, timestamp)
        feed = self.feed
        if feed is not None and (not late or feed.covers(seq)):
            if self.way_in is not None:
                feed.odd(mem, start, size, first, marker_type, seq, timestamp)
            elif self.video:
                if self.take_picture(mem, start, size, first, marker_type, seq, timestamp, skip):
                    feed.hand_over()
            elif self.take_sound(mem, start, size, first, marker_type, seq, timestamp):
                feed.hand_over()
        if self.way_in is not None and not late:
            self.way_in.arm(self)
        return self.history.keep(packet)

    def forward_redundant(
        self, packet: PacketBuffer, first: int, marker_type: int, seq: int, timestamp: int
    ) -> PacketBuffer:
        """A packet that repeats earlier ones (RED): what had been lost of these comes first."""
        mem, body, size = packet.mem, packet.body, packet.size
        end = unpadded(mem, body, size) if first & PADDED else size
        found = red.blocks(mem, body, end, self.payload_type, OPUS)
        if not found:
            self.endpoint.drops["rtp"] += 1
            return packet
        repeated = red.proven(mem, found)
        for back in range(len(repeated), 0, -1):
            number = (seq - back) & 0xFFFF
            if self._lacks(number):
                self._restore(mem, repeated[back - 1], number, timestamp)
        return self.forward(packet, first, marker_type, seq, timestamp, found[-1].start)

    def _lacks(self, seq: int) -> bool:
        """Whether a packet of after the beginning has not come and could still be taken."""
        ahead = ((seq - self.highest + 0x8000) & 0xFFFF) - 0x8000
        if self.extended + ahead < self._base or ahead <= -self.history.size:
            return False
        return ahead > 0 or self.history.get(seq) is None

    def _restore(self, mem: memoryview, block: red.Block, seq: int, timestamp: int) -> None:
        copy = PacketBuffer()
        timestamp = (timestamp - block.before) & 0xFFFFFFFF
        HEADER.pack_into(copy.mem, 0, 0x80, self.payload_type, seq, timestamp, self.ssrc)
        copy.body, copy.size, copy.seq = 12, 12 + block.end - block.start, seq
        copy.mem[12 : copy.size] = mem[block.start : block.end]
        self.gaps += 1
        self.repaired += 1
        self.missing.forget(seq)
        self.forward(copy, 0x80, self.payload_type, seq, timestamp)

    def past(self, since: float) -> list[PacketBuffer]:
        """The latest key frame and all that followed it, if whole, fresh and come after `since`."""
        return self.history.since_key_frame(self.highest, since, self.publisher.clock())

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
        if self.missing:
            self.ask(now)
        if self.waiting:
            self._pli_wanted = True  # the key frame asked for may have been lost
        if self._pli_wanted:
            self._send_pli(now)

    def ask(self, now: float) -> None:
        """Send the NACK that is due."""
        if lost := self.missing.due(now, self.received):
            self.publisher.send_rtcp(RtcpRtpfbPacket(RTCP_RTPFB_NACK, OUR_SSRC, self.ssrc, lost))
        if self.missing.given_up != self._given_up:
            self._given_up = self.missing.given_up
            self._pli_wanted = self.kind == "video"

    def report(self, now: float, seconds: float) -> RtcpReceiverInfo:
        """A reception report block over the time since the last one.

        Loss is what the network lost, repaired or not: it is by this figure that senders turn to in-band FEC.
        """
        expected, received = self.extended - self._base + 1, self.received - self.repaired
        was_expected, was_received, was_octets = self._reported
        self._reported = expected, received, self.octets
        span, lost = expected - was_expected, max(0, expected - was_expected - (received - was_received))
        self.bitrate = int((self.octets - was_octets) * 8 / seconds) if seconds > 0 else 0
        lsr = dlsr = 0
        if self.sender_info is not None:
            lsr = self.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            dlsr = int((now - self._report_at) * 65536) & 0xFFFFFFFF
        fraction = min(255, lost * 256 // span) if span > 0 else 0
        total = min(0x7FFFFF, max(0, expected - received))
        return RtcpReceiverInfo(self.ssrc, fraction, total, self.extended & 0xFFFFFFFF, 0, lsr, dlsr)

    def end(self) -> None:
        """The publisher sends it no more: let everybody go."""
        for follower in [*self.sinks, *self.waiting]:
            follower.stop()
        if self.feed is not None:
            self.feed.stop()
        if self.way_in is not None:
            self.way_in.forget(self)

    def _take_late(self, seq: int) -> None:
        if self.missing.found(seq, self.publisher.clock()):
            self.repaired += 1
        else:
            self.gaps = max(0, self.gaps - 1)  # not lost, only out of order

    def _note_gap(self, ahead: int) -> None:
        self.gaps += ahead - 1
        if ahead > MAX_GAP:
            self.missing.clear()
            self._pli_wanted = self.kind == "video"
        else:
            self.missing.note(self.numbers.highest + 1, ahead - 1)
            self.publisher.ask_soon()

    def _on_key_frame(self, mem: memoryview, seq: int, timestamp: int, body: int, size: int) -> None:
        self.history.key_seq, self.history.key_at = seq, self.publisher.clock()
        waiting, self.waiting = self.waiting, []
        if waiting:
            picture = vp8.Picture.of(mem, body, size)
            for follower in waiting:
                follower.start(self, seq, timestamp, picture)
