"""aiortc's own transports on our socket, with keys in place of a handshake: for the forwarders we compare ours with.

A datagram goes the way it does in aiortc: into a socket of its connection's own, past aioice's STUN parser, which
refuses it with an exception, into a queue, and from there through a task into RtpPacket objects.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast

from aioice import stun
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpDecodingParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from aiortc.rtp import is_rtcp

from media.sfu.description import ABS_SEND_TIME_ID, ABS_SEND_TIME_URI, LEVEL_URI, OPUS, VP8
from media.sfu.door import Door, open_socket
from media.sfu.leg import Leg
from server.bench.floor import Floor
from server.bench.traffic import LEVEL_ID

WAITING = 1024  # datagrams of one client for its task; aiortc has no bound
PAYLOAD_TYPE = {"video": VP8, "audio": OPUS}
CODECS = {
    "video": RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=VP8),
    "audio": RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=OPUS),
}
EXTENSIONS = {
    "video": RTCRtpHeaderExtensionParameters(id=ABS_SEND_TIME_ID, uri=ABS_SEND_TIME_URI),
    "audio": RTCRtpHeaderExtensionParameters(id=LEVEL_ID, uri=LEVEL_URI),
}


class Transport(RTCDtlsTransport):
    """Counts what it sends as ours do."""

    def __init__(self, floor: Floor, leg: Leg) -> None:
        super().__init__(cast(RTCIceTransport, leg.peer), [floor.certificate])
        self.leg = leg
        self._endpoint = floor.endpoint
        self.door = Door(floor.endpoint, open_socket("127.0.0.1", 0))
        floor.endpoint.doors.append(self.door)
        floor.opening.append(self.door.open)

    def start_keyed(self) -> None:
        """As after a handshake. Only once the leg has its keys."""
        peer, inbox = self.leg.peer, asyncio.Queue[bytes](WAITING)
        peer._inbox = inbox

        def arrived(data: bytes) -> None:
            with contextlib.suppress(ValueError):  # what aioice.ice.StunProtocol does to every datagram
                stun.parse_message(data)
            if not inbox.full():
                inbox.put_nowait(data)

        peer.on_media = arrived
        private: Any = self
        private._rx_srtp, private._tx_srtp = self.leg._rx, self.leg._tx
        private._RTCDtlsTransport__handshake_done = True
        self._set_state(State.CONNECTED)
        self._task = asyncio.ensure_future(private._RTCDtlsTransport__run())

    async def _send_rtp(self, data: bytes) -> None:
        if self.leg.peer.remote is None:  # the client's first check is on its way
            return
        await super()._send_rtp(data)
        self._endpoint.sent += not is_rtcp(data)

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


class Silent(Leg):
    """A leg of which only the keys and the peer are used."""


def connect(floor: Floor, up: Transport, down: Transport, ssrcs: tuple[int, int]) -> None:
    """As `Floor.connect`; each of the two is reached on its own port."""
    floor.connect(up.leg, down.leg, ssrcs)
    floor.clients[-1]["publish"]["port"] = up.door.port
    floor.clients[-1]["subscribe"]["port"] = down.door.port


def receives(kind: str, mid: str, ssrc: int) -> RTCRtpReceiveParameters:
    return RTCRtpReceiveParameters(
        codecs=[CODECS[kind]],
        headerExtensions=list(EXTENSIONS.values()),
        muxId=mid,
        encodings=[RTCRtpDecodingParameters(ssrc=ssrc, payloadType=PAYLOAD_TYPE[kind])],
    )


def sends(kind: str, mid: str) -> RTCRtpSendParameters:
    return RTCRtpSendParameters(
        codecs=[CODECS[kind]],
        headerExtensions=list(EXTENSIONS.values()),
        muxId=mid,
        rtcp=RTCRtcpParameters(cname="bench", mux=True),
    )
