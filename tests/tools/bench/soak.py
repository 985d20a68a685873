"""What is left behind by rooms that open and close all the time: memory, descriptors, tasks, peers.

A real worker process with its recorder; the people are guests, who shake hands and send but encode nothing. Counts are
compared with those after one room's life, so that what a process opens once does not look like a leak. The slope of
memory says something only over a long run (`--minutes 60`); a short one reports it and is held to the counts.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from media.engine import Segment
from tests.tools.bench.media.sitting import Sitting, descriptors, resident
from tests.tools.figures import Figures

LIVE = 4  # rooms at any time
PEOPLE = 3
LIFE = 2.0  # seconds, once everybody receives everybody
MINUTES, MINUTES_QUICK = 10.0, 0.25
WARM_UP = 0.3  # of the time: pools and caches fill up
LONG = 5.0  # minutes from which the slope is held to its target
MOST_SLOPE = 1.0  # MiB an hour and live room
MIB = 1 << 20
COUNTS = ("peers", "ufrags", "addresses", "tasks", "rooms")


def measure(quick: bool, minutes: float | None = None) -> dict[str, Any]:
    figures = Figures()
    minutes = minutes or (MINUTES_QUICK if quick else MINUTES)
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        asyncio.run(_measure(figures, Path(folder), minutes * 60))
    for name in ("descriptors", *COUNTS):
        figures.at_most(f"leaked_{name}_count", 0)
    figures.at_least("rooms_count", 1)
    if minutes >= LONG:
        figures.at_most("mib_per_h_and_live_room", MOST_SLOPE)
    return figures.json()


async def _measure(figures: Figures, folder: Path, seconds: float) -> None:
    soak = _Soak(folder)
    await soak.sitting.start()
    try:
        await soak.room()
        before = await soak.counts()
        samples = await soak.run(seconds)
        after = await soak.counts()
    finally:
        await soak.sitting.stop()
    slope, span = rise([s for s in samples if s[0] >= samples[0][0] + WARM_UP * seconds])
    figures.values |= {
        "rooms_count": soak.opened,
        "segments_count": sum(isinstance(event, Segment) for event in soak.sitting.events),
        "packets_at_guests_count": soak.packets,
        "live_rooms_count": LIVE,
        "span_s": round(span, 1),
        "worker_before_mib": round(samples[0][1] / MIB, 2),
        "worker_after_mib": round(samples[-1][1] / MIB, 2),
        "mib_per_h_and_live_room": round(slope * 3600 / MIB / LIVE, 3),
    }
    for name, count in after.items():
        figures.values[f"leaked_{name}_count"] = max(0, count - before[name])


class _Soak:
    def __init__(self, folder: Path) -> None:
        self.opened = self.packets = 0
        self.sitting = Sitting(folder)
        self._numbers = itertools.count()

    async def run(self, seconds: float) -> list[tuple[float, int]]:
        """So many rooms at any time; returns the worker's memory over time, as (seconds, bytes)."""
        ends = time.monotonic() + seconds
        samples: list[tuple[float, int]] = []

        async def rooms() -> None:
            while time.monotonic() < ends:
                await self.room()

        async def sample() -> None:
            while True:
                samples.append((time.monotonic(), resident(self.sitting.pid)))
                await asyncio.sleep(1.0)

        sampling = asyncio.create_task(sample())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(LIVE):
                    group.create_task(rooms())
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)
        return samples

    async def room(self) -> None:
        """One room's life."""
        name = f"room-{next(self._numbers)}"
        try:
            await self.sitting.open(name, [f"p{n}" for n in range(PEOPLE)])
            await asyncio.sleep(LIFE)
            self.opened += 1
        finally:
            self.packets += await self.sitting.close(name)

    async def counts(self) -> dict[str, int]:
        """What the worker holds once it has nothing to do."""
        while (await self.sitting.next_load())["peers"]:
            continue
        load = await self.sitting.next_load()
        return {"descriptors": descriptors(self.sitting.pid), **{name: load[name] for name in COUNTS}}


def rise(samples: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The slope of the line that fits best (least squares), and the time from the first to the last sample."""
    n = len(samples)
    if n < 2:
        return 0.0, 0.0
    mean_x, mean_y = sum(x for x, _ in samples) / n, sum(y for _, y in samples) / n
    square = sum((x - mean_x) ** 2 for x, _ in samples)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in samples) / square if square else 0.0
    return slope, samples[-1][0] - samples[0][0]
