"""A journal in memory: for tests, rehearsing without a disk, and as the contract's plainest reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from journal.errors import Conflict
from journal.events import Draft, Event, Journal, sealed

MOST_UNREAD = 10_000


class MemoryJournal(Journal):
    """Lost with the process."""

    def __init__(self) -> None:
        self._streams: dict[str, list[Event]] = {}
        self._followers: list[tuple[frozenset[str], asyncio.Queue[Event]]] = []

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        known = self._streams.get(stream, [])
        if len(known) != expected:
            raise Conflict(stream, expected, len(known))
        events = sealed(stream, expected, known[-1].hash if known else "", drafts)
        if events:
            self._streams[stream] = [*known, *events]
        for kinds, queue in self._followers:
            if stream.partition("/")[0] in kinds:
                for event in events:
                    queue.put_nowait(event)
        return events

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        return self._streams.get(stream, [])[after:]

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        # Listening starts now, not at the first step of the iteration: nothing appended in between is missed.
        queue: asyncio.Queue[Event] = asyncio.Queue(MOST_UNREAD)
        entry = (frozenset(kinds), queue)
        self._followers.append(entry)
        return self._told(entry)

    async def _told(self, entry: tuple[frozenset[str], asyncio.Queue[Event]]) -> AsyncIterator[Event]:
        try:
            while True:
                yield await entry[1].get()
        finally:
            self._followers.remove(entry)
