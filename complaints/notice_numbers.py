"""Numbers of notices, counted per series and year (`complaints.number_series`), without gaps.

Owns the streams `office/<office>/notices/<kind>/<year>` and `series/<words>/notices/<year>`. A number is given before
its notice is issued; one whose notice never came about (the sheet could not be printed, the program died) is given
again to the next. That needs one giver at a time, which is the web process: it holds `giving` around number and notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from complaints.complaint import fold, stream
from complaints.errors import Busy
from complaints.number_series import Series
from journal import Actor, Conflict, Draft, Event, Journal

_TRIES = 20
_GIVEN = "NoticeNumberGiven"


class NoticeNumbers:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, of: Series, year: int, complaint: str, notice: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this notice, which is issued within; Busy."""
        async with self._locks.setdefault(of.stream, asyncio.Lock()):
            number = await self._give(of.stream, complaint, notice, at, actor)
            yield of.written(year, number)

    async def upcoming(self, of: Series, year: int) -> str:
        """What the next one would most likely be called; nothing is given."""
        return of.written(year, await self._next(await self._journal.read(of.stream)))

    async def _give(self, told: str, complaint: str, notice: str, at: datetime, actor: Actor) -> int:
        for _ in range(_TRIES):
            given = await self._journal.read(told)
            number = await self._next(given)
            draft = Draft(_GIVEN, {"number": number, "complaint": complaint, "notice": notice}, at, actor)
            try:
                await self._journal.append(told, len(given), [draft])
            except Conflict:
                continue
            return number
        raise Busy

    async def _next(self, given: list[Event]) -> int:
        if not given:
            return 1
        last = given[-1].data
        state = fold(await self._journal.read(stream(last["complaint"])))
        used = state is not None and any(one.issued.notice == last["notice"] for one in state.notices)
        number: int = last["number"]
        return number + 1 if used else number
