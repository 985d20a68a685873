"""Forwarding through aiortc's packet objects, with the duties ours has: numbering, history, NACK both ways, who
speaks, reports, REMB, and a recorder on one seat of each room.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable

from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpreceiver import NackGenerator, StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    wrap_rtx,
)

from media import Tap
from media.engine import MediaEvent, Source
from media.sfu.sdp import VP8_RTX
from media.sfu.speakers import VoiceDetector
from recordings.files.keys import case_keys
from recordings.recorder import Recorder
from tests.tools.bench.media.floor import TICK, Floor, ssrcs_of
from tests.tools.bench.media.ortc import CODECS, Silent, Transport, connect, receives, sends
from tests.tools.bench.media.traffic import BITRATE

HISTORY = {"video": 512, "audio": 256}
SOURCES: dict[str, Source] = {"video": "camera", "audio": "mic"}
TICKS_A_REPORT = 20

MakeEstimator = Callable[[], RemoteBitrateEstimator | None]


class ObjectSender:
    """One outgoing stream; `aiortc.rtcdtlstransport.RtpSender`."""

    def __init__(self, transport: Transport, kind: str) -> None:
        self.transport = transport
        self._kind = kind
        self._ssrc = secrets.randbits(31)
        self._offset = secrets.randbits(15)
        self._shift = secrets.randbits(31)
        self._history: dict[int, RtpPacket] = {}
        self._resent = 0
        self._packets = self._octets = 0
        transport._register_rtp_sender(self, sends(kind, ""))

    async def forward(self, packet: RtpPacket) -> None:
        copy = RtpPacket(
            packet.payload_type,
            packet.marker,
            (packet.sequence_number + self._offset) & 0xFFFF,
            (packet.timestamp + self._shift) & 0xFFFFFFFF,
            self._ssrc,
            packet.payload,
        )
        if self._kind == "video":
            copy.extensions.abs_send_time = int(time.time() * 262_144) & 0xFFFFFF
        self._history[copy.sequence_number % HISTORY[self._kind]] = copy
        self._packets += 1
        self._octets += len(copy.payload)
        await self._send(copy)

    async def report(self, info: RtcpSenderInfo) -> None:
        rtp = (info.rtp_timestamp + self._shift) & 0xFFFFFFFF
        mapped = RtcpSenderInfo(info.ntp_timestamp, rtp, self._packets, self._octets)
        await self.transport._send_rtp(bytes(RtcpSrPacket(self._ssrc, mapped)))

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            for lost in packet.lost:
                found = self._history.get(lost % HISTORY[self._kind])
                if found is not None and found.sequence_number == lost:
                    if self._kind == "video":
                        self._resent = (self._resent + 1) & 0xFFFF
                        found = wrap_rtx(found, VP8_RTX, self._resent, self._ssrc + 1)
                    await self._send(found)

    async def _send(self, packet: RtpPacket) -> None:
        await self.transport._send_rtp(packet.serialize(self.transport._rtp_header_extensions_map))


class ObjectReceiver:
    """One incoming stream; `aiortc.rtcdtlstransport.RtpReceiver`."""

    def __init__(
        self, transport: Transport, kind: str, ssrc: int, tap: Tap | None, estimator: RemoteBitrateEstimator | None
    ) -> None:
        self.ssrc = ssrc
        self.remb: tuple[int, list[int]] = (BITRATE, [ssrc])
        self.kind = kind
        self.senders: list[ObjectSender] = []
        self.statistics = StreamStatistics(CODECS[kind].clockRate)
        self._transport = transport
        self._nacks = NackGenerator()
        self.voice = VoiceDetector()
        self._tap = tap
        self._estimator = estimator
        transport._register_rtp_receiver(self, receives(kind, kind, ssrc))

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.statistics.add(packet)
        self._nacks.add(packet)
        if self._estimator is not None:
            # As aiortc's receivers do; its extension with the sending time is replaced by the picture's own time.
            at = packet.timestamp * 262_144 // 90_000 & 0xFFFFFF
            self.remb = self._estimator.add(arrival_time_ms, at, len(packet.payload), self.ssrc) or self.remb
        if packet.extensions.audio_level is not None:
            self.voice.on_level(packet.extensions.audio_level[1], time.monotonic())
        if self._tap is not None:
            seq, marker = packet.sequence_number, bool(packet.marker)
            self._tap.packet(SOURCES[self.kind], seq, packet.timestamp, marker, packet.payload, time.time())
        for sender in self.senders:
            await sender.forward(packet)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            if self._tap is not None:
                self._tap.report(SOURCES[self.kind], info.ntp_timestamp, info.rtp_timestamp)
            for sender in self.senders:
                await sender.report(info)

    async def ask(self) -> None:
        if self._nacks.missing:
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, self.ssrc, sorted(self._nacks.missing))
            await self._transport._send_rtp(bytes(nack))

    def report(self) -> RtcpReceiverInfo:
        seen = self.statistics
        return RtcpReceiverInfo(self.ssrc, seen.fraction_lost, seen.packets_lost, seen.max_seq or 0, seen.jitter, 0, 0)

    def _handle_disconnect(self) -> None:
        """Nothing of ours waits for it."""


def objects(floor: Floor, size: int, rooms: int) -> None:
    """What publishers may send is found as aiortc's receivers find it, from how the delay of their packets grows."""
    _rooms(floor, size, rooms, RemoteBitrateEstimator)


def objects_told(floor: Floor, size: int, rooms: int) -> None:
    """The same without that: every publisher is told one and the same number."""
    _rooms(floor, size, rooms, lambda: None)


def _rooms(floor: Floor, size: int, rooms: int, estimator: MakeEstimator) -> None:
    recorder = Recorder(floor.folder / "recordings", 0, case_keys(floor.folder))
    transports: list[Transport] = []
    tasks: list[asyncio.Task[None]] = []
    for n in range(rooms):
        _room(floor, recorder, n, size, estimator, transports, tasks)

    async def close() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transport in transports:
            await transport.end()
        await recorder.stop()

    floor.closing.append(close)


def _room(
    floor: Floor,
    recorder: Recorder,
    number: int,
    size: int,
    estimator: MakeEstimator,
    transports: list[Transport],
    tasks: list[asyncio.Task[None]],
) -> None:
    ups = [Transport(floor, Silent(floor.mux, floor.certificate)) for _ in range(size)]
    downs = [Transport(floor, Silent(floor.mux, floor.certificate)) for _ in range(size)]
    for at, up in enumerate(ups):
        ssrcs = ssrcs_of(number * size + at)
        connect(floor, up, downs[at], ssrcs)
        tap = recorder.open(f"room-{number}", f"seat-{at}", _unheard, _unasked) if at == 0 else None
        streams = [
            ObjectReceiver(up, kind, ssrc, tap, estimator() if kind == "video" else None)
            for kind, ssrc in zip(("video", "audio"), ssrcs, strict=True)
        ]
        for stream in streams:
            stream.senders = [ObjectSender(down, stream.kind) for down in downs if down is not downs[at]]
        tasks.append(asyncio.ensure_future(_ticks(up, streams)))
    transports += (*ups, *downs)


async def _ticks(up: Transport, streams: list[ObjectReceiver]) -> None:
    """What is done beside the packets: what is missing again and again, who speaks, and a report each second."""
    for tick in itertools.count(1):
        await asyncio.sleep(TICK)
        for stream in streams:
            await stream.ask()
            stream.voice.update(time.monotonic())
        if tick % TICKS_A_REPORT:
            continue
        reports = [s.report() for s in streams if s.statistics.max_seq is not None]
        remb = RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, pack_remb_fci(*streams[0].remb))
        await up._send_rtp(bytes(RtcpRrPacket(1, reports)) + bytes(remb))


def _unheard(event: MediaEvent) -> None:
    """Nobody listens to the recorder here."""


def _unasked(source: Source) -> None:
    """Key frames come every second."""
