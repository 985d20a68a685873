"""What a restart has to take up again: sessions under way, endings a complaint has not heard of, loose recordings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from server.storage.engine import Database
from server.storage.tables import complaints, sessions


async def under_way(database: Database) -> list[str]:
    """Session ids that are live, in recess, or have somebody in the waiting room."""
    seated = ("waiting", "present", "reconnecting")
    wanted = select(sessions.c.id, sessions.c.status, sessions.c.seats).where(
        sessions.c.status.in_(("scheduled", "live", "recess"))
    )
    async with database.read() as connection:
        rows = (await connection.execute(wanted)).all()
    return [row.id for row in rows if row.status != "scheduled" or set(row.seats.values()) & set(seated)]


async def unfollowed(database: Database) -> list[str]:
    """Sessions that are over while their complaint waits. May name some that were followed (adjourned ones)."""
    wanted = (
        select(sessions.c.id)
        .join(complaints, sessions.c.complaint == complaints.c.id)
        .where(sessions.c.status.in_(("closed", "cancelled")), complaints.c.state == "mediating")
        .order_by(sessions.c.starts, sessions.c.id)
    )
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())


async def closed_before(database: Database, when: datetime) -> list[tuple[str, str]]:
    """Sessions closed before `when` and their complaints, oldest first."""
    wanted = (
        select(sessions.c.id, sessions.c.complaint)
        .where(sessions.c.closed < when)
        .order_by(sessions.c.closed, sessions.c.id)
    )
    async with database.read() as connection:
        return [(row.id, row.complaint) for row in await connection.execute(wanted)]


async def closed_since(database: Database, since: datetime) -> list[str]:
    """Sessions closed after `since`, oldest first."""
    wanted = select(sessions.c.id).where(sessions.c.closed > since).order_by(sessions.c.closed, sessions.c.id)
    async with database.read() as connection:
        return list((await connection.execute(wanted)).scalars())
