"""How often somebody may try: moving windows in memory, per login, address or link.

The counts that decide security (tries of a code, guesses at an account) are in the database; these keep the
crowd away from them. Forgotten at a restart.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from web.ports import Refused


class Throttle:
    """`rule` as in "10 per 15 minute"; `code` is refused with, its params say how many seconds to wait."""

    def __init__(self, rule: str, code: str) -> None:
        self._rule: RateLimitItem = parse(rule)
        self._code = code
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    async def pass_(self, key: str) -> None:
        if not await self._windows.hit(self._rule, key):
            window = await self._windows.get_window_stats(self._rule, key)
            raise Refused(self._code, 429, seconds=max(1, math.ceil(window.reset_time - time.time())))
