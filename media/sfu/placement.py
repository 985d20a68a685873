"""Which worker a room is placed on, and when a server is full: packet rate, loop lag, and caps on rooms and people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from media.engine import WorkerFull
from media.sfu.limits import Limits

PROVISION = 2_000  # packets/s expected of a room whose own are not yet in its worker's load
PROVIDED_FOR = 15.0  # seconds


@dataclass(slots=True)
class Placed:
    """A room's place and the people admitted to it."""

    worker: int
    at: float
    people: set[str] = field(default_factory=set)


class Placement:
    """`clock` is any steady one."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.rooms: dict[str, Placed] = {}
        self._limits = limits
        self._clock = clock

    def of(self, room: str) -> int | None:
        placed = self.rooms.get(room)
        return placed.worker if placed is not None else None

    def on(self, worker: int) -> list[str]:
        return [room for room, placed in self.rooms.items() if placed.worker == worker]

    def place(self, room: str, loads: Sequence[Mapping[str, Any] | None]) -> int:
        """Choose for a new room by each worker's load (None: down, empty: nothing known yet). WorkerFull."""
        if len(self.rooms) >= self._limits.rooms:
            raise WorkerFull(f"{self._limits.rooms} rooms are open")
        able = [
            (self._expected(n, load), len(self.on(n)), n)
            for n, load in enumerate(loads)
            if load is not None
            and self._expected(n, load) < self._limits.packets
            and load.get("lag", 0.0) < self._limits.lag
        ]
        if not able:
            raise WorkerFull("every media worker is at its limit")
        worker = min(able)[2]
        self.rooms[room] = Placed(worker, self._clock())
        return worker

    def join(self, room: str, participant: str) -> None:
        """Count somebody in, once. WorkerFull when the server has as many people as it may."""
        people = self.rooms[room].people
        if participant in people:
            return
        if sum(len(placed.people) for placed in self.rooms.values()) >= self._limits.participants:
            if not people:
                del self.rooms[room]
            raise WorkerFull(f"{self._limits.participants} people are in rooms")
        people.add(participant)

    def leave(self, room: str, participant: str) -> None:
        placed = self.rooms.get(room)
        if placed is not None:
            placed.people.discard(participant)

    def _expected(self, worker: int, load: Mapping[str, Any]) -> float:
        """Its packet rate, with what the rooms placed a moment ago will bring."""
        since = self._clock() - PROVIDED_FOR
        young = sum(placed.worker == worker and placed.at > since for placed in self.rooms.values())
        return float(load.get("packets", 0)) + PROVISION * young
