"""A notice behind the link of its message, for a side that has no other way to it: opened by a code to its phone.

The link names the notice and whom it went to, sealed under our own key; nothing of the case is shown before the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from complaints.notice_views import PrintedPaper
from complaints.record.identifiers import masked_phone
from offices.people import Office
from offices.refusal import Refused
from rooms.views import CopyRow, CopyVisit
from server.identity.store import IdentityStore
from server.signing.codes import NOTICE, SigningCodes, Tickets

FILE: Final = "notice file"
TICKET_LASTS: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice in force, as it went to one of those it is for. `phone` in full."""

    office: str
    phone: str
    kind: str
    number: str
    at: datetime
    sha256: str


class SentNotices(Protocol):
    async def sent(self, complaint: str, notice: str, whom: str) -> Sent:
        """Refused(404): it is no notice in force of theirs."""
        ...

    async def opened(self, complaint: str, notice: str, whom: str) -> PrintedPaper:
        """The very sheet; that they opened it is noted."""
        ...


class NoticeCopies:
    def __init__(self, notices: SentNotices, offices: IdentityStore, codes: SigningCodes, tickets: Tickets) -> None:
        self._notices, self._offices, self._codes, self._tickets = notices, offices, codes, tickets

    async def told(self, secret: str) -> dict[str, str] | None:
        """None of a link to something else."""
        return await self._tickets.read(NOTICE, secret)

    async def visit(self, told: dict[str, str]) -> CopyVisit:
        sent, office = await self._sent(told)
        return CopyVisit(office, masked_phone(sent.phone), sent.number)

    async def send_code(self, told: dict[str, str], secret: str, ip: str) -> str:
        sent, office = await self._sent(told)
        return await self._codes.send_to(sent.phone, "copy", office.id, "", _seat(told), secret, sent.number, ip)

    async def open(self, told: dict[str, str], secret: str, code: str, ip: str, now: datetime) -> Sequence[CopyRow]:
        sent, _ = await self._sent(told)
        await self._codes.check("copy", "", _seat(told), secret, code, ip)
        what = {name: told[name] for name in ("complaint", "notice", "whom")}
        ticket = self._tickets.write(FILE, what, now + TICKET_LASTS)
        return [CopyRow(told["notice"], sent.kind, sent.number, sent.at, sent.sha256, ticket=ticket)]

    async def by_ticket(self, ticket: str) -> PrintedPaper | None:
        """None of a ticket to something else."""
        told = await self._tickets.read(FILE, ticket)
        return None if told is None else await self._notices.opened(told["complaint"], told["notice"], told["whom"])

    async def _sent(self, told: dict[str, str]) -> tuple[Sent, Office]:
        try:
            sent = await self._notices.sent(told["complaint"], told["notice"], told["whom"])
        except Refused as no:  # withdrawn, replaced or erased meanwhile
            raise Refused("link_expired", 410) from no
        office = await self._offices.office(sent.office)
        if office is None:
            raise Refused("link_expired", 410)
        return sent, office


def _seat(told: dict[str, str]) -> str:
    return f"notice {told['notice']} {told['whom']}"
