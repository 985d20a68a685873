"""Nothing is sent to an address, and nothing taken from it, that has not answered (RFC 7675); who is silent and well is
told from who is gone by asking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from itertools import pairwise

import pytest
from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import Connection, Matrix, Offer
from media.sfu.endpoint import Endpoint
from media.sfu.native.fanout import Native
from media.sfu.pair import EVERY, JITTER, LASTS, MAX_OPEN
from media.sfu.participant import Participant
from media.sfu.peer import ASK_EVERY, Peer
from media.sfu.stun import Credentials
from server.bench import ice
from server.bench.guest import Guest
from tests.media.bench import MIC, Bench
from tests.media.clients import clients
from tests.media.stage import InProcess, Stage, full, stage

NOBODY = Matrix({}, {}, frozenset())
MEDIA = b"\x80" + bytes(1199)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["127.0.0.1", "::1"])
async def endpoint(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Endpoint]:
    bound = await Endpoint.bind(request.param, 0)
    bound.clock = clock
    yield bound
    assert not bound.drops["handler"]
    bound.close()
    assert not bound.asked, "what was asked is forgotten with whom it was asked of"


def media(peer: Peer, count: int = 50) -> None:
    """What a conversation would send them meanwhile."""
    for _ in range(count):
        peer.send(MEDIA)


# ---------------------------------------------------------------- before anything is proven


async def test_no_media_goes_to_an_address_that_has_not_answered(endpoint: Endpoint) -> None:
    """A party names somebody else's address as the source of their checks: a socket that never answers."""
    peer = endpoint.add_peer()
    with clients(endpoint, peer, peer) as (home, victim):
        home.arrive()
        for _ in range(20):
            victim.check()
            media(peer)
            assert home.look().count(MEDIA) == 50, "it stays where it was"
        assert not [data for data in victim.look() if data[0] >= 20]


@pytest.mark.parametrize("nominated", [True, False])
@pytest.mark.parametrize("bare", [True, False])
async def test_no_more_goes_to_an_unproven_address_than_came_from_there(
    endpoint: Endpoint, clock: Clock, bare: bool, nominated: bool
) -> None:
    """The factor of reflection is 1 at most, in bytes and in datagrams, after each single check."""
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (victim,):
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
            peer.refresh(clock.now)
            peer.ask(clock.now)
            assert victim.received <= victim.sent
            assert len(victim.inbox) <= n + 1
        assert len(victim.inbox) > 50, "it is asked, all the same"


async def test_a_handshake_with_an_unproven_address_is_not_begun(endpoint: Endpoint) -> None:
    hello = b"\x16\xfe\xff" + bytes(8) + b"\x01\x2c\x01" + bytes(299)
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (victim,):
        victim.check()
        victim.send(hello)
        assert endpoint.drops["dtls"] == 1
        await peer._send(bytes(1200))
        assert not [data for data in victim.look() if data[0] >= 20]


async def test_the_trial_sends_nobody_more_than_came_from_there(endpoint: Endpoint) -> None:
    peer = endpoint.add_peer()
    trial = endpoint.trial.credentials
    with clients(endpoint, peer) as (victim,):
        for _ in range(20):
            request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{trial.ufrag}:"})
            request.add_message_integrity(trial.password.encode())
            victim.send(bytes(request)[:-8])
            assert victim.received <= victim.sent


async def test_nothing_is_asked_before_the_clients_password_is_known_and_then_at_once(endpoint: Endpoint) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        peer.clients.clear()
        client.check()
        assert client.look() == []
        peer.know(client.credentials.ufrag, client.credentials.password)
        client.answer()
        assert peer.remote == client.addr


# ---------------------------------------------------------------- whose an address is


async def test_a_check_in_anothers_name_does_not_take_their_picture(endpoint: Endpoint) -> None:
    """A party's check that says it comes from another party's address: known, and in use."""
    ann, eve = endpoint.add_peer(), endpoint.add_peer()
    taken: list[bytes] = []
    ann.on_media = taken.append
    with clients(endpoint, ann, eve) as (anns, eves):
        anns.arrive()
        eves.arrive()
        for _ in range(5):
            endpoint.doors[0].datagram_received(ice.check(eve.credentials, eves.credentials), anns.addr)
            anns.send(b"\x80hers")
            media(ann, 1)
            media(eve, 1)
        anns.answer()  # the server's checks for eve, which ann's browser finds unknown or signs with what is hers
        assert taken == [b"\x80hers"] * 5
        assert endpoint.by_address[anns.addr] is ann
        assert (ann.remote, eve.remote) == (anns.addr, eves.addr)
        assert anns.inbox.count(MEDIA) == 5
        eves.look()
        assert eves.inbox.count(MEDIA) == 5


async def test_an_answer_counts_only_from_where_it_was_asked_for(endpoint: Endpoint) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer, peer) as (one, two):
        one.check()
        (asked,) = one.asked()
        answer = ice.answer(asked, one.credentials)
        two.send(answer)
        assert (peer.remote, endpoint.drops["stun"]) == (None, 1)
        one.send(answer)
        assert peer.remote == one.addr


async def test_only_the_clients_own_answer_to_our_check_counts_and_only_once(endpoint: Endpoint) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
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
        heard = peer.heard
        assert peer.remote == client.addr
        client.send(genuine)
        assert peer.heard == heard


async def test_a_port_that_was_given_to_another_connection_is_the_others_once_it_has_answered(
    endpoint: Endpoint,
) -> None:
    """A browser closes a connection, and the next gets its port."""
    old, new = endpoint.add_peer(), endpoint.add_peer()
    with clients(endpoint, old) as (client,):
        client.arrive()
        client.credentials = Credentials("efgh", "the next connection's password")
        new.know(client.credentials.ufrag, client.credentials.password)
        client.check(server=new.credentials)
        assert (endpoint.by_address[client.addr], old.remote) == (old, client.addr)
        client.answer()
        assert (endpoint.by_address[client.addr], new.remote) == (new, client.addr)
        client.look()
        media(old)
        assert (old.remote, client.look()) == (None, []), "what was theirs is sent there no longer"


# ---------------------------------------------------------------- for how long


async def test_consent_is_asked_for_again_every_five_seconds_or_so(endpoint: Endpoint, clock: Clock) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.arrive()
        client.look()
        asked: list[float] = []
        for _ in range(6000):
            clock.now += 0.1
            peer.refresh(clock.now)
            asked += [clock.now] * client.answer()
        apart = [after - before for before, after in pairwise(asked)]
        assert min(apart) >= EVERY * (1 - JITTER)
        assert max(apart) <= EVERY * (1 + JITTER) + 0.11
        assert max(apart) - min(apart) > EVERY * JITTER, "not in step with anybody"
        assert peer.remote == client.addr


async def test_media_ends_thirty_seconds_after_the_last_answer(endpoint: Endpoint, clock: Clock) -> None:
    peer = endpoint.add_peer()
    person = Participant("ann", clock.now)
    person.publisher = Held(peer)  # type: ignore[assignment]
    with clients(endpoint, peer) as (client,):
        client.arrive()
        client.look()
        until = clock.now + LASTS
        while clock.now < until - 0.2:
            clock.now += 0.1
            client.send(b"\x80 what it sends is no consent to be sent to")
            person.watch(clock.now)
            peer.send(MEDIA)
            assert MEDIA in client.look()
        clock.now = until + 0.1
        person.watch(clock.now)
        media(peer)
        assert (client.look(), peer.remote, client.addr in endpoint.by_address) == ([], None, False)


class Held:
    """A connection of which only the transport matters."""

    ready, heard = False, 0

    def __init__(self, peer: Peer) -> None:
        self.peer = peer


async def test_what_was_lost_comes_back_only_with_an_ice_restart(endpoint: Endpoint, clock: Clock) -> None:
    """RFC 7675 5.1: the same credentials are not used on the same path again."""
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.arrive()
        clock.now += LASTS
        peer.refresh(clock.now)
        client.look()
        client.arrive()
        assert (peer.remote, client.look(), endpoint.drops["consent"]) == (None, [], 1)
        peer.restart()
        client.arrive()
        assert peer.remote == client.addr


@pytest.mark.parametrize("nominated", [True, False])
async def test_an_address_that_was_not_used_for_long_is_asked_anew(
    endpoint: Endpoint, clock: Clock, nominated: bool
) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer, peer) as (home, street):
        street.arrive()
        home.arrive()
        for _ in range(40):
            clock.now += 1.0
            peer.refresh(clock.now)
            home.answer()
        street.look()
        street.check(nominated)
        assert peer.remote == home.addr
        assert street.addr not in endpoint.by_address
        street.answer()
        assert peer.remote == (street.addr if nominated else home.addr)


async def test_who_forbids_it_is_sent_nothing_more(endpoint: Endpoint, clock: Clock) -> None:
    """RFC 7675 5.2, and nobody can forbid it in another's name."""
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.arrive()
        client.look()
        clock.now += EVERY * (1 + JITTER)
        peer.refresh(clock.now)
        (asked,) = client.asked()
        for password, remote in (("somebody else's password", client.addr), (client.credentials.password, None)):
            no = stun.Message(stun.Method.BINDING, stun.Class.ERROR, asked[8:20], {"ERROR-CODE": (403, "Forbidden")})
            no.add_message_integrity(password.encode())
            client.send(bytes(no))
            assert peer.remote == remote


# ---------------------------------------------------------------- moving


async def test_a_client_that_moves_is_followed_one_round_trip_after_its_check(endpoint: Endpoint) -> None:
    """From Wi-Fi to a mobile network, or to another port of a NAT: what goes where in between."""
    peer = endpoint.add_peer()
    with clients(endpoint, peer, peer) as (home, street):
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


async def test_fan_out_follows_and_stops_as_well(native: Native | None, clock: Clock) -> None:
    """The way packets go, in Python and in C."""
    endpoint = await Endpoint.bind("127.0.0.1", 0, 10**9, native)
    bench = Bench(endpoint)
    numbers = iter(range(10_000))

    def talk() -> int:
        for _ in range(5):
            seq = next(numbers)
            bench.send(MIC, seq, seq * 960, b"\x78sound")
        return len(bench.arrived())

    talk()
    bench.sink("mic").follow(bench.stream(MIC))
    assert talk() == 5
    peer = bench.subscriber.peer
    with clients(endpoint, peer) as (street,):
        street.check()
        assert talk() == 5
        street.answer()
        assert (talk(), len([data for data in street.look() if data[0] >= 128])) == (0, 5)
        peer.revoke()
        assert (talk(), len([data for data in street.look() if data[0] >= 128])) == (0, 0)
    assert endpoint.drops["send"] == 5
    bench.close()
    endpoint.close()


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
    places = {peer.remote for peer in engine.endpoint.peers}
    await guests["bob"].move()
    await flows()
    assert len(places & {peer.remote for peer in engine.endpoint.peers}) == 2, "ann stays, bob has moved"
    assert not {"media", "srtp"} & set(engine.endpoint.drops)
    for guest in guests.values():
        await guest.leave()
    await engine.stop()
    await reading


# ---------------------------------------------------------------- who is gone


async def test_a_question_is_a_check_the_client_can_verify(endpoint: Endpoint) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.check()
        question = stun.parse_message(client.asked()[0])
    assert question.check_message_integrity(client.credentials.password.encode())
    assert question.attributes["USERNAME"] == f"{client.credentials.ufrag}:{peer.credentials.ufrag}"
    assert "ICE-CONTROLLED" in question.attributes
    assert "FINGERPRINT" in question.attributes
    assert "USE-CANDIDATE" not in question.attributes


async def test_the_unanswered_are_asked_often_enough_before_they_count_as_gone(
    endpoint: Endpoint, clock: Clock
) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.arrive()
        client.look()
        begun = clock.now
        for tick in range(20, 56):  # of 50 ms: from one second of silence to 2.8
            peer.ask(begun + tick * 0.05)
        assert 6 <= len(client.asked()) <= 1.8 / ASK_EVERY + 1
        peer.close()
        peer.ask(begun + 10.0)
        assert client.look() == []


async def test_a_late_answer_counts_and_questions_nobody_answers_are_forgotten(
    endpoint: Endpoint, clock: Clock
) -> None:
    peer = endpoint.add_peer()
    with clients(endpoint, peer) as (client,):
        client.arrive()
        client.look()
        for n in range(1, MAX_OPEN + 2):
            peer.ask(clock.now + n * 0.4)
        first, second, *_ = client.asked()
        heard = peer.heard
        client.send(ice.answer(first, client.credentials))
        assert peer.heard == heard
        client.send(ice.answer(second, client.credentials))
        assert peer.heard == heard + 1
        assert len(endpoint.asked) < MAX_OPEN


@pytest.mark.media
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_whoever_goes_silent_is_noticed_within_three_seconds_and_nobody_else(address: str) -> None:
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
