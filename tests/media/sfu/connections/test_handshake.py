"""Forged datagrams around a DTLS handshake do not stop the real one."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport, generate_certificate
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtp import AnyRtcpPacket
from cryptography.hazmat.primitives.asymmetric import rsa

from media.engine import BadDescription
from media.sfu.sdp import Setup
from media.sfu.transport import DtlsCertificate, PeerTransport
from media.sfu.udp_mux import UdpMux

pytestmark = pytest.mark.media

CLIENT = ("127.0.0.1", 9)


class DeafLeg(PeerTransport):
    def _handle_rtcp(self, packet: AnyRtcpPacket) -> None:
        return


class Wire:
    """The client's end: what it sends goes straight to the transport's peer."""

    role = "controlling"

    def __init__(self, deliver: Callable[[bytes], object]) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.deliver = deliver

    async def _recv(self) -> bytes:
        return await self.inbox.get()

    async def _send(self, data: bytes) -> None:
        self.deliver(data)


@pytest.fixture
async def transport() -> AsyncIterator[PeerTransport]:
    mux = await UdpMux.bind("127.0.0.1", 0)
    made = DeafLeg(mux, DtlsCertificate.generateCertificate())
    made.peer.remote = CLIENT
    yield made
    await made.stop()
    mux.close()


def framed(size: int = 288) -> bytes:
    body = b"\x01" + size.to_bytes(3, "big") + bytes(5) + size.to_bytes(3, "big") + os.urandom(size)
    return b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", len(body)) + body


FORGERIES = {
    "noise that calls itself a ClientHello": b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", 300) + os.urandom(300),
    "a framed ClientHello of noise": framed(),
    "a fatal alert": b"\x15\xfe\xfd" + bytes(8) + b"\0\2\x02\x28",
    "a change of cipher": b"\x14\xfe\xfd" + bytes(8) + b"\0\1\1",
    "a short record": b"\x16" + os.urandom(100),
    "too short for any record": b"\x16\xfe",
}


async def shake(
    transport: PeerTransport, before: list[bytes], after: list[bytes], certificate: RTCCertificate | None = None
) -> tuple[bool, str]:
    """Run a real client against the transport with forgeries before and after its first flight."""
    mine = certificate or RTCCertificate.generateCertificate()
    flights = 0

    def deliver(data: bytes) -> None:
        nonlocal flights
        for forged in before if not flights else []:
            transport.peer.on_dtls(forged)
        transport.peer.on_dtls(data)
        for forged in after if not flights else []:
            transport.peer.on_dtls(forged)
        flights += 1

    wire = Wire(deliver)
    client = RTCDtlsTransport(cast(RTCIceTransport, wire), [mine])
    client._set_role("server" if transport.role == "client" else "client")

    async def to_client(data: bytes) -> None:
        wire.inbox.put_nowait(data)

    transport.peer._send = to_client  # type: ignore[method-assign]
    results: tuple[Any, Any] = await asyncio.wait_for(
        asyncio.gather(
            transport.start(mine.getFingerprints()),
            client.start(RTCDtlsParameters(fingerprints=transport.fingerprints)),
        ),
        15,
    )
    state = client.state
    await client.stop()
    return results[0], state


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forgery_before_the_real_hello_is_survived(transport: PeerTransport, name: str) -> None:
    assert await shake(transport, [FORGERIES[name]], []) == (True, "connected")


@pytest.mark.parametrize("name", ["a fatal alert", "too short for any record"])
async def test_a_forgery_after_the_real_hello_is_survived(transport: PeerTransport, name: str) -> None:
    assert await shake(transport, [], [FORGERIES[name]]) == (True, "connected")


async def test_a_strangers_perfect_hello_gives_way_to_the_clients(transport: PeerTransport) -> None:
    assert await shake(transport, [await perfect_hello()], []) == (True, "connected")


FORGED_ANSWERS = {
    "a ClientHello": framed(),
    "a fatal alert": FORGERIES["a fatal alert"],
    "too short for any record": FORGERIES["too short for any record"],
}


@pytest.mark.parametrize("name", FORGED_ANSWERS)
async def test_a_client_that_waits_for_the_handshake_gets_it_whatever_a_stranger_says(
    transport: PeerTransport, name: str
) -> None:
    transport.negotiate_role("passive")
    transport.peer.was_selected.set()
    assert await shake(transport, [FORGED_ANSWERS[name]], []) == (True, "connected")


async def test_a_client_that_waits_may_have_an_rsa_certificate(transport: PeerTransport) -> None:
    """As GStreamer's have it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    theirs = DtlsCertificate(key, generate_certificate(key))  # type: ignore[arg-type]
    transport.negotiate_role("passive")
    transport.peer.was_selected.set()
    assert await shake(transport, [], [], theirs) == (True, "connected")


async def test_a_handshake_of_ours_begins_when_the_client_has_proven_an_address(transport: PeerTransport) -> None:
    transport.negotiate_role("passive")
    sent: list[bytes] = []

    async def to_client(data: bytes) -> None:
        sent.append(data)

    transport.peer._send = to_client  # type: ignore[method-assign]
    starting = asyncio.create_task(transport.start(RTCCertificate.generateCertificate().getFingerprints()))
    await asyncio.sleep(0)
    assert sent == []
    transport.peer.close()
    assert await asyncio.wait_for(starting, 5) is False


@pytest.mark.parametrize(
    ("setups", "role"),
    [
        (["actpass", "actpass", "active"], "server"),
        (["active", "actpass"], "server"),
        (["passive", "actpass", "passive"], "client"),
    ],
)
async def test_a_role_once_taken_stays(transport: PeerTransport, setups: list[Setup], role: str) -> None:
    for setup in setups:
        transport.negotiate_role(setup)
        assert transport.role == role
    with pytest.raises(BadDescription) as refused:
        transport.negotiate_role("active" if role == "client" else "passive")
    assert refused.value.problem == "setup"
    assert transport.role == role


async def test_a_client_with_another_certificate_is_not_let_in(transport: PeerTransport) -> None:
    wire = Wire(transport.peer.on_dtls)
    client = RTCDtlsTransport(cast(RTCIceTransport, wire), [RTCCertificate.generateCertificate()])
    client._set_role("client")

    async def to_client(data: bytes) -> None:
        wire.inbox.put_nowait(data)

    transport.peer._send = to_client  # type: ignore[method-assign]
    expected = RTCCertificate.generateCertificate().getFingerprints()
    starting = asyncio.create_task(transport.start(expected))
    await client.start(RTCDtlsParameters(fingerprints=transport.fingerprints))
    transport.peer.close()
    assert await starting is False
    assert not transport.ready
    await client.stop()


async def perfect_hello() -> bytes:
    """The first flight of a real client that is somebody else."""
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    wire = Wire(sent.put_nowait)
    client = RTCDtlsTransport(cast(RTCIceTransport, wire), [RTCCertificate.generateCertificate()])
    client._set_role("client")
    parameters = RTCDtlsParameters(fingerprints=RTCCertificate.generateCertificate().getFingerprints())
    starting = asyncio.create_task(client.start(parameters))
    hello = await sent.get()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    return hello
