"""A personal link that one phone holds: looking at it changes nothing, and the code goes to the number on file.

Links, devices and codes are those of seats (`server.storage.link_store`), told apart by a prefix of what they are for.
Security items: 144 bits with the digest at rest, one device, a fresh token once the code was right.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from complaints.record.identifiers import PHONE
from server.identity.codes import OneTime
from server.identity.sealing import Seal
from server.identity.throttle import Throttle
from server.identity.tokens import digest, fresh_token
from server.outbox.texts import window_code_text
from server.storage.link_store import Device, Link, LinkStore
from web.ports import Refused


class OnePhone:
    def __init__(
        self,
        store: LinkStore,
        codes: OneTime,
        seal: Seal,
        now: Callable[[], datetime],
        prefix: str,
        purpose: Literal["answer", "comment"],
    ) -> None:
        """`prefix`: of the `session` of its links; a link of something else is unknown here. `purpose`: of codes."""
        self._store, self._codes, self._seal, self._now, self._prefix = store, codes, seal, now, prefix
        self._purpose: Literal["answer", "comment"] = purpose
        self._begins = Throttle(30, timedelta(hours=1), "too_many_tries")

    async def by_secret(self, secret: str) -> Link:
        """Refused: link_unknown."""
        link = await self._store.by_secret(digest(secret))
        if link is None or not link.session.startswith(self._prefix):
            raise Refused("link_unknown", 404)
        return link

    async def held(self, token: str) -> tuple[Device, Link]:
        """Refused: no_invitation."""
        found = await self._store.device(digest(token), self._now()) if token else None
        if found is None or not found[1].session.startswith(self._prefix):
            raise Refused("no_invitation", 401)
        return found

    async def begin(self, link: Link) -> str:
        """A token for the phone that asks for the code. Refused: too_many_tries."""
        self._begins.pass_(link.id)
        token = fresh_token()
        await self._store.open(Device(uuid.uuid4().hex, digest(token), link.id, self._now(), link.expires))
        return token

    async def send_code(self, device: Device, link: Link, ip: str, language: str) -> str:
        """The masked number it went to. Refused: too_many_codes."""

        def text(digits: str, minutes: int) -> str:
            return window_code_text(digits, minutes, language)

        phone = self._seal.open(link.phone_sealed, PHONE)
        await self._codes.send(self._purpose, device.id, link.id, phone, text, ip, link.office, "")
        return link.phone_masked

    async def confirm(self, device: Device, code: str, ip: str) -> str:
        """The token to go on with. Refused: bad_code, code_expired, link_used."""
        right = await self._codes.check(self._purpose, device.id, code, ip)
        fresh = fresh_token()
        if await self._store.confirm(right, digest(fresh), self._now(), device.expires) is None:
            raise Refused("link_used", 410)
        return fresh
