"""One-time codes of signers and of those who take a copy, each bound to one purpose, one seat and one text.

A code that was sent for another text, another seat or to join is not found here: what is looked up is the hash of all
three. A right code is spent before anything is done with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, Protocol

from complaints.record.identifiers import PHONE, masked_phone, textable
from server.identity.codes import OneTime
from server.identity.sealing import Seal
from server.outbox.texts import copy_code_text, sign_code_text
from server.storage.link_store import LinkStore
from web.ports import Refused

Purpose = Literal["sign", "copy"]


class Contacts(Protocol):
    async def of_session(self, complaint: str, session: str) -> Mapping[str, str]: ...


class SigningCodes:
    def __init__(
        self,
        codes: OneTime,
        store: LinkStore,
        contacts: Contacts,
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
