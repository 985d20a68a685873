"""Packets back into order: `Reorder` within one source by sequence number, `Braid` between sources by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Reorder(Generic[T]):
    """Holds back what came too early for `hold` seconds, then lets it go and counts the hole before it."""

    def __init__(self, hold: float = 0.3, most: int = 1024) -> None:
        self.late = 0  # came after their place was given up, or twice
        self._hold, self._most = hold, most
        self._next: int | None = None
        self._waiting: dict[int, tuple[float, T]] = {}

    def straight(self, sequence: int) -> bool:
        """Whether this packet is the one expected, with none held back: then it is let go already, nothing to `pop`."""
        if self._waiting or self._next is None or sequence != self._next & 0xFFFF:
            return False
        self._next += 1
        return True

    def push(self, sequence: int, item: T, at: float) -> None:
        """`sequence` has 16 bits; `at` is the arrival time in seconds."""
        if self._next is None:
            self._next = sequence
        # The nearest number to the expected one that has these 16 bits (RFC 3550 appendix A.1).
        number = self._next + ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if number < self._next or number in self._waiting:
            self.late += 1
            return
        self._waiting[number] = (at, item)

    def pop(self, now: float, everything: bool = False) -> Iterator[tuple[T, int]]:
        """Items that are due, in order, each with the number of packets missing before it."""
        while self._waiting:
            assert self._next is not None
            found = self._waiting.pop(self._next, None)
            if found is not None:
                self._next += 1
                yield found[1], 0
                continue
            first = min(self._waiting)
            at, item = self._waiting[first]
            if not everything and len(self._waiting) < self._most and 0 <= now - at < self._hold:
                return
            del self._waiting[first]
            lost, self._next = first - self._next, first + 1
            yield item, lost


class Braid(Generic[T]):
    """Merges sources by wall-clock time, waiting at most `hold` seconds for the slower one."""

    def __init__(self, hold: float = 0.2) -> None:
        self._hold = hold
        self._heap: list[tuple[float, int, float, T]] = []
        self._count = 0  # keeps equal times in the order they came, and items out of the comparison
        self._latest: dict[str, tuple[float, float]] = {}

    def push(self, source: str, wall: float, item: T, now: float) -> None:
        heapq.heappush(self._heap, (wall, self._count, now, item))
        self._count += 1
        self._latest[source] = (wall, now)

    def pop(self, now: float, everything: bool = False) -> Iterator[tuple[float, T]]:
        """(wall, item) in order of wall-clock time."""
        floor = min((wall for wall, at in self._latest.values() if 0 <= now - at < self._hold), default=float("inf"))
        while self._heap:
            wall, _, pushed, item = self._heap[0]
            if not everything and wall > floor and 0 <= now - pushed < self._hold:
                return
            heapq.heappop(self._heap)
            yield wall, item
