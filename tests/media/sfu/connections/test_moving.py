"""Somebody whose network changes is followed once they have answered from where they are now."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import Offer
from media.sfu.native import NativeForwarder
from media.sfu.udp_mux import UdpMux
from tests.media.bench import MIC, Bench
from tests.media.sfu.connections.clients import clients
from tests.media.sfu.connections.muxes import (
    MEDIA,
    Clock,
    clock as clock,  # a fixture
    mux as mux,  # a fixture
)
from tests.media.stage import InProcess, full
from tests.tools.bench.media.guest import Guest


async def test_a_client_that_moves_is_followed_one_round_trip_after_its_check(mux: UdpMux) -> None:
    """From Wi-Fi to a mobile network, or to another port of a NAT: what goes where in between."""
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (home, street):
        home.arrive()
        home.look()
        street.check()  # half a round trip
        peer.send(MEDIA)
        assert MEDIA in home.look()
        assert street.answer() == 1  # and a whole one: what was sent to it is nothing but the question
        assert street.inbox[0][:2] == b"\0\1"
        peer.send(MEDIA)
        assert street.look()[-1] == MEDIA
        assert home.look() == []


async def test_fan_out_follows_and_stops_as_well(native: NativeForwarder | None, clock: Clock) -> None:
    """The way packets go, in Python and in C."""
    mux = await UdpMux.bind("127.0.0.1", 0, 10**9, native)
    bench = Bench(mux)
    numbers = iter(range(10_000))

    def talk() -> int:
        for _ in range(5):
            seq = next(numbers)
            bench.send(MIC, seq, seq * 960, b"\x78sound")
        return len(bench.arrived())

    talk()
    bench.downtrack("mic").subscribe(bench.stream(MIC))
    assert talk() == 5
    peer = bench.subscriber.peer
    with clients(mux, peer) as (street,):
        street.check()
        assert talk() == 5
        street.answer()
        assert (talk(), len([data for data in street.look() if data[0] >= 128])) == (0, 5)
        peer.revoke_consent()
        assert (talk(), len([data for data in street.look() if data[0] >= 128])) == (0, 0)
    assert mux.drops["send"] == 5
    bench.close()
    mux.close()


@pytest.mark.media
async def test_a_conversation_goes_on_when_a_persons_network_changes() -> None:
    """Real handshakes and keys: the same ones before and after."""
    engine = InProcess()
    await engine.start()
    certificate = RTCCertificate.generateCertificate()
    guests = {
        name: Guest(certificate, partial(engine.publish, "r", name), partial(engine.answer, "r", name))
        for name in ("ann", "bob")
    }

    async def read() -> None:
        async with asyncio.TaskGroup() as tasks:
            async for event in engine.events():
                if isinstance(event, Offer):
                    tasks.create_task(guests[event.participant].offer(event.sdp))

    async def flows() -> None:
        """Twenty more packets at everybody."""
        before = {name: guest.received for name, guest in guests.items()}
        async with asyncio.timeout(20):
            while any(guest.received < before[name] + 20 for name, guest in guests.items()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    reading = asyncio.create_task(read())
    for name, guest in guests.items():
        await engine.admit("r", name)
        await guest.start()
    await engine.route("r", full(guests))
    await flows()
    places = {peer.remote for peer in engine.mux.peers}
    await guests["bob"].move()
    await flows()
    assert len(places & {peer.remote for peer in engine.mux.peers}) == 2, "ann stays, bob has moved"
    assert not {"media", "srtp"} & set(engine.mux.drops)
    for guest in guests.values():
        await guest.leave()
    await engine.stop()
    await reading
