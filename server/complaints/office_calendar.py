"""An office's own areas and its holidays, as its administrators enter them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from complaints.record.places import DRAWN, DROPPED, Jurisdiction, areas, describe_area, draw_areas, jurisdiction_stream
from complaints.views import HolidayYear
from journal import Conflict, Draft, Event, Journal
from journal.refusals import DomainError
from law.calendar import HolidayNotice
from offices.access import require_role
from offices.people import Officer
from offices.refusal import Refused
from server.complaints.office_store import ENTERED, WITHDRAWN, calendar_stream, notice_data, notices_of
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import date_anew
from server.leads.store import date_leads_anew

MOST = 50


class OfficeAreas:
    """Offices' own areas, as administrators draw them. Implements `Jurisdictions`; their sole writer."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now

    async def areas(self, officer: Officer) -> Sequence[Jurisdiction]:
        return list((await self._known(officer))[1].values())

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        entries, known = await self._known(officer)
        try:
            wanted = describe_area(
                area if area in known else uuid.uuid4().hex, officer.office.id, name, divisions, words
            )
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        if wanted.id not in known and len(known) >= MOST:
            raise Refused("too_long", 400, field="name", most=MOST)
        if known.get(wanted.id) != wanted:
            await self._append(officer, entries, DRAWN, draw_areas(wanted))

    async def drop(self, officer: Officer, area: str) -> None:
        entries, known = await self._known(officer)
        if area in known:
            await self._append(officer, entries, DROPPED, {"id": area})

    async def _known(self, officer: Officer) -> tuple[Sequence[Event], dict[str, Jurisdiction]]:
        entries = await self._journal.read(jurisdiction_stream(officer.office.id))
        return entries, areas(officer.office.id, entries)

    async def _append(self, officer: Officer, entries: Sequence[Event], what: str, data: dict[str, object]) -> None:
        draft = Draft(what, data, self._now(), officer.actor)
        try:
            await self._journal.append(jurisdiction_stream(officer.office.id), len(entries), [draft])
        except Conflict:
            raise Refused("busy", 503) from None


class HolidayService:
    """Holidays as an office entered them. Implements `HolidayService`.

    Owns the streams `office/<id>/calendar`; the table is `server.complaints.office_store`'s. Whatever a notice
    changes, the dates of the office's complaints under way change with it, at once.
    """

    def __init__(self, database: Database, journal: SqlJournal, now: Callable[[], datetime]) -> None:
        self._database, self._journal, self._now = database, journal, now

    async def years(self, officer: Officer) -> Sequence[HolidayYear]:
        return [HolidayYear(*one) for one in await notices_of(self._database, officer.office.id)]

    async def enter(self, officer: Officer, notice: HolidayNotice) -> int:
        require_role(officer, "administrator")
        return await self._note(officer, ENTERED, notice_data(notice))

    async def withdraw(self, officer: Officer, year: int) -> int:
        require_role(officer, "administrator")
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
