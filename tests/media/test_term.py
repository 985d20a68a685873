"""Media whose time is over: nothing comes in, goes out or is recorded, also of what waited while a process stood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from math import inf
from pathlib import Path

import pytest

from journal.clock import lease_clock
from media.engine import RoomLost
from media.sfu.native import NativeForwarder
from tests.media.stage import embedded, stage
from tests.media.test_isolation import gather, talk
from tests.media.wire import Wire


@pytest.fixture
async def wire(native: NativeForwarder | None) -> AsyncIterator[Wire]:
    opened = await Wire.open(native=native)
    yield opened
    opened.mux.hold(inf)  # in C it is the whole process's
    await opened.close()


async def test_past_its_time_not_one_packet_is_taken_sent_or_recorded_and_with_more_time_they_are(wire: Wire) -> None:
    gather(wire)
    wire.mux.hold(lease_clock() - 0.001)
    began, recorded = len(wire.sent), len(wire.recorded)
    late = [wire.hold("con", "mic"), wire.hold("med", "camera", "h")]
    talk(wire, "med con bus", key=True)
    wire.ask_again("bus")
    wire.release()
    assert {name: [n for n in client.got if n >= began] for name, client in wire.clients.items()} == {
        "med": [], "con": [], "bus": []
    }  # fmt: skip
    assert wire.recorded[recorded:] == []
    wire.mux.hold(lease_clock() + 60)
    after = len(wire.sent)
    talk(wire, "med con bus", key=True)
    for client in wire.clients.values():
        assert [n for n in client.got if n >= after]
        assert not set(late) & {*client.got}


@pytest.mark.media
async def test_a_worker_that_is_told_no_more_ends_its_rooms_and_serves_them_again_when_it_is(tmp_path: Path) -> None:
    engine = embedded(tmp_path, leased=True)
    engine.hold(lease_clock() + 3600)
    async with stage(engine) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "mic").hz > 0)
        engine.hold(lease_clock())
        await one.until(lambda event: event == RoomLost("r"))
        engine.hold(lease_clock() + 3600)
        for peer in (ann, bob):
            await peer.hang_up()
        again = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await again[0].until(lambda: again[0].of("bob", "mic").hz > 0)
