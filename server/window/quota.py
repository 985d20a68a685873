"""How much may come in through the public window in a day: from one address, for one phone number, and in all.

In memory: a restart forgets the day's counts, the disk's reserve (`recordings.reserve`) holds without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.window.limits import Most, WindowLimits
from web.ports import Refused

DAY: Final = timedelta(hours=8)  # a day ends at midnight in China, whatever the server's clock says
MOST_KEYS: Final = 20_000  # addresses and numbers counted apart; the rest of a day's share one count


@dataclass(slots=True)
class _Count:
    files: int = 0
    size: int = 0

    def holds(self, size: int, most: Most) -> bool:
        return self.files + 1 <= most.files and self.size + size <= most.size


class WindowQuota:
    def __init__(self, limits: WindowLimits, now: Callable[[], datetime]) -> None:
        self._limits, self._now = limits, now
        self._day = date.min
        self._counts: dict[tuple[str, str], _Count] = {}

    def require(self, address: str, size: int) -> None:
        """Before a body is read. Refused: window_quota."""
        self._kept([("address", address, self._limits.address), ("day", "", self._limits.day)], size)

    def take(self, address: str, phone: str, size: int) -> None:
        """Counts a file that is about to be kept; `phone` is the number's keyed digest. Refused: window_quota."""
        limits = self._limits
        for one in self._kept(
            [("address", address, limits.address), ("phone", phone, limits.phone), ("day", "", limits.day)], size
        ):
            one.files += 1
            one.size += size

    def _kept(self, asked: list[tuple[str, str, Most]], size: int) -> list[_Count]:
        today = (self._now() + DAY).date()
        if today != self._day:
            self._day, self._counts = today, {}
        found = []
        for kind, key, most in asked:
            if (kind, key) not in self._counts and len(self._counts) >= MOST_KEYS:
                key = "others"
            count = self._counts.setdefault((kind, key), _Count())
            if not count.holds(size, most):
                raise Refused("window_quota", 429, by=kind)
            found.append(count)
        return found
