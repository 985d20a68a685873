"""The one writer of consultation streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from complaints.appending import append
from complaints.consultations.consultation import (
    Consultation,
    ConsultationCommand,
    ConsultationRegistered,
    RegisterConsultation,
    decide,
    fold,
    stream,
)
from complaints.errors import UnknownComplaint
from complaints.serials import Serials
from journal import Actor, Journal


class ConsultationService:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now
        self._numbers = Serials(journal, "consultations", "询")

    async def state(self, consultation: str) -> Consultation:
        """UnknownComplaint when there is none."""
        folded = fold(await self._journal.read(stream(consultation)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def register(
        self, consultation: str, registered: ConsultationRegistered, prefix: str, year: int, actor: Actor
    ) -> str:
        """Its number; registered again under the same id it keeps the one it has. A refusal uses no number."""
        known = fold(await self._journal.read(stream(consultation)))
        if known is not None:
            return known.registered.number
        decide(RegisterConsultation(registered), None, actor)
        number = await self._numbers.number(registered.office, prefix, year, consultation, self._now(), actor)
        await self.submit(consultation, RegisterConsultation(replace(registered, number=number)), actor)
        return number

    async def submit(self, consultation: str, command: ConsultationCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(consultation), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )
