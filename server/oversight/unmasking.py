"""Full numbers are looked at one by one and a few a day; more, and not without end, takes a second person's yes.

The acts are counted in the journal's rows; one officer's looks wait for each other, so that many at once are counted
as many.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from server.storage.acts import ActStore
from server.storage.approvals import ApprovalStore
from web.ports import Officer, Refused

A_DAY: Final = 20
MORE: Final = 50  # by one yes
WITHIN: Final = timedelta(hours=24)


class Unmasking:
    def __init__(self, acts: ActStore, approvals: ApprovalStore, now: Callable[[], datetime]) -> None:
        self._acts, self._approvals, self._now = acts, approvals, now
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def one_more(self, officer: Officer) -> AsyncIterator[None]:
        """Around the look itself. Refused(429): too_many_numbers."""
        async with self._turns[officer.id]:
            since = self._now() - WITHIN
            seen = await self._acts.count(officer.id, "unmasked", since)
            if seen >= A_DAY and seen >= A_DAY + MORE * await self._approvals.given("unmask", officer.id, since):
                raise Refused("too_many_numbers", 429, most=A_DAY)
            yield
