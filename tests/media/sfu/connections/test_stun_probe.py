"""Trying the way before being admitted: answered for who has the credentials, and nothing is kept of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aioice import stun

from media.engine import ProbeTarget
from media.sfu.stun import MAX_ANSWERS_PER_SECOND, StunProbe
from media.sfu.udp_mux import UdpMux
from tests.media.sfu.connections.clients import clients
from tests.media.sfu.connections.test_strangers import check, foreign
from tests.media.stage import embedded

pytestmark = pytest.mark.media

ADDRESS = ("127.0.0.1", 9)


@pytest.fixture
async def mux() -> AsyncIterator[UdpMux]:
    bound = await UdpMux.bind("127.0.0.1", 0)
    yield bound
    bound.close()


class Asker(asyncio.DatagramProtocol):
    """A socket that hands over the first answer."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)


async def asked(reach: ProbeTarget) -> stun.Message:
    data = check(reach.ufrag, reach.password)
    address = (reach.addresses[0], reach.port)
    transport, asker = await asyncio.get_running_loop().create_datagram_endpoint(Asker, remote_addr=address)
    transport.sendto(data)
    answer = await asyncio.wait_for(asker.answer, 5)
    transport.close()
    assert len(answer) <= len(data)
    message = stun.parse_message(answer)
    assert message.check_message_integrity(reach.password.encode())
    return message


async def test_a_check_with_the_trials_credentials_is_answered_by_a_real_worker(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    assert engine.probe_target() is None
    await engine.start()
    try:
        reach = engine.probe_target()
        assert reach is not None
        assert reach.password not in repr(reach)
        assert (await asked(reach)).message_class is stun.Class.RESPONSE
    finally:
        await engine.stop()


async def test_no_address_becomes_known_by_it(mux: UdpMux) -> None:
    peer = mux.add_peer()
    trial = mux.probe.credentials
    with clients(mux, peer) as (client,):
        client.arrive()
        heard = peer.authenticated
        for _ in range(20):
            client.check(server=trial)
            mux.sockets[0].datagram_received(check(trial.ufrag, trial.password), ("127.0.0.1", 10))
        assert mux.by_address == {client.addr: peer}  # not even in the place of somebody who is there
    assert peer.authenticated == heard
    assert set(mux.by_ufrag) == {peer.credentials.ufrag}


async def test_who_only_knows_the_name_gets_no_answer(mux: UdpMux) -> None:
    for data in foreign(mux.probe.credentials.ufrag):
        mux.sockets[0].datagram_received(data, ADDRESS)
    assert mux.probe.answer(check(mux.probe.credentials.ufrag, "guessed"), ADDRESS, time.monotonic()) is None
    assert mux.drops["trial"] > 0
    assert mux.by_address == {}


def test_a_flood_gets_so_many_answers_a_second_and_no_more() -> None:
    trial = StunProbe()
    data = check(trial.credentials.ufrag, trial.credentials.password)
    answers = [trial.answer(data, ADDRESS, 1000.0) for _ in range(3 * int(MAX_ANSWERS_PER_SECOND))]
    assert sum(answer is not None for answer in answers) == MAX_ANSWERS_PER_SECOND
    assert trial.answer(data, ADDRESS, 1000.1) is not None
