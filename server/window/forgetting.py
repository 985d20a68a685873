"""What was typed by people without an account and never sent goes when its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

EVERY: Final = 60.0  # seconds
Forget = Callable[[datetime], Awaitable[int]]
log = structlog.get_logger(__name__)


async def keep_forgetting(every: Sequence[Forget], now: Callable[[], datetime]) -> None:
    """Until cancelled."""
    while True:
        for forget in every:
            try:
                await forget(now())
            except Exception:
                log.exception("what was typed was not forgotten, trying again")
        await asyncio.sleep(EVERY)
