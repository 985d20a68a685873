"""aiortc's own transports, with keys in place of a handshake: for the forwarders we compare ours with.

A datagram goes the way it does in aiortc: into a socket of its connection's own, past aioice's STUN parser, which
refuses it with an exception, into a queue, and from there through a task into RtpPacket objects; and out through
aioice's connection and its datagram transport. Only the checks and the handshake are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from aioice import Candidate, Connection, stun
from aioice.ice import CandidatePair, StunProtocol
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
from aiortc.rtp import AnyRtcpPacket, is_rtcp

from media.sfu.sdp import ABS_SEND_TIME_ID, ABS_SEND_TIME_URI, LEVEL_URI, OPUS, VP8
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import open_socket
from tests.tools.bench.media.floor import Floor
from tests.tools.bench.media.traffic import LEVEL_ID

PAYLOAD_TYPE = {"video": VP8, "audio": OPUS}
CODECS = {
    "video": RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=VP8),
    "audio": RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=OPUS),
}
EXTENSIONS = {
    "video": RTCRtpHeaderExtensionParameters(id=ABS_SEND_TIME_ID, uri=ABS_SEND_TIME_URI),
    "audio": RTCRtpHeaderExtensionParameters(id=LEVEL_ID, uri=LEVEL_URI),
}


class Path(Connection):
    """An aioice connection that takes the first check that comes for the pair, instead of checking itself."""

    def __init__(self) -> None:
        super().__init__(ice_controlling=False)
        self.socket = open_socket("127.0.0.1", 0)
        self.role = "controlled"
        self._recv, self._send = self.recv, self.send  # as RTCIceTransport has them
        self.on_pair: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def paired(self) -> bool:
        return bool(self._nominated)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_datagram_endpoint(lambda: StunProtocol(self), sock=self.socket)
        protocol.local_candidate = Candidate("1", 1, "udp", 1, "127.0.0.1", self.port, "host")
        self._protocols.append(protocol)

    def request_received(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        if not self._nominated:
            self._nominated[1] = CandidatePair(protocol, Candidate("1", 1, "udp", 1, addr[0], addr[1], "host"))
            self.on_pair()


class Transport(RTCDtlsTransport):
    """Counts what it sends as ours do."""

    def __init__(self, floor: Floor, ours: PeerTransport) -> None:
        self.path = Path()
        super().__init__(cast(RTCIceTransport, self.path), [floor.certificate])
        self.ours = ours
        self._mux = floor.mux
        self.path.on_pair = self._start
        floor.opening.append(self.path.open)

    def _start(self) -> None:
        """As after a handshake."""
        private: Any = self
        private._rx_srtp, private._tx_srtp = self.ours._rx, self.ours._tx
        private._RTCDtlsTransport__handshake_done = True
        self._set_state(State.CONNECTED)
        self._task = asyncio.ensure_future(private._RTCDtlsTransport__run())

    async def _send_rtp(self, data: bytes) -> None:
        if not self.path.paired:  # the client's first check is on its way
            return
        await super()._send_rtp(data)
        self._mux.sent += not is_rtcp(data)

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.path.close()


class Silent(PeerTransport):
    """A transport of which only the keys and the peer are used."""

    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        return


def connect(floor: Floor, up: Transport, down: Transport, ssrcs: tuple[int, int]) -> None:
    """As `Floor.connect`; each of the two is reached on its own port."""
    floor.connect(up.ours, down.ours, ssrcs)
    floor.clients[-1]["publish"]["port"] = up.path.port
    floor.clients[-1]["subscribe"]["port"] = down.path.port


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
