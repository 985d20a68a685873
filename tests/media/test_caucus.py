"""From the mediator's tap to the datagrams: of a talk in private, and of a whisper, nothing leaves for anybody else.

The session decides and states its routes; the engine obeys them; every datagram that leaves it is decrypted as its
receiver would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media.sfu.native import NativeForwarder
from rooms import commands as c
from rooms.media.forwarding import engine_matrix
from rooms.vocabulary import FloorChannel, Side
from tests.media.test_isolation import talk, whose
from tests.media.wire import SOURCES, Wire
from tests.rooms.caucus.test_caucus import LAW, TWO, full
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, SUPERVISOR, M, Scene, party, system
from tests.rooms.supervision.test_observation import LOOK, SV as WATCHER

ALL = " ".join((M, CO, BU, LAW, TWO))


@pytest.fixture
async def wire(native: NativeForwarder | None) -> AsyncIterator[Wire]:
    opened = await Wire.open(native=native)
    yield opened
    await opened.close()


class Table:
    """A session and the wire under it: what is decided is routed."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.scene = wire, full(LAW, TWO)
        for seat in ALL.split():
            wire.join(seat, redundant=seat != M)
        self.ask(c.SetHand(True), CONSUMER)
        talk(wire, ALL, key=True)
        talk(wire, ALL, key=True)

    def ask(self, command: c.Command, *actor: object) -> Scene:
        self.scene.ask(command, *actor)  # type: ignore[arg-type]
        self.wire.route(engine_matrix(self.scene.state))
        return self.scene

    def said(self) -> range:
        """Everybody sends everything; old packets are asked for again."""
        began = len(self.wire.sent)
        talk(self.wire, ALL, key=True)
        for seat in ALL.split():
            self.wire.report(seat)
            self.wire.ask_again(seat, back=200)
        self.wire.tick(1.1)
        return range(began, len(self.wire.sent))

    def got(self, seat: str, numbers: range) -> set[tuple[str, str]]:
        return whose(self.wire, [n for n in self.wire.clients[seat].got if n in numbers])


def of(*seats: str) -> set[tuple[str, str]]:
    return {(seat, source) for seat in seats for source in SOURCES}


def mics(*seats: str) -> set[tuple[str, str]]:
    return {(seat, "mic") for seat in seats}


async def test_of_a_private_talk_not_one_packet_leaves_for_the_other_side_or_the_recorder(wire: Wire) -> None:
    table = Table(wire)
    late = [wire.hold(BU, "mic"), wire.hold(M, "camera", "h")]
    table.ask(c.StartCaucus(Side.BUSINESS))
    recorded = len(wire.recorded)
    wire.release()
    numbers = table.said()
    assert table.got(CO, numbers) == table.got(TWO, numbers) == set()
    assert wire.recorded[recorded:] == []
    assert not set(late) & {*wire.clients[CO].got, *wire.recorded}
    assert table.got(M, numbers) == of(BU, LAW)
    assert table.got(BU, numbers) == of(M, LAW)
    # Nothing of it comes out afterwards either, and everybody goes on together.
    table.ask(c.EndCaucus())
    after = table.said()
    assert not set(numbers) & {*wire.clients[CO].got, *wire.clients[TWO].got, *wire.recorded}
    assert table.got(CO, after) == of(M, BU, LAW, TWO)


async def test_from_one_side_to_the_other_neither_gets_a_packet_of_the_other(wire: Wire) -> None:
    table = Table(wire)
    table.ask(c.StartCaucus(Side.BUSINESS))
    first = table.said()
    table.ask(c.StartCaucus(Side.CONSUMER, (TWO,)))
    second = table.said()
    assert not set(first) & {*wire.clients[CO].got, *wire.clients[TWO].got}
    assert not set(second) & {*wire.clients[BU].got, *wire.clients[LAW].got}
    assert table.got(CO, second) == of(M, TWO)


@pytest.mark.parametrize("meanwhile", ["reconnecting", "restarted", "recess"])
async def test_whatever_happens_in_a_private_talk_nobody_else_gets_a_packet_of_it(wire: Wire, meanwhile: str) -> None:
    table = Table(wire)
    table.ask(c.StartCaucus(Side.BUSINESS))
    if meanwhile == "recess":
        table.ask(c.StartRecess())
    elif meanwhile == "reconnecting":
        system(table.scene, c.NoteConnection(BU, False, "media"))
        wire.route(engine_matrix(table.scene.state))
    else:
        system(table.scene, c.Resume())
        wire.route(engine_matrix(table.scene.state))
    numbers = table.said()
    assert table.got(CO, numbers) == set()
    if meanwhile == "recess":
        assert all(table.got(seat, numbers) == set() for seat in ALL.split())


async def test_of_a_whisper_nobody_else_hears_a_packet_and_nothing_is_recorded(wire: Wire) -> None:
    table = Table(wire)
    table.ask(c.StartConsulting(BU), party(LAW))
    recorded = len(wire.recorded)
    numbers = table.said()
    for other in (M, CO, TWO):
        assert not table.got(other, numbers) & mics(BU, LAW)
        assert table.got(other, numbers) & {(BU, "camera")}, "they are still seen"
    assert table.got(BU, numbers) >= mics(LAW, M, CO, TWO), "and still hear the room"
    assert not whose(wire, wire.recorded[recorded:]) & of(BU, LAW)
    table.ask(c.EndConsulting(), BUSINESS)
    table.said()
    assert not {n for n in numbers if wire.sent[n].flow[:2] in mics(BU, LAW)} & {
        *wire.clients[M].got,
        *wire.clients[CO].got,
        *wire.recorded,
    }


async def test_who_oversees_gets_the_room_and_not_one_packet_of_what_is_private(wire: Wire) -> None:
    table = Table(wire)
    wire.join(WATCHER)
    before = table.said()
    assert table.got(WATCHER, before) == set(), "nothing before the room has been told"
    table.ask(LOOK, SUPERVISOR)
    together = table.said()
    assert table.got(WATCHER, together) == of(M, CO, BU, LAW, TWO)
    # What they send all the same is for nobody, and in no recording.
    sent = len(wire.sent)
    talk(wire, WATCHER, key=True)
    forged = set(range(sent, len(wire.sent)))
    assert forged
    for seat in ALL.split():
        assert not forged & {*wire.clients[seat].got}
    assert not forged & {*wire.recorded}
    for side in Side:
        late = wire.hold(M, "mic")
        table.ask(c.StartCaucus(side))
        wire.release()
        private = table.said()
        wire.report(WATCHER)
        wire.ask_again(WATCHER, back=200)
        assert table.got(WATCHER, private) == set()
        assert late not in wire.clients[WATCHER].got
        table.ask(c.EndCaucus())
        table.said()
        assert not set(private) & {*wire.clients[WATCHER].got}, "nor does it come out afterwards"
    table.ask(c.StartConsulting(BU), party(LAW))
    whisper = table.said()
    assert not table.got(WATCHER, whisper) & mics(BU, LAW)
    table.ask(c.EndConsulting(), BUSINESS)
    table.ask(c.Leave(), SUPERVISOR)
    gone = table.said()
    assert table.got(WATCHER, gone) == set(), "nothing once they have left"


async def test_the_interpreters_channel_carries_what_its_listener_chose(wire: Wire) -> None:
    table = Table(wire)
    table.ask(c.ChooseChannel(FloorChannel.INTERPRETER), CONSUMER)
    table.ask(c.ChooseChannel(FloorChannel.FLOOR), BUSINESS)
    numbers = table.said()
    heard = {seat: {one for one, source in table.got(seat, numbers) if source == "mic"} for seat in (M, CO, BU)}
    assert heard == {M: {CO, BU, LAW, TWO}, CO: {TWO}, BU: {M, CO, LAW}}
    assert table.got(CO, numbers) >= {(M, "camera"), (BU, "camera")}
