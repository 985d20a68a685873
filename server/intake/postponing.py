"""A great file that is read by a process that has the database to itself: indexes are left out until its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from server import data_lock
from server.storage import postponed
from server.storage.engine import Database
from server.storage.tables import complaints

GREAT: Final = 8_000_000  # bytes of a file; below it there is little to be had
_OF_A_ROW: Final = 500  # bytes, in an export
_TIMES: Final = 10  # as many complaints may be there already: their entries are made anew too


class Postponing:
    """Of the installation in this data folder."""

    def __init__(self, database: Database, data: Path, great: int = GREAT) -> None:
        self._database, self._data, self._great = database, data, great

    @asynccontextmanager
    async def reading(self, size: int) -> AsyncIterator[None]:
        """`size`: bytes of the file that is read meanwhile."""
        if size >= self._great and not data_lock.is_held(self._data) and await self._many(size // _OF_A_ROW):
            await postponed.leave_out(self._database)
            if data_lock.is_held(self._data):  # a server has started meanwhile, and found all of them
                await postponed.complete(self._database)
        try:
            yield
        finally:
            await postponed.complete(self._database)

    async def _many(self, rows: int) -> bool:
        """Beside those there are."""
        async with self._database.read() as connection:
            there: int = (await connection.execute(select(func.count()).select_from(complaints))).scalar_one()
        return there <= rows * _TIMES
