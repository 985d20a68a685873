"""What a restart costs the people of a live room: an orderly one (SIGTERM) beside a power cut (SIGKILL).

Three people see and hear each other in the real program, which is stopped and started again on the same data, in a
process of its own with everything to load. They come back as pages do: after half a second, then each second. Times
count from the signal; `back` is when somebody has their seat again and media are joined. Where there is a Chromium,
three of its pages go through the same, unless it is to be quick; they are `back` when everybody else's picture moves in
them again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import socketio

from server import serving
from server.app.rehearsal.command import Venue, launched
from server.app.rehearsal.person import RoomFault
from tests.browser.play import ROLES, Play
from tests.machine import browser
from tests.server.app.application import demo_program
from tests.survival.pages import three_pages
from tests.survival.sitting import Sitting, sitting
from tests.tools.figures import Figures, quantile

ROUNDS, ROUNDS_QUICK = 5, 1
MOST_BACK: Final = 5.0
MOST_GONE: Final = 5.0
DELAYS: Final = (0.5, 1.0)
"""As `web/frontend/src/room/signal.ts` has them."""
_ASKED: Final = 20


@dataclass
class _Times:
    gone: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    found = asyncio.run(_measure(ROUNDS_QUICK if quick else ROUNDS, figures))
    for how, times in found.items():
        for name, seconds in (("gone", times.gone), ("ready", times.ready), ("back", times.back)):
            figures.values[f"{how}_{name}_p50_s"] = round(quantile(seconds, 0.5), 2)
            figures.values[f"{how}_{name}_p95_s"] = round(quantile(seconds, 0.95), 2)
    figures.values["stopped_beside_killed_ratio"] = round(
        quantile(found["stopped"].back, 0.5) / quantile(found["killed"].back, 0.5), 2
    )
    figures.at_most("stopped_gone_p95_s", MOST_GONE)
    figures.at_most("stopped_back_p95_s", MOST_BACK)
    figures.at_most("killed_back_p95_s", MOST_BACK)
    figures.at_most("health_cpu_s", 0.05)
    if not quick and browser() is not None:
        back = asyncio.run(_pages(ROUNDS))
        figures.values["pages_back_p50_s"] = round(quantile(back, 0.5), 2)
        figures.values["pages_back_p95_s"] = round(quantile(back, 0.95), 2)
        figures.at_most("pages_back_p95_s", MOST_BACK)
    return figures.json()


async def _measure(rounds: int, figures: Figures) -> dict[str, _Times]:
    found = {"stopped": _Times(), "killed": _Times()}
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        async with sitting(Path(folder)) as here:
            here.venue.launch = launched
            figures.values["health_cpu_s"] = await _health(here.venue)
            for _ in range(rounds):
                for how, times in found.items():
                    await _restart(here, _terminate if how == "stopped" else _kill, times)
                    await here.all_meet()
    return found


async def _restart(here: Sitting, end: Callable[[int], None], times: _Times) -> None:
    assert here.venue.process is not None
    began = time.monotonic()
    end(here.venue.process.pid)
    coming = [asyncio.create_task(_come_back(here, role, began)) for role in here.callers]
    await here.venue.process.wait()
    times.gone.append(time.monotonic() - began)
    await here.venue.start()
    times.ready.append(time.monotonic() - began)
    times.back += await asyncio.gather(*coming)


async def _come_back(here: Sitting, role: str, began: float) -> float:
    """Seconds since the signal."""
    for tried in range(100):
        await asyncio.sleep(DELAYS[min(tried, len(DELAYS) - 1)])
        try:
            await here.come_back(role)
        except (aiohttp.ClientError, socketio.exceptions.ConnectionError, RoomFault, TimeoutError):
            continue
        return time.monotonic() - began
    raise RuntimeError(f"{role} did not come back")


# Notes in each page when which of the others' pictures moved.
_WATCH: Final = """(seats) => {
  const frames = new Map();
  window.moves = Object.fromEntries(seats.map((seat) => [seat, []]));
  setInterval(() => {
    for (const seat of seats) {
      const video = document.querySelector(`video[data-seat="${seat}"][data-source="camera"]`);
      const now = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (video && frames.get(video) !== undefined && now > frames.get(video)) window.moves[seat].push(Date.now());
      if (video) frames.set(video, now);
    }
  }, 50);
}"""
# Milliseconds from a moment to the end of the longest time in which a picture stood still since, of the picture that
# was last; null while one has not moved for long enough to be sure.
_BACK: Final = """(since) => {
  const ends = Object.values(window.moves).map((moves) => {
    const after = [since, ...moves.filter((at) => at > since)];
    const gaps = after.slice(1).map((at, i) => [at - after[i], at]);
    const [gap, end] = gaps.reduce((most, one) => (one[0] > most[0] ? one : most), [0, 0]);
    return gap > 500 && Date.now() - end > 2000 ? end - since : null;
  });
  return ends.includes(null) ? null : Math.max(...ends);
}"""


async def _pages(rounds: int) -> list[float]:
    """Seconds from SIGTERM until everybody's picture moves again, for each page of a mediator and two parties."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yuntiao-bench-")))
        venue = await stack.enter_async_context(demo_program(folder))
        venue.launch = launched
        play = await stack.enter_async_context(three_pages(venue, folder))
        seats = {role: await play.seat(role) for role in ROLES}
        for role in ROLES:
            await play.page(role).evaluate(_WATCH, [seats[other] for other in ROLES if other != role])
        back: list[float] = []
        for _ in range(rounds):
            await asyncio.sleep(3)
            assert venue.process is not None
            since = time.time() * 1000
            _terminate(venue.process.pid)
            await venue.process.wait()
            await venue.start()
            back += await asyncio.gather(*(_moving_again(play, role, since) for role in ROLES))
        return back


async def _moving_again(play: Play, role: str, since: float) -> float:
    page = play.page(role)
    async with asyncio.timeout(60):
        while (took := await page.evaluate(_BACK, since)) is None:  # noqa: ASYNC110 - it answers only when asked
            await asyncio.sleep(0.2)
    return float(took) / 1000


def _terminate(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def _kill(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)


async def _health(venue: Venue) -> float:
    """Processor seconds of one `yuntiao health`, the least of several: what else the machine does only adds to it."""
    least = float("inf")
    for _ in range(_ASKED):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        asked = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "health", stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, "YUNTIAO_DATA": str(venue.data)},
        )  # fmt: skip
        if await asked.wait() != 0 or not serving.ask_health(venue.data)[0]:
            raise RuntimeError("it is not ready")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return round(least, 3)
