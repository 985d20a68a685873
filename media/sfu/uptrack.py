"""One incoming RTP stream (each simulcast layer is one): history, fan-out, NACK, key-frame requests, reports.

Nothing is decoded: a packet is decrypted, sent to every DownTrack with a new header, and its buffer is exchanged for
the oldest one of the history, so that keeping packets for NACK costs no copy. With a receiver in C
(`media.sfu.native`), `state` and `history` are in C's memory, and packets that need no decision do not come
here. Each sequence number is accepted once. A packet that comes again, as itself or as a retransmission, is dropped,
because a DownTrack that sent other bytes with a sequence number it has used would reveal its AES-GCM key.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
)

from media.engine import Source
from media.sfu import codecs
from media.sfu.rtp import (
    HEADER,
    PADDING_BIT,
    FrameAssembler,
    NackTracker,
    PacketBuffer,
    PacketHistory,
    RttEstimator,
    payload_end,
)
from media.sfu.sdp import OPUS, RED_BIT, MediaSection
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import RtpOutput, UdpMux

HISTORY_SIZE = {"video": 512, "audio": 256}  # powers of two
CLOCK_RATE = {"video": 90_000, "audio": 48_000}
MAX_GAP = 64  # a longer gap is an outage: ask for a key frame instead
PLI_INTERVAL = 0.5  # seconds
ALIVE_FOR = 1.0  # seconds: a layer silent for longer was switched off by its sender
LOCAL_SSRC = 1
STALE_AFTER = 0.3  # seconds after a key frame: by then it is complete, and what came before it is not needed
FORGOTTEN_AFTER = 10.0  # seconds: longer than the history


class TrackSubscriber(ABC):
    """What follows an UpTrack: from the next packet for audio, from the next key frame for video."""

    __slots__ = ("first_taken", "pending", "track")

    def __init__(self) -> None:
        self.track: UpTrack | None = None
        self.pending: UpTrack | None = None  # the track whose key frame is awaited
        self.first_taken = 0  # extended sequence number of the first packet taken from `track`

    def subscribe(self, track: UpTrack, since: float = float("inf")) -> None:
        """Follow `track` from now on. Video that arrived after `since` (publisher's clock) may still be sent."""
        if track is self.track:
            self._cancel_pending()
        elif track.kind == "audio":
            self.start(track, (track.highest + 1) & 0xFFFF, track.timestamp, None)
        elif self.pending is not track:
            self._cancel_pending()
            self.pending = track
            track.waiting.append(self)
            track.request_key_frame()

    def start(self, track: UpTrack, seq: int, timestamp: int, picture: codecs.PictureIds | None) -> None:
        """Start with packet `seq` of `track`, a key frame's first (with its `picture`) for video."""
        if self.track is not None:
            self._detach(self.track)
        self.track, self.pending = track, None
        self.first_taken = track.extended + ((seq - track.highest + 0x8000) & 0xFFFF) - 0x8000
        self._attach(track)

    def stop(self) -> None:
        """Follow nothing any more."""
        self._cancel_pending()
        if self.track is not None:
            self._detach(self.track)
            self.track = None

    def covers(self, seq: int) -> bool:
        """True if late packet `seq` is not from before the present track was followed.

        A DownTrack would send an earlier one with a sequence number, and so a nonce, that it used for other content.
        """
        track = self.track
        return track is not None and track.extended - ((track.highest - seq) & 0xFFFF) >= self.first_taken

    def _cancel_pending(self) -> None:
        if self.pending is not None:
            self.pending.waiting.remove(self)
            self.pending = None

    @abstractmethod
    def _attach(self, track: UpTrack) -> None:
        """Take the packets of `track` from now on."""

    @abstractmethod
    def _detach(self, track: UpTrack) -> None:
        """Take no more packets of `track`."""


class TrackOutput(TrackSubscriber, RtpOutput):
    """A subscriber that packets are forwarded to (`media.sfu.downtrack.DownTrack`)."""

    __slots__ = ()

    @abstractmethod
    def takes_red(self, seq: int) -> bool:
        """True if packet `seq` may be sent in its redundant form (RFC 2198)."""

    @abstractmethod
    def on_sender_report(self, info: RtcpSenderInfo, now: float) -> None:
        """Send the report on, under the subscriber's own numbers."""


class TrackRecorder(TrackSubscriber):
    """A subscriber that packets are recorded by (`media.sfu.egress.RecorderTap`)."""

    __slots__ = ("frame_buffer",)

    def __init__(self) -> None:
        super().__init__()
        self.frame_buffer: Any = None  # where the C receiver collects packets (`PacketReceiver.frame_buffer`)

    @abstractmethod
    def flush(self, unfinished: bool = False) -> None:
        """Give the tap what was collected; `unfinished`: an unfinished frame too."""

    @abstractmethod
    def on_packet(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int
    ) -> None:
        """Record a packet that the C receiver left to Python."""

    @abstractmethod
    def on_sender_report(self, info: RtcpSenderInfo) -> None:
        """Note when the sender says that a timestamp was, for the tap."""


class TrackSource(PeerTransport):
    """The transport on which UpTracks arrive (`media.sfu.publisher.Publisher`)."""

    def __init__(self, mux: UdpMux, certificate: RTCCertificate, clock: Callable[[], float]) -> None:
        super().__init__(mux, certificate)
        self.clock = clock
        self.rtt = RttEstimator()
        self.tracks: dict[int, UpTrack] = {}  # by SSRC
        self.sections: dict[str, tuple[Source, MediaSection]] = {}  # by mid

    @property
    @abstractmethod
    def recent_loss(self) -> float:
        """The worst loss of the last seconds, 0-1: subscribers report on what they were sent a while ago."""

    @abstractmethod
    def schedule_nacks(self) -> None:
        """Send the first NACK for missing packets without waiting for the next tick."""


class TrackState:
    """What every packet of a track changes."""

    __slots__ = ("cycles", "highest", "octets", "picture_id", "received", "timestamp", "tl0")

    def __init__(self) -> None:
        self.highest = 0
        self.cycles = 0
        self.timestamp = 0  # of the packet with the highest sequence number
        self.picture_id = self.tl0 = 0  # of the same packet (RFC 7741 4.2)
        self.received = self.octets = 0


class UpTrack(FrameAssembler):
    """An incoming stream of a publisher, with its DownTracks and the recorder's tap."""

    # Slots, because every packet uses some of these: with more than thirty attributes CPython would keep a dict.
    __slots__ = (
        "__weakref__", "_abandoned", "_base", "_last_active_at", "_pli_at", "_pli_wanted", "_received_before",
        "_reported", "_sender_report_at", "bitrate", "downtracks", "fan_out", "gaps", "history", "kind",
        "layer", "mid", "mux", "nacks", "payload_type", "publisher", "receiver", "recorder_tap", "red_type",
        "repaired", "retransmitted", "sender_info", "simulcast", "source", "ssrc", "state", "video",
        "waiting",
    )  # fmt: skip

    def __init__(
        self, publisher: TrackSource, source: Source, kind: str, mid: str, payload_type: int, ssrc: int, layer: int,
        simulcast: bool, seq: int, timestamp: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.publisher = publisher
        self.mux = publisher.mux
        self.source: Source = source
        self.kind = kind
        self.video = kind == "video"
        self.mid = mid
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.layer = layer  # 0: the best layer
        self.simulcast = simulcast
        self.downtracks: list[TrackOutput] = []
        self.recorder_tap: TrackRecorder | None = None
        self.waiting: list[TrackSubscriber] = []  # for the next key frame
        self.receiver = receiver = publisher.mux.receiver
        self.history = PacketHistory(HISTORY_SIZE[kind]) if receiver is None else receiver.history(HISTORY_SIZE[kind])
        self.state: TrackState = TrackState() if receiver is None else receiver.track_state(ssrc, self.history)
        self.nacks = NackTracker(publisher.rtt, kind)
        self.state.highest = (seq - 1) & 0xFFFF
        self.state.cycles = -1 if seq == 0 else 0
        self.state.timestamp = timestamp
        self.sender_info: RtcpSenderInfo | None = None
        self.gaps = 0  # packets lost on the way here, repaired or not
        self.repaired = 0
        self.retransmitted = 0  # packets that came as RTX
        self.red_type = 0  # payload type of RED; 0: not negotiated
        self.bitrate = 0  # bit/s over the last second
        self._base = seq
        self._abandoned = 0
        self._reported = (0, 0, 0)  # expected, received, octets at the last report
        self._sender_report_at = 0.0
        self._pli_at = float("-inf")
        self._pli_wanted = False
        self._received_before = 0
        self._last_active_at = time.monotonic()
        self.fan_out = self.mux.make_fan_out(self.mux, kind == "video")

    @property
    def extended(self) -> int:
        """The highest sequence number with its cycles (RFC 3550 A.1)."""
        return (self.state.cycles << 16) + self.state.highest

    @property
    def highest(self) -> int:
        return self.state.highest

    @property
    def timestamp(self) -> int:
        """The timestamp of the packet with the highest sequence number."""
        return self.state.timestamp

    @property
    def picture(self) -> codecs.PictureIds:
        """The picture numbers of the same packet; video only."""
        return codecs.PictureIds(self.state.picture_id, self.state.tl0)

    @property
    def received(self) -> int:
        return self.state.received

    @property
    def octets(self) -> int:
        return self.state.octets

    def set_downtracks(self, downtracks: list[TrackOutput]) -> None:
        """Set where packets are forwarded to. Always a new list: the fan-out remembers what the old one contained."""
        self.downtracks = downtracks
        self.disarm()

    def set_recorder_tap(self, recorder_tap: TrackRecorder | None) -> None:
        self.recorder_tap = recorder_tap
        self.disarm()

    def disarm(self) -> None:
        """Handle the next packet in Python, because forwarding has changed."""
        if self.receiver is not None:
            self.receiver.disarm(self)

    def alive(self, now: float) -> bool:
        """True if packets arrived within the last ALIVE_FOR seconds."""
        return now - self._last_active_at < ALIVE_FOR

    def forward(
        self, packet: PacketBuffer, first: int, marker_type: int, seq: int, timestamp: int, own_payload: int = 0
    ) -> PacketBuffer:
        """Send a decrypted packet to every DownTrack and the recorder, and keep it. Returns a free buffer.

        `own_payload` is where the packet's own payload starts if it is redundant (RED, RFC 2198), else 0.
        """
        mem, body, size, state = packet.mem, packet.body, packet.size, self.state
        downtracks, highest = self.downtracks, state.highest
        ahead = (seq - highest) & 0xFFFF
        late = not 0 < ahead < 0x8000
        if late:
            if 0 < ahead < 0x10000 - self.history.size or self.history.get(seq) is not None:
                self.mux.drops["repeated"] += 1
                return packet
            self._on_late_packet(seq)
            downtracks = [downtrack for downtrack in downtracks if downtrack.covers(seq)]
        else:
            if ahead > 1:
                self.on_gap(highest + 1, ahead - 1)
            if seq < highest:
                state.cycles += 1
            new_frame = timestamp != state.timestamp or not state.received
            state.highest, state.timestamp = seq, timestamp
        state.received += 1
        state.octets += size - body
        start, skip = body, 0
        if self.video:
            if not late and new_frame:
                if codecs.starts_key_frame(mem, body, size):
                    self._on_key_frame(mem, seq, timestamp, body, size)
                    downtracks = self.downtracks
                skip = codecs.read_picture_numbers(state, mem, body, size)  # the same for all packets of a frame
        elif own_payload:
            red_takers = [downtrack for downtrack in downtracks if downtrack.takes_red(seq)]
            if len(red_takers) == len(downtracks):
                red_takers, downtracks = downtracks, []
            elif red_takers:
                downtracks = [downtrack for downtrack in downtracks if downtrack not in red_takers]
            if red_takers:
                self.fan_out.send(red_takers, packet, body, first, marker_type & 0x80 | RED_BIT, seq, timestamp)
            start = own_payload
        if downtracks:
            self.fan_out.send(downtracks, packet, start, first, marker_type & 0x80, seq, timestamp)
        recorder_tap = self.recorder_tap
        if recorder_tap is not None and (not late or recorder_tap.covers(seq)):
            if self.receiver is not None:
                recorder_tap.on_packet(mem, start, size, first, marker_type, seq, timestamp)
            elif self.video:
                if self.add_video(mem, start, size, first, marker_type, seq, timestamp, skip):
                    recorder_tap.flush()
            elif self.add_audio(mem, start, size, first, marker_type, seq, timestamp):
                recorder_tap.flush()
        if self.receiver is not None and not late:
            self.receiver.arm(self)
        return self.history.store(packet)

    def forward_redundant(
        self, packet: PacketBuffer, first: int, marker_type: int, seq: int, timestamp: int
    ) -> PacketBuffer:
        """Forward a redundant packet (RED, RFC 2198), after those of its blocks that had been lost."""
        mem, body, size = packet.mem, packet.body, packet.size
        end = payload_end(mem, body, size) if first & PADDING_BIT else size
        found = codecs.parse_red(mem, body, end, self.payload_type, OPUS)
        if not found:
            self.mux.drops["rtp"] += 1
            return packet
        repeated = codecs.red_numbered_blocks(mem, found)
        for back in range(len(repeated), 0, -1):
            number = (seq - back) & 0xFFFF
            if self._is_missing(number):
                self._restore_from_red(mem, repeated[back - 1], number, timestamp)
        return self.forward(packet, first, marker_type, seq, timestamp, found[-1].start)

    def _is_missing(self, seq: int) -> bool:
        """True if packet `seq` has not arrived, is not from before the start and can still be accepted."""
        ahead = ((seq - self.highest + 0x8000) & 0xFFFF) - 0x8000
        if self.extended + ahead < self._base or ahead <= -self.history.size:
            return False
        return ahead > 0 or self.history.get(seq) is None

    def _restore_from_red(self, mem: memoryview, block: codecs.RedBlock, seq: int, timestamp: int) -> None:
        copy = PacketBuffer()
        timestamp = (timestamp - block.timestamp_offset) & 0xFFFFFFFF
        HEADER.pack_into(copy.mem, 0, 0x80, self.payload_type, seq, timestamp, self.ssrc)
        copy.body, copy.size, copy.seq = 12, 12 + block.end - block.start, seq
        copy.mem[12 : copy.size] = mem[block.start : block.end]
        self.gaps += 1
        self.repaired += 1
        self.nacks.discard(seq)
        self.forward(copy, 0x80, self.payload_type, seq, timestamp)

    def packets_since_key_frame(self, since: float) -> list[PacketBuffer]:
        """Return the latest key frame and all packets since, if complete, recent and later than `since`; else []."""
        return self.history.since_key_frame(self.highest, since, self.publisher.clock())

    def is_stale(self, seq: int) -> bool:
        """True if a picture is not needed any more, because a key frame came after packet `seq` and a while ago."""
        history = self.history
        if not self.video or not STALE_AFTER < self.publisher.clock() - history.key_at < FORGOTTEN_AFTER:
            return False
        return (self.highest - history.key_seq) & 0xFFFF < (self.highest - seq) & 0xFFFF

    def request_key_frame(self) -> None:
        """Ask the publisher for a key frame, at most one request per PLI_INTERVAL."""
        self._pli_wanted = True
        self._send_pli(time.monotonic())

    def _send_pli(self, now: float) -> None:
        if self._pli_wanted and now - self._pli_at >= PLI_INTERVAL:
            self._pli_wanted, self._pli_at = False, now
            self.publisher.send_rtcp(RtcpPsfbPacket(RTCP_PSFB_PLI, LOCAL_SSRC, self.ssrc))

    def on_sender_report(self, info: RtcpSenderInfo, now: float) -> None:
        self.sender_info, self._sender_report_at = info, now
        for downtrack in self.downtracks:
            downtrack.on_sender_report(info, now)
        if self.recorder_tap is not None:
            self.recorder_tap.on_sender_report(info)

    def tick(self, now: float) -> None:
        """Send the NACK and PLI that are due. Called every 50 ms."""
        if self.received != self._received_before:
            self._received_before, self._last_active_at = self.received, now
        if self.nacks:
            self.send_nack(now)
        if self.waiting:
            self._pli_wanted = True  # the requested key frame may have been lost
        if self._pli_wanted:
            self._send_pli(now)

    def send_nack(self, now: float) -> None:
        """Send the NACK that is due, while repair may take time."""
        left = self.mux.repair_time
        if left.tokens <= 0 and not left.refill(time.monotonic()):
            return
        began = time.thread_time()
        if lost := self.nacks.due(now, self.received):
            self.publisher.send_rtcp(RtcpRtpfbPacket(RTCP_RTPFB_NACK, LOCAL_SSRC, self.ssrc, lost))
        if self.nacks.given_up != self._abandoned:
            self._abandoned = self.nacks.given_up
            self._pli_wanted = self.kind == "video"
        left.tokens -= time.thread_time() - began

    def report(self, now: float, seconds: float) -> RtcpReceiverInfo:
        """Return a reception report block (RFC 3550 6.4.1) for the `seconds` since the last one.

        Loss counts what the network lost, repaired or not, because senders use this figure to turn on in-band FEC.
        """
        expected, received = self.extended - self._base + 1, self.received - self.repaired
        was_expected, was_received, was_octets = self._reported
        self._reported = expected, received, self.octets
        span, lost = expected - was_expected, max(0, expected - was_expected - (received - was_received))
        self.bitrate = int((self.octets - was_octets) * 8 / seconds) if seconds > 0 else 0
        lsr = dlsr = 0
        if self.sender_info is not None:
            lsr = self.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            dlsr = int((now - self._sender_report_at) * 65536) & 0xFFFFFFFF
        fraction = min(255, lost * 256 // span) if span > 0 else 0
        total = min(0x7FFFFF, max(0, expected - received))
        return RtcpReceiverInfo(self.ssrc, fraction, total, self.extended & 0xFFFFFFFF, 0, lsr, dlsr)

    def end(self) -> None:
        """Stop all that follow the track: the publisher no longer sends it."""
        for subscriber in [*self.downtracks, *self.waiting]:
            subscriber.stop()
        if self.recorder_tap is not None:
            self.recorder_tap.stop()
        if self.receiver is not None:
            self.receiver.forget(self)

    def _on_late_packet(self, seq: int) -> None:
        if self.nacks.on_received(seq, self.publisher.clock()):
            self.repaired += 1
        else:
            self.gaps = max(0, self.gaps - 1)  # not lost, only out of order

    def on_gap(self, first: int, count: int) -> None:
        """Note that `count` sequence numbers from `first` on were skipped; ask for them while repair may take time."""
        self.gaps += count
        left = self.mux.repair_time
        if count >= MAX_GAP:
            self.nacks.clear()
            self._pli_wanted = self.video
        elif left.tokens > 0 or left.refill(time.monotonic()):
            began = time.thread_time()
            self.nacks.add_gap(first, count)
            self.publisher.schedule_nacks()
            left.tokens -= time.thread_time() - began
        elif self.video:
            self._pli_wanted = True

    def _on_key_frame(self, mem: memoryview, seq: int, timestamp: int, body: int, size: int) -> None:
        self.history.key_seq, self.history.key_at = seq, self.publisher.clock()
        waiting, self.waiting = self.waiting, []
        if waiting:
            picture = codecs.PictureIds.of(mem, body, size)
            for follower in waiting:
                follower.start(self, seq, timestamp, picture)
