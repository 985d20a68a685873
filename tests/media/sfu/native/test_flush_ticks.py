"""What the C receiver collects for a recorder is flushed once per flush tick, by all rooms together."""

from __future__ import annotations

import pytest

from media import FLUSH_INTERVAL, flush_tick
from media.engine import RouteMatrix
from media.sfu.native import NativeForwarder
from tests.media.sfu.native.receivers import library as library
from tests.media.wire import Wire

pytestmark = pytest.mark.native

ANN = frozenset({"ann"})


async def test_a_recorder_gets_what_collected_at_the_first_tick_of_a_turn(library: NativeForwarder) -> None:
    wire = await Wire.open(native=library)
    try:
        for name in ("ann", "bob"):
            wire.join(name)
        wire.route(RouteMatrix({"bob": ANN, "ann": frozenset()}, {"bob": ANN, "ann": frozenset()}, ANN))
        for _ in range(3):  # until C has them
            wire.send("ann", "mic")
        first = (flush_tick(wire.now) + 1) * FLUSH_INTERVAL + 0.01
        wire.room.tick(first)
        had = len(wire.recorded)
        for number in range(5):
            _, packet = wire._made(("ann", "mic", ""), False, False)
            wire.mux.sockets[0].datagram_received(packet, wire.clients["ann"].socket.getsockname())
            wire.room.tick(first + number * 0.05)
        assert len(wire.recorded) == had
        wire.room.tick(first + FLUSH_INTERVAL)
        assert len(wire.recorded) == had + 5
    finally:
        await wire.close()
