"""Offices' own areas, as administrators draw them. Implements `web.ports.Jurisdictions`; their sole writer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from complaints.errors import ComplaintError
from complaints.record.places import DRAWN, DROPPED, Jurisdiction, areas, describe_area, draw_areas, jurisdiction_stream
from journal import Conflict, Draft, Event, Journal
from web.ports import Officer, Refused

MOST = 50


class OfficeAreas:
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
        except ComplaintError as no:
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
