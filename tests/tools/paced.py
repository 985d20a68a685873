"""Rooms that append at a given rate, in processes of their own: how long each waits until its fact is on disk.

Each append has a moment at which it is due, drawn beforehand as people's words come, by chance; it is counted from
then, so that whoever has to wait for an earlier one of the same room waits in the figures too.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from journal import Actor, Draft
from rooms import events as e
from rooms.events import event_draft, stream
from rooms.vocabulary import Phase, Role, Seat, Side
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from tests import ROOT

MEDIATOR = Actor("officer", "u-1", "调解员", "mediator", "o-1")
START = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
SEATS = (
    Seat("s-mediator", Role.MEDIATOR, "调解员"),
    Seat("s-consumer", Role.CONSUMER, "消费者", Side.CONSUMER),
    Seat("s-business", Role.BUSINESS, "经营者", Side.BUSINESS),
)


@dataclass(frozen=True, slots=True)
class Spell:
    """`waits`: seconds until each append was acknowledged. `seconds`: until the last one was. `cpu`: seconds."""

    waits: Sequence[float]
    seconds: float
    cpu: float


class Party:
    """Processes, with rooms that are open."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    async def append(self, rate: float, seconds: float, most: int | None = None) -> list[Spell]:
        """All of them, or so many, together at this rate, for so long."""
        some = self._processes[:most]
        return await asyncio.gather(*(_asked(one, rate / len(some), seconds) for one in some))


@asynccontextmanager
async def party(url: str, processes: int, rooms: int) -> AsyncIterator[Party]:
    """So many processes on one database, with so many rooms among them."""
    started = []
    try:
        for number in range(processes):
            command = (sys.executable, "-m", "tests.tools.paced", url, str(number), str(rooms // processes))
            started.append(
                await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=1 << 24)
            )
        for one in started:
            await _line(one)
        yield Party(started)
    finally:
        for one in started:
            if one.returncode is None:
                one.kill()
            await one.wait()


async def _asked(process: asyncio.subprocess.Process, rate: float, seconds: float) -> Spell:
    assert process.stdin is not None
    process.stdin.write(f"{rate} {seconds}\n".encode())
    return Spell(**json.loads(await _line(process)))


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    if not (line := await process.stdout.readline()):
        raise RuntimeError("a process that appends has ended")
    return line


# ------------------------------------------------------------ in such a process


class _Room:
    def __init__(self, journal: SqlJournal, name: str) -> None:
        self._journal, self._stream = journal, stream(name)
        self._version = self._facts = 0
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        self._version = len(await self._journal.append(self._stream, 0, opening()))

    async def append(self, due: float) -> float:
        async with self._turn:  # as a room decides one thing after another
            fact = fact_of(self._facts)
            self._facts += 1
            self._version = (await self._journal.append(self._stream, self._version, [fact]))[-1].version
        return asyncio.get_running_loop().time() - due


async def _serve(url: str, number: int, count: int) -> None:
    database, chance = Database(url), random.Random(number)
    journal = SqlJournal(database, projectors())
    rooms = [_Room(journal, f"m{number}-{room}") for room in range(count)]
    await asyncio.gather(*(room.open() for room in rooms))
    _say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        rate, seconds = map(float, line.split())
        loop = asyncio.get_running_loop()
        due = began = loop.time()
        cpu, appending = os.times(), list[asyncio.Task[float]]()
        while (due := due + chance.expovariate(rate)) < began + seconds:
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            appending.append(loop.create_task(chance.choice(rooms).append(due)))
        waits = await asyncio.gather(*appending)
        spent = sum(os.times()[:2]) - sum(cpu[:2])
        _say({"waits": waits, "seconds": loop.time() - began, "cpu": spent})
    await database.close()


def _say(what: Any) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def opening() -> list[Draft]:
    scheduled = e.SessionScheduled("c-1", "一投〔2026〕1号", "o-1", 1, "退款", START, SEATS, "u-1")
    happened: list[e.SessionEvent] = [scheduled, e.SessionOpened(), e.PhaseEntered(Phase.OPENING)]
    for seat in SEATS:
        happened += [e.Arrived(seat.id), e.Admitted(seat.id)]
    return [event_draft(event, START, MEDIATOR) for event in happened]


def fact_of(n: int) -> Draft:
    """What a session is mostly made of: people beginning and ending to speak, now and then a written word."""
    seat, at = SEATS[n // 2 % len(SEATS)].id, START + timedelta(seconds=n)
    event: e.SessionEvent = e.SpeakingStopped(seat) if n % 2 else e.SpeakingStarted(seat)
    if n % 10 == 9:
        event = e.Said(seat, "同意退还剩余积分对应的部分款项，九日内原路退回。")
    return event_draft(event, at, MEDIATOR)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
