"""Who may do what, as the page asks for it: nothing is withheld, and what is asked is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from offices import AccessTable, Officer, OfficerRole, Overseer
from offices.oversight import LookLimits, LookLimitsChange
from tests.web.fakes.people import ADMIN, LIN, NOW


class FakeAccess:
    async def table(self, by: Officer) -> AccessTable:
        charge = frozenset({ADMIN.office.id} if by.office.intake else ())
        return AccessTable([ADMIN.office], frozenset(), {}, [Overseer(LIN, frozenset())], [], charge)

    async def set(
        self, by: Officer, token: str, office: str, role: OfficerRole, allowed: Collection[str], reason: str
    ) -> str:
        return ""

    async def oversee(self, by: Officer, token: str, supervisor: str, offices: Collection[str], reason: str) -> str:
        return ""

    async def undo(self, by: Officer, token: str, number: int, reason: str) -> str:
        return ""


class FakeLookLimits:
    def __init__(self) -> None:
        self.changed: list[LookLimitsChange] = []

    async def of(self, office: str) -> LookLimits:
        return self.changed[-1].limits if self.changed else LookLimits()

    async def changes(self, office: str) -> Sequence[LookLimitsChange]:
        return self.changed

    async def set(self, officer: Officer, wanted: LookLimits) -> None:
        self.changed.append(LookLimitsChange(NOW, officer.name, wanted))
