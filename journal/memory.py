"""A journal in memory: for tests, rehearsing without a disk, and as the contract's plainest reading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from weakref import WeakSet

from journal.events import Conflict, Draft, Event, Journal, sealed

MOST_UNREAD = 10_000


class _MemoryFollower:
    """Has a bounded shelf; when it is full the follower has lost its place and is told so."""

    def __init__(self, kinds: Iterable[str], most: int) -> None:
        self.kinds = frozenset(kinds)
        self.lost = False
        self.shelf: asyncio.Queue[Event] = asyncio.Queue(most)

    def tell(self, event: Event) -> None:
        if event.stream.partition("/")[0] in self.kinds:
            self.lost = self.lost or self.shelf.full()
            if not self.lost:
                self.shelf.put_nowait(event)

    async def events(self) -> AsyncIterator[Event]:
        while not self.lost:
            yield await self.shelf.get()
        raise LookupError("too slow a follower: read the streams again")


class MemoryJournal(Journal):
    """Lost with the process."""

    def __init__(self, most_unread: int = MOST_UNREAD) -> None:
        self._streams: dict[str, list[Event]] = {}
        self._followers: WeakSet[_MemoryFollower] = WeakSet()
        self._most_unread = most_unread

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        known = self._streams.get(stream, [])
        if len(known) != expected:
            raise Conflict(stream, expected, len(known))
        events = sealed(stream, expected, known[-1].hash if known else "", drafts)
        if events:
            self._streams[stream] = [*known, *events]
        for follower in list(self._followers):
            for event in events:
                follower.tell(event)
        return events

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        return self._streams.get(stream, [])[after:]

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        # Listening starts now, not at the first step of the iteration: nothing appended in between is missed.
        follower = _MemoryFollower(kinds, self._most_unread)
        self._followers.add(follower)
        return follower.events()
