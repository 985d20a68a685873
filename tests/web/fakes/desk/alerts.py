"""Alerts that a test puts there; nothing happens by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from offices import Officer
from rooms.views import Alert, Change


class FakeAlerts:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.told: list[Alert] = []
        self.news: asyncio.Queue[Alert | Change | None] = asyncio.Queue()
        self.until = now() - timedelta(days=1)

    @asynccontextmanager
    async def window(self, officer: Officer) -> AsyncIterator[asyncio.Queue[Alert | Change | None] | None]:
        yield self.news

    async def history(self, officer: Officer) -> list[Alert]:
        return self.told

    async def clocks(self, officer: Officer) -> list[Alert]:
        return []

    async def read_until(self, officer: Officer) -> datetime:
        return self.until

    async def note_read(self, officer: Officer) -> None:
        self.until = self._now()
