"""One port on several addresses: IPv4 and IPv6 people in one room, and public addresses that are not our own."""

from __future__ import annotations

import socket

import pytest

from media.sfu.udp_mux import UdpMux, expand_hosts, open_socket, open_sockets
from tests.media.relay import Relay
from tests.media.stage import InProcess, stage

pytestmark = pytest.mark.media

BOTH = ("127.0.0.1", "::1")


async def test_people_over_ipv4_and_over_ipv6_meet_in_one_room() -> None:
    async with stage(InProcess(*BOTH)) as one:
        ann, bob = await one.join("ann", address="::1"), await one.join("bob", address="127.0.0.1")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "camera").frames >= 5 and ann.of("bob", "mic").loud > 0.1)
        await bob.until(lambda: bob.of("ann", "camera").frames >= 5 and bob.of("ann", "mic").loud > 0.1)
        assert isinstance(one.engine, InProcess)
        families = {len(peer.remote) for peer in one.engine.mux.peers if peer.remote is not None}
        assert families == {2, 4}, "each is spoken to in its own family"


async def test_browsers_are_told_every_announced_address_and_the_one_port() -> None:
    public = ["203.0.113.7", "2001:db8::7"]
    async with stage(InProcess(*BOTH, announce=public)) as one:
        assert isinstance(one.engine, InProcess)
        told: list[str] = []
        publish = one.engine.publish

        async def listen(*arguments: object) -> str:
            told.append(await publish(*arguments))  # type: ignore[arg-type]
            return told[-1]

        one.engine.publish = listen  # type: ignore[assignment,method-assign]
        await one.join("ann")
        candidates = [line.split() for line in told[0].splitlines() if line.startswith("a=candidate:")][:2]
        assert [(c[4], c[5]) for c in candidates] == [(a, str(one.engine.mux.port)) for a in public]
        assert int(candidates[0][3]) > int(candidates[1][3])


async def test_an_address_translated_to_ours_is_as_good_as_ours() -> None:
    """1:1 NAT: people send to the announced address, which only leads to the one we listen on."""
    relay = Relay()
    engine = InProcess("127.0.0.1", announce=["127.0.0.2"])
    async with stage(engine) as one:
        await relay.lead_to(engine.mux.port, at=("127.0.0.2", engine.mux.port))
        try:
            ann, bob = await one.join("ann"), await one.join("bob")
            await one.everybody_hears_everybody()
            await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
            await ann.until(lambda: ann.of("bob", "mic").loud > 0.1)
            assert not {peer.remote for peer in engine.mux.peers} & relay.clients
        finally:
            relay.close()


async def test_every_address_has_the_same_port() -> None:
    mux = await UdpMux.bind(BOTH, 0)
    try:
        assert {udp_socket.port for udp_socket in mux.sockets} == {mux.port}
        assert [udp_socket.host for udp_socket in mux.sockets] == list(BOTH)
        assert mux.receive_buffer_size > 100_000
        assert mux.reachable_at("203.0.113.7")
        assert mux.reachable_at("2001:db8::7")
    finally:
        mux.close()


async def test_an_address_of_a_family_we_have_no_socket_for_is_not_announced() -> None:
    mux = await UdpMux.bind("127.0.0.1", 0)
    assert not mux.reachable_at("2001:db8::7")
    mux.close()


def test_everywhere_is_both_families_each_with_a_socket_of_its_own() -> None:
    assert expand_hosts(["::"]) == ["0.0.0.0", "::"]
    assert expand_hosts(["0.0.0.0"]) == ["0.0.0.0"]
    assert expand_hosts(["::1", "127.0.0.1", "::1"]) == ["::1", "127.0.0.1"]


def test_a_port_taken_on_one_address_is_an_error_that_leaves_nothing_open() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(("::1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OSError):
            open_sockets(BOTH, port)
    for sock in open_sockets(BOTH, port):  # the first was closed again
        sock.close()


def test_any_port_is_one_that_is_free_on_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(("::1", 0))
        first = taken.getsockname()[1]
        asked: list[int] = []

        def unlucky(host: str, port: int) -> socket.socket:
            asked.append(port)
            return open_socket(host, first if len(asked) == 1 else port)

        monkeypatch.setattr("media.sfu.udp_mux.open_socket", unlucky)
        sockets = open_sockets(BOTH, 0)
    assert len({sock.getsockname()[1] for sock in sockets}) == 1
    assert sockets[0].getsockname()[1] != first
    for sock in sockets:
        sock.close()
