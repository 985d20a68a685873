"""Debian's coturn with the configuration we print: it carries our media, and nothing else for anybody."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection

from media.engine import Connection, TurnCredentials
from server.app.rehearsal.peer import Peer
from server.rooms.coturn import PER_SEAT, SPECIAL
from tests.media.stage import InProcess, Stage, stage
from tests.server.rooms.relay.coturn import (
    IPV6,
    LISTENING,
    MEDIA,
    RELAYING,
    SECRET,
    Coturn,
    Guest,
    allocation,
    coturn,
    guest,
)

pytestmark = [pytest.mark.turn, pytest.mark.media]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with coturn(tmp_path_factory.mktemp("coturn")) as one:
        yield one


@pytest.fixture
def let_in(running: Coturn) -> Iterator[Guest]:
    one = guest(running, now())
    assert one.allocate() == 0
    yield one
    one.close()


class Behind(Peer):
    """Somebody whose network lets nothing through but the TURN server."""

    def through(self, way: TurnCredentials) -> None:
        self._server = RTCIceServer(urls=list(way.urls), username=way.username, credential=way.credential)

    def _connection(self) -> RTCPeerConnection:
        return RTCPeerConnection(
            RTCConfiguration(
                iceServers=[self._server],
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
                iceTransportPolicy=RTCIceTransportPolicy.RELAY,
            )
        )


async def enter(on: Stage, name: str, way: TurnCredentials) -> Behind:
    peer = Behind(
        lambda sdp, mids: on.engine.publish(on.room, name, sdp, mids),  # type: ignore[arg-type]
        lambda sdp: on.engine.answer(on.room, name, sdp),
        addresses=None,
    )
    peer.through(way)
    on.people[name] = peer
    await on.engine.admit(on.room, name)
    await peer.start()
    return peer


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sound_and_picture_go_both_ways_through_the_relay(running: Coturn, transport: str) -> None:
    engine = InProcess(MEDIA)
    async with stage(engine) as on:
        bob = await on.join("bob")
        ann = await enter(on, "ann", running.turn(transport).grant("session", "ann", now()))
        await on.everybody_hears_everybody()
        await on.connected("ann")
        await bob.until(lambda: bob.of("ann", "camera").frames > 5 and bob.of("ann", "mic").loud > 0.4, 60)
        await ann.until(lambda: ann.of("bob", "camera").frames > 5 and ann.of("bob", "mic").loud > 0.4, 60)
        hosts = sorted(peer.remote[0] for peer in engine.mux.peers if peer.remote is not None)
        assert hosts == [MEDIA, MEDIA, RELAYING, RELAYING]  # bob's two, and ann's from coturn's address alone
        assert {host for host, _ in engine.mux.by_address} == {MEDIA, RELAYING}
        assert Connection(on.room, "ann", "disconnected") not in on.said(Connection)


def test_over_tls_it_answers_under_its_certificate(running: Coturn) -> None:
    context = ssl.create_default_context(cafile=str(running.certificate))
    with (
        socket.create_connection((LISTENING, running.tls_port), 5) as plain,
        context.wrap_socket(plain, server_hostname=LISTENING) as wrapped,
    ):
        assert wrapped.version() in ("TLSv1.2", "TLSv1.3")
        wrapped.send(allocation())
        assert wrapped.recv(2048)[:2] == b"\x01\x13"  # Allocate, refused: who are you?


def test_a_wrong_secret_opens_nothing(running: Coturn) -> None:
    assert guest(running, now(), secret="f" * 32).allocate() == 401


def test_expired_credentials_open_nothing(running: Coturn) -> None:
    assert guest(running, now() - timedelta(hours=1, seconds=5)).allocate() == 401


def test_nobody_comes_in_without_a_name(running: Coturn) -> None:
    assert Guest(running.port, "", "").allocate() == 401
    assert Guest(running.port, "somebody", "something").allocate() == 401


def test_who_is_in_stays_in_when_the_credentials_expire(running: Coturn) -> None:
    made = now() - timedelta(hours=1) + timedelta(seconds=2)
    nearly = guest(running, made)
    assert nearly.allocate() == 0
    while guest(running, made).allocate() == 0:
        assert now() < made + timedelta(hours=1, seconds=10)
        time.sleep(0.1)  # until it is over for coturn's clock
    assert nearly.permit(MEDIA) == 0


def test_it_sends_to_our_media_address_and_to_no_other(let_in: Guest) -> None:
    assert let_in.permit(MEDIA) == 0
    for other in (LISTENING, RELAYING, "127.0.0.4", "192.0.2.1", "9.9.9.9", "192.168.1.1", "169.254.169.254"):
        assert let_in.permit(other) == 403, other


def test_over_ipv6_it_sends_to_nobody_when_media_has_no_such_address(running: Coturn) -> None:
    one = guest(running, now())
    if one.allocate(IPV6) == 0:  # a machine without IPv6 refuses that already
        for other in ("::1", f"::ffff:{MEDIA}", "64:ff9b::7f00:1", "2002:7f00:1::", "2606:4700::1", "fe80::1"):
            assert one.permit(other) == 403, other


def test_special_ranges_stay_closed_where_somebody_opens_the_rest(tmp_path: Path) -> None:
    with coturn(tmp_path, only_us=False) as open_to_all:
        four, six = guest(open_to_all, now()), guest(open_to_all, now())
        assert four.allocate() == 0
        assert four.permit("9.9.9.9") == 0
        speaks = {4: four} | ({6: six} if six.allocate(IPV6) == 0 else {})
        assert six.permit("2606:4700::1") == 0 or 6 not in speaks
        for network in SPECIAL:
            if network.version in speaks:
                for address in (network[0], network[network.num_addresses // 2], network[-1]):
                    assert speaks[network.version].permit(str(address)) == 403, address


def test_a_seat_may_open_so_many_and_no_more(running: Coturn) -> None:
    turn = running.turn()
    given = turn.grant("session", "a greedy seat", now())
    opened = [Guest(running.port, given.username, given.credential) for _ in range(PER_SEAT + 1)]
    assert [one.allocate() for one in opened] == [0] * PER_SEAT + [486]
    later = turn.grant("session", "a greedy seat", now() + timedelta(seconds=30))
    assert Guest(running.port, later.username, later.credential).allocate() == 486  # new credentials, same seat
    for one in opened:
        one.close()


def test_the_relays_log_holds_no_secret(running: Coturn, let_in: Guest) -> None:
    written = running.log.read_text()
    assert "CREATE_PERMISSION" in written or "ALLOCATE" in written
    assert SECRET not in written
