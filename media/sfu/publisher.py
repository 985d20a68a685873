"""The connection a participant sends on: which packets belong to which source, feedback to the sender."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RTCP_PSFB_APP, AnyRtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpSrPacket, pack_remb_fci

from media.engine import Source
from media.sfu import description, rtx
from media.sfu.bandwidth import FORGIVING, Queue, Uplink, bits
from media.sfu.description import Line
from media.sfu.endpoint import Endpoint
from media.sfu.fanout import HEADER
from media.sfu.header import extension
from media.sfu.leg import MAX_SSRCS, MAX_STREAMS, PACKET_COST, Leg
from media.sfu.missing import RoundTrip
from media.sfu.source import OUR_SSRC, IncomingStream
from media.sfu.srtp import LENGTH, PacketBuffer, unprotect
from media.sfu.voice import Voice

REPORT_INTERVAL = 1.0
LATE = 0.12  # seconds since the last tick, which should be 0.05
LATELY = 3  # reports
ASK_AFTER = 0.01  # seconds: packets only out of order come by themselves


class Publisher(Leg):
    def __init__(
        self,
        endpoint: Endpoint,
        certificate: RTCCertificate,
        on_stream: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(endpoint, certificate)
        self.streams: dict[int, IncomingStream] = {}
        self.lines: dict[str, tuple[Source, Line]] = {}  # mid -> what it carries
        self.ufrag = ""
        self.identity: frozenset[tuple[str, str]] = frozenset()
        self.voice = Voice()
        self.loss = 0.0  # of what was sent to us, over the last second, before repair
        self.clock = clock
        self.round_trip = RoundTrip()
        self._on_stream = on_stream
        self._asking: asyncio.TimerHandle | None = None
        self._repetitions = rtx.Repetitions()
        self.uplink = Uplink()
        self._losses: deque[float] = deque([0.0], maxlen=LATELY)
        self._queue = Queue()
        self._forgiving_until = float("-inf")
        self._ticked_at = float("-inf")
        self._timing = False
        self._timed: dict[int, int] = {}  # ssrc -> the last packet looked at
        self._met: set[int] = set()  # SSRCs that authenticated, used or not
        self._scratch = PacketBuffer()
        self._reported_at = clock()
        self._gaps = self._expected = 0
        self._received = (0, 0)  # packets and octets at the last report
        self._entry = None if endpoint.way_in is None else endpoint.way_in.enter(self)

    @property
    def heard(self) -> int:
        return self.peer.heard + (self._entry.heard if self._entry is not None else 0)

    @property
    def lately_lost(self) -> float:
        """The worst loss of the last seconds: subscribers report on what they were sent a while ago."""
        return max(*self._losses, self._lost_share())

    @property
    def sources(self) -> frozenset[Source]:
        """What the client has said it sends."""
        return frozenset(source for source, _ in self.lines.values())

    def expect(self, lines: Mapping[str, tuple[Source, Line]]) -> None:
        """Take over the client's latest offer; what it no longer sends ends now."""
        self.lines = dict(lines)
        for ssrc, stream in list(self.streams.items()):
            entry = self.lines.get(stream.mid)
            if entry is None or entry[0] != stream.name or (entry[1].ssrcs and ssrc not in entry[1].ssrcs):
                del self.streams[ssrc]
                self._timed.pop(ssrc, None)
                stream.end()
            else:
                stream.changed()

    def layers(self, source: Source) -> list[IncomingStream]:
        """The streams of a source, best first."""
        return sorted((s for s in self.streams.values() if s.name == source), key=lambda s: s.rank)

    def best(self, source: Source, now: float, high: bool = True) -> IncomingStream | None:
        """The layer to take: of those that arrive the best, or the least when `high` is false."""
        streams = [stream for stream in self.streams.values() if stream.name == source]
        if len(streams) < 2:
            return streams[0] if streams else None
        layers = self.layers(source)
        arriving = [s for s in layers if s.alive(now)] or layers[-1:]
        return arriving[0] if high else arriving[-1]

    def _use_keys(self, rx: pylibsrtp.Session, tx: pylibsrtp.Session) -> None:
        super()._use_keys(rx, tx)
        if self._entry is not None:
            self._entry.open(self)

    def _on_rtp(self, data: bytes) -> None:
        self._scratch = self._accept(self._scratch, data)

    def _accept(self, packet: PacketBuffer, data: bytes) -> PacketBuffer:
        """Decrypt and forward an SRTP packet in `packet`; returns the buffer for the next one."""
        mem = packet.mem
        first, marker_type, seq, timestamp, ssrc = HEADER.unpack_from(data)
        # The SSRC is looked at before libsrtp sees the packet, which keeps state for each.
        if ssrc not in self._met and len(self._met) >= MAX_SSRCS:
            self.endpoint.drops["ssrc"] += 1
            return packet
        LENGTH[0] = size = len(data)
        mem[:size] = data
        if unprotect(self._srtp_in, packet.ptr, LENGTH):
            self.endpoint.drops["srtp"] += 1
            return packet
        return self._take(packet, LENGTH[0], first, marker_type, seq, timestamp, ssrc)

    def take(self, data: bytes) -> None:
        """A packet that was decrypted on its way in."""
        packet = self._scratch
        packet.mem[: len(data)] = data
        self._scratch = self._take(packet, len(data), *HEADER.unpack_from(data))

    def _take(
        self, packet: PacketBuffer, size: int, first: int, marker_type: int, seq: int, timestamp: int, ssrc: int
    ) -> PacketBuffer:
        """Forward a decrypted packet of `size` bytes."""
        mem, stream = packet.mem, self.streams.get(ssrc)
        head = body = 12 + 4 * (first & 15)
        if first & 0x10 and body + 4 <= size:
            body += 4 + 4 * (mem[body + 2] << 8 | mem[body + 3])
        if body > size:
            self.endpoint.drops["rtp"] += 1
            return packet
        self.peer.heard += 1
        self.sending.left -= size + PACKET_COST
        if stream is None:
            self._met.add(ssrc)
            lines = [line for _, line in self.lines.values()]
            repeats, line = self._repetitions.of(mem, head, body, marker_type & 127, ssrc, lines, self.streams)
            if line is not None:
                return self._accept_again(packet, body, size, repeats, line)
            stream = self._new_stream(mem, head, body, marker_type & 127, ssrc, seq, timestamp)
            if stream is None:
                return packet
        packet.size, packet.body, packet.seq = size, body, seq
        if stream.video:
            if marker_type & 127 != stream.payload_type:
                return packet
            return stream.forward(packet, first, marker_type, seq, timestamp)
        redundant = marker_type & 127 != stream.payload_type
        if redundant and marker_type & 127 != stream.red_type:
            return packet
        if body > head:
            wanted = self.lines[stream.mid][1].extensions.get(description.LEVEL_URI, 0)
            if wanted and (value := extension(mem, head, body, wanted)):
                self.voice.hear(value[0] & 127, self.clock())
        if redundant:
            return stream.forward_redundant(packet, first, marker_type, seq, timestamp)
        return stream.forward(packet, first, marker_type, seq, timestamp)

    def _accept_again(
        self, packet: PacketBuffer, body: int, size: int, stream: IncomingStream | None, line: Line
    ) -> PacketBuffer:
        """A retransmission: what it repeats takes the way of a late packet."""
        if stream is None or not rtx.restore(packet, body, size, line.payload_type, stream.ssrc):
            return packet
        stream.retransmitted += 1
        first, marker_type, seq, timestamp, _ = HEADER.unpack_from(packet.mem)
        return stream.forward(packet, first, marker_type, seq, timestamp)

    def _new_stream(
        self, mem: memoryview, head: int, body: int, payload_type: int, ssrc: int, seq: int, timestamp: int
    ) -> IncomingStream | None:
        mid = self._mid_of(mem, head, body, payload_type, ssrc)
        if mid is None or len(self.streams) >= MAX_STREAMS:
            self.endpoint.drops["ssrc"] += 1
            return None
        name, line = self.lines[mid]
        rank = 0
        if line.rids:
            rid = extension(mem, head, body, line.extensions.get(description.RID_URI, 0)).decode("ascii", "replace")
            if rid not in line.rids:
                self.endpoint.drops["ssrc"] += 1
                return None
            rank = line.rids.index(rid)
        for old in self.layers(name):
            if old.rank == rank:  # the sender began again under a new SSRC
                del self.streams[old.ssrc]
                self._timed.pop(old.ssrc, None)
                old.end()
        stream = IncomingStream(
            self, name, line.kind, mid, line.payload_type, ssrc, rank, len(line.rids) > 1, seq, timestamp
        )  # fmt: skip
        stream.red_type = line.red_type
        self.streams[ssrc] = stream
        self._on_stream()
        return stream

    def _mid_of(self, mem: memoryview, head: int, body: int, payload_type: int, ssrc: int) -> str | None:
        """Whose packet it is: by a=ssrc, else by its MID, else by the only m-line it can be of (RFC 8843 9.2)."""
        fitting = [
            mid for mid, (_, line) in self.lines.items() if payload_type in (line.payload_type, line.red_type or -1)
        ]
        for mid in fitting:
            if ssrc in self.lines[mid][1].ssrcs:
                return mid
        for mid in fitting:
            wanted = self.lines[mid][1].extensions.get(description.MID_URI, 0)
            if wanted and extension(mem, head, body, wanted) == mid.encode():
                return mid
        unnamed = [mid for mid in fitting if not self.lines[mid][1].ssrcs]
        return unnamed[0] if len(fitting) == 1 and unnamed else None

    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc in self.streams:
            self.streams[packet.ssrc].on_sender_report(packet.sender_info, self.clock())

    def ask_soon(self) -> None:
        """Something is missing: send the first NACK without waiting for the next tick."""
        if self._asking is None:
            self._asking = asyncio.get_running_loop().call_later(ASK_AFTER, self._ask)

    def _ask(self) -> None:
        self._asking = None
        now = self.clock()
        for stream in self.streams.values():
            stream.ask(now)

    def tick(self, now: float) -> None:
        """Off the fast path, every 50 ms: NACK, PLI, and each second RR and REMB."""
        late, self._ticked_at = now - self._ticked_at > LATE, now
        self._timing = not self._timing
        for stream in self.streams.values():
            stream.repair(now)
            # When we are late a packet may have waited for us. The quickest of ten a second says as much as of twenty.
            if self._timing and not late:
                self._time(stream, now)
        seconds = now - self._reported_at
        if seconds < REPORT_INTERVAL or not self.streams:
            return
        self._reported_at = now
        reports = [stream.report(now, seconds) for stream in self.streams.values()]
        self.loss = 0.0 if now < self._forgiving_until else self._lost_share()
        self._losses.append(self.loss)
        self._gaps, self._expected = self._counts()
        received = sum(s.received for s in self.streams.values()), sum(s.octets for s in self.streams.values())
        packets, octets = (max(0, now - before) for now, before in zip(received, self._received, strict=True))
        self._received = received
        self.uplink.judge(self.loss, int(bits(packets, octets) / seconds), self._queue.take())
        video = [s.ssrc for s in self.streams.values() if s.kind == "video"]
        remb = pack_remb_fci(self.uplink.told, video)
        self.send_rtcp(RtcpRrPacket(OUR_SSRC, reports), RtcpPsfbPacket(RTCP_PSFB_APP, OUR_SSRC, 0, remb))

    def _counts(self) -> tuple[int, int]:
        """What did not come by itself, and what should have come, of all streams so far."""
        gaps = sum(s.gaps for s in self.streams.values())
        return gaps, gaps + sum(s.received for s in self.streams.values())

    def _lost_share(self) -> float:
        """0-1 since the last report."""
        gaps, expected = self._counts()
        span = expected - self._expected
        return max(0.0, min(1.0, (gaps - self._gaps) / span)) if span > 0 else 0.0

    def _time(self, stream: IncomingStream, now: float) -> None:
        """See how long the newest packet was under way; it came since the last tick, which is near enough."""
        newest = stream.history.get(stream.highest)
        if newest is None or self._timed.get(stream.ssrc) == newest.seq:
            return
        self._timed[stream.ssrc] = newest.seq
        wanted = self.lines[stream.mid][1].extensions.get(description.ABS_SEND_TIME_URI, 0)
        head = 12 + 4 * (newest.mem[0] & 15)
        if wanted and len(stamp := extension(newest.mem, head, newest.body, wanted)) == 3:
            self._queue.note(int.from_bytes(stamp) / (1 << 18), now)

    def came_back(self, now: float) -> None:
        """After an outage: its gap is about to be found."""
        self._forgiving_until = now + FORGIVING

    def detach(self) -> None:
        super().detach()
        self._timed.clear()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        for stream in self.streams.values():
            stream.end()
        self.streams.clear()
        self.lines.clear()
        if self._entry is not None:
            self._entry.close()
