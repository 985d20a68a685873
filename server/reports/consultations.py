"""Consultations and other bodies' matters as pages ask for them. Implements `web.ports.Consultations`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import date

from complaints.clocks import local_day
from complaints.consultations import (
    ConsultationCommand,
    ConsultationRegistered,
    ConsultationService,
    RegisterConsultation,
    RevealPerson,
)
from complaints.record.identifiers import PHONE, Sealer, masked_phone, normal_phone
from law import order_for
from server.refusing import said
from server.storage.engine import Database
from server.storage.reports.consultations import consultation_counts, consultation_page, consultation_rows
from web.ports import Officer, Refused
from web.ports.reports import ConsultationPage, ConsultationRow, NewConsultation


class ConsultationDesk:
    def __init__(
        self,
        consultations: ConsultationService,
        database: Database,
        seal: Sealer,
        looking: Callable[[Officer], AbstractAsyncContextManager[None]] = lambda _officer: nullcontext(),
    ) -> None:
        """`looking`: what is around a look at a full number (`server.oversight.unmasking`)."""
        self._consultations, self._database, self._seal, self._looking = consultations, database, seal, looking

    async def register(self, officer: Officer, new: NewConsultation) -> str:
        if officer.role != "mediator":
            raise Refused("not_allowed", 403)
        office = officer.office
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"consultation/{office.id}/{new.key}").hex
        with said():
            registered = consultation_registered(new, office.id, office.zone, self._seal)
            year = local_day(new.received, office.zone).year
            await self._consultations.register(id_, registered, office.number_prefix, year, officer.actor)
        return id_

    async def consultations(
        self, officer: Officer, state: str, kind: str, page: int
    ) -> tuple[Sequence[ConsultationRow], int]:
        return await consultation_rows(self._database, _reads(officer), state, kind, page)

    async def counts(self, officer: Officer, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        return await consultation_counts(self._database, _reads(officer), first, last)

    async def consultation(self, officer: Officer, consultation: str) -> ConsultationPage:
        return await consultation_page(self._database, _reads(officer), consultation)

    async def ask(self, officer: Officer, consultation: str, command: ConsultationCommand) -> None:
        await self.consultation(officer, consultation)
        if isinstance(command, RegisterConsultation):
            raise Refused("not_allowed", 403)
        with said():
            await self._consultations.submit(consultation, command, officer.actor)

    async def person(self, officer: Officer, consultation: str, reason: str) -> tuple[str, str]:
        told = (await self.consultation(officer, consultation)).consultation.registered
        async with self._looking(officer):
            await self.ask(officer, consultation, RevealPerson(reason))
        return told.person, self._seal.open(told.phone, PHONE) if told.phone else ""


def consultation_registered(new: NewConsultation, office: str, zone: str, seal: Sealer) -> ConsultationRegistered:
    """Sealed, as the journal keeps it, without a number. BadPhone."""
    phone = normal_phone(new.phone) if new.phone.strip() else ""
    return ConsultationRegistered(
        office=office,
        number="",
        kind=new.kind,
        received=new.received,
        order=order_for(local_day(new.received, zone)).id,
        channel=new.channel,
        mode=new.mode,
        title=new.title.strip(),
        content=new.content.strip(),
        person=new.person.strip(),
        phone=seal.seal(phone, PHONE) if phone else "",
        phone_masked=masked_phone(phone),
        source=new.source.strip(),
        row=new.row,
    )


def _reads(officer: Officer) -> Officer:
    if officer.role not in ("mediator", "supervisor"):
        raise Refused("not_allowed", 403)
    return officer
