"""Two nodes, two databases of which one stands by and a store of files, each on a machine of its own, and rooms full of
people who talk: any one process or link is taken away at random, again and again.

What is taken away comes back after some seconds, as a machine's own watchdog would see to, and the next goes when all
is whole again. In every fourth room the mediator talks to one side alone all the time, and what the other hears of it
is counted. In every fifth room lines are written: each time all is whole again the room must take one, and those
that were acknowledged must be in the journal once. In the end each room is closed and its package verified. What is
chosen follows from `SEED` (YUNTIAO_BENCH_SEED).

Needs namespaces (root), nginx and PostgreSQL. A store that forgets what it had when it is killed (moto) only loses its
link; with MinIO it is killed too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rooms.events import stream
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.server.db.test_group_commit import whole
from tests.server.serving.nodes.house import NAMES, Estate, Node, estate
from tests.server.serving.nodes.pair import Server, Steward, children
from tests.server.serving.nodes.rooms import Room, Writer
from tests.tools.bench.media.accounts import command_of
from tests.tools.figures import Figures, quantile

SEED = int(os.environ.get("YUNTIAO_BENCH_SEED", "96"))
ROOMS, ROOMS_QUICK = 20, 2
MINUTES = 10.0
QUICK = ("database",)
"""What is taken away when it is to be quick: what most hangs on."""
AWAY: Final = (1.0, 10.0)  # seconds that something is gone
PAUSE: Final = (0.5, 4.0)  # seconds in which all is well
MOST_BACK: Final = 15.0
MISSED: Final = 1.0
"""Seconds after which something that is gone is missed."""
WHOLE: Final = 90.0
"""Seconds for everything to be there again; then nobody waits for it any more."""

Kind = str


@dataclass
class _Found:
    """`back`: of each kind of event, how long each room was without somebody's sound."""

    back: dict[Kind, list[float]] = field(default_factory=dict)
    events: list[tuple[float, Kind, str]] = field(default_factory=list)
    missing: int = 0  # rooms that were not back in time
    acknowledged: int = 0
    mute: int = 0  # times that a whole room took no line
    lost: int = 0
    packages: int = 0
    bad: list[str] = field(default_factory=list)
    outside: int = 0
    private: int = 0
    refused: int = 0
    entries: int = 0

    @property
    def all(self) -> list[float]:
        return [seconds for some in self.back.values() for seconds in some]


def measure(quick: bool, minutes: float | None = None) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        found = asyncio.run(_measure(Path(folder), quick and minutes is None, minutes or MINUTES))
    back = found.all
    kinds = Counter(kind for _, kind, _ in found.events)
    figures.values = {
        "seed_level": SEED,
        "rooms_level": ROOMS_QUICK if quick else ROOMS,
        "events_level": len(found.events),
        **{f"{kind}_events_level": number for kind, number in sorted(kinds.items())},
        "outages_level": len(back),
        "back_p50_s": round(quantile(back, 0.5), 2) if back else 0.0,
        "back_p95_s": round(quantile(back, 0.95), 2) if back else 0.0,
        "back_most_s": round(max(back, default=0.0), 2),
        **{f"{kind}_back_p95_s": round(quantile(some, 0.95), 2) for kind, some in sorted(found.back.items()) if some},
        "not_back_level": found.missing,
        "sent_away_level": found.refused,
        "private_rooms_level": found.private,
        "packets_outside_level": found.outside,
        "acknowledged_level": found.acknowledged,
        "mute_level": found.mute,
        "acknowledged_lost_level": found.lost,
        "log_entries_level": found.entries,
        "packages_level": found.packages,
        "packages_bad_level": len(found.bad),
    }
    figures.at_most("back_most_s", MOST_BACK)
    figures.at_least("events_level", len(QUICK))
    figures.at_least("acknowledged_level", 1)
    figures.at_least("packages_level", figures.values["rooms_level"])
    for what in ("not_back", "sent_away", "packets_outside", "mute", "acknowledged_lost"):
        figures.at_most(f"{what}_level", 0)
    figures.at_most("packages_bad_level", 0)
    return figures.json() | {"misses": [{"package": bad} for bad in found.bad], "events": found.events}


async def _measure(folder: Path, quick: bool, minutes: float) -> _Found:
    found = _Found()
    async with estate(folder) as here, Steward(here.databases) as steward:
        if not here.net.apart:
            raise RuntimeError("machines with links of their own need root")
        await here.fill(ROOMS_QUICK if quick else ROOMS)
        chaos = _Chaos(here, steward, found)
        await chaos.begin()
        await chaos.run(0.0 if quick else minutes * 60)
        await chaos.end()
    return found


class _Chaos:
    def __init__(self, here: Estate, steward: Steward, found: _Found) -> None:
        self._here, self._steward, self._found = here, steward, found
        self._rng = random.Random(SEED)
        self._writers: list[Writer] = []
        self._private: list[Room] = []

    async def begin(self) -> None:
        rooms = self._here.rooms.all
        self._private = rooms[::4]
        for room in self._private:
            await room.part()
        await self._here.rooms.until_whole(WHOLE)
        together = [room for room in rooms if not room.apart]  # in a private talk lines go to its sides only
        self._writers = [Writer(room) for room in together[::4]]
        await self._lines_are_taken()
        for room in rooms:
            room.outages.clear()

    async def run(self, seconds: float) -> None:
        """`seconds` 0: what is in `QUICK`, once, and of nodes one with a room."""
        began = time.monotonic()
        events = self._events()
        kinds = sorted(events) if seconds else list(QUICK)
        while kinds if not seconds else time.monotonic() < began + seconds:
            kind = self._rng.choice(kinds) if seconds else kinds.pop(0)
            some = events[kind]
            if not seconds and kind == "node":
                owners = self._here.owners().values()
                some = [one for one in some if one[0] in owners]
            name, act = self._rng.choice(some)
            self._found.events.append((round(time.monotonic() - began, 1), kind, name))
            await act(self._rng.uniform(*AWAY) if seconds else AWAY[0])
            await self._all_well(kind)
            await asyncio.sleep(self._rng.uniform(*PAUSE) if seconds else 0.0)

    def _events(self) -> dict[Kind, Sequence[tuple[str, Callable[[float], Awaitable[None]]]]]:
        here, databases = self._here, self._here.databases
        nodes = list(here.nodes.values())
        links = here.net.machines

        def of(node: Node, act: Callable[[Node, float], Awaitable[None]]) -> tuple[str, Any]:
            return node.name, lambda away: act(node, away)

        async def cut(name: str, away: float) -> None:
            links[name].cut()
            await asyncio.sleep(away)
            links[name].mend()

        events: dict[Kind, Sequence[tuple[str, Callable[[float], Awaitable[None]]]]] = {
            "node": [of(node, _killed) for node in nodes],
            "worker": [of(node, _worker_killed) for node in nodes],
            "jobs": [of(node, _jobs_killed) for node in nodes],
            "database": [("primary", lambda away: _database_killed(databases.primary))],
            "standby": [("standby", lambda away: _database_killed(databases.standby))],
            "node_link": [(name, lambda away, name=name: cut(name, away)) for name in NAMES],  # type: ignore[misc]
            "database_link": [
                ("primary", lambda away: cut(databases.primary.name, away)),
                ("standby", lambda away: cut(databases.standby.name, away)),
            ],
            "store_link": [("o", lambda away: cut("o", away))],
        }
        if here.store.lasts:
            events["store"] = [("o", self._store_killed)]
        return events

    async def _store_killed(self, away: float) -> None:
        await self._here.store.kill()
        await asyncio.sleep(away)
        await self._here.store.start()

    async def _all_well(self, kind: Kind) -> None:
        """Every room and everything under it; and how long each room took."""
        rooms = self._here.rooms
        await asyncio.sleep(MISSED)
        self._steward.whole.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WHOLE):
                await self._steward.whole.wait()
                for node in self._here.nodes.values():
                    while not await _ready(node):  # noqa: ASYNC110 - another process tells nobody
                        await asyncio.sleep(0.5)
                await rooms.until_whole(WHOLE)
        took, now = self._found.back.setdefault(kind, []), time.monotonic()
        for room in rooms.all:
            if room.quiet is not None:
                self._found.missing += 1
                took.append(now - room.quiet)
            took += [end - begin for begin, end in room.outages]
            room.outages.clear()
        await self._lines_are_taken()

    async def _lines_are_taken(self) -> None:
        """However long an outage and a busy machine made a line wait that was asked for before."""
        more = await asyncio.gather(*(writer.more(1, WHOLE) for writer in self._writers), return_exceptions=True)
        self._found.mute += sum(one is not None for one in more)

    async def end(self) -> None:
        found, here = self._found, self._here
        for writer in self._writers:
            await writer.stop()
        found.private, found.outside = len(self._private), sum(room.leaked for room in self._private)
        found.refused = sum(len(seat.refused) for room in here.rooms.all for seat in room.seats.values())
        await self._count_lines()
        closed = []
        for room in here.rooms.all:
            try:
                await here.rooms.close(room)
                closed.append(room)
            except TimeoutError as no:
                found.bad.append(f"{room.session}: it could not be closed: {no}")
        for room, package in zip(closed, await here.packages(closed, NAMES[0]), strict=True):
            found.packages += 1
            if package.codes:
                found.bad.append(f"{room.session}: {' '.join(package.codes)}")

    async def _count_lines(self) -> None:
        database = Database(self._here.url)
        try:
            for writer in self._writers:
                events = await SqlJournal(database).read(stream(writer.room.session))
                said = Counter(event.data["text"] for event in events if event.type == "Said")
                self._found.acknowledged += len(writer.acknowledged)
                self._found.lost += sum(said[words] != 1 for words in writer.acknowledged)
            self._found.entries = await whole(database)
        finally:
            await database.close()


async def _killed(node: Node, away: float) -> None:
    """With its media worker and its jobs, as by a loss of power; then it is started again."""
    await node.venue.kill()
    await asyncio.sleep(away)
    await node.venue.start()


async def _worker_killed(node: Node, away: float) -> None:
    for pid in node.workers():
        os.kill(pid, signal.SIGKILL)


async def _jobs_killed(node: Node, away: float) -> None:
    for pid in await asyncio.to_thread(children, node.program()):
        with contextlib.suppress(OSError):
            if "server.serving.jobs" in command_of(pid):
                os.kill(pid, signal.SIGKILL)


async def _database_killed(server: Server) -> None:
    await server.kill()


async def _ready(node: Node) -> bool:
    try:
        _, writer = await asyncio.open_connection(node.machine.host, int(node.venue.url.rpartition(":")[2]))
    except OSError:
        return False
    writer.close()
    return True
