"""Several servers on one PostgreSQL database: who is there, and which of them has a room.

A node says every `RENEW` seconds that it is there; what it owns is its own while it does. Whoever is asked for a
room takes it when nobody has it, and otherwise says who has. A node that could not say so in time stops by itself,
well before the database lets another take what it had. Time is the database's clock, which counts `LEASE` seconds from
when it wrote; a node counts its own from before it asked, and ends `MARGIN` sooner. What lies between is for what is
under way: a packet in the kernel, an append that was checked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final

from journal.clock import lease_clock

LEASE: Final = 6.0
"""Seconds from a renewal after which the database lets others take what a node had."""
MARGIN: Final = 1.5
"""Seconds before that at which the holder stops by itself."""
RENEW: Final = 1.5
"""Seconds between two renewals."""


class HeldLease:
    """Of one node, as it knows it. `until`: the moment of its own clock after which it does nothing any more."""

    def __init__(self, clock: Callable[[], float] = lease_clock) -> None:
        self.until = -inf
        self._clock = clock

    def now(self) -> float:
        return self._clock()

    def renewed(self, asked: float) -> None:
        """The database has renewed it; it was `asked` to at this moment. A late answer takes nothing away."""
        self.until = max(self.until, asked + LEASE - MARGIN)

    def end(self) -> None:
        self.until = -inf

    @property
    def held(self) -> bool:
        return self._clock() < self.until

    @property
    def left(self) -> float:
        """Seconds, 0 at least."""
        return max(0.0, self.until - self._clock())
