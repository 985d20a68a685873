"""What opens something for one person: one-time codes, and addresses that are good for a while."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from complaints.record.identifiers import PHONE, masked_phone, textable
from offices.refusal import Refused
from server.complaints.service import OfficeComplaints
from server.identity.codes import OneTime
from server.identity.link_store import LinkStore, TicketStore
from server.identity.sealing import Seal, SealBroken, digest
from server.outbox.texts import copy_code_text, sign_code_text

Purpose = Literal["sign", "copy"]


class SigningCodes:
    """One-time codes of signers and of those who take a copy, each bound to one purpose, one seat and one text.

    A code that was sent for another text, another seat or to join is not found here: what is looked up is the hash of
    all three. A right code is spent before anything is done with it.
    """

    def __init__(
        self,
        codes: OneTime,
        store: LinkStore,
        contacts: OfficeComplaints,
        seal: Seal,
        now: Callable[[], datetime],
        language: str,
    ) -> None:
        self._codes, self._store, self._contacts = codes, store, contacts
        self._seal, self._now, self._language = seal, now, language

    async def phone(self, complaint: str, session: str, seat: str) -> str:
        """In full; Refused "no_phone" when no message can go there."""
        sealed = (await self._contacts.of_session(complaint, session)).get(seat, "")
        phone = self._seal.open(sealed, PHONE) if sealed else ""
        if not textable(phone):
            raise Refused("no_phone")
        return phone

    async def send(
        self, purpose: Purpose, office: str, complaint: str, session: str, seat: str, text: str, number: str, ip: str
    ) -> str:
        """The masked number it went to. Refused: no_phone, too_many_codes."""
        phone = await self.phone(complaint, session, seat)
        return await self.send_to(phone, purpose, office, session, seat, text, number, ip)

    async def send_to(
        self, phone: str, purpose: Purpose, office: str, session: str, seat: str, text: str, number: str, ip: str
    ) -> str:
        """As `send`, to a number that the caller knows to be the seat's."""
        words = sign_code_text if purpose == "sign" else copy_code_text

        def said(code: str, minutes: int) -> str:
            return words(code, minutes, number, self._language)

        bound = _bound(purpose, session, seat, "")
        await self._codes.send(purpose, _bound(purpose, session, seat, text), bound, phone, said, ip, office, session)
        return masked_phone(phone)

    async def check(self, purpose: Purpose, session: str, seat: str, text: str, typed: str, ip: str) -> None:
        """Refused: bad_code, code_expired, too_many_tries."""
        right = await self._codes.check(purpose, _bound(purpose, session, seat, text), typed, ip)
        if not await self._store.spend(right.id, self._now()):
            raise Refused("code_expired", 410)


def _bound(purpose: Purpose, session: str, seat: str, text: str) -> str:
    return hashlib.sha256("\n".join((purpose, session, seat, text)).encode()).hexdigest()


COPY: Final = "copy"
NOTICE: Final = "notice"
MOST = 1000  # characters
_SHORT = re.compile(r"[A-Za-z0-9_-]{24}")  # 144 bits; a whole one is never so short


class Tickets:
    """Addresses that open something for one person and for a while, sealed under our own key.

    On a page a ticket stands whole and leaves no row anywhere. In a message a short one stands for it, found again by
    its digest: 144 bits nobody can guess, made from what it opens by a keyed digest, so that sending it again sends the
    same. Whole ones in messages sent earlier go on opening what they opened.
    """

    def __init__(self, seal: Seal, now: Callable[[], datetime], rows: TicketStore) -> None:
        self._seal, self._now, self._rows = seal, now, rows

    def write(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """URL-safe and whole; two of the same are different."""
        return self._seal.seal(json.dumps({**what, "ends": ends.isoformat()}), f"ticket {kind}").rstrip("=")

    def short(self, kind: str, what: Mapping[str, str]) -> str:
        """What `issue` gives for this; opens nothing before."""
        mac = self._seal.hash(json.dumps(dict(what), sort_keys=True), f"short ticket {kind}")
        return base64.urlsafe_b64encode(bytes.fromhex(mac)[:18]).decode()

    async def issue(self, kind: str, what: Mapping[str, str], ends: datetime) -> str:
        """For a message: 24 characters, URL-safe, kept before this returns."""
        secret = self.short(kind, what)
        await self._rows.keep(digest(secret), self.write(kind, what, ends), ends, self._now())
        return secret

    async def standing(self, kind: str, what: Mapping[str, str]) -> str:
        """The one that was issued for this; "" when none was or it is over."""
        secret = self.short(kind, what)
        return secret if await self.read(kind, secret) is not None else ""

    async def read(self, kind: str, ticket: str) -> dict[str, str] | None:
        """None when it is over, of another kind, or none of ours."""
        if len(ticket) > MOST:
            return None
        if _SHORT.fullmatch(ticket):
            ticket = await self._rows.ticket(digest(ticket))
        try:
            told: dict[str, str] = json.loads(self._seal.open(ticket + "=" * (-len(ticket) % 4), f"ticket {kind}"))
            return told if datetime.fromisoformat(told["ends"]) > self._now() else None
        except (SealBroken, ValueError, KeyError):
            return None
