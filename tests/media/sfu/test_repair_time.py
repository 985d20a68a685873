"""Repair has its share of a worker's time: what comes in order goes first, and what is stale is not repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media.sfu.native import NativeForwarder
from tests.media.wire import Wire, matrix


@pytest.fixture
async def wire(native: NativeForwarder | None) -> AsyncIterator[Wire]:
    opened = await Wire.open(native=native)
    for name in ("ann", "bob"):
        opened.join(name)
    opened.route(matrix("bob<ann"))
    yield opened
    await opened.close()


def film(wire: Wire, packets: int) -> None:
    for n in range(packets):
        wire.send("ann", "screen", key=n == 0)


def repeated(wire: Wire) -> set[int]:
    """Asks for everything of late again, and returns what came twice."""
    got = wire.clients["bob"].got
    before = len(got)
    wire.ask_again("bob")
    return set(got[before:])


async def test_what_is_asked_for_while_repair_has_had_its_time_is_not_repeated_and_pictures_go_on(wire: Wire) -> None:
    film(wire, 10)
    assert repeated(wire)
    wire.mux.repair_time.tokens = -10.0
    assert not repeated(wire)
    assert wire.mux.drops["repair"] > 0
    number = wire.send("ann", "screen")
    assert number in wire.clients["bob"].got
    wire.mux.repair_time.tokens = 0.02
    assert repeated(wire), "later it is"


async def test_what_is_skipped_while_repair_has_had_its_time_is_not_asked_for(wire: Wire) -> None:
    film(wire, 10)
    publisher = wire.clients["ann"].publisher
    (track,) = publisher.tracks.values()
    wire.mux.repair_time.tokens = -10.0
    wire.hold("ann", "screen")
    assert (track.gaps, len(track.nacks)) == (1, 0)
    wire.mux.repair_time.tokens = 0.02
    wire.hold("ann", "screen")
    assert (track.gaps, len(track.nacks)) == (2, 1)
    left = wire.mux.repair_time.tokens
    track.send_nack(wire.now)
    assert wire.mux.repair_time.tokens < left < 0.02, "asking takes of the time as well"


async def test_pictures_before_a_key_frame_that_has_long_come_are_not_repeated(wire: Wire) -> None:
    film(wire, 10)
    film(wire, 10)
    assert min(repeated(wire)) < 10, "while the key frame may not be complete"
    wire.now += 0.5
    wire.send("ann", "screen")
    found = repeated(wire)
    assert found
    assert min(found) >= 10
