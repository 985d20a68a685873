"""Not one packet leaves against the routes in force: caucus, mute, waiting room, not recorded.

Proven on the datagrams themselves, decrypted as their receivers would, with everything that could bring old packets
back: asking again, repetitions, kept key frames, late packets, reports.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media.engine import RouteMatrix
from media.sfu.native import NativeForwarder
from tests.media.wire import SOURCES, Wire, matrix

TOGETHER = matrix("med<con,bus con<med,bus bus<med,con", recorded=["med", "con", "bus"])
CAUCUS = matrix("med<con con<med")  # mediator and consumer alone; nobody of them is recorded


@pytest.fixture
async def wire(native: NativeForwarder | None) -> AsyncIterator[Wire]:
    opened = await Wire.open(native=native)
    yield opened
    await opened.close()


def talk(wire: Wire, names: str, packets: int = 6, key: bool = False) -> list[int]:
    """Everybody named sends of everything they have; sound also in its redundant form."""
    numbers = []
    for n in range(packets):
        for name in names.split():
            numbers.append(wire.send(name, "mic", repeat=n % 2 == 1))
            for layer in ("h", "l"):
                numbers.append(wire.send(name, "camera", layer, key=key and n == 0))
            numbers.append(wire.send(name, "screen", key=key and n == 0))
    return numbers


def whose(wire: Wire, numbers: list[int]) -> set[tuple[str, str]]:
    return {wire.sent[number].flow[:2] for number in numbers}


def gather(wire: Wire) -> None:
    """Three people, everything flowing, everything recorded."""
    for name in ("med", "con", "bus"):
        wire.join(name, redundant=name != "med")
    wire.route(TOGETHER)
    talk(wire, "med con bus", key=True)
    talk(wire, "med con bus", key=True)
    everything = {(name, source) for name in ("med", "con", "bus") for source in SOURCES}
    assert whose(wire, wire.recorded) == everything
    for name, client in wire.clients.items():
        assert whose(wire, client.got) == {(other, source) for other, source in everything if other != name}


async def test_of_a_caucus_not_one_packet_leaves_for_the_other_side_or_the_recorder(wire: Wire) -> None:
    gather(wire)
    late = [wire.hold("con", "mic"), wire.hold("med", "camera", "h")]
    wire.route(CAUCUS)
    began, recorded = len(wire.sent), len(wire.recorded)
    talk(wire, "med con", key=True)
    for name in ("med", "con"):
        wire.report(name)
    wire.ask_again("bus")  # also what was said before
    wire.release()  # what was on its way when the doors closed
    wire.tick(1.1)
    talk(wire, "bus", key=True)  # who is left alone is heard by nobody either
    assert [n for n in wire.clients["bus"].got if n >= began] == []
    assert wire.recorded[recorded:] == []
    assert not set(late) & {*wire.clients["bus"].got, *wire.recorded}
    assert whose(wire, [n for n in wire.clients["con"].got if n >= began]) == {("med", s) for s in SOURCES}
    assert whose(wire, [n for n in wire.clients["med"].got if n >= began]) == {("con", s) for s in SOURCES}


async def test_of_a_caucus_nothing_comes_out_when_it_is_over(wire: Wire) -> None:
    """Kept key frames, packets asked for again, repetitions inside the first packets after it, late packets."""
    gather(wire)
    wire.route(CAUCUS)
    began = len(wire.sent)
    talk(wire, "med con", key=True)
    wire.hold("con", "mic")
    wire.hold("con", "camera", "l")
    ended, reports = len(wire.sent), wire.clients["bus"].reports
    wire.route(TOGETHER)
    wire.ask_again("bus")
    wire.release()
    for name in ("med", "con"):
        wire.send(name, "mic", repeat=True)
        wire.send(name, "camera", "l")
        wire.report(name)
    wire.ask_again("bus", back=200)
    talk(wire, "med con", key=True)
    wire.ask_again("bus", back=200)
    private = set(range(began, ended))
    assert not private & set(wire.clients["bus"].got)
    assert not private & set(wire.recorded)
    # And it does go on together.
    assert whose(wire, [n for n in wire.clients["bus"].got if n >= ended]) == {
        (name, source) for name in ("med", "con") for source in SOURCES
    }
    assert wire.clients["bus"].reports > reports


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        pytest.param(
            RouteMatrix(matrix("med<bus bus<med con<med,bus").hears, TOGETHER.sees, TOGETHER.recorded),
            {("con", "camera"), ("con", "screen")},
            id="muted",
        ),
        pytest.param(matrix("med<bus bus<med", recorded=["med", "bus"]), set(), id="sent back to the waiting room"),
        pytest.param(matrix(), set(), id="recess"),
        pytest.param(
            RouteMatrix(TOGETHER.hears, TOGETHER.sees, frozenset({"med", "bus"})),
            {("con", source) for source in SOURCES},
            id="not recorded",
        ),
    ],
)
async def test_what_is_cut_is_cut_for_good(wire: Wire, cut: RouteMatrix, kept: set[tuple[str, str]]) -> None:
    gather(wire)
    wire.hold("con", "mic")
    wire.hold("con", "screen")
    wire.route(cut)
    began, recorded = len(wire.sent), len(wire.recorded)
    talk(wire, "con", key=True)
    wire.report("con")
    wire.ask_again("bus")
    wire.release()
    wire.tick(1.1)
    talk(wire, "con")
    assert whose(wire, [n for n in wire.clients["bus"].got if n >= began]) == kept
    taken = whose(wire, [n for n in wire.recorded[recorded:] if n >= began])
    assert taken == (kept if "con" in cut.recorded else set())
    wire.route(TOGETHER)
    ended = len(wire.sent)
    wire.ask_again("bus", back=200)
    talk(wire, "con", key=True)
    hidden = {n for n in range(began, ended) if wire.sent[n].flow[:2] not in kept}
    assert not hidden & set(wire.clients["bus"].got)


async def test_who_comes_in_gets_nothing_of_what_was_before(wire: Wire) -> None:
    wire.join("med")
    wire.join("con")
    wire.route(matrix("med<con con<med", recorded=["med", "con"]))
    talk(wire, "med con", key=True)
    before = len(wire.sent)
    wire.join("bus")
    talk(wire, "med con", key=True)
    assert wire.clients["bus"].got == [], "waiting at the door"
    admitted = len(wire.sent)
    wire.route(TOGETHER)
    talk(wire, "med con")
    wire.ask_again("bus", back=200)
    assert not [n for n in wire.clients["bus"].got if n < admitted]
    assert {s for _, s in whose(wire, wire.clients["bus"].got)} == {"mic"}, "a picture begins with its key frame"
    talk(wire, "med con", key=True)
    assert {s for _, s in whose(wire, wire.clients["bus"].got)} == set(SOURCES)
    assert before < admitted
