"""The connection a participant receives on: its m-lines, one per (participant, source), and the sinks behind them."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Set
from dataclasses import dataclass

from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from media.engine import OfferedTrack
from media.sfu import description
from media.sfu.allocation import Key
from media.sfu.allowance import Allowance
from media.sfu.bandwidth import FORGIVING, bits
from media.sfu.description import KIND, Local, Remote, Stream
from media.sfu.endpoint import Endpoint
from media.sfu.leg import Leg
from media.sfu.reception import Reception
from media.sfu.sink import Sink

MAX_SLOTS = 40  # thirteen others with three sources each
MAX_RESEND = 64  # packets per NACK message
ANSWER_WITHIN = 10.0  # seconds; after that an unanswered offer may be followed by another


@dataclass(slots=True)
class Slot:
    """An m-line: whose source it carries, and whether the client has agreed to receive it."""

    key: Key
    stream: Stream
    agreed: bool = False
    redundant: bool = False  # sound: it takes RED as well
    sink: Sink | None = None


class Subscriber(Leg):
    def __init__(self, endpoint: Endpoint, certificate: RTCCertificate, clock: Callable[[], float]) -> None:
        super().__init__(endpoint, certificate)
        self.slots: list[Slot] = []
        self.reception = Reception()
        self.sound = 0  # bit/s of sound sent to it, over the last second
        self.started = False  # the handshake was begun
        self.stale = False  # the m-lines differ from the last offer
        self.allowance = Allowance()
        self._clock = clock
        self._offered: list[Stream] = []  # by our last offer
        self._offered_at = 0.0
        self._awaiting = False  # its answer
        self._offers = 0
        self._next_ssrc = 1 + secrets.randbits(30)
        self._sinks: dict[int, Sink] = {}
        self._counted: dict[int, tuple[int, int]] = {}  # SSRC -> packets and octets sent at the last measurement
        self._groups: dict[str, str] = {}
        self._forgiving_until = float("-inf")

    def want(self, keys: Set[Key]) -> None:
        """Bring the m-lines in line with what may be received: stable in order, reused when free."""
        for slot in self.slots:
            active = slot.key in keys
            if slot.stream.active != active:
                slot.stream.active = active
                slot.agreed = False
                self.stale = True
                if not active:
                    self._close(slot)
        known = {slot.key for slot in self.slots}
        for key in sorted(keys - known, key=lambda k: (k[0], list(KIND).index(k[1]))):
            free = next((s for s in self.slots if not s.stream.active and s.stream.kind == KIND[key[1]]), None)
            if free is not None:
                free.key, free.stream = key, self._stream(key, free.stream)
            elif len(self.slots) < MAX_SLOTS:
                self.slots.append(Slot(key, self._stream(key)))
            self.stale = True

    def may_offer(self, now: float) -> bool:
        """No glare: one offer at a time (RFC 8829 4.1.8)."""
        return not self._awaiting or now - self._offered_at > ANSWER_WITHIN

    def offer(self, local: Local, now: float) -> tuple[str, tuple[OfferedTrack, ...]]:
        self.stale = False
        self._offers += 1
        self._offered, self._offered_at, self._awaiting = [slot.stream for slot in self.slots], now, True
        tracks = tuple(OfferedTrack(str(n), *slot.key, slot.stream.active) for n, slot in enumerate(self.slots))
        return description.offer(self._offered, local, self._offers), tracks

    @property
    def most_lines(self) -> int:
        """How many m-lines an answer may have."""
        return max(description.MAX_LINES, len(self.slots))

    @property
    def was_offered(self) -> bool:
        return self._offers > 0

    def answered(self, remote: Remote) -> None:
        """The client's answer: what it will receive, of what was offered."""
        self._awaiting = False
        receives = {line.mid: line.red_type == description.RED for line in remote.lines if line.receives}
        for mid, (slot, stream) in enumerate(zip(self.slots, self._offered, strict=False)):
            if stream is slot.stream:  # it may have changed hands since the offer went out
                slot.agreed = slot.stream.active and str(mid) in receives
                slot.redundant = receives.get(str(mid), False)
                if slot.sink is not None:
                    slot.sink.take_red(slot.redundant)

    def sink(self, slot: Slot) -> Sink:
        """The slot's sink, made when first needed; only once the connection is ready."""
        if slot.sink is None:
            slot.sink = Sink(self, slot.stream.kind, slot.stream.ssrc, slot.stream.rtx_ssrc)
            slot.sink.take_red(slot.redundant)
            self._sinks[slot.stream.ssrc] = slot.sink
        return slot.sink

    def report(self) -> tuple[float, float]:
        """Loss (0-1) and round-trip seconds, the worst over what is being received."""
        live = [sink for sink in self._sinks.values() if sink.stream is not None]
        return max((s.loss for s in live), default=0.0), max((s.rtt for s in live), default=0.0)

    def measure(self, seconds: float) -> tuple[int, int]:
        """bit/s sent since the last time, and how much of it was sound."""
        rates = {"audio": 0, "video": 0}
        for slot in self.slots:
            if slot.sink is not None:
                packets, octets = slot.sink.sent
                before = self._counted.get(slot.stream.ssrc, (packets, octets))
                self._counted[slot.stream.ssrc] = packets, octets
                rates[slot.stream.kind] += max(0, int(bits(packets - before[0], octets - before[1]) / seconds))
        self.sound = rates["audio"]
        return rates["audio"] + rates["video"], self.sound

    def came_back(self, now: float) -> None:
        """After an outage, theirs or another's: it is about to be reported as lost, and estimates begin low."""
        self._forgiving_until = now + FORGIVING

    def detach(self) -> None:
        super().detach()
        for slot in self.slots:
            self._close(slot)
            slot.sink = None  # sinks point back at us, and a circle waits long for the collector
        self._sinks.clear()

    def _close(self, slot: Slot) -> None:
        if slot.sink is not None:
            slot.sink.stop()

    def _stream(self, key: Key, before: Stream | None = None) -> Stream:
        """A description of what `key` sends; it keeps the SSRCs of what was `before` on the m-line.

        The sink's numbering goes on, so to the client a new holder is a new picture in the same stream.
        """
        participant, source = key
        base = self._groups.setdefault(participant, f"p{len(self._groups)}")
        group = f"{base}-screen" if source == "screen" else base
        kind = KIND[source]
        if before is not None:
            return Stream(kind, group, f"{base}-{source}", before.ssrc, before.rtx_ssrc)
        ssrc, self._next_ssrc = self._next_ssrc, self._next_ssrc + 2
        return Stream(kind, group, f"{base}-{source}", ssrc, ssrc + 1 if kind == "video" else 0)

    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            if sink := self._sinks.get(packet.media_ssrc):
                self.allowance.earn(sum(other.sent[1] for other in self._sinks.values()))
                for lost in packet.lost[:MAX_RESEND]:
                    sink.resend(lost)
        elif isinstance(packet, RtcpPsfbPacket):
            if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                if (sink := self._sinks.get(packet.media_ssrc)) and sink.stream is not None:
                    sink.stream.request_key_frame()
            elif packet.fmt == RTCP_PSFB_APP and self._clock() >= self._forgiving_until:
                try:
                    self.reception.downlink.on_remb(unpack_remb_fci(packet.fci)[0], self._clock())
                except (ValueError, IndexError, struct.error):
                    self.endpoint.drops["rtcp"] += 1
        elif isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            now = self._clock()
            if now < self._forgiving_until:
                self.reception.losses.forgive()
            for report in packet.reports:
                if sink := self._sinks.get(report.ssrc):
                    upstream = sink.stream.publisher.lately_lost if sink.stream is not None else 0.0
                    self.reception.losses.note(report, now, upstream)
                    if sink.on_receiver_report(report, now):
                        self.reception.note_trip(sink.rtt)
