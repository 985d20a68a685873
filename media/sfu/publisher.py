"""The connection a participant sends on: which track each packet belongs to, and feedback to the sender."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RTCP_PSFB_APP, AnyRtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpSrPacket, pack_remb_fci

from media.engine import Source
from media.sfu import sdp
from media.sfu.bandwidth import OUTAGE_GRACE, QueueDelay, UplinkBandwidth, bits_on_wire
from media.sfu.rtp import HEADER, SRTP_LENGTH, PacketBuffer, header_extension, restore_original, unprotect
from media.sfu.sdp import MediaSection
from media.sfu.speakers import VoiceDetector
from media.sfu.transport import MAX_SSRCS, MAX_STREAMS, PACKET_COST
from media.sfu.udp_mux import UdpMux
from media.sfu.uptrack import LOCAL_SSRC, TrackSource, UpTrack

REPORT_INTERVAL = 1.0
LATE_TICK = 0.12  # seconds since the last tick, which are 0.05 if we are on time
LOSSES_KEPT = 3  # of the latest reports
NACK_DELAY = 0.01  # seconds: packets that are only out of order arrive by then


class Publisher(TrackSource):
    """A participant's sending connection. `on_track` is called when a new track arrives."""

    def __init__(
        self,
        mux: UdpMux,
        certificate: RTCCertificate,
        on_track: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(mux, certificate, clock)
        self.ufrag = ""
        self.identity: frozenset[tuple[str, str]] = frozenset()
        self.voice = VoiceDetector()
        self.loss = 0.0  # 0-1, over the last second, before repair
        self._on_track = on_track
        self._nack_timer: asyncio.TimerHandle | None = None
        self._rtx_streams = RtxStreams()
        self.uplink = UplinkBandwidth()
        self._losses: deque[float] = deque([0.0], maxlen=LOSSES_KEPT)
        self._queue_delay = QueueDelay()
        self._ignore_loss_until = float("-inf")
        self._ticked_at = float("-inf")
        self._measure_delay_now = False
        self._measured: dict[int, int] = {}  # SSRC -> the last packet whose delay was measured
        self._known_ssrcs: set[int] = set()  # that authenticated, used or not
        self._scratch = PacketBuffer()
        self._reported_at = clock()
        self._gaps = self._expected = 0
        self._received = (0, 0)  # packets and octets at the last report
        self._native = None if mux.receiver is None else mux.receiver.add_publisher(self)

    @property
    def authenticated(self) -> int:
        return self.peer.authenticated + (self._native.authenticated if self._native is not None else 0)

    @property
    def recent_loss(self) -> float:
        """The worst loss of the last seconds, 0-1: subscribers report on what they were sent a while ago."""
        return max(*self._losses, self._loss_since_report())

    @property
    def sources(self) -> frozenset[Source]:
        """The sources that the client's offer says it sends."""
        return frozenset(source for source, _ in self.sections.values())

    def apply_offer(self, sections: Mapping[str, tuple[Source, MediaSection]]) -> None:
        """Apply the client's latest offer, and end the tracks that it no longer sends."""
        self.sections = dict(sections)
        for ssrc, track in list(self.tracks.items()):
            entry = self.sections.get(track.mid)
            if entry is None or entry[0] != track.source or (entry[1].ssrcs and ssrc not in entry[1].ssrcs):
                del self.tracks[ssrc]
                self._measured.pop(ssrc, None)
                track.end()
            else:
                track.disarm()

    def layers(self, source: Source) -> list[UpTrack]:
        """Return the tracks of a source, the best layer first."""
        return sorted((s for s in self.tracks.values() if s.source == source), key=lambda s: s.layer)

    def best_layer(self, source: Source, now: float, high: bool = True) -> UpTrack | None:
        """Return the best of the layers that arrive, or the least if `high` is false. None if there is none."""
        tracks = [track for track in self.tracks.values() if track.source == source]
        if len(tracks) < 2:
            return tracks[0] if tracks else None
        layers = self.layers(source)
        arriving = [s for s in layers if s.alive(now)] or layers[-1:]
        return arriving[0] if high else arriving[-1]

    def _set_keys(self, rx: pylibsrtp.Session, tx: pylibsrtp.Session) -> None:
        super()._set_keys(rx, tx)
        if self._native is not None:
            self._native.open(self)

    def _on_rtp(self, data: bytes) -> None:
        self._scratch = self._decrypt(self._scratch, data)

    def _decrypt(self, packet: PacketBuffer, data: bytes) -> PacketBuffer:
        """Decrypt and forward an SRTP packet in the buffer `packet`. Returns the buffer for the next one."""
        mem = packet.mem
        first, marker_type, seq, timestamp, ssrc = HEADER.unpack_from(data)
        # The SSRC is checked before libsrtp sees the packet, because libsrtp keeps state for each.
        if ssrc not in self._known_ssrcs and len(self._known_ssrcs) >= MAX_SSRCS:
            self.mux.drops["ssrc"] += 1
            return packet
        SRTP_LENGTH[0] = size = len(data)
        mem[:size] = data
        if unprotect(self._srtp_in, packet.ptr, SRTP_LENGTH):
            self.mux.drops["srtp"] += 1
            return packet
        return self._forward(packet, SRTP_LENGTH[0], first, marker_type, seq, timestamp, ssrc)

    def on_decrypted(self, data: bytes) -> None:
        """Forward a packet that the C receiver has decrypted."""
        packet = self._scratch
        packet.mem[: len(data)] = data
        self._scratch = self._forward(packet, len(data), *HEADER.unpack_from(data))

    def _forward(
        self, packet: PacketBuffer, size: int, first: int, marker_type: int, seq: int, timestamp: int, ssrc: int
    ) -> PacketBuffer:
        """Forward a decrypted packet of `size` bytes. Returns the buffer for the next one."""
        mem, track = packet.mem, self.tracks.get(ssrc)
        head = body = 12 + 4 * (first & 15)
        if first & 0x10 and body + 4 <= size:
            body += 4 + 4 * (mem[body + 2] << 8 | mem[body + 3])
        if body > size:
            self.mux.drops["rtp"] += 1
            return packet
        self.peer.authenticated += 1
        self.rtp_budget.tokens -= size + PACKET_COST
        if track is None:
            self._known_ssrcs.add(ssrc)
            sections = [section for _, section in self.sections.values()]
            original, section = self._rtx_streams.find(mem, head, body, marker_type & 127, ssrc, sections, self.tracks)
            if section is not None:
                return self._forward_retransmission(packet, body, size, original, section)
            track = self._new_track(mem, head, body, marker_type & 127, ssrc, seq, timestamp)
            if track is None:
                return packet
        packet.size, packet.body, packet.seq = size, body, seq
        if track.video:
            if marker_type & 127 != track.payload_type:
                return packet
            return track.forward(packet, first, marker_type, seq, timestamp)
        redundant = marker_type & 127 != track.payload_type
        if redundant and marker_type & 127 != track.red_type:
            return packet
        if body > head:
            wanted = self.sections[track.mid][1].extensions.get(sdp.LEVEL_URI, 0)
            if wanted and (value := header_extension(mem, head, body, wanted)):
                self.voice.on_level(value[0] & 127, self.clock())
        if redundant:
            return track.forward_redundant(packet, first, marker_type, seq, timestamp)
        return track.forward(packet, first, marker_type, seq, timestamp)

    def _forward_retransmission(
        self, packet: PacketBuffer, body: int, size: int, track: UpTrack | None, section: MediaSection
    ) -> PacketBuffer:
        """Forward the original of a retransmission as a late packet, while repair may take time."""
        began, left = time.thread_time(), self.mux.repair_time
        if left.tokens <= 0 and not left.refill(time.monotonic()):
            self.mux.drops["repair"] += 1
            return packet
        if track is None or not restore_original(packet, body, size, section.payload_type, track.ssrc):
            return packet
        track.retransmitted += 1
        first, marker_type, seq, timestamp, _ = HEADER.unpack_from(packet.mem)
        free = track.forward(packet, first, marker_type, seq, timestamp)
        left.tokens -= time.thread_time() - began
        return free

    def _new_track(
        self, mem: memoryview, head: int, body: int, payload_type: int, ssrc: int, seq: int, timestamp: int
    ) -> UpTrack | None:
        mid = self._mid_of(mem, head, body, payload_type, ssrc)
        if mid is None or len(self.tracks) >= MAX_STREAMS:
            self.mux.drops["ssrc"] += 1
            return None
        source, section = self.sections[mid]
        layer = 0
        if section.rids:
            rid = header_extension(mem, head, body, section.extensions.get(sdp.RID_URI, 0)).decode("ascii", "replace")
            if rid not in section.rids:
                self.mux.drops["ssrc"] += 1
                return None
            layer = section.rids.index(rid)
        for old in self.layers(source):
            if old.layer == layer:  # the sender started again with a new SSRC
                del self.tracks[old.ssrc]
                self._measured.pop(old.ssrc, None)
                old.end()
        track = UpTrack(
            self, source, section.kind, mid, section.payload_type, ssrc, layer, len(section.rids) > 1, seq, timestamp
        )  # fmt: skip
        track.red_type = section.red_type
        self.tracks[ssrc] = track
        self._on_track()
        return track

    def _mid_of(self, mem: memoryview, head: int, body: int, payload_type: int, ssrc: int) -> str | None:
        """Return the packet's mid: by a=ssrc, else by its MID, else the only section that fits (RFC 8843 9.2)."""
        fitting = [
            mid
            for mid, (_, section) in self.sections.items()
            if payload_type in (section.payload_type, section.red_type or -1)
        ]
        for mid in fitting:
            if ssrc in self.sections[mid][1].ssrcs:
                return mid
        for mid in fitting:
            wanted = self.sections[mid][1].extensions.get(sdp.MID_URI, 0)
            if wanted and header_extension(mem, head, body, wanted) == mid.encode():
                return mid
        unnamed = [mid for mid in fitting if not self.sections[mid][1].ssrcs]
        return unnamed[0] if len(fitting) == 1 and unnamed else None

    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc in self.tracks:
            self.tracks[packet.ssrc].on_sender_report(packet.sender_info, self.clock())

    def schedule_nacks(self) -> None:
        """Send the first NACK for missing packets without waiting for the next tick."""
        if self._nack_timer is None:
            self._nack_timer = asyncio.get_running_loop().call_later(NACK_DELAY, self._send_nacks)

    def _send_nacks(self) -> None:
        self._nack_timer = None
        now = self.clock()
        for track in self.tracks.values():
            track.send_nack(now)

    def tick(self, now: float) -> None:
        """Send NACK and PLI, and once a second RR and REMB. Called every 50 ms, off the fast path."""
        late, self._ticked_at = now - self._ticked_at > LATE_TICK, now
        self._measure_delay_now = not self._measure_delay_now
        for track in self.tracks.values():
            track.tick(now)
            # If we are late, a packet may have waited for us. Ten samples a second are as good as twenty.
            if self._measure_delay_now and not late:
                self._measure_delay(track, now)
        seconds = now - self._reported_at
        if seconds < REPORT_INTERVAL or not self.tracks:
            return
        self._reported_at = now
        reports = [track.report(now, seconds) for track in self.tracks.values()]
        self.loss = 0.0 if now < self._ignore_loss_until else self._loss_since_report()
        self._losses.append(self.loss)
        self._gaps, self._expected = self._loss_counts()
        received = sum(s.received for s in self.tracks.values()), sum(s.octets for s in self.tracks.values())
        packets, octets = (max(0, now - before) for now, before in zip(received, self._received, strict=True))
        self._received = received
        self.uplink.update(self.loss, int(bits_on_wire(packets, octets) / seconds), self._queue_delay.take())
        video = [s.ssrc for s in self.tracks.values() if s.kind == "video"]
        remb = pack_remb_fci(self.uplink.announced, video)
        self.send_rtcp(RtcpRrPacket(LOCAL_SSRC, reports), RtcpPsfbPacket(RTCP_PSFB_APP, LOCAL_SSRC, 0, remb))

    def _loss_counts(self) -> tuple[int, int]:
        """Return how many packets of all tracks were lost at first, and how many were expected, so far."""
        gaps = sum(s.gaps for s in self.tracks.values())
        return gaps, gaps + sum(s.received for s in self.tracks.values())

    def _loss_since_report(self) -> float:
        """Return the loss since the last report, 0-1."""
        gaps, expected = self._loss_counts()
        span = expected - self._expected
        return max(0.0, min(1.0, (gaps - self._gaps) / span)) if span > 0 else 0.0

    def _measure_delay(self, track: UpTrack, now: float) -> None:
        """Note the delay of the newest packet. It arrived since the last tick, which is precise enough."""
        newest = track.history.get(track.highest)
        if newest is None or self._measured.get(track.ssrc) == newest.seq:
            return
        self._measured[track.ssrc] = newest.seq
        wanted = self.sections[track.mid][1].extensions.get(sdp.ABS_SEND_TIME_URI, 0)
        head = 12 + 4 * (newest.mem[0] & 15)
        if wanted and len(stamp := header_extension(newest.mem, head, newest.body, wanted)) == 3:
            self._queue_delay.add(int.from_bytes(stamp) / (1 << 18), now)

    def on_outage_end(self, now: float) -> None:
        """Ignore loss for a while: the gap of an outage is about to be noticed."""
        self._ignore_loss_until = now + OUTAGE_GRACE

    def detach(self) -> None:
        super().detach()
        self._measured.clear()
        if self._nack_timer is not None:
            self._nack_timer.cancel()
            self._nack_timer = None
        for track in self.tracks.values():
            track.end()
        self.tracks.clear()
        self.sections.clear()
        if self._native is not None:
            self._native.close()


class RtxStreams:
    """Which track an SSRC of retransmissions repeats, once that is known."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, int] = {}  # -> SSRC of what it repeats; bounded by MAX_SSRCS

    def find(
        self,
        mem: memoryview,
        head: int,
        body: int,
        payload_type: int,
        ssrc: int,
        sections: Iterable[MediaSection],
        tracks: Mapping[int, UpTrack],
    ) -> tuple[UpTrack | None, MediaSection | None]:
        """Return the track that a retransmission repeats (RFC 4588; RFC 8852 4.2 with layers), and its section.

        No section: it is no retransmission. No track: it repeats one that has not arrived yet.
        """
        possible = [section for section in sections if section.rtx_type and section.rtx_type == payload_type]
        for section in possible:
            track = tracks.get(self._known.get(ssrc, section.repairs.get(ssrc, 0)))
            if track is None and (track := _stream_named_by_header(mem, head, body, section, tracks)) is not None:
                self._known[ssrc] = track.ssrc
            if track is not None and track.mid == section.mid:
                return track, section
        return None, possible[0] if possible else None


def _stream_named_by_header(
    mem: memoryview, head: int, body: int, section: MediaSection, tracks: Mapping[int, UpTrack]
) -> UpTrack | None:
    """Return the track that a retransmission's header names: its layer, else the only track of its section."""
    mid = header_extension(mem, head, body, section.extensions.get(sdp.MID_URI, 0))
    if mid and mid != section.mid.encode():
        return None
    own = [track for track in tracks.values() if track.mid == section.mid]
    if not section.rids:
        return own[0] if len(own) == 1 and not section.repairs else None
    layer = header_extension(mem, head, body, section.extensions.get(sdp.REPAIRED_RID_URI, 0))
    names = {rid.encode(): n for n, rid in enumerate(section.rids)}
    return next((track for track in own if track.layer == names.get(layer)), None)
