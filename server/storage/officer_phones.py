"""Numbers that officers gave for messages to themselves, sealed, and who oversees an office. Owns `officer_phones`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, or_, select

from server.storage.engine import Database
from server.storage.tables import office_oversight, officer_phones, users


class OfficerPhoneStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sealed(self, officer: str) -> str:
        """ "" for none."""
        wanted = select(officer_phones.c.phone_sealed).where(officer_phones.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def put(self, officer: str, sealed: str) -> None:
        """In place of the one before; "" for none any more, which is an answer too."""
        async with self._database.write() as connection:
            await connection.execute(delete(officer_phones).where(officer_phones.c.officer == officer))
            await connection.execute(insert(officer_phones).values(officer=officer, phone_sealed=sealed))

    async def answered(self, officer: str) -> bool:
        wanted = select(officer_phones.c.officer).where(officer_phones.c.officer == officer)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).first() is not None

    async def decline(self, officer: str) -> None:
        """No number, unless there is an answer already."""
        async with self._database.write() as connection:
            wanted = select(officer_phones.c.officer).where(officer_phones.c.officer == officer)
            if (await connection.execute(wanted)).first() is None:
                await connection.execute(insert(officer_phones).values(officer=officer, phone_sealed=""))

    async def overseeing(self, office: str) -> Sequence[str]:
        """Accounts of the office's own supervisors and of those who oversee it besides theirs."""
        table = office_oversight.c
        others = select(table.supervisor).where(table.office == office)
        wanted = select(users.c.id).where(
            users.c.role == "supervisor", or_(users.c.office == office, users.c.id.in_(others))
        )
        async with self._database.read() as connection:
            return (await connection.execute(wanted.order_by(users.c.created, users.c.id))).scalars().all()
