"""People in real WebRTC over loopback: who receives whom, who is noticed, what is recorded."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from media.engine import (
    BadDescription,
    Connection,
    NotAdmitted,
    Offer,
    Quality,
    Recording,
    RouteMatrix,
    Segment,
    Speaking,
)
from media.sfu.sdp import Setup
from server.app.rehearsal.peer import Pattern, Peer
from tests.media.stage import InProcess, Stage, full, stage

pytestmark = pytest.mark.media


@pytest.fixture
async def one() -> AsyncIterator[Stage]:
    async with stage(InProcess()) as opened:
        yield opened


def taps(one: Stage) -> list[object]:
    """With what has collected for them so far."""
    assert isinstance(one.engine, InProcess)
    one.engine.room._egress.flush(unfinished=True)
    return list(one.engine.taps.opened)


async def test_what_arrives_is_what_the_other_one_sent(one: Stage) -> None:
    ann = await one.join("ann", pattern=Pattern((60, 90, 200), 440.0))
    bob = await one.join("bob", pattern=Pattern((200, 60, 60), 660.0))
    await one.everybody_hears_everybody()
    mic, camera = ann.of("bob", "mic"), ann.of("bob", "camera")
    await ann.until(lambda: abs(mic.hz - 660.0) < 8 and camera.frames >= 10)
    assert all(abs(a - b) < 12 for a, b in zip(camera.colour, (200, 60, 60), strict=True))
    mic, camera = bob.of("ann", "mic"), bob.of("ann", "camera")
    await bob.until(lambda: abs(mic.hz - 440.0) < 8 and camera.frames >= 10)
    assert all(abs(a - b) < 12 for a, b in zip(camera.colour, (60, 90, 200), strict=True))


async def test_before_a_matrix_names_them_nobody_is_even_offered(one: Stage) -> None:
    await one.join("ann")
    await one.join("bob")
    await one.connected("ann")
    await one.connected("bob")
    assert one.said(Offer) == []


async def test_a_newcomer_is_received_while_the_others_go_on(one: Stage) -> None:
    ann, bob = await one.join("ann"), await one.join("bob")
    await one.everybody_hears_everybody()
    await ann.until(lambda: ann.of("bob", "camera").frames >= 5)
    mids = {(t["participant"], t["source"]): t["mid"] for t in ann.tracks}
    cho = await one.join("cho", ["mic"])
    await one.everybody_hears_everybody()
    await ann.until(lambda: ann.of("cho", "mic").loud > 0.1)
    await cho.until(lambda: cho.of("ann", "camera").frames >= 5 and cho.of("bob", "mic").loud > 0.1)
    later = {(t["participant"], t["source"]): t["mid"] for t in ann.tracks}
    assert {key: later[key] for key in mids} == mids
    assert ("cho", "camera") not in later
    # Who leaves frees an m-line for the next of its kind.
    await one.engine.remove("r", "cho")
    await ann.until(lambda: not next(t for t in ann.tracks if t["participant"] == "cho")["active"])
    await cho.hang_up()
    await one.join("dan", ["mic"])
    await one.engine.route("r", full(["ann", "bob", "dan"]))
    await ann.until(lambda: ann.of("dan", "mic").loud > 0.1)
    assert len(ann.tracks) == len(later)
    assert bob.of("ann", "mic").loud > 0


async def test_who_is_muted_is_heard_no_more_and_then_again_without_an_offer(one: Stage) -> None:
    ann, bob = await one.join("ann"), await one.join("bob")
    await one.everybody_hears_everybody()
    mic, camera = ann.of("bob", "mic"), ann.of("bob", "camera")
    await ann.until(lambda: mic.loud > 0.3 and camera.frames >= 5)
    await one.until(lambda e: e == Speaking("r", "bob", True))
    offers = len(one.said(Offer))
    everybody = full(one.people)
    await one.engine.route(
        "r", RouteMatrix({"ann": frozenset(), "bob": frozenset({"ann"})}, everybody.sees, frozenset())
    )
    assert isinstance(one.engine, InProcess)
    downtrack = next(
        slot.downtrack
        for slot in one.engine.room.participants["ann"].subscriber.transceivers  # type: ignore[union-attr]
        if slot.key == ("bob", "mic")
    )
    assert downtrack is not None
    assert downtrack.track is None
    sent = downtrack.sent
    frames = camera.frames
    await ann.until(lambda: camera.frames >= frames + 5)
    assert downtrack.sent == sent, "not a packet after the mute"
    assert one.said(Speaking)[-1] == Speaking("r", "bob", False)
    loud = mic.loud
    await one.engine.route("r", everybody)
    await ann.until(lambda: mic.loud > loud + 0.3)
    assert len(one.said(Offer)) == offers
    assert bob.of("ann", "mic").loud > 0


async def test_somebody_speaks_while_they_are_loud(one: Stage) -> None:
    ann, bob = await one.join("ann"), await one.join("bob")
    bob.speak(False)
    await one.everybody_hears_everybody()
    await one.until(lambda e: e == Speaking("r", "ann", True))
    await bob.until(lambda: bob.of("ann", "mic").loud > 0.2)
    assert not [event for event in one.said(Speaking) if event == Speaking("r", "bob", True)]
    ann.speak(False)
    started = time.monotonic()
    await one.until(lambda e: e == Speaking("r", "ann", False))
    assert 0.5 < time.monotonic() - started < 2.0
    bob.speak(True)
    await one.until(lambda e: e == Speaking("r", "bob", True))


async def test_silence_shows_within_three_and_a_half_seconds_and_is_forgiven(one: Stage) -> None:
    ann, bob = await one.join("ann"), await one.join("bob")
    await one.everybody_hears_everybody()
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
    since, started = len(one.events), time.monotonic()
    ann.go_silent()
    await one.until(lambda e: e == Connection("r", "ann", "disconnected"), since=since)
    assert 2.5 < time.monotonic() - started <= 3.5
    await one.until(lambda e: e == Quality("r", "ann", 1), since=since)
    since = len(one.events)
    ann.speak_again()
    await one.until(lambda e: e == Connection("r", "ann", "connected"), since=since)
    frames = bob.of("ann", "camera").frames
    await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 5)


async def test_a_connection_is_rated_after_a_while(one: Stage) -> None:
    await one.join("ann")
    await one.join("bob")
    await one.everybody_hears_everybody()
    assert await one.until(lambda e: isinstance(e, Quality) and e.level == 4)


async def test_a_recording_takes_sound_and_picture_until_consent_is_withdrawn(one: Stage) -> None:
    await one.join("ann")
    bob = await one.join("bob")
    await one.everybody_hears_everybody(recorded=["ann"])
    await one.until(lambda e: e == Recording("r", "ann", True))
    await bob.until(lambda: bob.of("ann", "camera").frames >= 10)
    (tap,) = taps(one)
    assert set(tap.packets) == {"mic", "camera"}  # type: ignore[attr-defined]
    numbers = tap.packets["mic"]  # type: ignore[attr-defined]
    assert numbers == [(numbers[0] + n) & 0xFFFF for n in range(len(numbers))]
    await one.everybody_hears_everybody(recorded=[])
    assert tap.closed == "consent"  # type: ignore[attr-defined]
    await one.engine.close_room("r")
    assert [event.participant for event in one.said(Segment) if isinstance(event, Segment)] in (["ann"], [])
    await one.until(lambda e: isinstance(e, Segment) and e.participant == "ann")


async def test_who_is_muted_is_not_recorded_speaking(one: Stage) -> None:
    await one.join("ann")
    bob = await one.join("bob")
    everybody = full(one.people)
    muted = RouteMatrix({"ann": frozenset({"bob"})}, everybody.sees, frozenset({"ann"}))
    await one.engine.route("r", muted)
    await bob.until(lambda: bob.of("ann", "camera").frames >= 10)
    (tap,) = taps(one)
    assert set(tap.packets) == {"camera"}  # type: ignore[attr-defined]


async def test_a_recording_ends_with_the_one_who_leaves(one: Stage) -> None:
    await one.join("ann")
    bob = await one.join("bob")
    await one.everybody_hears_everybody(recorded=["ann", "bob"])
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
    await one.until(lambda e: e == Recording("r", "ann", True))
    await one.engine.remove("r", "ann")
    assert {tap.participant: tap.closed for tap in taps(one)} == {"ann": "left", "bob": ""}  # type: ignore[attr-defined]
    with pytest.raises(NotAdmitted):
        await one.engine.restart("r", "ann")


async def test_who_comes_back_with_a_new_page_goes_on_in_the_next_recording(one: Stage) -> None:
    ann, bob = await one.join("ann"), await one.join("bob")
    await one.everybody_hears_everybody(recorded=["ann"])
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5)
    await one.until(lambda e: e == Recording("r", "ann", True))
    await ann.hang_up()
    await one.join("ann", pattern=Pattern((10, 200, 10), 520.0))
    await bob.until(lambda: abs(bob.of("ann", "mic").hz - 520.0) < 8)
    await one.until(lambda e: e == Recording("r", "ann", False, "disconnected"))
    assert [tap.closed for tap in taps(one)] == ["disconnected", ""]  # type: ignore[attr-defined]


async def test_an_answer_to_nothing_and_a_stranger_are_refused(one: Stage) -> None:
    with pytest.raises(NotAdmitted):
        await one.engine.publish("r", "eve", "v=0", {})
    await one.engine.admit("r", "ann")
    with pytest.raises(BadDescription):
        await one.engine.answer("r", "ann", "v=0")
    with pytest.raises(BadDescription):
        await one.engine.publish("r", "ann", "v=0", {})


async def test_the_server_can_be_asked_for_fresh_credentials(one: Stage) -> None:
    await one.join("ann")
    bob = await one.join("bob")
    await one.everybody_hears_everybody()
    await bob.until(lambda: bob.of("ann", "camera").frames >= 3)
    await one.until(lambda e: isinstance(e, Offer) and e.participant == "bob")
    since = len(one.events)
    before = [e for e in one.said(Offer) if isinstance(e, Offer) and e.participant == "bob"][-1]
    await one.engine.restart("r", "bob")
    after = await one.until(lambda e: isinstance(e, Offer) and e.participant == "bob", since=since)
    assert isinstance(after, Offer)
    assert ufrags(after.sdp).isdisjoint(ufrags(before.sdp))
    # The old ones still work until the new ones are used, so nothing is interrupted.
    frames = bob.of("ann", "camera").frames
    await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 5)


def ufrags(sdp: str) -> set[str]:
    return {line for line in sdp.splitlines() if line.startswith("a=ice-ufrag:")}


async def test_first_sound_and_picture_come_within_a_second(one: Stage) -> None:
    await one.join("ann")
    await one.everybody_hears_everybody()
    await one.connected("ann")
    started = time.monotonic()
    bob = await one.join("bob")
    await one.everybody_hears_everybody()
    await asyncio.gather(
        bob.until(lambda: bob.of("ann", "camera").frames > 0), bob.until(lambda: bob.of("ann", "mic").frames > 0)
    )
    assert time.monotonic() - started < 1.0


async def test_a_conversation_over_ipv6() -> None:
    async with stage(InProcess("::1")) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "camera").frames >= 5 and ann.of("bob", "mic").loud > 0.2)
        await bob.until(lambda: bob.of("ann", "camera").frames >= 5 and bob.of("ann", "mic").loud > 0.2)


class DecidedPeer(Peer):
    """Says who begins the handshake, in its offers as in its answers."""

    setup: ClassVar[Setup]

    async def _set_local(self, connection: RTCPeerConnection, description: RTCSessionDescription) -> None:
        decided = re.sub(r"a=setup:\w+", f"a=setup:{self.setup}", description.sdp)
        await super()._set_local(connection, RTCSessionDescription(decided, description.type))


class ActivePeer(DecidedPeer):
    setup = "active"


class PassivePeer(DecidedPeer):
    setup = "passive"


@pytest.mark.parametrize("kind", [ActivePeer, PassivePeer])
async def test_whoever_begins_the_handshake_talks_and_goes_on_when_somebody_joins(
    one: Stage, kind: type[DecidedPeer]
) -> None:
    ann, bob = await one.join("ann", kind=kind), await one.join("bob")
    await one.everybody_hears_everybody()
    await ann.until(lambda: ann.of("bob", "camera").frames >= 5 and ann.of("bob", "mic").loud > 0.2)
    await bob.until(lambda: bob.of("ann", "camera").frames >= 5 and bob.of("ann", "mic").loud > 0.2)
    offers = ann.offers
    carl = await one.join("carl")
    await one.everybody_hears_everybody()
    await ann.until(lambda: ann.offers > offers and ann.of("carl", "camera").frames >= 5)
    await carl.until(lambda: carl.of("ann", "camera").frames >= 5)
    assert isinstance(one.engine, InProcess)
    ours = {transport.role for transport in one.engine.room.participants["ann"].transports}
    assert ours == {"server" if kind is ActivePeer else "client"}
