"""What a stranger's datagrams can do to a running conversation: nothing (ASVS 17.2.3-17.2.8)."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from collections.abc import AsyncIterator

import pytest
from aioice import stun

from media.engine import Connection
from media.sfu.ice import MAX_PAIRS, IcePeer
from media.sfu.stun import Address
from media.sfu.udp_mux import UdpMux
from tests.media.sfu.connections.clients import clients
from tests.media.stage import InProcess, Stage, stage
from tests.tools.bench.media import ice

pytestmark = pytest.mark.media

COUNT = 20_000


@pytest.fixture
async def one() -> AsyncIterator[Stage]:
    async with stage(InProcess()) as opened:
        yield opened


@pytest.fixture(params=["127.0.0.1", "::1"])
async def mux(request: pytest.FixtureRequest) -> AsyncIterator[UdpMux]:
    bound = await UdpMux.bind(request.param, 0)
    yield bound
    bound.close()


def place(mux: UdpMux, port: int) -> Address:
    """An address that somebody might have, in the mux's family."""
    return ("127.0.0.1", port) if mux.sockets[0].host == "127.0.0.1" else ("::1", port, 0, 0)


def check(ufrag: str, password: str | None, nominated: bool = True) -> bytes:
    attributes: dict[str, object] = {"USERNAME": f"{ufrag}:abcd"}
    if nominated:
        attributes["USE-CANDIDATE"] = None
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, os.urandom(12), attributes)
    if password is not None:
        request.add_message_integrity(password.encode())
    return bytes(request)


def foreign(ufrag: str) -> list[bytes]:
    """Of each kind one: empty, noise, RTP, RTCP, a ClientHello, checks without and with a wrong password, broken."""
    hello = b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", 300) + b"\x01" + os.urandom(299)
    good = check(ufrag, "not the password")
    return [
        b"",
        os.urandom(200),
        b"\x80\x60" + os.urandom(1100),
        b"\x80\xc8" + os.urandom(60),
        hello,
        check("00000000", None),
        check(ufrag, None),
        good,
        good[:31],
        b"\x00\x01\xff\xff\x21\x12\xa4\x42" + os.urandom(400),
        b"\x3f",
    ]


async def test_twenty_thousand_foreign_datagrams_change_nothing(one: Stage) -> None:
    assert isinstance(one.engine, InProcess)
    await one.join("ann")
    bob = await one.join("bob")
    await one.everybody_hears_everybody()
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
    mux = one.engine.mux
    peers = set(mux.peers)
    kinds = foreign(next(iter(peers)).credentials.ufrag)
    known = dict(mux.by_address)
    since, frames, worst = len(one.events), bob.of("ann", "camera").frames, 0.0
    received = mux.received
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for n in range(COUNT):
            sock.sendto(kinds[n % len(kinds)], ("127.0.0.1", mux.port))
            while mux.received - received < n - 50:  # no faster than they are taken up
                started = time.thread_time()  # not of the clock: the machine may have other things to do
                await asyncio.sleep(0)
                worst = max(worst, time.thread_time() - started)
    await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 10 and mux.received - received >= COUNT)
    assert mux.peers == peers
    assert mux.by_address == known
    assert not [e for _, e in one.events[since:] if isinstance(e, Connection)]
    assert worst < 0.05


async def test_datagrams_under_a_clients_own_address_do_not_end_its_connection(one: Stage) -> None:
    assert isinstance(one.engine, InProcess)
    await one.join("ann")
    bob = await one.join("bob")
    await one.everybody_hears_everybody()
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
    mux, since = one.engine.mux, len(one.events)
    alert = b"\x15\xfe\xfd" + bytes(8) + b"\0\2\x02\x28"
    for peer in list(mux.peers):
        for data in [*foreign(peer.credentials.ufrag), alert]:
            assert peer.remote is not None
            mux.sockets[0].datagram_received(data, peer.remote)
    frames, loud = bob.of("ann", "camera").frames, bob.of("ann", "mic").loud
    await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 10 and bob.of("ann", "mic").loud > loud)
    assert not [e for _, e in one.events[since:] if isinstance(e, Connection)]


async def test_a_check_counts_only_with_our_password(mux: UdpMux) -> None:
    peer, addr = mux.add_peer(), place(mux, 9)
    for data in foreign(peer.credentials.ufrag):
        mux.sockets[0].datagram_received(data, addr)
    assert (peer.remote, peer.authenticated, mux.by_address) == (None, 0, {})
    mux.sockets[0].datagram_received(check(peer.credentials.ufrag, peer.credentials.password), addr)
    assert (peer.remote, peer.authenticated, mux.by_address) == (None, 1, {}), "its maker is known, not its source"


async def test_a_captured_check_is_worth_nothing_from_another_address(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (home, thief):
        captured = home.check()
        thief.send(captured)
        assert (thief.look(), mux.drops["replay"]) == ([], 1)
        home.answer()
        assert (peer.remote, set(mux.by_address)) == (home.addr, {home.addr})
        heard = peer.authenticated
        home.send(captured)  # a retransmission is answered
        assert peer.authenticated == heard + 1


async def test_a_client_that_moves_is_followed_on_its_next_nominated_check(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (home, street):
        home.arrive()
        street.arrive(nominated=False)
        assert peer.remote == home.addr
        street.check()
        assert (peer.remote, peer.address_changes) == (street.addr, 1), "it has answered from there already"


async def test_known_addresses_are_bounded_and_the_one_in_use_stays(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, *[peer] * 50) as (first, *others):
        first.arrive()
        for other in others:
            other.arrive(nominated=False)
        assert len(peer.pairs) == len(mux.by_address) == MAX_PAIRS
        assert peer.remote == first.addr
        for port in range(1, 50):  # what was only claimed does not crowd out what was proven
            data = check(peer.credentials.ufrag, peer.credentials.password, nominated=False)
            mux.sockets[0].datagram_received(data, place(mux, port))
        assert len(peer.pairs) == MAX_PAIRS
        assert len(mux.by_address) == MAX_PAIRS - 1
        assert len(mux.pending_checks) <= MAX_PAIRS


async def test_old_credentials_work_until_the_new_ones_are_used(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        old = peer.credentials
        client.arrive()
        peer.restart()
        heard = peer.authenticated
        client.check(server=old)
        assert peer.authenticated == heard + 1
        client.check()
        client.check(server=old)
        assert peer.authenticated == heard + 2


async def test_a_handler_that_fails_does_not_end_the_socket(mux: UdpMux) -> None:
    peer = mux.add_peer()

    def fail(data: bytes) -> None:
        raise ValueError(data)

    peer.on_media = fail
    with clients(mux, peer) as (client,):
        client.arrive().send(b"\x80" + bytes(40))
    assert mux.drops["handler"] == 1


async def test_a_peers_inbox_is_bounded(mux: UdpMux) -> None:
    peer: IcePeer = mux.add_peer()
    taken = [peer.on_dtls(b"\x16\xfe\xfd\0\1" + bytes(20)) for _ in range(500)]
    assert taken.count(True) == 64


async def test_a_client_that_changes_between_ipv4_and_ipv6_is_followed_to_the_other_socket() -> None:
    mux = await UdpMux.bind(["127.0.0.1", "::1"], 0)
    four, six = mux.sockets
    peer = mux.add_peer()
    media: list[bytes] = []
    peer.on_media = media.append
    with clients(mux, peer, udp_socket=four) as (home,), clients(mux, peer, udp_socket=six) as (street,):
        home.arrive()
        street.arrive()
        assert (peer.remote, peer.address_changes) == (street.addr, 1)
        assert peer.sendto == six.socket.sendto
        home.send(b"\x80one")
        street.send(b"\x80two")
    assert media == [b"\x80one", b"\x80two"], "what was still on its way counts too"
    mux.close()


async def test_an_answer_leaves_by_the_socket_the_question_came_in_by() -> None:
    """With several interfaces a client would not know an answer from another address (RFC 8445 7.2.5.2.1)."""
    mux = await UdpMux.bind(["127.0.0.1", "127.0.0.2"], 0)
    peer = mux.add_peer()
    peer.set_remote_credentials(ice.CLIENT.ufrag, ice.CLIENT.password)
    loop = asyncio.get_running_loop()
    for host in ("127.0.0.2", "127.0.0.1"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.bind(("127.0.0.1", 0))

            async def came(client: socket.socket = client, host: str = host) -> bytes:
                data, where = await asyncio.wait_for(loop.sock_recvfrom(client, 1500), 5)
                assert where == (host, mux.port)
                return data

            await loop.sock_sendto(client, ice.check(peer.credentials), (host, mux.port))
            await loop.sock_sendto(client, ice.answer(await came()), (host, mux.port))
            assert (await came())[:2] == b"\1\1"
            peer.send(b"\x80media")
            assert await came() == b"\x80media"
    mux.close()


async def test_an_ice_restart_brings_new_paths_and_no_handshake(mux: UdpMux) -> None:
    peer = mux.add_peer()
    dtls: list[bytes] = []
    peer.on_new_hello = lambda: dtls.append(b"")
    with clients(mux, peer, peer) as (home, away):
        home.arrive()
        old = peer.credentials
        peer.restart()
        away.arrive()
        assert (peer.remote, dtls) == (away.addr, []), "new paths, the same handshake"
    assert old.ufrag not in mux.by_ufrag
