"""What cases are made from, sealed: the raw texts of one, and compendiums. In no journal and no export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from server.db.engine import Database
from server.db.schema import case_cuts, case_originals, cases, sessions


class CaseOriginals:
    """The raw texts a case is made from, while it is made. Owns `case_originals`.

    They go when the case is published, and with the record of the complaint they were taken from.
    """

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


KEPT: Final = timedelta(days=30)
MOST: Final = 20
"""Of an office at a time."""
_LISTED = (case_cuts.c.id, case_cuts.c.name, case_cuts.c.by, case_cuts.c.at, case_cuts.c.starts, case_cuts.c.left_out)


@dataclass(frozen=True, slots=True)
class KeptCut:
    """`starts`: places of the paragraphs cases begin at; `left_out`: those of which no draft is to be made."""

    id: str
    name: str
    by: str
    at: datetime
    paragraphs_sealed: str
    starts: tuple[int, ...]
    left_out: tuple[int, ...]
    version: int


class CaseCuts:
    """Compendiums that were sent in and are looked at before drafts are made of them. Owns `case_cuts`; in no journal.

    Their texts name people: they are sealed, and go when drafts are made, when somebody drops them, or after `KEPT`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, office: str, cut: KeptCut) -> bool:
        """False when the office has too many already."""
        row = {
            "id": cut.id, "office": office, "name": cut.name, "by": cut.by, "at": cut.at, "version": cut.version,
            "paragraphs_sealed": cut.paragraphs_sealed, "starts": list(cut.starts), "left_out": list(cut.left_out),
        }  # fmt: skip
        async with self._database.write() as connection:
            having = (
                select(func.count())
                .select_from(case_cuts)
                .where(case_cuts.c.office == office, case_cuts.c.at >= cut.at - KEPT)
            )
            if (await connection.execute(having)).scalar_one() >= MOST:
                return False
            await connection.execute(insert(case_cuts), [row])
        return True

    async def waiting(self, office: str, now: datetime) -> list[Mapping[str, Any]]:
        """Newest first."""
        of = select(*_LISTED).where(case_cuts.c.office == office, case_cuts.c.at >= now - KEPT)
        async with self._database.read() as connection:
            return [dict(row) for row in (await connection.execute(of.order_by(case_cuts.c.at.desc()))).mappings()]

    async def cut(self, office: str, id: str, now: datetime) -> KeptCut | None:
        of = select(case_cuts).where(case_cuts.c.id == id, case_cuts.c.office == office, case_cuts.c.at >= now - KEPT)
        async with self._database.read() as connection:
            row = (await connection.execute(of)).mappings().first()
        if row is None:
            return None
        kept = {name: row[name] for name in ("id", "name", "by", "at", "paragraphs_sealed", "version")}
        return KeptCut(**kept, starts=tuple(row["starts"]), left_out=tuple(row["left_out"]))

    async def change(self, id: str, seen: int, starts: Sequence[int], left_out: Sequence[int]) -> bool:
        """False when somebody changed it meanwhile."""
        changed = (
            update(case_cuts)
            .where(case_cuts.c.id == id, case_cuts.c.version == seen)
            .values(starts=list(starts), left_out=list(left_out), version=seen + 1)
        )
        async with self._database.write() as connection:
            return bool((await connection.execute(changed)).rowcount)

    async def forget_old(self, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_cuts).where(case_cuts.c.at < now - KEPT))

    async def forget(self, id: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(case_cuts).where(case_cuts.c.id == id))
