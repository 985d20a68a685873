"""How much may come in through the public window in a day: from one address, for one phone number, and in all.

Counted in the database, so that a restart gives nobody a fresh day. Addresses are kept as keyed digests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from offices.refusal import Refused
from server.identity.sealing import Seal
from server.serving.settings import Most, WindowLimits
from server.window.store import Limit, WindowCounts

log = structlog.get_logger(__name__)

DAY: Final = timedelta(hours=8)  # a day ends at midnight in China, whatever the server's clock says


class WindowQuota:
    def __init__(self, counts: WindowCounts, limits: WindowLimits, seal: Seal, now: Callable[[], datetime]) -> None:
        self._counts, self._limits, self._seal, self._now = counts, limits, seal, now

    async def require(self, address: str, size: int) -> None:
        """Before a body is read. Refused: window_quota."""
        _refuse(await self._counts.full(self._today(), [self._address(address), self._everybody()], size))

    async def take(self, address: str, phone: str, size: int) -> None:
        """Counts a file that is about to be kept; `phone` is the number's keyed digest. Refused: window_quota."""
        limits = [self._address(address), _limit("phone", phone, self._limits.phone), self._everybody()]
        _refuse(await self._counts.count(self._today(), limits, size))

    def _today(self) -> date:
        return (self._now() + DAY).date()

    def _address(self, address: str) -> Limit:
        return _limit("address", self._seal.hash(address, "window address"), self._limits.address)

    def _everybody(self) -> Limit:
        return _limit("day", "", self._limits.day)


def _limit(kind: str, key: str, most: Most) -> Limit:
    return Limit(kind, key, most.files, most.size)


def _refuse(full: str) -> None:
    if full:
        raise Refused("window_quota", 429, by=full)


EVERY: Final = 60.0  # seconds
Forget = Callable[[datetime], Awaitable[int]]


async def keep_forgetting(every: Sequence[Forget], now: Callable[[], datetime]) -> None:
    """Delete what was typed by people without an account and never sent, when its time is over. Until cancelled."""
    while True:
        for forget in every:
            try:
                await forget(now())
            except Exception:
                log.exception("what was typed was not forgotten, trying again")
        await asyncio.sleep(EVERY)
