"""What a server accepts: limits that an installation may set, and the token bucket that enforces a client's."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BITRATE = 8_000_000  # bit/s: two layers of a camera, a screen and a microphone, with room for retransmissions


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one server. bit/s count for each direction; 0: no limit."""

    rooms: int = 400  # with media, on all workers
    participants: int = 1600  # in all rooms
    packets: int = 90_000  # in and out per second and worker: one core is nearly full
    lag: float = 0.2  # seconds, mean: a worker whose timers are later than this takes no new room
    bitrate: int = MAX_BITRATE  # bit/s that one client may send
    room_participants: int = 16
    room_bits: int = 40_000_000  # bit/s of one room, shared among its participants
    server_bits: int = 0  # bit/s of all rooms on all workers, shared among the rooms


class TokenBucket:
    """A token bucket that costs one subtraction per use, because it is refilled only when it has run out.

    Users subtract from `tokens`, and call `refill` when it is not above zero.
    """

    __slots__ = ("capacity", "rate", "tokens", "updated_at")

    def __init__(self, rate: float, capacity: float, now: float) -> None:
        """`rate`: tokens per second. `capacity`: the most it holds, and has at first."""
        self.tokens = capacity
        self.rate = rate
        self.capacity = capacity
        self.updated_at = now

    def refill(self, now: float) -> bool:
        """Add the tokens of the time since the last refill. True if there are any now."""
        self.tokens = min(self.capacity, self.tokens + self.rate * max(0.0, now - self.updated_at))
        self.updated_at = now
        return self.tokens > 0

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Refill, and take `cost` tokens if there are enough. For rare events."""
        self.refill(now)
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True
