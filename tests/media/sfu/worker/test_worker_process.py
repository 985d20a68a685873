"""Worker processes: found, lost, replaced, ended."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from media.engine import MediaError, NotAdmitted, Offer, Recording, RoomLost, RouteMatrix, Segment, WorkerFull
from media.sfu.engine import EmbeddedEngine
from tests.media.stage import COMMAND, Stage, embedded, stage

pytestmark = pytest.mark.media


async def test_two_people_hear_and_see_each_other_through_a_worker_process(tmp_path: Path) -> None:
    async with stage(embedded(tmp_path)) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "mic").hz > 0 and ann.of("bob", "camera").frames >= 10)
        await bob.until(lambda: bob.of("ann", "mic").hz > 0 and bob.of("ann", "camera").frames >= 10)


async def test_a_cut_route_is_cut_for_everybody_within_200_ms(tmp_path: Path) -> None:
    async with stage(embedded(tmp_path)) as one:
        people = {name: await one.join(name) for name in ("med", "con", "bus")}
        await one.everybody_hears_everybody()
        for name, peer in people.items():
            others = [peer.of(other, "camera") for other in people if other != name]
            await peer.until(lambda others=others: all(seen.frames >= 5 for seen in others))  # type: ignore[misc]

        async def arrived() -> dict[str, int]:
            """Packets that came over each person's line so far, of all that is received."""
            counts = {}
            for name, peer in people.items():
                assert peer.receiving is not None
                stats = (await peer.receiving.getStats()).values()
                counts[name] = sum(s.packetsReceived for s in stats if s.type == "inbound-rtp")
            return counts

        asked = time.monotonic()
        caucus = {"med": frozenset({"con"}), "con": frozenset({"med"})}
        await one.engine.route("r", RouteMatrix(caucus, caucus, frozenset()))
        await asyncio.sleep(max(0.0, asked + 0.2 - time.monotonic()))  # what is promised
        before = await arrived()
        mic = people["con"].of("med", "mic")
        heard = mic.seconds
        await people["con"].until(lambda: mic.seconds > heard + 1.0)
        later = await arrived()
        assert later["bus"] == before["bus"]
        assert later["con"] > before["con"]


async def test_a_worker_process_serves_both_families_and_announces_only_what_it_serves(tmp_path: Path) -> None:
    hosts = ["127.0.0.1", "::1"]
    async with stage(EmbeddedEngine(1, hosts, 0, hosts, COMMAND, tmp_path, 0)) as one:
        ann, bob = await one.join("ann", address="::1"), await one.join("bob", address="127.0.0.1")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "mic").hz > 0)
        await bob.until(lambda: bob.of("ann", "mic").hz > 0)
    async with stage(EmbeddedEngine(1, hosts[:1], 0, ["2001:db8::7", *hosts[:1]], COMMAND, tmp_path, 0)) as one:
        await one.join("ann")
        await one.join("bob", sources=[])
        await one.everybody_hears_everybody()
        offer = await one.until(lambda e: isinstance(e, Offer) and e.participant == "bob")
        assert isinstance(offer, Offer)
        assert "2001:db8::7" not in offer.sdp
        assert "127.0.0.1" in offer.sdp


async def test_a_killed_worker_is_noticed_at_once_replaced_and_rooms_go_on(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    async with stage(engine) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await bob.until(lambda: bob.of("ann", "camera").frames >= 3)
        (pid,) = engine.pids
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        await one.until(lambda e: e == RoomLost("r"))
        assert time.monotonic() - killed < 1.0
        with pytest.raises(NotAdmitted):
            await engine.publish("r", "ann", "", {})
        await ann.hang_up()
        await bob.hang_up()
        ann, bob = await one.join("ann"), await one.join("bob")  # the matrix is remembered
        await bob.until(lambda: bob.of("ann", "camera").frames >= 3 and bob.of("ann", "mic").loud > 0.1)
        assert engine.pids != [pid]


async def test_closing_a_room_returns_after_its_segments(tmp_path: Path) -> None:
    async with stage(embedded(tmp_path)) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await one.everybody_hears_everybody(recorded=["ann", "bob"])
        await bob.until(lambda: bob.of("ann", "camera").frames >= 3)
        await one.until(lambda e: e == Recording("r", "ann", True))
        await one.until(lambda e: e == Recording("r", "bob", True))
        await one.engine.close_room("r")
        segments = await collected(one, 2)
        assert {segment.participant for segment in segments} == {"ann", "bob"}
        with pytest.raises(NotAdmitted):
            await one.engine.restart("r", "ann")


async def test_stopping_finishes_recordings_before_the_stream_of_events_ends(tmp_path: Path) -> None:
    async with stage(embedded(tmp_path)) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await one.everybody_hears_everybody(recorded=["ann"])
        await bob.until(lambda: bob.of("ann", "camera").frames >= 3)
        await one.until(lambda e: e == Recording("r", "ann", True))
    assert Recording("r", "ann", False, "server") in one.said(Recording)
    assert len(one.said(Segment)) == 1


async def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    await engine.start()
    (pid,) = engine.pids
    gone = os.pidfd_open(pid)
    # What a killed parent leaves behind: a socket that is closed.
    engine._workers[0]._channel._writer.transport.abort()  # type: ignore[union-attr]
    ended, _, _ = await asyncio.to_thread(select.select, [gone], [], [], 10)
    assert ended
    os.close(gone)
    await engine.stop()


async def test_rooms_are_spread_over_workers(tmp_path: Path) -> None:
    engine = embedded(tmp_path, workers=2)
    await engine.start()
    try:
        for room in ("a", "b", "c", "d"):
            await engine.admit(room, "ann")
        assert [len(engine._placement.rooms_on(n)) for n in (0, 1)] == [2, 2]
        assert engine._placement.worker_of("a") != engine._placement.worker_of("b")
    finally:
        await engine.stop()


async def test_a_full_worker_takes_no_new_room_but_keeps_its_own(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    await engine.start()
    try:
        await engine.admit("old", "ann")
        (worker,) = engine._workers
        assert worker is not None
        worker.load = {"packets": 10**6, "lag": 0.0}
        with pytest.raises(WorkerFull):
            await engine.admit("new", "ann")
        await engine.admit("old", "bob")
    finally:
        await engine.stop()


async def test_a_worker_that_hangs_is_as_dead_as_a_killed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.sfu.control.SILENT_FOR", 1.5)
    engine = embedded(tmp_path)
    await engine.start()
    events = engine.events()
    try:
        await engine.admit("r", "ann")
        os.kill(engine.pids[0], signal.SIGSTOP)
        assert await asyncio.wait_for(anext(events), 6) == RoomLost("r")
    finally:
        await engine.stop()


async def test_a_worker_that_cannot_start_is_an_error_not_a_wait(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, [], command, tmp_path, 0)
    with pytest.raises(MediaError, match="did not start"):
        await engine.start()


async def collected(one: Stage, count: int) -> list[Segment]:
    await one.until(lambda _: len(one.said(Segment)) >= count)
    return [event for event in one.said(Segment) if isinstance(event, Segment)]
