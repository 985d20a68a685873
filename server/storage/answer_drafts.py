"""Answers that are being typed, sealed. Owns `answer_drafts`: one of a link, until it is sent or the link is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from server.storage.engine import Database
from server.storage.tables import answer_drafts


class AnswerDrafts:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, link: str) -> str:
        """ "" when nothing was typed."""
        async with self._database.read() as connection:
            wanted = select(answer_drafts.c.fields_sealed).where(answer_drafts.c.link == link)
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def keep(self, link: str, fields_sealed: str, expires: datetime) -> None:
        row = {"fields_sealed": fields_sealed, "expires": expires}
        async with self._database.write() as connection:
            await self._database.alone(connection, f"yuntiao.answer_draft.{link}")
            kept = await connection.execute(update(answer_drafts).where(answer_drafts.c.link == link).values(row))
            if not kept.rowcount:
                await connection.execute(insert(answer_drafts).values(link=link, **row))

    async def forget(self, link: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(answer_drafts).where(answer_drafts.c.link == link))

    async def forget_expired(self, now: datetime) -> int:
        """How many."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(answer_drafts).where(answer_drafts.c.expires <= now))
            return gone.rowcount
