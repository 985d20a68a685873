"""Tickets that went out in messages, as rows: found by the digest of the short one. Nothing in them is in the clear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from server.db.engine import Database
from server.db.schema import short_tickets


class TicketStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, secret_hash: str, ticket: str, ends: datetime, now: datetime) -> None:
        """A later one of the same digest takes its place; those that are over are dropped."""
        mine = short_tickets.c.secret_hash == secret_hash
        async with self._database.write() as connection:
            await connection.execute(delete(short_tickets).where(mine | (short_tickets.c.ends <= now)))
            await connection.execute(
                insert(short_tickets).values(secret_hash=secret_hash, ticket_sealed=ticket, ends=ends)
            )

    async def ticket(self, secret_hash: str) -> str:
        """Empty when none is kept."""
        wanted = select(short_tickets.c.ticket_sealed).where(short_tickets.c.secret_hash == secret_hash)
        async with self._database.read() as connection:
            return (await connection.execute(wanted)).scalar_one_or_none() or ""
