"""One outgoing RTP stream: continuous numbering over whichever UpTrack it follows, and answers to NACK."""

from __future__ import annotations

import secrets
import struct
import time
from typing import Any

from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo, RtcpSrPacket

from media.sfu import codecs
from media.sfu.rtp import ABS_SEND_TIME_BLOCK, HEADER, PADDING_BIT, SRTP_LENGTH, PacketBuffer, ResendBudget, protect
from media.sfu.sdp import OPUS, RED, VP8, VP8_RTX
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import abs_send_time
from media.sfu.uptrack import CLOCK_RATE, TrackOutput, UpTrack

MAX_SENDER_REPORTS = 8  # remembered to measure the round trip
PADDING = bytes(254) + b"\xff"  # the most that one packet can have (RFC 3550 5.1)
PADDING_SIZE = (
    20 + len(PADDING) + 16 + 28
)  # bytes of such a packet on the network: RTP and abs-send-time, SRTP, UDP, IP
CATCH_UP_STEP = 90  # timestamp units (1 ms) between past frames that are sent at once


class DownTrack(TrackOutput):
    """A stream that is sent to one subscriber; `transport` is the subscriber's.

    `seq_offset`, `ts_offset` and `shift` turn the UpTrack's numbers into ours. Numbering continues over pauses, because
    a sequence number used twice with one key would reveal it (AES-GCM).
    """

    __slots__ = (
        "_accepts_red", "_catch_up_timestamps", "_counted_from", "_last_sent", "_reported_at",
        "_resend_budget", "_resend_buffer", "_rtx_seq", "_rtx_ssrc", "_sent_before", "loss", "payload_type",
        "peer", "rtt", "seq_offset", "shift", "srtp", "ssrc", "transport", "ts_offset",
    )  # fmt: skip

    def __init__(
        self, transport: PeerTransport, resend_budget: ResendBudget, kind: str, ssrc: int, rtx_ssrc: int
    ) -> None:
        super().__init__()
        self.transport = transport
        self.peer = transport.peer
        self.srtp: Any = transport.srtp_out
        self._resend_budget = resend_budget
        self.ssrc = ssrc
        self.payload_type = OPUS if kind == "audio" else VP8
        self.seq_offset = 0
        self.ts_offset = 0
        self.shift: codecs.Shift | None = None
        self.loss = 0.0  # 0-1, as the client reports
        self.rtt = 0.0  # seconds
        self._accepts_red = False  # the client accepts redundant audio
        self._catch_up_timestamps: dict[int, int] = {}  # timestamps of past frames -> as they were sent
        self._sent_before = self._counted_from = (0, 0)  # packets and octets
        # The last packet sent before the last pause or switch: sequence number, timestamp, picture numbers, time.
        self._last_sent: tuple[int, int, codecs.PictureIds, float] | None = None
        self._reported_at: dict[int, float] = {}
        self._rtx_ssrc = rtx_ssrc
        self._rtx_seq = secrets.randbits(15)
        self._resend_buffer = PacketBuffer()

    @property
    def sent(self) -> tuple[int, int]:
        """Packets and octets sent, from the UpTrack's counters: nothing is counted per DownTrack and packet."""
        if self.track is None:
            return self._sent_before
        (packets, octets), (p, o) = self._sent_before, self._counted_from
        return packets + self.track.received - p, octets + self.track.octets - o

    def subscribe(self, track: UpTrack, since: float = float("inf")) -> None:
        """Follow `track`. A new DownTrack is first sent the latest key frame and all since, if that is complete.

        Not on a switch between tracks: the past frames would have timestamps before those already sent.
        """
        if self.track is None and track.kind == "video" and (past := track.packets_since_key_frame(since)):
            self._cancel_pending()
            self._catch_up(track, past)
        else:
            super().subscribe(track)

    def start(self, track: UpTrack, seq: int, timestamp: int, picture: codecs.PictureIds | None) -> None:
        old = self.track
        step = timestamp_step(old, track, timestamp) if old is not None and old.publisher is track.publisher else None
        super().start(track, seq, timestamp, picture)  # detaches the old track, which sets _last_sent
        if self._last_sent is None:
            first = secrets.randbits(15)
            self.ts_offset = secrets.randbits(32)
        else:
            last_seq, last_timestamp, last_picture, at = self._last_sent
            first = (last_seq + 1) & 0xFFFF
            if step is not None:
                self.ts_offset += step
            else:
                elapsed = max(1, int((time.monotonic() - at) * CLOCK_RATE[track.kind]))
                self.ts_offset = last_timestamp + elapsed - timestamp
            if picture is not None:
                self.shift = codecs.Shift.between(last_picture, self.shift, picture)
        self.seq_offset = (first - seq) & 0xFFFF
        self._catch_up_timestamps.clear()

    def _catch_up(self, track: UpTrack, past: list[PacketBuffer]) -> None:
        """Send past packets to this DownTrack alone, frames a millisecond apart, so that it is live at once."""
        key = past[0]
        self.start(track, key.seq, track.timestamp, codecs.PictureIds.of(key.mem, key.body, key.size))
        times = list(dict.fromkeys(HEADER.unpack_from(packet.mem)[3] for packet in past))
        self.ts_offset += CATCH_UP_STEP * len(times)  # so that the first still follows what was sent before
        earlier = enumerate(t for t in times if t != track.timestamp)
        count = len(times)
        self._catch_up_timestamps = {
            t: (track.timestamp - CATCH_UP_STEP * (count - 1 - n)) & 0xFFFFFFFF for n, t in earlier
        }
        for packet in past:
            first, marker_type, seq, timestamp, _ = HEADER.unpack_from(packet.mem)
            timestamp = self._catch_up_timestamps.get(timestamp, timestamp)
            track.fan_out.send([self], packet, packet.body, first, marker_type & 0x80, seq, timestamp)
        packets, octets = self._counted_from
        self._counted_from = packets - len(past), octets - sum(packet.size - packet.body for packet in past)

    def set_red(self, accepted: bool) -> None:
        """Set if the client's latest answer accepts redundant audio (RED)."""
        if accepted != self._accepts_red:
            self._accepts_red = accepted
            if self.track is not None:  # no packet may be sent again in another form
                self.first_taken = self.track.extended + 1

    def takes_red(self, seq: int) -> bool:
        """False for the first packets: they contain what was said before the route was opened."""
        return self._accepts_red and self.covers(seq - codecs.MAX_RED_BLOCKS & 0xFFFF)

    def _attach(self, track: UpTrack) -> None:
        self._counted_from = track.received, track.octets
        track.set_downtracks([*track.downtracks, self])

    def _detach(self, track: UpTrack) -> None:
        self._sent_before = self.sent
        self._last_sent = (
            (track.highest + self.seq_offset) & 0xFFFF,
            (track.timestamp + self.ts_offset) & 0xFFFFFFFF,
            track.picture,
            time.monotonic(),
        )
        track.set_downtracks([downtrack for downtrack in track.downtracks if downtrack is not self])

    def on_sender_report(self, info: RtcpSenderInfo, now: float) -> None:
        rtp = (info.rtp_timestamp + self.ts_offset) & 0xFFFFFFFF
        packets, octets = self.sent
        mapped = RtcpSenderInfo(info.ntp_timestamp, rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
        self.transport.send_rtcp(RtcpSrPacket(self.ssrc, mapped))
        self._reported_at[info.ntp_timestamp >> 16 & 0xFFFFFFFF] = now
        if len(self._reported_at) > MAX_SENDER_REPORTS:
            del self._reported_at[next(iter(self._reported_at))]

    def on_receiver_report(self, report: RtcpReceiverInfo, now: float) -> bool:
        """Take loss and round trip from a report block (RFC 3550 6.4.1). True if it had a round trip."""
        self.loss = report.fraction_lost / 256
        sent_at = self._reported_at.get(report.lsr)
        if sent_at is None:
            return False
        self.rtt = max(0.0, now - sent_at - report.dlsr / 65536)
        return True

    def pad(self, octets: int) -> int:
        """Send at least so many bytes of padding as retransmissions of nothing. Returns how many were sent.

        Packets have their sending time, without which Chromium would begin its own estimate anew.
        """
        mem, length = self._resend_buffer.mem, 20 + len(PADDING)
        timestamp = (self.track.timestamp + self.ts_offset) & 0xFFFFFFFF if self.track is not None else 0
        sent = 0
        while sent < octets and self._rtx_ssrc and self.peer.remote is not None:
            self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
            HEADER.pack_into(mem, 0, 0x90 | PADDING_BIT, VP8_RTX, self._rtx_seq, timestamp, self._rtx_ssrc)
            ABS_SEND_TIME_BLOCK.pack_into(mem, 12, 0xBEDE, 1, abs_send_time(time.time()))
            mem[20:length] = PADDING
            SRTP_LENGTH[0] = length
            if protect(self.srtp, self._resend_buffer.ptr, SRTP_LENGTH) or not self.peer.send(mem[: SRTP_LENGTH[0]]):
                break
            sent += PADDING_SIZE
        return sent

    def resend(self, lost: int) -> bool:
        """Answer a NACK from the history. True if the packet was sent.

        Video is sent as RTX (RFC 4588), audio again byte for byte: the same nonce with other bytes would reveal the
        AES-GCM key.
        """
        track = self.track
        if track is None:
            return False
        seq = (lost - self.seq_offset) & 0xFFFF
        packet = track.history.get(seq)
        if packet is None or not self.covers(seq) or track.is_stale(seq):
            return False
        first, marker_type, _, timestamp, _ = HEADER.unpack_from(packet.mem)
        body, payload_type = packet.body, self.payload_type
        if track.red_type and marker_type & 127 == track.red_type:
            if self.takes_red(seq):
                payload_type = RED
            else:
                body = codecs.red_own_payload(packet.mem, body)
        payload = packet.mem[body : packet.size]
        if not self._resend_budget.spend(len(payload)):
            return False
        first, marker = 0x80 | first & 0x20, marker_type & 0x80
        timestamp = (self._catch_up_timestamps.get(timestamp, timestamp) + self.ts_offset) & 0xFFFFFFFF
        mem = self._resend_buffer.mem
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
        SRTP_LENGTH[0] = end
        if protect(self.srtp, self._resend_buffer.ptr, SRTP_LENGTH) or self.peer.remote is None:
            return False
        return self.peer.send(mem[: SRTP_LENGTH[0]])


def timestamp_step(old: UpTrack, new: UpTrack, timestamp: int) -> int:
    """Return what to add to a DownTrack's `ts_offset` when it switches from `old` to `new` at `timestamp`.

    Sender reports relate both RTP clocks to the publisher's wall clock. Until both have one, the new frame is assumed
    to follow the last one by 1/30 s.
    """
    a, b = old.sender_info, new.sender_info
    if a is not None and b is not None:
        elapsed = (b.ntp_timestamp - a.ntp_timestamp) * CLOCK_RATE[new.kind] >> 32
        return a.rtp_timestamp + elapsed - b.rtp_timestamp
    return old.timestamp + CLOCK_RATE[new.kind] // 30 - timestamp
