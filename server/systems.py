"""Other systems: their tokens, and complaints they register once for each key. Implements `web.ports.Systems`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from complaints.errors import UnknownComplaint
from complaints.service import ComplaintService
from server.complaint_desk import ComplaintDesk
from server.identity.tokens import digest as token_digest, fresh_token
from server.storage.identity_store import IdentityStore
from server.storage.system_store import USED_EVERY, StoredToken, SystemStore
from web.ports import SCOPES, NewComplaint, Officer, Refused, System, SystemToken

PREFIX = "yt_"  # so that a token left somewhere is recognised for what it is


class Systems:
    def __init__(
        self,
        store: SystemStore,
        offices: IdentityStore,
        complaints: ComplaintService,
        desk: ComplaintDesk,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._offices = offices
        self._complaints = complaints
        self._desk = desk
        self._now = now

    async def issue(self, by: Officer, name: str, scopes: Sequence[str]) -> str:
        _administers(by)
        granted = [scope for scope in SCOPES if scope in scopes]
        if not name.strip() or not granted:
            raise Refused("missing", field="name" if granted else "scopes")
        token = PREFIX + fresh_token()
        await self._store.add(
            StoredToken(
                id=uuid.uuid4().hex,
                office=by.office.id,
                name=name.strip(),
                scopes=" ".join(granted),
                token_hash=token_digest(token),
                created=self._now(),
                created_by=by.id,
            )
        )
        return token

    async def tokens(self, by: Officer) -> list[SystemToken]:
        _administers(by)
        return [
            SystemToken(one.id, one.name, one.scopes.split(), one.created, one.used_at, one.revoked_at)
            for one in await self._store.of_office(by.office.id)
        ]

    async def revoke(self, by: Officer, token: str) -> None:
        _administers(by)
        if not await self._store.revoke(token, by.office.id, self._now()):
            raise Refused("not_found", 404)

    async def system(self, token: str) -> System | None:
        known = await self._store.standing(token_digest(token))
        office = await self._offices.office(known.office) if known else None
        if known is None or office is None:
            return None
        if known.used_at is None or self._now() - known.used_at >= USED_EVERY:
            await self._store.used(known.id, self._now())
        scopes = frozenset(known.scopes.split())
        return System(known.id, "", known.name, "mediator", office, totp=False, scopes=scopes)

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The key is kept before the complaint is made, with the id it will have: a crash between makes none twice."""
        first, complaint = await self._store.request(system.id, key, digest, uuid.uuid4().hex, self._now())
        if first != digest:
            raise Refused("key_reused", 409)
        try:
            await self._complaints.state(complaint)
        except UnknownComplaint:
            return await self._desk.register(system, new, complaint), True
        return complaint, False


def _administers(officer: Officer) -> None:
    if officer.role != "administrator":
        raise Refused("not_allowed", 403)
