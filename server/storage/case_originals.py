"""The raw texts a case is made from, sealed, while it is made. Owns `case_originals`; in no journal and no export.

They go when the case is published, and with the record of the complaint they were taken from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select

from server.storage.engine import Database
from server.storage.tables import case_originals, cases, sessions


class CaseOriginals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def sealed(self, case: str) -> dict[str, str]:
        """Sealed texts by field."""
        wanted = select(case_originals.c.field, case_originals.c.text_sealed).where(case_originals.c.case == case)
        async with self._database.read() as connection:
            return {row.field: row.text_sealed for row in await connection.execute(wanted)}

    async def keep(self, case: str, sealed: Mapping[str, str], at: datetime) -> None:
        """In place of what was there under these fields."""
        rows = [{"case": case, "field": name, "text_sealed": text, "changed": at} for name, text in sealed.items()]
        row = case_originals.c
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(row.case == case, row.field.in_(list(sealed))))
            if rows:
                await connection.execute(insert(case_originals), rows)

    async def forget(self, case: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(case_originals.c.case == case))

    async def forget_session(self, session: str) -> None:
        """Its record is erased: of every case that was drawn from its complaint."""
        complaint = select(sessions.c.complaint).where(sessions.c.id == session).scalar_subquery()
        drawn = select(cases.c.id).where(cases.c.complaint == complaint)
        async with self._database.write() as connection:
            await connection.execute(delete(case_originals).where(case_originals.c.case.in_(drawn)))
