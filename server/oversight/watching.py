"""Who did what, and what of it is worth a second look. Implements `web.ports.Acts`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from journal import Conflict, Draft, Journal
from law import WorkingCalendar
from server.oversight.hints import hints
from server.storage.acts import MOST, ActStore
from server.storage.identity_store import IdentityStore
from web.ports import Officer, Refused
from web.ports.oversight import ActFilter, ActList, ActRow, HintRow

USUAL: Final = timedelta(days=60)  # of which is known what is usual


class Watching:
    def __init__(
        self,
        rows: ActStore,
        store: IdentityStore,
        journal: Journal,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
        now: Callable[[], datetime],
    ) -> None:
        self._rows, self._store, self._journal, self._calendar, self._now = rows, store, journal, calendar, now

    async def acts(self, officer: Officer, wanted: ActFilter) -> ActList:
        return await self._rows.acts(officer, wanted)

    async def hints(self, officer: Officer, since: date, until: date) -> Sequence[HintRow]:
        zone = ZoneInfo(officer.office.zone)
        first = datetime.combine(since, time(), zone) - USUAL
        last = datetime.combine(until + timedelta(days=1), time(), zone)
        found = await self._rows.between(officer, first, last)
        calendar = await self._calendar(officer.office.id)
        told = hints(found, officer.office.zone, calendar.worked, since, until)
        names = dict((await self._rows.acts(officer, ActFilter(), 1)).people)
        return [
            HintRow(one.code, one.actor, names.get(one.actor, one.actor), one.day, one.number, one.usual)
            for one in told
        ]

    async def export(self, officer: Officer, wanted: ActFilter) -> Sequence[ActRow]:
        found = await self._rows.acts(officer, wanted, MOST)
        draft = Draft(
            "ActsExported",
            {"kind": "acts", "rows": len(found.rows), "actor": wanted.actor, "act": wanted.act},
            self._now(),
            officer.actor,
        )
        stream = f"oversight/{officer.office.id}"
        for last in (False, True):
            try:
                await self._journal.append(stream, len(await self._journal.read(stream)), [draft])
                break
            except Conflict:
                if last:
                    raise Refused("busy", 503) from None
        return found.rows

    async def offices(self) -> Mapping[str, str]:
        return {office.id: office.short for office in await self._store.offices()}
