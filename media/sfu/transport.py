"""One connection of a participant's client: ICE peer, DTLS handshake, SRTP keys, RTCP in and out."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import pylibsrtp
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtp import RTCP_RTPFB, AnyRtcpPacket, RtcpPacket
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from media.engine import BadDescription
from media.sfu.control import TokenBucket
from media.sfu.rtp import MAX_DATAGRAM, srtp_context
from media.sfu.sdp import Setup
from media.sfu.udp_mux import UdpMux

log = logging.getLogger(__name__)

MAX_SSRCS = 256  # libsrtp keeps state for each SSRC that ever authenticated
MAX_STREAMS = 8  # a microphone and two layers each of camera and screen, with room for a replaced one
BITS_PER_RTCP_PACKET = 80_000  # 100 packets a second at 8 Mbit/s: several times what loss can need
PACKET_COST = 150  # bytes added to each packet's own in `rtp_budget`: packets cost us more than bytes
# Those of RFC 8827 6.5 and aiortc, then the same for RSA.
CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"
    b":ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305"
)
MAX_HANDSHAKES = 50  # failed ones; each costs an attacker a datagram from a validated address

Role = Literal["server", "client"]


class DtlsCertificate(RTCCertificate):
    """Our certificate, and what every connection of a worker has in common by it: made once, not once a handshake.

    As a DTLS client we also take a server's that is RSA, as GStreamer's are; aiortc's would not.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, cert: x509.Certificate) -> None:
        super().__init__(key, cert)
        self._fingerprints = super().getFingerprints()
        self._contexts: dict[tuple[SRTPProtectionProfile, ...], SSL.Context] = {}

    def getFingerprints(self) -> list[RTCDtlsFingerprint]:
        return self._fingerprints

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = self._contexts.get(tuple(srtp_profiles))
        if context is None:
            context = self._contexts[tuple(srtp_profiles)] = super()._create_ssl_context(srtp_profiles)
            context.set_cipher_list(CIPHERS)
            # No session is resumed: each handshake has to prove the certificate whose fingerprint was signalled.
            context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return context


class PeerTransport(ABC):
    """A client's connection, on which a Publisher receives or a Subscriber sends."""

    def __init__(self, mux: UdpMux, certificate: RTCCertificate) -> None:
        self.mux = mux
        self.peer = mux.add_peer()
        self.certificate = certificate
        self.fingerprints: list[RTCDtlsFingerprint] = certificate.getFingerprints()
        self.srtp_out: Any = None  # set once the handshake is done
        self.on_closed: Callable[[], None] = lambda: None
        self.role: Role | Literal[""] = ""  # in DTLS; "": not negotiated yet
        self._dtls: RTCDtlsTransport | None = None
        self._srtp_in: Any = None
        self._rx: pylibsrtp.Session  # set by _set_keys, before anything is received
        self._tx: pylibsrtp.Session | None = None
        self._rtcp_ssrcs: set[bytes] = set()
        now = time.monotonic()
        # Only authenticated packets are charged, so that nobody can use up another's budget.
        self.rtp_budget = TokenBucket(mux.bitrate / 8, mux.bitrate / 8, now)  # bytes of RTP, with PACKET_COST
        reports = mux.bitrate / BITS_PER_RTCP_PACKET
        self._rtcp_budget = TokenBucket(reports, 3 * reports, now)

    @property
    def srtp_in(self) -> Any:
        """The libsrtp context that decrypts what the client sends."""
        return self._srtp_in

    @property
    def authenticated(self) -> int:
        """The number of authenticated datagrams from the client."""
        return self.peer.authenticated

    @property
    def ready(self) -> bool:
        return self.srtp_out is not None and not self.peer.closed

    @property
    def setup(self) -> Setup:
        """Our a=setup in an answer."""
        return "active" if self.role == "client" else "passive"

    def negotiate_role(self, setup: Setup) -> None:
        """Take the role that the client's a=setup leaves us (RFC 5763 5). Raises BadDescription.

        Where it leaves both we are the server. Later descriptions cannot change it (RFC 8842 5.5).
        """
        role: Role = "server" if setup == "active" else "client" if setup == "passive" else self.role or "server"
        if self.role not in ("", role):
            raise BadDescription("setup", f"a=setup:{setup}")
        self.role = role

    async def start(self, fingerprints: Sequence[RTCDtlsFingerprint]) -> bool:
        """Run the DTLS handshake in the role negotiated. True once the SRTP keys are set.

        An attacker who spoofs the client's address can spoil a handshake before it is authenticated, so a failed one
        is not the end for a server: a new DTLS transport waits on the same peer for the client's next ClientHello. As a
        client we begin when an address of the other side is proven, and once: a server amid a handshake takes no other
        ClientHello. That is why we are the server where we may.
        """
        parameters = RTCDtlsParameters(fingerprints=list(fingerprints))
        self.peer.hello_expected = self.role != "client"
        if self.role == "client":
            await self.peer.was_selected.wait()
        for _ in range(1 if self.role == "client" else MAX_HANDSHAKES):
            dtls = RTCDtlsTransport(cast(RTCIceTransport, self.peer), [self.certificate])
            dtls._set_role(self.role or "server")
            if await self._attempt(dtls, parameters):
                self._dtls = dtls
                self._set_keys(dtls._rx_srtp, dtls._tx_srtp)
                dtls.on("statechange", self._on_dtls_state)
                return True
            if self.peer.closed:
                return False
        return False

    async def _attempt(self, dtls: RTCDtlsTransport, parameters: RTCDtlsParameters) -> bool:
        task = asyncio.ensure_future(dtls.start(parameters))

        def begin_again() -> None:
            task.cancel()

        self.peer.on_new_hello = begin_again
        try:
            await asyncio.wait({task})
        finally:
            self.peer.on_new_hello = None
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("DTLS handshake failed: %r", error)
        return dtls.state == "connected"

    def _on_dtls_state(self) -> None:
        if self._dtls is not None and self._dtls.state == "closed" and not self.peer.closed:
            self.peer.revoke_consent()
            self.on_closed()

    def _set_keys(self, rx: pylibsrtp.Session, tx: pylibsrtp.Session) -> None:
        self._rx, self._tx = rx, tx
        self._srtp_in, self.srtp_out = srtp_context(rx), srtp_context(tx)
        self.peer.handshaking = False
        self.peer.on_media = self._on_media

    async def stop(self) -> None:
        """Close DTLS and forget the client."""
        self.detach()
        if self._dtls is not None:
            await self._dtls.stop()
            # No reference cycle may remain: OpenSSL's memory is large, and the garbage collector runs seldom.
            self._dtls.remove_all_listeners()
            self._dtls = None
        self.on_closed = lambda: None
        self.peer.close()

    def detach(self) -> None:
        """Stop all media at once; call `stop` afterwards."""
        self.peer.on_media = self.peer.on_round_trip = None

    def send_rtcp(self, *packets: AnyRtcpPacket) -> None:
        if self._tx is not None and self.peer.remote is not None:
            self.peer.send(self._tx.protect_rtcp(b"".join(map(bytes, packets))))

    def _on_media(self, data: bytes) -> None:
        if not 12 <= len(data) <= MAX_DATAGRAM:
            self.mux.drops["size"] += 1
        elif data[1] == RTCP_RTPFB:
            self._on_repair_request(data)
        elif 192 <= data[1] <= 223:
            if self._rtcp_budget.tokens > 0 or self._rtcp_budget.refill(time.monotonic()):
                self._on_rtcp(data)
            else:
                self.mux.drops["reports"] += 1
        elif self.rtp_budget.tokens > 0 or self.rtp_budget.refill(time.monotonic()):
            self._on_rtp(data)
        else:
            self.mux.drops["bitrate"] += 1

    def _on_repair_request(self, data: bytes) -> None:
        """Handle a NACK (RFC 4585) while repair may take time; the client asks again."""
        began, left = time.thread_time(), self.mux.repair_time  # not the time in which others had the core
        if left.tokens <= 0 and not left.refill(time.monotonic()):
            self.mux.drops["repair"] += 1
        elif self._rtcp_budget.tokens > 0 or self._rtcp_budget.refill(time.monotonic()):
            self._on_rtcp(data)
            left.tokens -= time.thread_time() - began
        else:
            self.mux.drops["reports"] += 1

    def _on_rtcp(self, data: bytes) -> None:
        ssrc = data[4:8]
        if ssrc not in self._rtcp_ssrcs and len(self._rtcp_ssrcs) >= MAX_SSRCS:
            self.mux.drops["ssrc"] += 1
            return
        try:
            packets = RtcpPacket.parse(self._rx.unprotect_rtcp(data))
        except (pylibsrtp.Error, ValueError, IndexError, struct.error):
            self.mux.drops["rtcp"] += 1
            return
        self._rtcp_ssrcs.add(ssrc)
        self._rtcp_budget.tokens -= 1
        self.peer.authenticated += 1
        for packet in packets:
            self._handle_rtcp(packet)

    def _on_rtp(self, data: bytes) -> None:
        self.mux.drops["rtp"] += 1

    @abstractmethod
    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        """Act on one authenticated report of the client."""
