"""Rooms of guests on a real worker process with its recorder, and what that process says of itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import MediaEvent, Offer, RouteMatrix, Segment
from media.sfu.control import MediaLimits
from media.sfu.engine import EmbeddedEngine
from tests.tools.bench.media.guest import Guest

ARRIVED = 50  # packets at each person: sound and pictures of everybody flow
WITHIN = 30.0  # seconds
MOST_EVENTS = 100_000


class Sitting:
    def __init__(self, folder: Path) -> None:
        self.guests: dict[tuple[str, str], Guest] = {}
        self.events: list[MediaEvent] = []
        self._folder = folder
        command = [sys.executable, "-m", "server.rooms.worker"]
        # Whether the machine is too busy for rooms is not the question here.
        self._engine = EmbeddedEngine(
            1, ["127.0.0.1"], 0, ["127.0.0.1"], command, folder / "recordings", 0, MediaLimits(lag=60.0)
        )
        self._certificate = RTCCertificate.generateCertificate()
        self._offers: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None]

    async def start(self) -> None:
        await self._engine.start()
        self._reader = asyncio.create_task(self._read())

    async def stop(self) -> None:
        for guest in self.guests.values():
            await guest.leave()
        await self._engine.stop()
        await self._reader
        await asyncio.gather(*self._offers, return_exceptions=True)

    @property
    def pid(self) -> int:
        return self._engine.pids[0]

    @property
    def port(self) -> int:
        (worker,) = self._engine._workers
        assert worker is not None
        return worker.port

    @property
    def load(self) -> dict[str, Any]:
        return self._engine.loads[0]

    async def next_load(self) -> dict[str, Any]:
        """The worker's next report; it makes one a second."""
        seen = self.load
        async with asyncio.timeout(WITHIN):
            while self.load is seen:  # noqa: ASYNC110 - a report has no waiters but this benchmark
                await asyncio.sleep(0.02)
        return self.load

    async def open(self, room: str, names: Sequence[str]) -> None:
        """Everybody sees, hears and is recorded; returns when media flows to all."""
        everybody = frozenset(names)
        routes = {name: everybody - {name} for name in names}
        await self._engine.route(room, RouteMatrix(routes, routes, everybody))
        for name in names:
            guest = self.guests[room, name] = self._guest(room, name)
            await self._engine.admit(room, name)
            await guest.start()
        async with asyncio.timeout(WITHIN):
            while min(self.guests[room, name].received for name in names) < ARRIVED:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.05)

    async def join(self, room: str, names: Sequence[str]) -> None:
        """One after the other they come, silent and not recorded; returns when everybody's connections are there."""
        routes = {name: frozenset(names) - {name} for name in names}
        await self._engine.route(room, RouteMatrix(routes, routes, frozenset()))
        for name in names:
            guest = self.guests[room, name] = self._guest(room, name)
            await self._engine.admit(room, name)
            await guest.start(talk=False)
        async with asyncio.timeout(WITHIN):
            while not all(self.guests[room, name].connected for name in names):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    async def finish(self, room: str, files: int) -> None:
        """End a room; returns when so many of its recordings are finished."""
        await self._engine.close_room(room)
        async with asyncio.timeout(WITHIN):
            while sum(isinstance(each, Segment) and each.room == room for each in self.events) < files:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def gone(self, pid: int) -> None:
        """Until a worker's process is no more."""
        async with asyncio.timeout(WITHIN):
            while pid in self._engine.pids:  # noqa: ASYNC110 - a list has no waiters
                await asyncio.sleep(0.05)

    async def close(self, room: str) -> int:
        """Everybody leaves; returns how many media packets they had got."""
        leaving = [self.guests.pop(key) for key in list(self.guests) if key[0] == room]
        for guest in leaving:
            await guest.leave()
        await self._engine.close_room(room)
        shutil.rmtree(self._folder / "recordings" / room, ignore_errors=True)
        return sum(guest.received for guest in leaving)

    def _guest(self, room: str, name: str) -> Guest:
        return Guest(
            self._certificate,
            lambda sdp, mids: self._engine.publish(room, name, sdp, mids),  # type: ignore[arg-type]
            lambda sdp: self._engine.answer(room, name, sdp),
        )

    async def _read(self) -> None:
        async for event in self._engine.events():
            if len(self.events) < MOST_EVENTS:
                self.events.append(event)
            if isinstance(event, Offer) and (guest := self.guests.get((event.room, event.participant))):
                task = asyncio.create_task(guest.offer(event.sdp))
                self._offers.add(task)
                task.add_done_callback(self._offers.discard)


def resident(pid: int) -> int:
    """Bytes of a process in memory, as the kernel counts them."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    """Open files and sockets of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
