"""Numbers of leads: 东高一投线〔2026〕0007号, counted per office and year, without gaps.

Owns the streams `office/<office>/leads/<year>`. A number is given before its lead is opened; one whose lead never came
about (the program died in between) is given again to the next. That needs one giver at a time, which is the web
process: it holds `giving` around number and opening.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from complaints.errors import Busy
from complaints.leads.lead import stream
from complaints.numbers import written
from journal import Actor, Conflict, Draft, Event, Journal

SERIAL = "线"
_TRIES = 20
_GIVEN = "LeadNumberGiven"


class LeadNumbers:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, office: str, prefix: str, year: int, lead: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this lead, which is opened within; Busy."""
        told = f"office/{office}/leads/{year}"
        async with self._locks.setdefault(told, asyncio.Lock()):
            for _ in range(_TRIES):
                given = await self._journal.read(told)
                number = await self._next(given)
                try:
                    await self._journal.append(
                        told, len(given), [Draft(_GIVEN, {"number": number, "lead": lead}, at, actor)]
                    )
                except Conflict:
                    continue
                yield written(f"{prefix}{SERIAL}", year, number)
                return
            raise Busy

    async def _next(self, given: list[Event]) -> int:
        if not given:
            return 1
        number: int = given[-1].data["number"]
        return number + 1 if await self._journal.read(stream(given[-1].data["lead"])) else number
