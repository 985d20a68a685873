"""Packets back into order: `Reorder` within one source by sequence number, `Interleaver` between sources by time."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Generic, TypeVar

T = TypeVar("T")

# Seconds: as long as lost sound is asked for (media.sfu.retransmission), and a round trip. Of pictures two askings are
# waited for: then a key frame ends the standstill sooner.
SOUND_WITHIN, PICTURE_WITHIN = 1.2, 0.6
# When it was captured, which it was of those that came, of which source it is, and when it came.
Interleaved = tuple[float, int, str, T, float]
_WALL = itemgetter(0)
_REMEMBERED = 64  # holes whose packets are known when they come late


class Reorder(Generic[T]):
    """Holds back what came too early for `hold` seconds, then lets it go and counts the hole before it."""

    def __init__(self, hold: float = SOUND_WITHIN, most: int = 1024) -> None:
        self.late = 0  # came after their place was given up
        self._hold, self._most = hold, most
        self._begun = False
        self._next = 0
        self._waiting: dict[int, tuple[float, T, int]] = {}
        self._given_up: deque[range] = deque(maxlen=_REMEMBERED)

    @property
    def holds(self) -> bool:
        """Whether something is held back, for what is still to come before it."""
        return bool(self._waiting)

    def push(self, sequence: int, item: T, at: float, count: int = 1) -> None:
        """`sequence` has 16 bits and is the first of `count` in this item; `at` is the arrival time in seconds."""
        if not self._begun:
            self._begun, self._next = True, sequence
        # The nearest number to the expected one that has these 16 bits (RFC 3550 appendix A.1).
        number = self._next + ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if number < self._next:
            self.late += any(number in missed for missed in self._given_up)  # the rest came twice
            return
        if number in self._waiting:
            return
        self._waiting[number] = (at, item, count)

    def pop(self, now: float, everything: bool = False) -> Iterator[tuple[T, int]]:
        """Items that are due, in order, each with the number of packets missing before it."""
        while self._waiting:
            found = self._waiting.pop(self._next, None)
            if found is not None:
                self._next += found[2]
                yield found[1], 0
                continue
            first = min(self._waiting)
            at, item, count = self._waiting[first]
            if not everything and len(self._waiting) < self._most and 0 <= now - at < self._hold:
                return
            del self._waiting[first]
            self._given_up.append(range(self._next, first))
            lost, self._next = first - self._next, first + count
            yield item, lost


class Interleaver(Generic[T]):
    """Merges sources by wall-clock time, waiting at most `hold` seconds for the slower one.

    It waits `patience` for one of which something is held back: what comes of that is of an earlier time.
    """

    def __init__(self, hold: float = 0.2, patience: float = SOUND_WITHIN + 0.1) -> None:
        self._hold, self._patience = hold, patience
        self._items: list[Interleaved[T]] = []  # the number keeps equal times in the order they came
        self._count = 0
        self._latest: dict[str, tuple[float, float]] = {}

    def push(self, source: str, walls: Sequence[float], items: Sequence[T], now: float) -> None:
        if items:
            count = self._count
            self._count = end = count + len(items)
            self._items += zip(walls, range(count, end), repeat(source), items, repeat(now))
            self._latest[source] = walls[-1], now

    def pop(self, now: float, everything: bool = False, behind: Collection[str] = ()) -> list[Interleaved[T]]:
        """In order of wall-clock time; `behind`: the sources of which something is held back."""
        items = self._items
        items.sort()
        due = len(items)
        if not everything:
            hold = self._patience if behind else self._hold
            floor = min(
                (wall for source, (wall, at) in self._latest.items() if source in behind or 0 <= now - at < self._hold),
                default=float("inf"),
            )
            due = bisect_right(items, floor, key=_WALL)
            while due < len(items) and not 0 <= now - items[due][4] < hold:
                due += 1
        found = items[:due]
        del items[:due]
        return found
