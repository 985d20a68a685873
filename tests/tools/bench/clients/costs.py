"""What the web process pays in CPU time: for one event that three seats see, and for a mediation's way in.

The real program in a process of its own, on SQLite and on PostgreSQL: all its threads, less what it takes while nobody
is there; the database's own processes do not count. Events come one by one, each waited for by everybody, as in a quiet
hour: where many come together they share transactions and are cheaper. The way in is that of a consumer and a business
from their links, with three previews by messengers each, to their places in the room, and of the mediator from the
page of the room; all three negotiate media.

CPU time is no property of a program alone: machines differ by three, and a core that others use as well has cold
caches. `yardstick_cpu_ms` is some fixed work, done in this process between the events. What is aimed at, 2 ms an event
and 0.2 s a way in, is meant for a core that does it in `STICK_MS`, so targets count in yardsticks of the same run.
`wire` is what the libraries alone take for an event: a message, its acknowledgement and three events of a view's size,
with no room behind them. No program on them can be cheaper.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import socketio
from aiohttp import web
from engineio import packet

from server.app.rehearsal import RehearsalReport, Visitor, expect
from server.app.rehearsal.command import Process, launched, throw_away
from server.app.rehearsal.person import Caller, View, arrived, seat_of
from server.app.rehearsal.story import MEDIATOR, PATTERNS, Story
from server.serving import loop_factory
from signaling.namespace import NAMESPACE, WireJson, event_text
from signaling.transport import SocketServer, uncounted
from tests import ROOT
from tests.tools.bench.media.accounts import seconds_of_process
from tests.tools.data.postgres import OWN, named, postgres
from tests.tools.figures import Figures

DATABASES = ("sqlite", "postgres")
MOST_EVENT_MS, MOST_WAY_S = 2.0, 0.2  # on a core of which the yardstick takes
STICK_MS = 0.87
WAYS, WAYS_QUICK = 5, 1  # behind one that does not count
LINES, LINES_QUICK = 54, 12  # at most 20 a seat at once
HANDS, HANDS_QUICK = 300, 36
APART = 0.035  # seconds; a seat may send 30 messages in one
IDLE, IDLE_QUICK = 3.0, 1.0  # seconds
TOGETHER = 6  # events that are one reading
VIEW = json.dumps({"view": "x" * 3000})

Act = Callable[[int], Awaitable[None]]


def measure_costs(figures: Figures, quick: bool) -> None:
    """Figures and targets of each of `DATABASES`, and of the wire."""
    sticks: list[float] = []
    for name in DATABASES:
        with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder, _database(name) as url:
            asyncio.run(_program(figures, name, url, Path(folder), quick, sticks))
    figures.values["wire_cpu_ms"] = round(asyncio.run(_wire(quick, sticks)), 3)
    figures.values["yardstick_cpu_ms"] = stick = round(median(sticks), 3)
    for name in DATABASES:
        for what, ms, most in (
            ("line", figures.values[f"{name}_line_cpu_ms"], MOST_EVENT_MS),
            ("hand", figures.values[f"{name}_hand_cpu_ms"], MOST_EVENT_MS),
            ("way_in", 1000 * figures.values[f"{name}_way_in_cpu_s"], 1000 * MOST_WAY_S),
        ):
            figures.values[f"{name}_{what}_yardsticks_ratio"] = round(ms / stick, 2)
            figures.at_most(f"{name}_{what}_yardsticks_ratio", round(most / STICK_MS, 2))


@contextmanager
def _database(name: str) -> Iterator[str]:
    """Its address; "" of the one that a data folder has."""
    with postgres(named() or OWN) if name == "postgres" else nullcontext("") as url:
        yield url


class _Cpu:
    """Of a process: milliseconds since `begin`, less what it takes by itself."""

    def __init__(self, pid: int) -> None:
        self._pid, self._idle = pid, 0.0
        self.begin()

    def begin(self) -> None:
        self._began, self._used = time.monotonic(), seconds_of_process(self._pid)

    @property
    def spent(self) -> float:
        used = seconds_of_process(self._pid) - self._used
        return 1000 * (used - self._idle * (time.monotonic() - self._began))

    async def rest(self, seconds: float) -> float:
        """Find out what it takes by itself: milliseconds a second."""
        self._idle = 0.0
        self.begin()
        await asyncio.sleep(seconds)
        self._idle = self.spent / 1000 / seconds
        return self._idle * 1000


class _Reader(Visitor):
    """Reads codes in the demo office's outbox, as a phone does by itself: what that costs is no part of the way in."""

    def __init__(self, desk: Visitor, cpu: _Cpu) -> None:
        super().__init__(desk.base)
        self._desk, self._cpu, self.aside = desk, cpu, 0.0

    async def get(self, path: str) -> Any:
        before = self._cpu.spent
        page = await self._desk.get(path)
        self.aside += self._cpu.spent - before
        return page


class _Mediations(Story):
    """One after another, each up to where everybody is in the room."""

    async def complaints(self, desk: Visitor) -> list[str]:
        found = re.findall(r'href="[^"]*?/complaints/(?!new)([\w-]+)"', (await desk.get("/complaints")).text)
        return list(dict.fromkeys(found))

    async def come(self, desk: Visitor, complaint: str, cpu: _Cpu) -> float:
        """Milliseconds for everybody's way in."""
        page = await desk.get(f"/complaints/{complaint}/schedule")
        page = await desk.submit(page, page.form("schedule"), at="now", send="yes")
        self.session = urlsplit(page.url).path.rsplit("/", 1)[1]
        links = list(dict.fromkeys(v for v in page.values if "/j/" in v and v.startswith("http")))
        expect(len(links) >= 2, f"no personal links on the session page: {page.values}")
        await asyncio.sleep(0.2)  # what follows from scheduling is no part of it
        cpu.begin()
        reader = _Reader(desk, cpu)
        async with reader:
            for role, link in zip(("consumer", "business"), links, strict=False):
                own = self._visitor()
                person = await arrived(own, reader, urlsplit(link).path, role, self.seen_on_the_way)
                self.callers[role] = Caller(person, PATTERNS[role], self.addresses)
                await person.ask("arrive")
            await self.open_room(desk)
            await self.admit()
            await self.meet()
            return cpu.spent - reader.aside

    async def go(self) -> None:
        for caller in self.callers.values():
            await caller.leave()
            await caller.person.hang_up()


async def _program(figures: Figures, name: str, url: str, folder: Path, quick: bool, sticks: list[float]) -> None:
    async def launch(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Process:
        return await launched(arguments, environment | ({"YUNTIAO_DATABASE_URL": url} if url else {}), log)

    async with throw_away(folder, "--workers", "1", launch=launch) as venue:
        assert venue.process is not None
        cpu = _Cpu(venue.process.pid)
        story = _Mediations(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
        try:
            async with Visitor(venue.url) as desk:
                await story.sign_in(desk, MEDIATOR)
                figures.values[f"{name}_idle_cpu_ms_per_s"] = round(await cpu.rest(IDLE_QUICK if quick else IDLE), 2)
                ways = []
                for complaint in (await story.complaints(desk))[: 1 + (WAYS_QUICK if quick else WAYS)]:
                    await story.go()
                    ways.append(await story.come(desk, complaint, cpu))
                    sticks.append(_yardstick())
                figures.values[f"{name}_way_in_cpu_s"] = round(median(ways[1:]) / 1000, 4)
                await _events(figures, name, story, cpu, quick, sticks)
        finally:
            await story.end()


async def _events(figures: Figures, name: str, story: _Mediations, cpu: _Cpu, quick: bool, sticks: list[float]) -> None:
    """Nobody sends sound or pictures meanwhile: media's own events are none of these."""
    for caller in story.callers.values():
        await caller.leave()
    people = [caller.person for caller in story.callers.values()]
    parties = ("consumer", "business")
    await asyncio.sleep(1)

    async def all_see(holds: Callable[[View], bool]) -> None:
        for person in people:
            await person.until(holds, "what was done")

    async def say(n: int) -> None:
        text = f"{n} 我在四月三日付了两千三百六十元，只用过一次。"
        await people[n % 3].ask("say", {"text": text, "to": ""})
        await all_see(lambda view: any(line["text"] == text for line in view["chat"]))

    async def raise_or_lower(n: int) -> None:
        role, raised = parties[n % 2], n % 4 < 2
        await story.callers[role].person.ask("set_hand", {"raised": raised})
        await all_see(lambda view: seat_of(view, role)["hand"] == raised)

    for what, act, count in (
        ("line", say, LINES_QUICK if quick else LINES),
        ("hand", raise_or_lower, HANDS_QUICK if quick else HANDS),
    ):
        figures.values[f"{name}_{what}_cpu_ms"] = round(await _each(act, count, cpu, sticks), 3)


async def _each(act: Act, count: int, cpu: _Cpu, sticks: list[float]) -> float:
    """Milliseconds for one of so many."""
    read = []
    for start in range(0, count, TOGETHER):
        cpu.begin()
        for n in range(start, start + TOGETHER):
            await act(n)
            await asyncio.sleep(APART)
        read.append(cpu.spent / TOGETHER)
        sticks.append(_yardstick())
    return median(read)


def _yardstick() -> float:
    """Milliseconds of CPU time."""
    began = time.thread_time()
    for _ in range(10):
        hashlib.sha256(json.dumps(json.loads(json.dumps({str(n): [n, str(n)] for n in range(100)}))).encode()).digest()
    return 1000 * (time.thread_time() - began)


# ------------------------------------------------------------ the wire alone


async def _wire(quick: bool, sticks: list[float]) -> float:
    command = (sys.executable, "-m", "tests.tools.bench.clients.costs")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    clients: list[socketio.AsyncClient] = []
    came = asyncio.Semaphore(0)

    async def on_view(_body: object) -> None:
        came.release()

    async def act(n: int) -> None:
        await clients[n % 3].call("set_hand", {"raised": True}, namespace=NAMESPACE)
        for _ in clients:
            await came.acquire()

    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        for _ in range(3):
            client = socketio.AsyncClient(reconnection=False)
            client.on("view", on_view, namespace=NAMESPACE)
            await client.connect(address, namespaces=[NAMESPACE], transports=["websocket"])
            clients.append(client)
        cpu = _Cpu(process.pid)
        await cpu.rest(IDLE_QUICK if quick else IDLE)
        return await _each(act, HANDS_QUICK if quick else HANDS, cpu, sticks)
    finally:
        for client in clients:
            await client.disconnect()
        process.kill()
        await process.wait()


class _NoRoom(socketio.AsyncNamespace):  # type: ignore[misc]  # the library has no types
    """Answers every message, and sends everybody a view."""

    def __init__(self) -> None:
        super().__init__(NAMESPACE)
        self._sids: list[str] = []

    async def trigger_event(self, event: str, *args: Any) -> Any:
        if event in ("connect", "disconnect"):
            self._sids += [args[0]] if event == "connect" else []
            return None
        text = event_text("view", VIEW)
        for sid in self._sids:
            engine = self.server.manager.eio_sid_from_sid(sid, NAMESPACE)
            await self.server.eio.send_packet(engine, packet.Packet(packet.MESSAGE, text))
        return {"ok": {}}


async def _serve() -> None:
    server = SocketServer(
        NAMESPACE, uncounted, lambda request: "", async_mode="aiohttp", cors_allowed_origins="*", json=WireJson
    )
    server.register_namespace(_NoRoom())
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve())
