"""Who is silent and well is told from who is gone by asking."""

from __future__ import annotations

import asyncio
import time

import pytest
from aioice import stun

from media.engine import Connection, RouteMatrix
from media.sfu.ice import LIVENESS_INTERVAL, MAX_PENDING
from media.sfu.udp_mux import UdpMux
from tests.media.sfu.connections.clients import clients
from tests.media.sfu.connections.muxes import (
    Clock,
    clock as clock,  # a fixture
    mux as mux,  # a fixture
)
from tests.media.stage import InProcess, Stage, stage
from tests.tools.bench.media import ice

NOBODY = RouteMatrix({}, {}, frozenset())


async def test_a_question_is_a_check_the_client_can_verify(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.check()
        question = stun.parse_message(client.asked()[0])
    assert question.check_message_integrity(client.credentials.password.encode())
    assert question.attributes["USERNAME"] == f"{client.credentials.ufrag}:{peer.credentials.ufrag}"
    assert "ICE-CONTROLLED" in question.attributes
    assert "FINGERPRINT" in question.attributes
    assert "USE-CANDIDATE" not in question.attributes


async def test_the_unanswered_are_asked_often_enough_before_they_count_as_gone(mux: UdpMux, clock: Clock) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.arrive()
        client.look()
        begun = clock.now
        for tick in range(20, 56):  # of 50 ms: from one second of silence to 2.8
            peer.send_check(begun + tick * 0.05)
        assert 6 <= len(client.asked()) <= 1.8 / LIVENESS_INTERVAL + 1
        peer.close()
        peer.send_check(begun + 10.0)
        assert client.look() == []


async def test_a_late_answer_counts_and_questions_nobody_answers_are_forgotten(mux: UdpMux, clock: Clock) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.arrive()
        client.look()
        for n in range(1, MAX_PENDING + 2):
            peer.send_check(clock.now + n * 0.4)
        first, second, *_ = client.asked()
        heard = peer.authenticated
        client.send(ice.answer(first, client.credentials))
        assert peer.authenticated == heard
        client.send(ice.answer(second, client.credentials))
        assert peer.authenticated == heard + 1
        assert len(mux.pending_checks) < MAX_PENDING


@pytest.mark.media
async def test_whoever_goes_silent_is_noticed_within_three_seconds_and_nobody_else() -> None:
    async with asyncio.TaskGroup() as both:  # at once: it is nine seconds of waiting
        for address in ("127.0.0.1", "::1"):
            both.create_task(silence_is_noticed(address))


async def silence_is_noticed(address: str) -> None:
    async with stage(InProcess(address)) as one:
        ann = await one.join("ann", ["mic"])
        idle = await one.join("idle", [])
        well = await one.join("well", [])
        await one.everybody_hears_everybody()
        for listener in (idle, well):
            await listener.until(lambda listener=listener: listener.of("ann", "mic").loud > 0)  # type: ignore[misc]
        await one.engine.route(one.room, NOBODY)  # nothing flows to the two who send nothing
        await long_idle(one, 4.0)  # aiortc itself checks every 5 s
        since, began = len(one.events), time.monotonic()
        ann.go_silent()
        idle.go_silent()
        for name in ("ann", "idle"):
            await one.until(lambda e, name=name: e == Connection("r", name, "disconnected"), 5, since)  # type: ignore[misc]
        assert max(at for at, event in one.events[since:] if isinstance(event, Connection)) - began <= 3.0
        lost = {
            event.participant for _, event in one.events if isinstance(event, Connection) and event.state != "connected"
        }
        assert lost == {"ann", "idle"}
        idle.speak_again()
        await one.until(lambda e: e == Connection("r", "idle", "connected"), 2, since)


async def long_idle(one: Stage, seconds: float) -> None:
    """Nobody is given up who is only idle."""
    with pytest.raises(TimeoutError):
        await one.until(lambda e: isinstance(e, Connection) and e.state != "connected", seconds)
