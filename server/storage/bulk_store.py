"""Writes the rows of many fresh complaints in one transaction, with what becomes of their batch. SQLite only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from journal import Actor
from law import WorkingCalendar
from server.storage import fresh, tree
from server.storage.calendars import calendar_of
from server.storage.engine import Database, roomy
from server.storage.fresh import Given
from server.storage.handled import Handled
from server.storage.intake_store import IntakeStore
from server.storage.journal_store import to_the_end

_SLICE: Final = 1_000  # whose rows are in memory at once


class BulkStore:
    def __init__(self, database: Database) -> None:
        self._database, self._intake = database, IntakeStore(database)

    async def calendar(self, office: str) -> WorkingCalendar:
        async with self._database.read() as connection:
            return (await calendar_of(connection, office))[1]

    async def write(
        self,
        office: str,
        batch: str,
        last_row: int,
        new: Sequence[Given],
        handled: Sequence[Handled],
        calendar: WorkingCalendar,
        at: datetime,
        actor: Actor,
    ) -> bool:
        """`handled`: the batch's other rows. False, and nothing written, when their clocks were not counted by what is
        the office's calendar now, or another import has taken one of their numbers meanwhile."""
        return await to_the_end(self._write(office, batch, last_row, new, handled, calendar, at, actor))

    async def _write(
        self,
        office: str,
        batch: str,
        last_row: int,
        new: Sequence[Given],
        handled: Sequence[Handled],
        calendar: WorkingCalendar,
        at: datetime,
        actor: Actor,
    ) -> bool:
        try:
            async with self._database.write() as connection:
                await self._database.alone(connection, tree.GROWING)
                if (await calendar_of(connection, office))[1] != calendar:
                    return False
                await roomy(connection)
                for first in range(0, len(new), _SLICE):
                    await fresh.write(connection, new[first : first + _SLICE], batch, at, actor)
                await self._intake.note(connection, batch, last_row, handled, taken=len(new))
        except sqlite3.IntegrityError:
            return False
        return True
