"""Numbers of notices: 东高一投受〔2026〕0001号, counted per office, kind and year, without gaps.

Owns the streams `office/<office>/notices/<kind>/<year>`. A number is given before its notice is issued; one whose
notice never came about (the sheet could not be printed, the program died) is given again to the next. That needs
one giver at a time, which is the web process: it holds `giving` around number and notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from complaints.complaint import fold, stream
from complaints.errors import Busy
from complaints.notices import SERIALS
from complaints.numbers import written
from journal import Actor, Conflict, Draft, Event, Journal

_TRIES = 20
_GIVEN = "NoticeNumberGiven"


class NoticeNumbers:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, office: str, prefix: str, kind: str, year: int, complaint: str, notice: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this notice, which is issued within; Busy."""
        told = f"office/{office}/notices/{kind}/{year}"
        async with self._locks.setdefault(told, asyncio.Lock()):
            number = await self._give(told, complaint, notice, at, actor)
            yield written(f"{prefix}{SERIALS[kind]}", year, number)

    async def upcoming(self, office: str, prefix: str, kind: str, year: int) -> str:
        """What the next one would most likely be called; nothing is given."""
        given = await self._journal.read(f"office/{office}/notices/{kind}/{year}")
        return written(f"{prefix}{SERIALS[kind]}", year, await self._next(given))

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
