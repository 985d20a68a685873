"""Where an officer is sent messages of the office's own: a number they gave themselves, sealed at rest.

Implements `web.ports.people.OfficerPhones`. Whom a message of a promise goes to is decided here as well: nobody whose
account lets them in nowhere, nor from whose role the page it speaks of is withheld.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from complaints.errors import BadPhone
from complaints.record.identifiers import masked_phone, normal_phone, textable
from server.identity.sealing import Seal
from server.storage.officer_phones import OfficerPhoneStore
from web.permissions import may
from web.ports import Officer, Refused

PURPOSE: Final = "officer phone"
PAGE: Final = "/performance"  # what messages about promises speak of


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody a message is for; `phone` is "" where they gave no number."""

    name: str
    phone: str


class OfficerPhones:
    """`standing`: the officer of an account, unless they are let in nowhere (`Officers.standing`)."""

    def __init__(
        self, store: OfficerPhoneStore, seal: Seal, standing: Callable[[str], Awaitable[Officer | None]]
    ) -> None:
        self._store, self._seal, self._standing = store, seal, standing

    async def own(self, officer: Officer) -> str:
        return masked_phone(await self._full(officer.id))

    async def asks(self, officer: Officer) -> bool:
        return not await self._store.answered(officer.id)

    async def decline(self, officer: Officer) -> None:
        await self._store.decline(officer.id)

    async def give(self, officer: Officer, phone: str) -> None:
        if phone:
            try:
                phone = normal_phone(phone)
            except BadPhone:
                raise Refused("bad_phone", 422, field="phone") from None
            if not textable(phone):
                raise Refused("bad_phone", 422, field="phone")
        await self._store.put(officer.id, self._seal.seal(phone, PURPOSE) if phone else "")

    async def overseers(self, office: str) -> Sequence[Reached]:
        """Whose a promise of this office is to look at, once it is escalated."""
        found = [await self.officer(one) for one in await self._store.overseeing(office)]
        return [one for one in found if one is not None]

    async def officer(self, account: str) -> Reached | None:
        officer = await self._standing(account)
        if officer is None or not may(officer, PAGE):
            return None
        return Reached(officer.name, await self._full(officer.id))

    async def _full(self, account: str) -> str:
        sealed = await self._store.sealed(account)
        return self._seal.open(sealed, PURPOSE) if sealed else ""
