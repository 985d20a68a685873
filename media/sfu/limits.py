"""How much one server takes: what an installation may set, and the counting that holds a single client to it."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BITRATE = 8_000_000  # two layers of a camera, a screen and a microphone, with room for repair


@dataclass(frozen=True, slots=True)
class Limits:
    rooms: int = 400  # with media, on all workers together
    participants: int = 1600  # in all of them
    packets: int = 90_000  # in and out per second: where a worker's core is nearly full
    lag: float = 0.2  # seconds, mean: a worker that comes later than this to its timers takes no new room
    bitrate: int = MAX_BITRATE  # bit/s that one client may send
    room_participants: int = 16
    room_bits: int = 40_000_000  # bit/s of one room, in and out each; shared among its people. 0: no cap
    server_bits: int = 0  # of all rooms on all workers; shared among the rooms


class TokenBucket:
    """A token bucket that costs one subtraction per use: filled up again only when it has run out.

    `left` is taken from by whoever uses it; below zero it must be asked to `refill`.
    """

    __slots__ = ("capacity", "rate", "tokens", "updated_at")

    def __init__(self, rate: float, most: float, now: float) -> None:
        """`rate` a second, `most` at once."""
        self.tokens = most
        self.rate = rate
        self.capacity = most
        self.updated_at = now

    def refill(self, now: float) -> bool:
        """Add what time has brought since it last ran out; whether something is left now."""
        self.tokens = min(self.capacity, self.tokens + self.rate * max(0.0, now - self.updated_at))
        self.updated_at = now
        return self.tokens > 0

    def take(self, now: float, cost: float = 1.0) -> bool:
        """For what happens seldom: whether there was enough, and take it."""
        self.refill(now)
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True
