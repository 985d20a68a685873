"""Cases out as files and in as drafts. Implements `web.ports.case_sharing.CaseFiles`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from casebook.compendium import MOST_CASES
from complaints.clocks import local_day
from journal.numbers import is_sample
from server.casebook import exchange
from server.casebook.desk import CaseDesk
from server.casebook.services import CaseServices, makes
from server.storage.cases import Shelved, published_cases, shelf_rows
from web.ports import Officer, Refused


class CaseFiles:
    def __init__(self, services: CaseServices, desk: CaseDesk) -> None:
        self._at, self._desk = services, desk

    async def take_in(self, officer: Officer, name: str, content: bytes) -> Sequence[str]:
        makes(officer)
        today = local_day(self._at.now(), officer.office.zone)
        materials = await exchange.read(
            name, content, today, await self._at.topics.all(), is_sample(officer.office.number_prefix)
        )
        origin = "document" if name.lower().endswith(".docx") else "exchange"
        return [await self._desk.begin(officer, origin, name[-120:], material) for material in materials]

    async def give_out(self, officer: Officer, case: str, form: str, public: bool) -> tuple[str, bytes]:
        page = await self._desk.page(officer, case)
        shown = page.case
        if shown is None and not public and page.draft is not None and page.draft.facts:
            shown = page.draft  # to a colleague elsewhere, before the board has it; to the public never
        if shown is None:
            raise Refused("wrong_state", 409)
        library, own = await self._at.law.library(), await self._at.topics.all()
        offices = {page.office.id: page.office.name}
        return await asyncio.to_thread(exchange.written, [shown], form, public, offices, library, own)

    async def give_out_shelf(self, officer: Officer, form: str, public: bool) -> tuple[str, bytes]:
        rows, _ = await shelf_rows(self._at.database, Shelved(samples=False), 1, MOST_CASES)
        if not rows:
            raise Refused("wrong_state", 409)
        found = await published_cases(self._at.database, [row.id for row in rows])
        offices = {
            id_: office.name
            for id_ in {case.office for case in found}
            if (office := await self._at.offices.office(id_))
        }
        library, own = await self._at.law.library(), await self._at.topics.all()
        return await asyncio.to_thread(exchange.written, found, form, public, offices, library, own)
