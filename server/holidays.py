"""Holidays as an office entered them. Implements `web.ports.Holidays`.

Owns the streams `office/<id>/calendar`; the table is `server.storage.calendars`'. Whatever a notice changes, the dates
of the office's complaints under way change with it, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from journal import Conflict, Draft
from law.calendar import Notice
from server.storage.calendars import ENTERED, WITHDRAWN, calendar_stream, notice_data, notices_of
from server.storage.engine import Database
from server.storage.journal_store import SqlJournal
from server.storage.leads import date_leads_anew
from server.storage.projections import date_anew
from web.ports import HolidayYear, Officer, Refused


class Holidays:
    def __init__(self, database: Database, journal: SqlJournal, now: Callable[[], datetime]) -> None:
        self._database, self._journal, self._now = database, journal, now

    async def years(self, officer: Officer) -> Sequence[HolidayYear]:
        return [HolidayYear(*one) for one in await notices_of(self._database, officer.office.id)]

    async def enter(self, officer: Officer, notice: Notice) -> int:
        _administers(officer)
        return await self._note(officer, ENTERED, notice_data(notice))

    async def withdraw(self, officer: Officer, year: int) -> int:
        _administers(officer)
        if year not in [known.notice.year for known in await self.years(officer)]:
            raise Refused("not_found", 404)
        return await self._note(officer, WITHDRAWN, {"year": year})

    async def _note(self, officer: Officer, what: str, data: Mapping[str, Any]) -> int:
        stream = calendar_stream(officer.office.id)
        draft = Draft(what, data, self._now(), officer.actor)
        try:
            await self._journal.append(stream, await self._journal.last(stream), [draft])
        except Conflict:
            raise Refused("busy", 503) from None
        await date_leads_anew(self._database, officer.office.id)
        return await date_anew(self._database, officer.office.id)


def _administers(officer: Officer) -> None:
    if officer.role != "administrator":
        raise Refused("not_allowed", 403)
