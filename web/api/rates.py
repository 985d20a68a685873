"""How many requests a system may send: so many in each minute, counted for each token and each sender.

Every answer says it in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds until it begins anew);
one too many is 429 with `Retry-After` (RFC 9110 section 10.2.3).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from offices.refusal import Refused

MOST: Final = 600
WINDOW: Final = 60.0  # seconds
_KEYS: Final = 10_000  # of systems remembered; a window is over long before


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0


class Rates:
    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def take(self, system: str) -> dict[str, str]:
        """Count one more request; the headers that say what is left. Refused(429): too_many_requests."""
        now = self._clock()
        window = self._windows.get(system)
        if window is None or now - window.began >= WINDOW:
            window = self._windows[system] = _Window(now)
            self._windows.move_to_end(system)
            if len(self._windows) > _KEYS:
                self._windows.popitem(last=False)
        left = max(1, math.ceil(window.began + WINDOW - now))
        if window.used >= self._most:
            raise Refused("too_many_requests", 429, seconds=left)
        window.used += 1
        return {
            "RateLimit-Limit": str(self._most),
            "RateLimit-Remaining": str(self._most - window.used),
            "RateLimit-Reset": str(left),
        }


RATES: web.AppKey[Rates] = web.AppKey("rates", Rates)
