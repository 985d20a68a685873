"""The time of day, as something that is handed in, the arithmetic of spans of time, and what is so or not over time.

Sets of spans are sorted and disjoint: their normal form, which `union` makes.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """Knows what time it is and can wait for a later one."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def until(self, moment: datetime) -> None:
        """Return when `now()` has reached `moment`."""
        ...


class WallClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def until(self, moment: datetime) -> None:
        # The wall clock may be set back while we wait: look again rather than trust one long sleep.
        left = (moment - self.now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(left, 60.0))
            left = (moment - self.now()).total_seconds()


def lease_clock() -> float:
    """Seconds that go on while the machine sleeps, the same for all processes on it: what a lease is measured with."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class HandClock(Clock):
    """Stands still until it is moved: for tests, and for playing something back."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = count()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        """Forward; whoever waited for a moment on the way is woken."""
        self._now += by
        while self._waiting and self._waiting[0][0] <= self._now:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    async def until(self, moment: datetime) -> None:
        if moment > self._now:
            future = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (moment, next(self._order), future))
            await future


# ------------------------------------------------------------ spans of time


_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """From `start` up to, not including, `end`. A span that ends where it starts, or before, is empty."""

    start: datetime
    end: datetime

    @property
    def ms(self) -> int:
        return max(0, (self.end - self.start) // _MILLISECOND)


Spans = tuple[TimeSpan, ...]
"""Sorted, disjoint, not touching, none empty: what every function here returns."""


def union(spans: Iterable[TimeSpan]) -> Spans:
    """Any spans, overlapping or not, brought into the normal form."""
    merged: list[TimeSpan] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeSpan(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def intersect(left: Sequence[TimeSpan], right: Sequence[TimeSpan]) -> Spans:
    """When both are true; of normal sets."""
    common: list[TimeSpan] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            common.append(TimeSpan(start, end))
        if left[i].end < right[j].end:
            i += 1
        else:
            j += 1
    return tuple(common)


def subtract(left: Sequence[TimeSpan], right: Sequence[TimeSpan]) -> Spans:
    """When the first is true and the second is not; of normal sets."""
    rest: list[TimeSpan] = []
    j = 0
    for span in left:
        start = span.start
        while j < len(right) and right[j].end <= start:
            j += 1
        k = j
        while k < len(right) and right[k].start < span.end:
            if start < right[k].start:
                rest.append(TimeSpan(start, right[k].start))
            start = max(start, right[k].end)
            k += 1
        if start < span.end:
            rest.append(TimeSpan(start, span.end))
    return tuple(rest)


def total_ms(spans: Iterable[TimeSpan]) -> int:
    """Of a normal set, in whole milliseconds."""
    return sum((s.end - s.start for s in spans), timedelta()) // _MILLISECOND


def utc_now() -> datetime:
    return datetime.now(UTC)


class SwitchLine:
    """One thing that is so or is not, over time."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._done: list[TimeSpan] = []

    @property
    def on(self) -> bool:
        return self._since is not None

    def put(self, on: bool, at: datetime) -> None:
        if on and self._since is None:
            self._since = at
        elif not on and self._since is not None:
            self._done.append(TimeSpan(self._since, at))
            self._since = None

    def spans(self, end: datetime) -> Spans:
        return union([*self._done, *([TimeSpan(self._since, end)] if self._since else [])])
