"""A running registry of rooms over a journal in memory, with a fake engine and a clock moved by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from journal import Actor, Event, MemoryJournal
from journal.clock import HandClock
from rooms import commands as c
from rooms.floor.rules import ShownTexts
from rooms.live import Subscription
from rooms.live.registry import Rooms
from rooms.view.seat_view import RoomContext
from rooms.vocabulary import Consent
from tests.rooms.engine import FakeEngine
from tests.rooms.scene import MEDIATOR, START, party, scheduling

X = "x1"
SHOWN = ShownTexts("v1", "handwriting-1", "electronic-1")


@dataclass
class House:
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    engine: FakeEngine = field(default_factory=FakeEngine)
    clock: HandClock = field(default_factory=lambda: HandClock(START))
    rooms: Rooms = field(init=False)
    contexts: int = 0  # how often a room read its office and complaint

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.journal, self.engine, self.clock, self._context, shown=SHOWN)

    async def _context(self, session: object) -> RoomContext:
        self.contexts += 1
        return RoomContext("一所", "027-00000000", {"request": "退还剩余积分款"})

    async def ask(self, command: c.Command, actor: Actor = MEDIATOR) -> Sequence[Event]:
        return await self.rooms.submit(X, command, actor)

    async def prepare(self, seat: str) -> None:
        await self.ask(c.ConfirmIdentity("code"), party(seat))
        await self.ask(c.AnswerConsent(Consent.PARTICIPATE, True, "v1"), party(seat))
        await self.ask(c.AnswerConsent(Consent.RECORD, True, "v1"), party(seat))

    async def bring(self, seat: str) -> Subscription:
        """Attached and in the room; their queue starts with what comes next."""
        await self.prepare(seat)
        listener = await self.rooms.attach(X, seat)
        await self.ask(c.Arrive(), party(seat))
        await self.ask(c.Admit(seat))
        await drain(listener)
        return listener

    async def open(self, seat: str) -> Subscription:
        await self.ask(scheduling())
        listener = await self.rooms.attach(X, seat)
        await self.ask(c.Arrive())
        await drain(listener)
        return listener

    async def wait(self, **time: float) -> None:
        self.clock.move(timedelta(**time))
        await settle()

    async def types(self) -> list[str]:
        return [event.type for event in await self.journal.read(f"session/{X}")]

    async def reported(self, *events: Any) -> None:
        """Media said this, and the room has dealt with it."""
        for event in events:
            self.engine.tell(event)
        await settle()
        await self.rooms.state(X)


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    built = House()
    await built.rooms.start()
    try:
        yield built
    finally:
        await built.rooms.stop()


async def settle() -> None:
    """Let everything that is ready to run, run: nothing here waits for real time or real sockets."""
    for _ in range(30):
        await asyncio.sleep(0)


async def drain(listener: Subscription) -> list[tuple[str, dict[str, Any]]]:
    """What is queued now."""
    await settle()
    queued = [await anext(listener) for _ in range(listener.unsent)]
    return [(name, json.loads(body)) for name, body in queued]


async def views(listener: Subscription) -> list[dict[str, Any]]:
    """The views that are queued now."""
    return [body for name, body in await drain(listener) if name == "view"]
