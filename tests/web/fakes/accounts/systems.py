"""Tokens kept in memory, in the clear: what the real ones promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from complaints.views import NewComplaint
from journal.refusals import Refused
from offices import Officer
from offices.systems import System, SystemToken
from tests.web.fakes.desk.complaints import FakeComplaints
from tests.web.fakes.people import Clock
from web.office.administration import Systems


class FakeSystems(Systems):
    def __init__(self, complaints: FakeComplaints, clock: Clock) -> None:
        self.complaints, self.clock = complaints, clock
        self.issued: dict[str, tuple[Officer, SystemToken]] = {}
        self.keys: dict[tuple[str, str], tuple[str, str]] = {}

    async def issue(self, by: Officer, name: str, scopes: Sequence[str], last: date = date.max) -> str:
        token = f"yt_token{len(self.issued)}"
        self.issued[token] = by, SystemToken(f"t{len(self.issued)}", name, scopes, self.clock(), None, None)
        return token

    async def issue_screen(self, by: Officer, name: str, last: date) -> str:
        return await self.issue(by, name, ["screen"], last)

    async def issue_own(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        return await self.issue(by, name, scopes, last)

    async def own(self, by: Officer) -> list[SystemToken]:
        return [token for who, token in self.issued.values() if who.id == by.id]

    async def revoke_own(self, by: Officer, token: str) -> None:
        await self.revoke(by, token)

    async def tokens(self, by: Officer) -> list[SystemToken]:
        return [token for who, token in self.issued.values() if who.office == by.office]

    async def revoke(self, by: Officer, token: str) -> None:
        for secret, (who, known) in self.issued.items():
            if known.id == token and who.office == by.office and known.revoked is None:
                self.issued[secret] = who, replace(known, revoked=self.clock())
                return
        raise Refused("not_found", 404)

    async def system(self, token: str) -> System | None:
        by, known = self.issued.get(token, (None, None))
        if by is None or known is None:
            return None
        if known.revoked:
            raise Refused("token_revoked", 401)
        return System(
            known.id, "", known.name, "mediator", by.office, False, scopes=frozenset(known.scopes), token=known.id
        )

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        if (system.id, key) in self.keys:
            first, complaint = self.keys[system.id, key]
            if first != digest:
                raise Refused("key_reused", 409)
            return complaint, False
        complaint = await self.complaints.register(system, new)
        self.keys[system.id, key] = digest, complaint
        return complaint, True
