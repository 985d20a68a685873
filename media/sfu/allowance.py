"""How much may be sent again to a subscriber: a share of what was sent to it in the first place.

Whoever lies about losses can so never make the server send more than half as much again.
"""

from __future__ import annotations

SHARE = 0.5  # of what was sent; a quarter would do for one packet lost in five, repeats lost as well
START = 32_000  # bytes, before anything was sent
MOST = 150_000  # bytes saved up: a second of a lively picture, lost as a whole


class Allowance:
    __slots__ = ("_left", "_seen", "refused")

    def __init__(self) -> None:
        self.refused = 0
        self._left = float(START)
        self._seen = 0

    def earn(self, octets: int) -> None:
        """`octets`: all that was sent to the subscriber so far."""
        self._left = min(MOST, self._left + SHARE * max(0, octets - self._seen))
        self._seen = octets

    def spend(self, octets: int) -> bool:
        if octets > self._left:
            self.refused += 1
            return False
        self._left -= octets
        return True
