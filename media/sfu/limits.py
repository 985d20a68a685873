"""How much one server takes: what an installation may set, and the counting that holds a single client to it."""

from __future__ import annotations

from dataclasses import dataclass

MOST_BITRATE = 8_000_000  # two layers of a camera, a screen and a microphone, with room for repair


@dataclass(frozen=True, slots=True)
class Limits:
    rooms: int = 400  # with media, on all workers together
    participants: int = 1600  # in all of them
    packets: int = 90_000  # in and out per second: where a worker's core is nearly full
    lag: float = 0.2  # seconds, mean: a worker that comes later than this to its timers takes no new room
    bitrate: int = MOST_BITRATE  # bit/s that one client may send
    room_participants: int = 16
    room_bits: int = 40_000_000  # bit/s of one room, in and out each; shared among its people. 0: no cap
    server_bits: int = 0  # of all rooms on all workers; shared among the rooms


class Allowance:
    """A token bucket that costs one subtraction per use: filled up again only when it has run out.

    `left` is taken from by whoever uses it; below zero it must be asked to `refill`.
    """

    __slots__ = ("at", "left", "most", "rate")

    def __init__(self, rate: float, most: float, now: float) -> None:
        """`rate` a second, `most` at once."""
        self.left = most
        self.rate = rate
        self.most = most
        self.at = now

    def refill(self, now: float) -> bool:
        """Add what time has brought since it last ran out; whether something is left now."""
        self.left = min(self.most, self.left + self.rate * max(0.0, now - self.at))
        self.at = now
        return self.left > 0

    def take(self, now: float, cost: float = 1.0) -> bool:
        """For what happens seldom: whether there was enough, and take it."""
        self.refill(now)
        if self.left < cost:
            return False
        self.left -= cost
        return True
