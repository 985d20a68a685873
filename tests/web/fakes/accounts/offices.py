"""The offices of the bureau, as the page asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.notices import Words
from offices import Office, OfficeChange, OfficeLevel, Officer, RosterRow
from tests.web.fakes.people import ADMIN
from web.office.administration import OfficeRoster, Offices


class FakeOffices(Offices):
    async def offices(self, officer: Officer) -> Sequence[Office]:
        return [ADMIN.office]

    async def changes(self, officer: Officer) -> Sequence[OfficeChange]:
        return []

    async def add(self, officer: Officer, office: Office) -> None: ...

    async def may_change(self, officer: Officer, office: Office) -> bool:
        return officer.office.intake

    async def words(self, officer: Officer, office: Office) -> Words:
        return {}

    async def number(self, officer: Officer, office: str, wanted: Words) -> None: ...

    async def change(self, officer: Officer, wanted: Office) -> None: ...

    async def charge(self, officer: Officer) -> frozenset[str]:
        return frozenset({ADMIN.office.id} if officer.office.intake else ())

    async def may_add(self, officer: Officer, superior: str = "") -> bool:
        return officer.office.intake

    async def place(
        self, officer: Officer, token: str, office: str, superior: str, level: OfficeLevel, reason: str
    ) -> str:
        return ""


class FakeRoster(OfficeRoster):
    async def read(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        return [RosterRow(2, ADMIN.office, "same")]

    async def take(self, officer: Officer, content: bytes) -> Sequence[RosterRow]:
        return await self.read(officer, content)
