"""Mediators' own notes as sealed rows. They are beside the journal: nothing that reads it for an export meets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from server.db.engine import Database
from server.db.schema import mediator_notes


@dataclass(frozen=True, slots=True)
class SealedNote:
    edition: int
    sealed: str
    changed: datetime


class NoteStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, session: str, officer: str) -> SealedNote | None:
        columns = mediator_notes.c
        wanted = select(columns.edition, columns.sealed, columns.changed).where(
            columns.session == session, columns.officer == officer
        )
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else SealedNote(**row)

    async def write(self, session: str, officer: str, seen: int, sealed: str, now: datetime) -> int | None:
        """The new edition; None when another page wrote since the one this one saw (0: saw none)."""
        columns = mediator_notes.c
        async with self._database.write() as connection:
            if seen == 0:
                there = select(columns.edition).where(columns.session == session, columns.officer == officer)
                if (await connection.execute(there)).first() is not None:
                    return None
                values = {"session": session, "officer": officer, "edition": 1, "sealed": sealed, "changed": now}
                await connection.execute(insert(mediator_notes).values(values))
                return 1
            changed = await connection.execute(
                update(mediator_notes)
                .where(columns.session == session, columns.officer == officer, columns.edition == seen)
                .values(edition=seen + 1, sealed=sealed, changed=now)
            )
            return seen + 1 if changed.rowcount else None

    async def remove(self, session: str) -> int:
        """Everybody's of a session; how many characters were kept."""
        mine = mediator_notes.c.session == session
        async with self._database.write() as connection:
            size = (
                await connection.execute(select(func.sum(func.length(mediator_notes.c.sealed))).where(mine))
            ).scalar()
            await connection.execute(delete(mediator_notes).where(mine))
            return size or 0
