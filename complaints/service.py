"""The one writer of complaint streams: reads, decides, appends, and tries once more when overtaken."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from complaints.clocks import local_day
from complaints.commands import Command, Register
from complaints.complaint import Complaint, decide, fold, stream
from complaints.errors import Busy, Missing, UnknownComplaint
from complaints.events import ComplaintRegistered, PartyRecord, to_draft
from complaints.numbers import Numbers
from complaints.phones import PHONE, Sealer, masked, masked_code, normal
from journal import Actor, Conflict, Event, Journal
from law import order_for


@dataclass(frozen=True, slots=True)
class Person:
    """A party as an officer types it: the phone complete, the code unmasked."""

    name: str
    phone: str = ""
    city: str = ""
    address: str = ""
    organisation: str = ""
    credit_code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A complaint to be registered for an office, whose zone decides the day and year of receipt."""

    office: str
    prefix: str
    zone: str
    channel: str
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: Person
    business: Person
    industry: str = ""
    problem: str = ""


class ComplaintService:
    def __init__(self, journal: Journal, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._sealer = sealer
        self._now = now
        self.numbers = Numbers(journal)

    async def register(self, filing: Filing, actor: Actor, complaint: str = "") -> str:
        """The new complaint's id, its own choice unless given. A refused filing uses up no number."""
        if not filing.consumer.phone.strip():
            raise Missing(field="consumer_phone")
        consumer = self._record(filing.consumer, "consumer_phone")
        business = self._record(filing.business, "business_phone")
        day = local_day(filing.received, filing.zone)
        at = self._now()

        def numbered(number: str) -> Register:
            return Register(
                ComplaintRegistered(
                    number=number,
                    office=filing.office,
                    channel=filing.channel,
                    received=filing.received,
                    title=filing.title.strip(),
                    request=filing.request.strip(),
                    facts=filing.facts.strip(),
                    amount=filing.amount,
                    consumer=consumer,
                    business=business,
                    industry=filing.industry.strip(),
                    problem=filing.problem.strip(),
                    order=order_for(day).id,
                )
            )

        decide(numbered(""), None, at)
        number = await self.numbers.next(filing.office, filing.prefix, day.year, at, actor)
        complaint = complaint or uuid.uuid4().hex
        await self.submit(complaint, numbered(number), actor)
        return complaint

    async def submit(self, complaint: str, command: Command, actor: Actor) -> Sequence[Event]:
        """The events it led to, durable. ComplaintError says why not."""
        for _ in range(2):
            entries = await self._journal.read(stream(complaint))
            at = self._now()
            decided = decide(command, fold(entries), at)
            drafts = [to_draft(event, at, actor) for event in decided]
            try:
                return await self._journal.append(stream(complaint), len(entries), drafts) if drafts else []
            except Conflict:
                continue
        raise Busy

    async def state(self, complaint: str) -> Complaint:
        """UnknownComplaint when there is none."""
        folded = fold(await self._journal.read(stream(complaint)))
        if folded is None:
            raise UnknownComplaint
        return folded

    def sealed_phone(self, text: str, field: str) -> tuple[str, str]:
        """A typed number as (sealed, masked); two empty texts for none. BadPhone."""
        if not text.strip():
            return "", ""
        phone = normal(text, field)
        return self._sealer.seal(phone, PHONE), masked(phone)

    def full_phone(self, sealed: str) -> str:
        return self._sealer.open(sealed, PHONE) if sealed else ""

    def _record(self, person: Person, field: str) -> PartyRecord:
        sealed, shown = self.sealed_phone(person.phone, field)
        return PartyRecord(
            name=person.name.strip(),
            phone=sealed,
            phone_masked=shown,
            city=person.city.strip(),
            address=person.address.strip(),
            organisation=person.organisation.strip(),
            credit_code=masked_code(person.credit_code),
            detail=person.detail.strip(),
        )
