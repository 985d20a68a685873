"""Who may do what, as the page asks for it: nothing is withheld, and what is asked is kept."""

from __future__ import annotations

from collections.abc import Collection

from offices.people import AccessTable, Officer, OfficerRole, Overseer
from tests.web.fakes.people import ADMIN, LIN


class FakeAccess:
    async def table(self, by: Officer) -> AccessTable:
        return AccessTable([ADMIN.office], frozenset(), {}, [Overseer(LIN, frozenset())], [])

    async def set(
        self, by: Officer, token: str, office: str, role: OfficerRole, allowed: Collection[str], reason: str
    ) -> str:
        return ""

    async def oversee(self, by: Officer, token: str, supervisor: str, offices: Collection[str], reason: str) -> str:
        return ""

    async def undo(self, by: Officer, token: str, number: int, reason: str) -> str:
        return ""
