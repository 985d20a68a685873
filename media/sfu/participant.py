"""A participant of a room: the two connections, their state, and the transceiver and DownTrack for each source of the
others that it receives.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Literal

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

from media.engine import OfferedTrack, SendingState, quality_level
from media.sfu import sdp
from media.sfu.bandwidth import OUTAGE_GRACE, DownlinkEstimator, Key, VideoPause, bits_on_wire
from media.sfu.downtrack import DownTrack
from media.sfu.probing import LineProbe, PaddedLine
from media.sfu.publisher import Publisher
from media.sfu.rtp import ResendBudget
from media.sfu.sdp import KIND, LocalDescription, RemoteDescription, SentTrack
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import UdpMux

MAX_TRANSCEIVERS = 40  # of thirteen others with three sources each
MAX_RESEND = 64  # packets per NACK
ANSWER_WITHIN = 10.0  # seconds after which an unanswered offer may be followed by another


@dataclass(slots=True)
class Transceiver:
    """An m-line of our offers: whose source it carries, and whether the client's answer accepts it."""

    key: Key
    track: SentTrack
    accepted: bool = False
    accepts_red: bool = False  # audio: RED as well
    downtrack: DownTrack | None = None


class Subscriber(PeerTransport, PaddedLine):
    """A participant's receiving connection."""

    def __init__(self, mux: UdpMux, certificate: RTCCertificate, clock: Callable[[], float]) -> None:
        super().__init__(mux, certificate)
        self.transceivers: list[Transceiver] = []
        self.estimator = DownlinkEstimator()
        self.probe = LineProbe()
        self.audio_bitrate = 0  # bit/s sent over the last second
        self.started = False  # the handshake was started
        self.stale = False  # the transceivers differ from the last offer
        self.resend_budget = ResendBudget()
        self._clock = clock
        self._offered: list[SentTrack] = []  # in our last offer
        self._offered_at = 0.0
        self._awaiting_answer = False
        self._offers = 0
        self._next_ssrc = 1 + secrets.randbits(30)
        self._downtracks: dict[int, DownTrack] = {}
        self._counted: dict[int, tuple[int, int]] = {}  # SSRC -> packets and octets sent at the last measurement
        self._stream_ids: dict[str, str] = {}
        self._ignore_loss_until = float("-inf")
        self.peer.on_round_trip = self._on_round_trip

    def set_tracks(self, keys: Set[Key]) -> None:
        """Set what may be received. Transceivers keep their order, and free ones are reused."""
        for transceiver in self.transceivers:
            active = transceiver.key in keys
            if transceiver.track.active != active:
                transceiver.track.active = active
                transceiver.accepted = False
                self.stale = True
                if not active:
                    self._stop(transceiver)
        known = {transceiver.key for transceiver in self.transceivers}
        for key in sorted(keys - known, key=lambda k: (k[0], list(KIND).index(k[1]))):
            free = next((s for s in self.transceivers if not s.track.active and s.track.kind == KIND[key[1]]), None)
            if free is not None:
                free.key, free.track = key, self._describe(key, free.track)
            elif len(self.transceivers) < MAX_TRANSCEIVERS:
                self.transceivers.append(Transceiver(key, self._describe(key)))
            self.stale = True

    def may_offer(self, now: float) -> bool:
        """True if no offer is unanswered: one at a time, so that there is no glare (RFC 8829 4.1.8)."""
        return not self._awaiting_answer or now - self._offered_at > ANSWER_WITHIN

    def offer(self, local: LocalDescription, now: float) -> tuple[str, tuple[OfferedTrack, ...]]:
        """Return an offer of all transceivers, and what each carries."""
        self.stale = False
        self._offers += 1
        self._offered = [transceiver.track for transceiver in self.transceivers]
        self._offered_at, self._awaiting_answer = now, True
        tracks = tuple(
            OfferedTrack(str(n), *transceiver.key, transceiver.track.active)
            for n, transceiver in enumerate(self.transceivers)
        )
        return sdp.offer(self._offered, local, self._offers), tracks

    @property
    def max_sections(self) -> int:
        """The number of m-lines that an answer may have."""
        return max(sdp.MAX_SECTIONS, len(self.transceivers))

    @property
    def was_offered(self) -> bool:
        return self._offers > 0

    def apply_answer(self, remote: RemoteDescription) -> None:
        """Apply the client's answer to our last offer."""
        self._awaiting_answer = False
        receives = {each.mid: each.red_type == sdp.RED for each in remote.sections if each.receives}
        for mid, (transceiver, track) in enumerate(zip(self.transceivers, self._offered, strict=False)):
            if track is transceiver.track:  # else it was reused since the offer
                transceiver.accepted = transceiver.track.active and str(mid) in receives
                transceiver.accepts_red = receives.get(str(mid), False)
                if transceiver.downtrack is not None:
                    transceiver.downtrack.set_red(transceiver.accepts_red)

    def downtrack(self, transceiver: Transceiver) -> DownTrack:
        """Return the transceiver's DownTrack, made when first needed. The connection must be ready."""
        if transceiver.downtrack is None:
            transceiver.downtrack = DownTrack(
                self, self.resend_budget, transceiver.track.kind, transceiver.track.ssrc, transceiver.track.rtx_ssrc
            )
            transceiver.downtrack.set_red(transceiver.accepts_red)
            self._downtracks[transceiver.track.ssrc] = transceiver.downtrack
        return transceiver.downtrack

    def worst_loss_and_rtt(self) -> tuple[float, float]:
        """Return the worst loss (0-1) and round trip (seconds) of what is being received."""
        live = [downtrack for downtrack in self._downtracks.values() if downtrack.track is not None]
        return max((s.loss for s in live), default=0.0), max((s.rtt for s in live), default=0.0)

    def measure_bitrate(self, seconds: float) -> tuple[int, int]:
        """Return the bit/s sent over the last `seconds`, in all and of audio."""
        rates = {"audio": 0, "video": 0}
        for transceiver in self.transceivers:
            if transceiver.downtrack is not None:
                packets, octets = transceiver.downtrack.sent
                before = self._counted.get(transceiver.track.ssrc, (packets, octets))
                self._counted[transceiver.track.ssrc] = packets, octets
                rates[transceiver.track.kind] += max(
                    0, int(bits_on_wire(packets - before[0], octets - before[1]) / seconds)
                )
        self.audio_bitrate = rates["audio"]
        return rates["audio"] + rates["video"], self.audio_bitrate

    # ------------------------------------------------------------ measuring the line

    def measure(self, wanted: int) -> None:
        """Measure if the connection carries `wanted` bit/s, unless that is known. Call it if `probe.due`."""
        bandwidth = self.estimator.bandwidth
        known = max(bandwidth.proven, bandwidth.estimate) if self.probe.tested else 0
        self.probe.measure(self, wanted, known, bandwidth.estimate)

    @property
    def time(self) -> float:
        return self.mux.clock()

    def send_check(self) -> bytes:
        return self.peer.ask()

    def send_padding(self, octets: int) -> int:
        carrier = next((each for each in self.transceivers if each.accepted and each.track.rtx_ssrc), None)
        return self.downtrack(carrier).pad(octets) if carrier is not None and self.ready else 0

    def send_train_later(self, seconds: float) -> None:
        self.mux.call_later(seconds, lambda: self.probe.send_train(self))

    def _on_round_trip(self, transaction: bytes, seconds: float) -> None:
        self.probe.on_round_trip(self, transaction, seconds)

    def on_outage_end(self, now: float) -> None:
        """Ignore loss and REMB for a while: an outage is about to be reported as loss, and estimates start low."""
        self._ignore_loss_until = now + OUTAGE_GRACE

    def detach(self) -> None:
        super().detach()
        for transceiver in self.transceivers:
            self._stop(transceiver)
            transceiver.downtrack = None  # it refers back to us, and the garbage collector runs seldom
        self._downtracks.clear()

    def _stop(self, transceiver: Transceiver) -> None:
        if transceiver.downtrack is not None:
            transceiver.downtrack.stop()

    def _describe(self, key: Key, before: SentTrack | None = None) -> SentTrack:
        """Describe what `key` sends, with the SSRCs of the track that was `before` on the transceiver.

        The DownTrack's numbering goes on, so that to the client the new source is a new picture in the same stream.
        """
        participant, source = key
        base = self._stream_ids.setdefault(participant, f"p{len(self._stream_ids)}")
        group = f"{base}-screen" if source == "screen" else base
        kind = KIND[source]
        if before is not None:
            return SentTrack(kind, group, f"{base}-{source}", before.ssrc, before.rtx_ssrc)
        ssrc, self._next_ssrc = self._next_ssrc, self._next_ssrc + 2
        return SentTrack(kind, group, f"{base}-{source}", ssrc, ssrc + 1 if kind == "video" else 0)

    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            if downtrack := self._downtracks.get(packet.media_ssrc):
                self.resend_budget.earn(sum(other.sent[1] for other in self._downtracks.values()))
                for lost in packet.lost[:MAX_RESEND]:
                    downtrack.resend(lost)
        elif isinstance(packet, RtcpPsfbPacket):
            if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                if (downtrack := self._downtracks.get(packet.media_ssrc)) and downtrack.track is not None:
                    downtrack.track.request_key_frame()
            elif packet.fmt == RTCP_PSFB_APP and self._clock() >= self._ignore_loss_until:
                try:
                    self.estimator.bandwidth.on_remb(unpack_remb_fci(packet.fci)[0], self._clock())
                except (ValueError, IndexError, struct.error):
                    self.mux.drops["rtcp"] += 1
        elif isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            now = self._clock()
            if now < self._ignore_loss_until:
                self.estimator.loss_meter.reset()
            for report in packet.reports:
                if downtrack := self._downtracks.get(report.ssrc):
                    upstream = downtrack.track.publisher.recent_loss if downtrack.track is not None else 0.0
                    self.estimator.loss_meter.add(report, now, upstream)
                    if downtrack.on_receiver_report(report, now):
                        self.estimator.add_rtt(downtrack.rtt)


State = Literal["new", "connected", "disconnected", "failed"]

# An idle participant is checked from the first second of silence on, so that by DISCONNECTED_AFTER only the dead are
# silent.
CHECK_AFTER = 1.0  # seconds of silence
DISCONNECTED_AFTER = 2.8
FAILED_AFTER = 15.0
OUTAGE = 1.5  # seconds of silence: its loss says nothing about the connection's capacity
MAX_WATCH_INTERVAL = 0.25  # seconds between two calls of `update_state`; beyond, it was we who did not listen


class Participant:
    """A participant of a room. Silence counts over both connections, because one may be idle for a reason."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.publisher: Publisher | None = None
        self.subscriber: Subscriber | None = None
        self.state: State = "new"
        self.quality_told = 0  # 0: none yet
        self.sending_told: SendingState = "nothing"
        self.send_pause = VideoPause()  # of what they send; the subscriber has one for what they receive
        self.high_layer_wanted_at = now  # when somebody last received the large layer of their camera
        self.pinned = ""  # the participant whom their page shows large
        self.returned_at = now  # from an outage, or when they joined
        self._authenticated = 0
        self._heard_at = now
        self._watched_at = now

    @property
    def transports(self) -> list[Publisher | Subscriber]:
        return [transport for transport in (self.publisher, self.subscriber) if transport is not None]

    def on_transport_closed(self, now: float) -> None:
        """Count as silent from now on unless something is received: the client closed a connection."""
        self._authenticated = sum(transport.authenticated for transport in self.transports if transport.ready)
        self._heard_at = min(self._heard_at, now - DISCONNECTED_AFTER)

    def update_state(self, now: float) -> State:
        """Update and return the state, and check whether a silent participant is there. Call it every 100 ms."""
        absent, self._watched_at = now - self._watched_at - MAX_WATCH_INTERVAL, now
        heard, ready = 0, False
        for transport in (self.publisher, self.subscriber):  # no list: this runs twelve times a second for everybody
            if transport is not None:
                if now >= transport.peer.next_check_at:
                    transport.peer.maintain_consent(now)
                if transport.ready:
                    heard += transport.authenticated
                    ready = True
        if self.state == "new" and not ready:
            return self.state
        if absent > 0:
            self._heard_at = min(now, self._heard_at + absent)
        if heard != self._authenticated:
            if now - self._heard_at >= OUTAGE:
                self.returned_at = now
                for transport in self.transports:
                    transport.on_outage_end(now)
            self._authenticated, self._heard_at = heard, now
            if heard:
                self.state = "connected"
            return self.state
        silent = now - self._heard_at
        if silent >= FAILED_AFTER:
            self.state = "failed"
        elif silent >= DISCONNECTED_AFTER and self.state == "connected":
            self.state = "disconnected"
        if silent >= CHECK_AFTER and self.state != "failed":
            for transport in self.transports:
                transport.peer.send_check(now)
        return self.state

    @property
    def recordable(self) -> bool:
        return self.publisher is not None and self.publisher.ready and self.state != "failed"

    @property
    def sending(self) -> SendingState:
        if self.publisher is None:
            return "nothing"
        return "connected" if self.recordable else "connecting"

    @property
    def video_paused(self) -> bool:
        """True while video is paused in either direction."""
        return self.send_pause.paused or (self.subscriber is not None and self.subscriber.estimator.paused)

    def quality(self) -> int:
        """Return the quality of both directions, 1-4; 1 while disconnected or video is paused."""
        if self.state != "connected" or self.video_paused:
            return 1
        loss, rtt = self.subscriber.worst_loss_and_rtt() if self.subscriber is not None else (0.0, 0.0)
        if self.publisher is not None:
            loss = max(loss, self.publisher.loss)
        return quality_level(loss, rtt)
