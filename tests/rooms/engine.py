"""A media engine that moves nothing and remembers what it was asked; its events are spoken by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from media import engine as m


class FakeEngine(m.MediaEngine):
    """Recordings of whoever was routed as recorded are sealed when the room closes, as the real one does."""

    def __init__(self) -> None:
        self.admitted: set[tuple[str, str]] = set()
        self.removed: list[tuple[str, str]] = []
        self.routes: list[tuple[str, m.RouteMatrix]] = []
        self.published: list[tuple[str, str, str, Mapping[str, m.Source]]] = []
        self.answers: list[tuple[str, str, str]] = []
        self.restarts: list[tuple[str, str]] = []
        self.looks: list[tuple[str, str, str]] = []
        self.closed: list[str] = []
        self.sealed_at: datetime | None = None
        self.may_close = asyncio.Event()
        self.may_close.set()
        self._events: asyncio.Queue[m.MediaEvent] = asyncio.Queue(1000)

    def tell(self, event: m.MediaEvent) -> None:
        self._events.put_nowait(event)

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def admit(self, room: str, participant: str) -> m.Admission:
        self.admitted.add((room, participant))
        return m.Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, m.Source]) -> str:
        if (room, participant) not in self.admitted:
            raise m.NotAdmitted
        if "v=0" not in sdp:
            raise m.BadDescription("m_line", "m=")
        self.published.append((room, participant, sdp, sources))
        return f"answer to {participant}"

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        if (room, participant) not in self.admitted:
            raise m.NotAdmitted
        self.answers.append((room, participant, sdp))

    async def restart(self, room: str, participant: str) -> None:
        self.restarts.append((room, participant))

    async def route(self, room: str, matrix: m.RouteMatrix) -> None:
        self.routes.append((room, matrix))

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        self.looks.append((room, participant, pinned))

    async def remove(self, room: str, participant: str) -> None:
        self.admitted.discard((room, participant))
        self.removed.append((room, participant))

    async def close_room(self, room: str) -> None:
        await self.may_close.wait()
        if self.sealed_at is not None:
            for seat in sorted(seat for where, seat in self.admitted if where == room):
                path = f"{room}/{seat}.webm"
                self.tell(m.Segment(room, seat, path, "ab" * 32, 1000, self.sealed_at, self.sealed_at, 640, 360))
        self.closed.append(room)
        self.tell(m.RoomClosed(room))

    async def events(self) -> AsyncIterator[m.MediaEvent]:
        while True:
            yield await self._events.get()
