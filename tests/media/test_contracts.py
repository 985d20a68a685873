"""What we use of aiortc, aioice and pylibsrtp that they do not promise: an upgrade must fail here first."""

from __future__ import annotations

import inspect
import re

import aioice.ice
import aiortc
import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer
from pylibsrtp._binding import ffi, lib

from media.sfu.rtp import PacketBuffer, srtp_context


def test_versions_are_the_ones_we_know() -> None:
    assert (aiortc.__version__, pylibsrtp.__version__) == ("1.16.0", "1.0.0")


def test_libsrtp_can_be_called_in_place() -> None:
    policy = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy)
    buffer = PacketBuffer()
    buffer.mem[:15] = b"\x80\x60" + bytes(10) + b"abc"
    length = ffi.new("int *", 15)
    assert lib.srtp_protect(srtp_context(session), buffer.ptr, length) == 0
    assert length[0] == 15 + 10
    assert bytes(buffer.mem[12:15]) != b"abc"


def test_the_dtls_transport_uses_of_its_transport_what_our_peer_offers() -> None:
    used = set(re.findall(r"self\.transport\.(\w+)", inspect.getsource(RTCDtlsTransport)))
    assert used == {"role", "_recv", "_send"}
    assert {"_set_role", "start", "stop"} <= set(dir(RTCDtlsTransport))
    assert {"_rx_srtp", "_tx_srtp"} <= set(RTCDtlsTransport.__init__.__code__.co_names)
    assert "_create_ssl_context" in RTCDtlsTransport.start.__code__.co_names


def test_a_synthetic_peer_can_choose_its_addresses() -> None:
    assert "addresses" in inspect.signature(aioice.ice.Connection.get_component_candidates).parameters
    assert "_connection" in RTCIceGatherer.__init__.__code__.co_names
