"""Views of the list that officers keep by name: `saved_views`. Implements `SavedViews`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select

from journal.refusals import Refused
from offices.people import Officer
from server.db.engine import Database
from server.db.schema import saved_views

MOST: Final = 20  # of an officer
_v = saved_views.c


class ViewStore:
    """Each method is one transaction. A view is its officer's alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def views(self, officer: Officer) -> Sequence[tuple[str, str]]:
        wanted = select(_v.name, _v.query).where(_v.officer == officer.id).order_by(_v.name)
        async with self._database.read() as connection:
            return [(row.name, row.query) for row in await connection.execute(wanted)]

    async def keep(self, officer: Officer, name: str, query: str) -> None:
        others = select(func.count()).where(_v.officer == officer.id, _v.name != name)
        async with self._database.write() as connection:
            if (await connection.execute(others)).scalar_one() >= MOST:
                raise Refused("too_many_views", 409, most=MOST)
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))
            await connection.execute(insert(saved_views).values(officer=officer.id, name=name, query=query))

    async def drop(self, officer: Officer, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(saved_views).where(_v.officer == officer.id, _v.name == name))
