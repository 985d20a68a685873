"""Nothing is sent to an address, and nothing taken from it, that has not answered (RFC 7675)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from aioice import stun

from media.sfu.ice import CONSENT_INTERVAL, CONSENT_JITTER, CONSENT_TIMEOUT, IcePeer
from media.sfu.participant import Participant
from media.sfu.stun import IceCredentials
from media.sfu.udp_mux import UdpMux
from tests.media.sfu.connections.clients import clients
from tests.media.sfu.connections.muxes import (
    MEDIA,
    Clock,
    clock as clock,  # a fixture
    media,
    mux as mux,  # a fixture
)
from tests.tools.bench.media import ice

# ---------------------------------------------------------------- before anything is proven


async def test_no_media_goes_to_an_address_that_has_not_answered(mux: UdpMux) -> None:
    """A party names somebody else's address as the source of their checks: a socket that never answers."""
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (home, victim):
        home.arrive()
        for _ in range(20):
            victim.check()
            media(peer)
            assert home.look().count(MEDIA) == 50, "it stays where it was"
        assert not [data for data in victim.look() if data[0] >= 20]


@pytest.mark.parametrize("nominated", [True, False])
@pytest.mark.parametrize("bare", [True, False])
async def test_no_more_goes_to_an_unproven_address_than_came_from_there(
    mux: UdpMux, clock: Clock, bare: bool, nominated: bool
) -> None:
    """The factor of reflection is 1 at most, in bytes and in datagrams, after each single check."""
    peer = mux.add_peer()
    with clients(mux, peer) as (victim,):
        for n in range(300):
            clock.now += 0.02 * (n % 40)
            if bare:  # as short as it can be
                request = stun.Message(
                    stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{peer.credentials.ufrag}:a"}
                )
                request.add_message_integrity(peer.credentials.password.encode())
                victim.send(bytes(request)[:-8] if n % 2 else bytes(request))
            else:
                victim.check(nominated)
            media(peer, 3)
            peer.maintain_consent(clock.now)
            peer.send_check(clock.now)
            assert victim.received <= victim.sent
            assert len(victim.inbox) <= n + 1
        assert len(victim.inbox) > 50, "it is asked, all the same"


async def test_a_handshake_with_an_unproven_address_is_not_begun(mux: UdpMux) -> None:
    hello = b"\x16\xfe\xff" + bytes(8) + b"\x01\x2c\x01" + bytes(299)
    peer = mux.add_peer()
    with clients(mux, peer) as (victim,):
        victim.check()
        victim.send(hello)
        assert mux.drops["dtls"] == 1
        await peer._send(bytes(1200))
        assert not [data for data in victim.look() if data[0] >= 20]


async def test_the_trial_sends_nobody_more_than_came_from_there(mux: UdpMux) -> None:
    peer = mux.add_peer()
    trial = mux.probe.credentials
    with clients(mux, peer) as (victim,):
        for _ in range(20):
            request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{trial.ufrag}:"})
            request.add_message_integrity(trial.password.encode())
            victim.send(bytes(request)[:-8])
            assert victim.received <= victim.sent


async def test_nothing_is_asked_before_the_clients_password_is_known_and_then_at_once(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        peer.remote_credentials.clear()
        client.check()
        assert client.look() == []
        peer.set_remote_credentials(client.credentials.ufrag, client.credentials.password)
        client.answer()
        assert peer.remote == client.addr


# ---------------------------------------------------------------- whose an address is


async def test_a_check_in_anothers_name_does_not_take_their_picture(mux: UdpMux) -> None:
    """A party's check that says it comes from another party's address: known, and in use."""
    ann, eve = mux.add_peer(), mux.add_peer()
    taken: list[bytes] = []
    ann.on_media = taken.append
    with clients(mux, ann, eve) as (anns, eves):
        anns.arrive()
        eves.arrive()
        for _ in range(5):
            mux.sockets[0].datagram_received(ice.check(eve.credentials, eves.credentials), anns.addr)
            anns.send(b"\x80hers")
            media(ann, 1)
            media(eve, 1)
        anns.answer()  # the server's checks for eve, which ann's browser finds unknown or signs with what is hers
        assert taken == [b"\x80hers"] * 5
        assert mux.by_address[anns.addr] is ann
        assert (ann.remote, eve.remote) == (anns.addr, eves.addr)
        assert anns.inbox.count(MEDIA) == 5
        eves.look()
        assert eves.inbox.count(MEDIA) == 5


async def test_an_answer_counts_only_from_where_it_was_asked_for(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (one, two):
        one.check()
        (asked,) = one.asked()
        answer = ice.answer(asked, one.credentials)
        two.send(answer)
        assert (peer.remote, mux.drops["stun"]) == (None, 1)
        one.send(answer)
        assert peer.remote == one.addr


async def test_only_the_clients_own_answer_to_our_check_counts_and_only_once(mux: UdpMux) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.check()
        (asked,) = client.asked()
        genuine = ice.answer(asked, client.credentials)
        other = stun.parse_message(genuine)
        other.attributes.pop("MESSAGE-INTEGRITY")
        other.attributes.pop("FINGERPRINT")
        for forged in (
            genuine[:8] + bytes(12) + genuine[20:],
            genuine[:30],
            genuine[:40] + b"\xff\xff\xff\xff" + genuine[44:],
            b"\x01\x11" + genuine[2:],
            bytes(other),
            asked,
            b"\x01",
        ):
            client.send(forged)
            assert peer.remote is None
        client.send(genuine)
        heard = peer.authenticated
        assert peer.remote == client.addr
        client.send(genuine)
        assert peer.authenticated == heard


async def test_a_port_that_was_given_to_another_connection_is_the_others_once_it_has_answered(
    mux: UdpMux,
) -> None:
    """A browser closes a connection, and the next gets its port."""
    old, new = mux.add_peer(), mux.add_peer()
    with clients(mux, old) as (client,):
        client.arrive()
        client.credentials = IceCredentials("efgh", "the next connection's password")
        new.set_remote_credentials(client.credentials.ufrag, client.credentials.password)
        client.check(server=new.credentials)
        assert (mux.by_address[client.addr], old.remote) == (old, client.addr)
        client.answer()
        assert (mux.by_address[client.addr], new.remote) == (new, client.addr)
        client.look()
        media(old)
        assert (old.remote, client.look()) == (None, []), "what was theirs is sent there no longer"


# ---------------------------------------------------------------- for how long


async def test_consent_is_asked_for_again_every_five_seconds_or_so(mux: UdpMux, clock: Clock) -> None:
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.arrive()
        client.look()
        asked: list[float] = []
        for _ in range(6000):
            clock.now += 0.1
            peer.maintain_consent(clock.now)
            asked += [clock.now] * client.answer()
        apart = [after - before for before, after in pairwise(asked)]
        assert min(apart) >= CONSENT_INTERVAL * (1 - CONSENT_JITTER)
        assert max(apart) <= CONSENT_INTERVAL * (1 + CONSENT_JITTER) + 0.11
        assert max(apart) - min(apart) > CONSENT_INTERVAL * CONSENT_JITTER, "not in step with anybody"
        assert peer.remote == client.addr


async def test_media_ends_thirty_seconds_after_the_last_answer(mux: UdpMux, clock: Clock) -> None:
    peer = mux.add_peer()
    person = Participant("ann", clock.now)
    person.publisher = Held(peer)  # type: ignore[assignment]
    with clients(mux, peer) as (client,):
        client.arrive()
        client.look()
        until = clock.now + CONSENT_TIMEOUT
        while clock.now < until - 0.2:
            clock.now += 0.1
            client.send(b"\x80 what it sends is no consent to be sent to")
            person.update_state(clock.now)
            peer.send(MEDIA)
            assert MEDIA in client.look()
        clock.now = until + 0.1
        person.update_state(clock.now)
        media(peer)
        assert (client.look(), peer.remote, client.addr in mux.by_address) == ([], None, False)


class Held:
    """A connection of which only the transport matters."""

    ready, heard = False, 0

    def __init__(self, peer: IcePeer) -> None:
        self.peer = peer


async def test_what_was_lost_comes_back_only_with_an_ice_restart(mux: UdpMux, clock: Clock) -> None:
    """RFC 7675 5.1: the same credentials are not used on the same path again."""
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.arrive()
        clock.now += CONSENT_TIMEOUT
        peer.maintain_consent(clock.now)
        client.look()
        client.arrive()
        assert (peer.remote, client.look(), mux.drops["consent"]) == (None, [], 1)
        peer.restart()
        client.arrive()
        assert peer.remote == client.addr


@pytest.mark.parametrize("nominated", [True, False])
async def test_an_address_that_was_not_used_for_long_is_asked_anew(mux: UdpMux, clock: Clock, nominated: bool) -> None:
    peer = mux.add_peer()
    with clients(mux, peer, peer) as (home, street):
        street.arrive()
        home.arrive()
        for _ in range(40):
            clock.now += 1.0
            peer.maintain_consent(clock.now)
            home.answer()
        street.look()
        street.check(nominated)
        assert peer.remote == home.addr
        assert street.addr not in mux.by_address
        street.answer()
        assert peer.remote == (street.addr if nominated else home.addr)


async def test_who_forbids_it_is_sent_nothing_more(mux: UdpMux, clock: Clock) -> None:
    """RFC 7675 5.2, and nobody can forbid it in another's name."""
    peer = mux.add_peer()
    with clients(mux, peer) as (client,):
        client.arrive()
        client.look()
        clock.now += CONSENT_INTERVAL * (1 + CONSENT_JITTER)
        peer.maintain_consent(clock.now)
        (asked,) = client.asked()
        for password, remote in (("somebody else's password", client.addr), (client.credentials.password, None)):
            no = stun.Message(stun.Method.BINDING, stun.Class.ERROR, asked[8:20], {"ERROR-CODE": (403, "Forbidden")})
            no.add_message_integrity(password.encode())
            client.send(bytes(no))
            assert peer.remote == remote
