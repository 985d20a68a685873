"""Which sessions are over while their complaint still waits for them: what a restart has to make up for."""

from __future__ import annotations

from sqlalchemy import select

from server.storage.engine import Database
from server.storage.tables import complaints, sessions


async def unfollowed(database: Database) -> list[str]:
    """Session ids, oldest first. May name some that were followed (adjourned ones): following is idempotent."""
    wanted = (
        select(sessions.c.id)
        .join(complaints, sessions.c.complaint == complaints.c.id)
        .where(sessions.c.status.in_(("closed", "cancelled")), complaints.c.state == "mediating")
        .order_by(sessions.c.starts, sessions.c.id)
    )
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())
