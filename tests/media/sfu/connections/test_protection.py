"""What one person's page can do to the others by sending too much, too often, or nonsense: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtp import RtcpRrPacket

from media.engine import BadDescription, Connection, NegotiatingTooFast, NotAdmitted
from media.sfu.transport import BITS_PER_RTCP_PACKET, MAX_SSRCS, MAX_STREAMS, PACKET_COST
from media.sfu.udp_mux import UdpMux
from media.sfu.worker import NEGOTIATION_BURST
from tests.media.bench import CAMERA_H, MIC, Bench
from tests.media.stage import InProcess, embedded, stage

BITRATE = 800_000
A_SECOND = BITRATE // 8  # bytes


def full_since(bench: Bench) -> float:
    """Since when what a person may send grows again, read before they send: the setup of a test takes time too."""
    return bench.publisher.rtp_budget.updated_at


def allowed_since(begun: float) -> float:
    """Bytes that a person may send from then until now: a second's worth at once, and what the time has brought."""
    return A_SECOND * (1 + time.monotonic() - begun)


@pytest.fixture
async def metered() -> AsyncIterator[Bench]:
    """A bench whose people may send little."""
    mux = await UdpMux.bind("127.0.0.1", 0, BITRATE)
    made = Bench(mux)
    made.publisher.rtp_budget.refill(time.monotonic())  # as if it were made just now
    yield made
    made.close()
    mux.close()
    await asyncio.sleep(0)


async def test_what_a_person_sends_beyond_the_bit_rate_is_dropped_and_counted(metered: Bench) -> None:
    sent, begun = 400, full_since(metered)
    for n in range(sent):
        metered.send(MIC, n, 960 * n, bytes(1000))
    taken = metered.stream(MIC).received
    assert A_SECOND <= taken * (1012 + PACKET_COST) <= allowed_since(begun) + 1012 + PACKET_COST
    assert metered.mux.drops["bitrate"] == sent - taken


async def test_small_packets_are_not_free(metered: Bench) -> None:
    begun = full_since(metered)
    for n in range(2000):
        metered.send(MIC, n, 960 * n, b"")
    assert metered.stream(MIC).received * PACKET_COST <= allowed_since(begun) + PACKET_COST


async def test_others_can_go_on_while_one_is_over_the_limit(metered: Bench) -> None:
    other = Bench(metered.mux)
    for n in range(400):
        metered.send(MIC, n, 960 * n, bytes(1000))
    for n in range(20):
        other.send(MIC, n, 960 * n, bytes(1000))
    assert other.stream(MIC).received == 20
    other.close()


async def test_what_was_used_up_comes_back_with_time(metered: Bench) -> None:
    for n in range(400):
        metered.send(MIC, n, 960 * n, bytes(1000))
    taken = metered.stream(MIC).received
    metered.publisher.rtp_budget.refill(time.monotonic() + 10)
    metered.send(MIC, 400, 0, b"again")
    assert metered.stream(MIC).received == taken + 1


async def test_forged_media_uses_up_nothing_of_the_persons(metered: Bench) -> None:
    metered.send(MIC, 0, 0, b"x")
    left = metered.publisher.rtp_budget.tokens
    for n in range(500):
        metered.publisher._on_media(
            b"\x80\x6f" + n.to_bytes(2, "big") + bytes(4) + MIC.to_bytes(4, "big") + bytes(1000)
        )
    assert metered.publisher.rtp_budget.tokens == left
    assert metered.mux.drops["srtp"] == 500
    metered.send(MIC, 1, 960, b"y")
    assert metered.stream(MIC).received == 2


async def test_srtp_errors_hang_up_nothing_and_reach_nobody(bench: Bench) -> None:
    bench.send(MIC, 0, 0, b"x")
    bench.downtrack("mic").subscribe(bench.stream(MIC))
    for kind in (0x6F, 0xC8, 0xC9):
        bench.deliver(bytes([0x80, kind]) + os.urandom(100))
    bench.subscriber._on_media(b"\x80\xc9" + os.urandom(60))
    assert bench.arrived() == []
    assert (bench.mux.drops["srtp"], bench.mux.drops["rtcp"]) == (1, 3)
    bench.send(MIC, 1, 960, b"y")
    assert [packet.payload for packet in bench.arrived()] == [b"y"]


async def test_reports_are_taken_no_faster_than_anybody_needs(metered: Bench) -> None:
    most = round(3 * BITRATE / BITS_PER_RTCP_PACKET)
    for _ in range(most + 20):
        metered.ask(RtcpRrPacket(1))
    assert metered.mux.drops["reports"] == pytest.approx(20, abs=5)


async def test_streams_and_numbers_of_one_person_are_bounded(bench: Bench) -> None:
    bench.send(MIC, 0, 0, b"x")
    bench.send(CAMERA_H, 0, 0, b"x")
    for ssrc in range(1000, 1000 + 2 * MAX_SSRCS):
        bench.send(ssrc, 0, 0, b"x")
    assert len(bench.publisher.tracks) <= MAX_STREAMS
    assert len(bench.publisher._known_ssrcs) == MAX_SSRCS
    assert bench.mux.drops["ssrc"] >= 2 * MAX_SSRCS - 10


async def test_a_check_sent_again_and_again_is_not_answered_for_ever() -> None:
    mux = await UdpMux.bind("127.0.0.1", 0)
    peer = mux.add_peer()
    own = peer.credentials
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{own.ufrag}:abcd"})
    request.add_message_integrity(own.password.encode())
    for _ in range(1000):
        mux.sockets[0].datagram_received(bytes(request), ("127.0.0.1", 9))
    assert 100 <= peer.authenticated < 200
    assert mux.drops["checks"] == 1000 - peer.authenticated
    mux.close()


@pytest.mark.media
async def test_whoever_negotiates_without_end_is_refused_and_nobody_else(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    await engine.start()
    try:
        for who in ("ann", "bob"):
            await engine.admit("r", who)
        refused = 0
        for _ in range(int(NEGOTIATION_BURST) + 10):
            with pytest.raises((BadDescription, NegotiatingTooFast)) as caught:
                await engine.publish("r", "ann", "nonsense", {})
            refused += caught.type is NegotiatingTooFast
        assert refused >= 5
        with pytest.raises(BadDescription):
            await engine.publish("r", "bob", "nonsense", {})
        with pytest.raises(NotAdmitted):
            await engine.publish("r", "eve", "nonsense", {})
    finally:
        await engine.stop()


@pytest.mark.media
async def test_nonsense_at_every_handler_ends_no_connection() -> None:
    """Everything a page can send over its own keys, malformed: the others go on, and so does it."""
    async with stage(InProcess()) as one:
        assert isinstance(one.engine, InProcess)
        ann = await one.join("ann")
        bob = await one.join("bob")
        await one.everybody_hears_everybody()
        await bob.until(lambda: bob.of("ann", "camera").frames >= 3)
        assert ann.sending is not None
        (dtls,) = {transceiver.sender.transport for transceiver in ann.sending.getTransceivers()}
        since, frames, went_out = len(one.events), bob.of("ann", "camera").frames, 0
        for size in range(0, 400, 7):
            body = os.urandom(size)
            for data in (
                b"\x80\xc8\x00\x06" + body[:60],
                b"\x8f\xce" + len(body).to_bytes(2, "big") + body,
                b"\x9f\x60" + body + bytes(12),
                b"\x90\x6f" + os.urandom(10) + b"\xbe\xde\xff\xff" + body,
                b"\xa0\x6f" + os.urandom(10) + body + b"\xff",
            ):
                with contextlib.suppress(pylibsrtp.Error):  # not even its own library sends that
                    await dtls._send_rtp(data)
                    went_out += 1
        await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 10)
        assert went_out > 100
        assert sum(one.engine.mux.drops[cause] for cause in ("rtp", "rtcp", "ssrc")) > 50
        said = [event.state for _, event in one.events[since:] if isinstance(event, Connection)]
        assert set(said) <= {"connected"}  # a busy machine may say only now that somebody has come
