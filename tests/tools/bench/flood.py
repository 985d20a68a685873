"""What a flood of foreign datagrams does to live rooms: nothing, but for the time it takes to drop them.

A real worker process with its recorder and rooms of guests; a stranger in a process of its own sends to the same port,
kind by kind, until the worker has counted so many dropped. The last kind comes from the guests' own addresses. Beside
the lag under flood stands the lag before it, because other programs make a loop late as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from media.engine import Connection, RoomLost
from tests.tools.bench.media.flooder import KINDS, forged_media
from tests.tools.bench.media.sitting import Sitting, resident
from tests.tools.figures import Figures, quantile

ROOMS, PEOPLE = 10, 2
COUNT, COUNT_QUICK = 1_000_000, 15_000  # of each kind
RATE = 20_000  # datagrams a second
FULL = 1_100  # packets at each guest, from when on every history is full
BEFORE = 5.0
TRIES = 6  # the kernel drops what a busy worker does not fetch: the rest is sent again
FORGED_AT_ONCE = 50
MOST_LAG, MOST_GROWTH = 50.0, 5.0  # ms, MiB
MIB = 1 << 20
COUNTED = {  # kind -> causes the worker counts it under
    "empty": ("empty",),
    "random": ("media", "stun", "dtls", "unknown"),
    "client_hello": ("dtls",),
    "stun_unknown": ("stun",),
    "stun_wrong_password": ("integrity",),
    "media": ("media",),
    "forged_media": ("srtp", "ssrc"),
}


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        asyncio.run(_measure(figures, Path(folder), COUNT_QUICK if quick else COUNT, RATE))
    figures.at_least("counted_of_each_kind_count", COUNT_QUICK if quick else COUNT)
    figures.at_most("loop_lag_ms_p99", MOST_LAG)
    figures.at_most("worker_growth_mib", MOST_GROWTH)
    figures.at_most("state_changes_count", 0)
    figures.at_most("guests_cut_off_count", 0)
    return figures.json()


async def _measure(figures: Figures, folder: Path, count: int, rate: int) -> None:
    sitting = Sitting(folder)
    await sitting.start()
    try:
        names = [f"p{n}" for n in range(PEOPLE)]
        for n in range(ROOMS):
            await sitting.open(f"room-{n}", names)
        while min(guest.received for guest in sitting.guests.values()) < FULL:
            await sitting.next_load()
        await _flood(figures, sitting, count, rate)
    finally:
        await sitting.stop()


async def _flood(figures: Figures, sitting: Sitting, count: int, rate: int) -> None:
    watch = asyncio.create_task(_watch(sitting, lags := []))  # type: ignore[var-annotated]
    try:
        idle = await _cpu_over(sitting, BEFORE)
        before, lags[:] = list(lags), []
        memory, events = resident(sitting.pid), len(sitting.events)
        cut_off, least = 0, count
        async with _stranger() as order:
            for kind in COUNTED:
                heard = [guest.received for guest in sitting.guests.values()]
                counted, cpu, wall = await _one_kind(sitting, kind, count, rate, order)
                least = min(least, counted)
                figures.values[f"us_per_datagram_{kind}"] = round(max(0.0, cpu - idle * wall) / counted * 1e6, 2)
                figures.values[f"datagrams_per_s_{kind}"] = round(counted / wall)
                now = [guest.received for guest in sitting.guests.values()]
                cut_off += sum(b <= a for a, b in zip(heard, now, strict=True))
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    changes = [e for e in sitting.events[events:] if isinstance(e, (Connection, RoomLost))]
    figures.values |= {
        "rooms_count": ROOMS,
        "counted_of_each_kind_count": least,
        "loop_lag_before_ms_p99": quantile(before, 0.99),
        "loop_lag_ms_p99": quantile(lags, 0.99),
        "worker_growth_mib": round((resident(sitting.pid) - memory) / MIB, 2),
        "state_changes_count": len(changes),
        "guests_cut_off_count": cut_off,
    }


async def _one_kind(sitting: Sitting, kind: str, count: int, rate: int, order: Any) -> tuple[int, float, float]:
    """Until the worker has counted so many: how many it has, its CPU seconds and the seconds it took."""
    start, cpu, began = _dropped(sitting, kind), cpu_seconds(sitting.pid), time.perf_counter()
    counted = 0
    for _ in range(TRIES):
        if kind == "forged_media":
            await _forge(sitting, count - counted, rate)
        else:
            await order(sitting, kind, count - counted, rate)
        spent, wall = cpu_seconds(sitting.pid) - cpu, time.perf_counter() - began
        await sitting.next_load()
        counted = _dropped(sitting, kind) - start
        if counted >= count:
            break
    return max(1, counted), spent, wall


def _dropped(sitting: Sitting, kind: str) -> int:
    drops = sitting.load["drops"]
    return sum(drops.get(cause, 0) for cause in COUNTED[kind])


async def _forge(sitting: Sitting, count: int, rate: int) -> None:
    """Media that is not theirs, from the guests' own addresses."""
    shapes = [forged_media() for _ in range(64)]
    guests, began = list(sitting.guests.values()), time.perf_counter()
    for sent in range(0, count, FORGED_AT_ONCE):
        for n in range(FORGED_AT_ONCE):
            guests[(sent + n) % len(guests)].forge(shapes[n % len(shapes)])
        await asyncio.sleep(max(0.0, began + sent / rate - time.perf_counter()))


async def _watch(sitting: Sitting, lags: list[float]) -> None:
    while True:
        lags += (await sitting.next_load())["late_ms"]


async def _cpu_over(sitting: Sitting, seconds: float) -> float:
    """Share of a core the worker takes."""
    cpu, began = cpu_seconds(sitting.pid), time.perf_counter()
    await asyncio.sleep(seconds)
    return (cpu_seconds(sitting.pid) - cpu) / (time.perf_counter() - began)


@contextlib.asynccontextmanager
async def _stranger() -> AsyncIterator[Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.tools.bench.media.flooder",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def order(sitting: Sitting, kind: str, count: int, rate: int) -> None:
        given = {
            "kind": kind,
            "count": count,
            "rate": rate,
            "server": ["127.0.0.1", sitting.port],
            "ufrags": [guest.server_ufrag for guest in sitting.guests.values()],
        }
        stdin.write(json.dumps(given).encode() + b"\n")
        await stdin.drain()
        if not await stdout.readline():
            raise RuntimeError("the stranger has given up")

    try:
        yield order
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


assert KINDS.keys() < COUNTED.keys()
