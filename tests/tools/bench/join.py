"""How long a party waits: from the mediator's tap that lets them in, and from the return after a lost connection.

One throw-away office, one session with three people over the real paths. Again and again the consumer arrives on a
fresh socket, is admitted, sees and hears, loses the connection without a goodbye, comes back and leaves. The synthetic
people encode and decode in this process, on the cores the server uses as well.

What it costs the media worker, in CPU time of its process, for each person who joins: all of both connections (room,
descriptions, checks, handshakes, everybody else's new offers), nothing sent yet.

And how long until everybody's large picture is there, in rooms of three and of eight that begin (`gallery`), on a good
line and on one of 400 kbit/s, where the sound must not suffer from finding that out.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from server.app.rehearsal import RehearsalReport
from server.app.rehearsal.command import throw_away
from server.app.rehearsal.person import Caller, seat_of
from server.app.rehearsal.story import MEDIATOR, PATTERNS, Story
from server.serving import loop_factory
from tests.tools.bench.loss import Steady
from tests.tools.bench.media.accounts import seconds_of_process
from tests.tools.bench.media.gallery import Beginning, begin
from tests.tools.bench.media.network import Condition
from tests.tools.bench.media.sitting import Sitting
from tests.tools.figures import Figures, quantile

JOINS, JOINS_QUICK = 24, 3
LEAST_ROUND = 1.6  # seconds: who negotiates more than three times a second for long is refused
MOST_SECONDS = 1.0  # median
OTHERS = ("mediator", "business")
GOOD = Condition(delay=0.02, rate=20_000_000)
NARROW = Condition(delay=0.04, jitter=0.01, rate=400_000)
ROOM_SECONDS, ROOM_SECONDS_QUICK = 10.0, 4.0
MOST_UNTIL_LARGE = 3.0
MOST_MUTE = 0.5
FILLED = {3: 20, 8: 8, 14: 4}  # size -> rooms that fill up one after the other; 14 is as many as may publish a screen
FILLED_QUICK, WARM = 1, 1  # rooms of each size, and of these at first that do not count
SIZES, SIZES_QUICK = (3, 8), (3,)  # of rooms that begin
MOST_CPU = 13.0  # ms a peer: LiveKit's


@dataclass
class Waits:
    """Seconds of every round."""

    audio: list[float] = field(default_factory=list)
    frame: list[float] = field(default_factory=list)
    everybody: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    waits = asyncio.run(_measure(JOINS_QUICK if quick else JOINS))
    figures.values["joins"] = len(waits.audio)
    for name, seconds in (
        ("tap_to_first_audio_s", waits.audio),
        ("tap_to_first_frame_s", waits.frame),
        ("tap_to_everybody_s", waits.everybody),
        ("back_after_drop_s", waits.back),
    ):
        figures.values[f"median_{name}"] = round(median(seconds), 3)
        figures.values[f"p95_{name}"] = round(quantile(seconds, 0.95), 3)
    for name in ("median_tap_to_first_audio_s", "median_tap_to_first_frame_s", "median_back_after_drop_s"):
        figures.at_most(name, MOST_SECONDS)
    asyncio.run(_cost(figures, quick))
    _begin_rooms(figures, quick)
    return figures.json()


async def _cost(figures: Figures, quick: bool) -> None:
    """Rooms on a real worker process. The figure is their median."""
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        sitting = Sitting(Path(folder))
        await sitting.start()
        try:
            for size, rooms in list(FILLED.items())[: 2 if quick else None]:
                names = [f"p{n}" for n in range(size)]
                cost = []
                for n in range(WARM + (FILLED_QUICK if quick else rooms)):
                    before = seconds_of_process(sitting.pid)
                    await sitting.join(f"room{size}-{n}", names)
                    cost.append((seconds_of_process(sitting.pid) - before) / size * 1000)
                    await sitting.close(f"room{size}-{n}")
                name = f"worker_cpu_ms_per_peer_room{size}"
                figures.values[f"least_{name}"] = round(min(cost[WARM:]), 2)
                figures.values[name] = round(median(cost[WARM:]), 2)
                figures.at_most(name, MOST_CPU)
        finally:
            await sitting.stop()


def _begin_rooms(figures: Figures, quick: bool) -> None:
    seconds = ROOM_SECONDS_QUICK if quick else ROOM_SECONDS
    for size in SIZES_QUICK if quick else SIZES:
        good = _room(size, GOOD, seconds)
        name = f"room{size}_everybody_large_s"
        figures.values[name] = round(min(seconds, max(good.large)), 2)  # the whole time: never
        figures.values[f"room{size}_padding_share"] = round(good.padding, 4)
        figures.at_most(name, MOST_UNTIL_LARGE)
    narrow = _room(3, NARROW, seconds)
    figures.values["narrow_longest_mute_s"] = round(max(narrow.mutes), 2)
    figures.values["narrow_heard_share"] = round(min(narrow.heard), 3)
    figures.at_most("narrow_longest_mute_s", MOST_MUTE)


def _room(size: int, condition: Condition, seconds: float) -> Beginning:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(begin(size, condition, seconds, Path(folder), Steady()))


async def _measure(joins: int) -> Waits:
    waits = Waits()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        async with throw_away(Path(folder)) as venue:
            await _Rounds(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",)).play_rounds(joins, waits)
    return waits


class _Rounds(Story):
    """The story up to the point where everybody is in the room, then the consumer's coming and going."""

    async def play_rounds(self, joins: int, waits: Waits) -> None:
        desk = self._visitor()
        try:
            await self.sign_in(desk, MEDIATOR)
            await self.schedule(desk)
            for role in ("consumer", "business"):
                await self.arrive(desk, role)
            await self.open_room(desk)
            await self.admit()
            await self.meet()
            await self._leave()
            for _ in range(joins):
                began = time.monotonic()
                await self._join(waits)
                await self._come_back(waits)
                await self._leave()
                await asyncio.sleep(max(0.0, began + LEAST_ROUND - time.monotonic()))
        finally:
            await self._end()

    async def _join(self, waits: Waits) -> None:
        caller = await self._fresh()
        await caller.person.ask("arrive")
        mediator = self.callers["mediator"].person
        view = await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "waiting", "an arrival")
        tapped = time.monotonic()
        await mediator.ask("admit", {"seat": seat_of(view, "consumer")["id"]})
        await caller.person.until(lambda view: seat_of(view, "consumer")["status"] == "present", "being admitted")
        await caller.join()
        await self._met(caller)
        sounds, pictures = self._firsts(caller, "mic"), self._firsts(caller, "camera")
        waits.audio.append(min(sounds) - tapped)
        waits.frame.append(min(pictures) - tapped)
        waits.everybody.append(max(*sounds, *pictures) - tapped)

    async def _come_back(self, waits: Waits) -> None:
        caller, mediator = self.callers["consumer"], self.callers["mediator"].person
        await caller.leave(silently=True)
        await caller.person.hang_up()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "reconnecting", "the drop to show")
        returned = time.monotonic()
        caller = await self._fresh()
        await caller.person.until(lambda view: seat_of(view, "consumer")["status"] == "present", "the same seat")
        await caller.join()
        await self._met(caller)
        waits.back.append(max(min(self._firsts(caller, "mic")), min(self._firsts(caller, "camera"))) - returned)

    async def _leave(self) -> None:
        caller, mediator = self.callers["consumer"], self.callers["mediator"].person
        await caller.leave()
        await caller.person.ask("leave")
        await caller.person.hang_up()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "left", "the leaving")

    async def _fresh(self) -> Caller:
        """A new page of the same person: nothing received, nothing negotiated."""
        person = self.callers["consumer"].person
        await person.connect()
        caller = self.callers["consumer"] = Caller(person, PATTERNS["consumer"], self.addresses)
        return caller

    async def _met(self, caller: Caller) -> None:
        """Until sound and picture of both others have come; a frame is enough to have seen somebody."""
        await caller.peer.until(
            lambda: all(caller.peer.of(self._seat(who), kind).first for who in OTHERS for kind in ("mic", "camera"))
        )

    def _firsts(self, caller: Caller, kind: Any) -> list[float]:
        return [caller.peer.of(self._seat(who), kind).first for who in OTHERS]

    async def _end(self) -> None:
        for caller in self.callers.values():
            await caller.leave()
            await caller.person.hang_up()
        for visitor in self._visitors:
            await visitor.__aexit__()
