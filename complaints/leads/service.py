"""The one writer of lead streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from complaints.appending import append
from complaints.errors import UnknownComplaint
from complaints.leads.commands import LeadCommand, OpenLead
from complaints.leads.deciding import decide
from complaints.leads.events import REPORT, LeadOpened
from complaints.leads.lead import Lead, fold, stream
from complaints.leads.numbers import LeadNumbers
from complaints.serials import Serials
from journal import Actor, Journal


class LeadService:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now
        self._numbers = LeadNumbers(journal)
        self._reports = Serials(journal, "reports", "举")

    async def state(self, lead: str) -> Lead:
        folded = fold(await self._journal.read(stream(lead)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def open(self, lead: str, opened: LeadOpened, prefix: str, year: int, actor: Actor) -> str:
        """Under the office's next number, which is returned; opened again it keeps the one it has.

        Reports are counted by themselves: an import registers them in another process than the one leads are opened in.
        """
        known = fold(await self._journal.read(stream(lead)))
        if known is not None:
            return known.opened.own_number
        decide(OpenLead(opened), None, actor)  # a refusal uses no number
        if opened.origin == REPORT:
            number = await self._reports.number(opened.office, prefix, year, lead, self._now(), actor)
            await self.submit(lead, OpenLead(replace(opened, own_number=number)), actor)
            return number
        async with self._numbers.giving(opened.office, prefix, year, lead, self._now(), actor) as number:
            await self.submit(lead, OpenLead(replace(opened, own_number=number)), actor)
        return number

    async def submit(self, lead: str, command: LeadCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(lead), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )
