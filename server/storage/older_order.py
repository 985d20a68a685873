"""Complaints under way that are handled under Order 20, which Order 121 repealed: their number and ids."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from complaints.state import UNDER_WAY, State
from law.orders import ORDER_20
from server.storage.engine import Database
from server.storage.scope import within
from server.storage.tables import complaints
from web.ports import Officer

_OPEN = [state.value for state in (State.REGISTERED, *UNDER_WAY)]


async def older_count(database: Database, officer: Officer) -> int:
    """How many the officer may see."""
    wanted = select(func.count()).select_from(complaints).where(*_where(officer))
    async with database.read() as connection:
        return (await connection.execute(wanted)).scalar_one()


async def older_ids(database: Database, officer: Officer, after: str, most: int) -> Sequence[str]:
    """The next of them by id."""
    wanted = select(complaints.c.id).where(*_where(officer), complaints.c.id > after)
    async with database.read() as connection:
        return list((await connection.execute(wanted.order_by(complaints.c.id).limit(most))).scalars())


def _where(officer: Officer) -> tuple[ColumnElement[bool], ...]:
    return within(officer, complaints.c.office), complaints.c.law_order == ORDER_20.id, complaints.c.state.in_(_OPEN)
