"""How people of a session could be reached: on their links, and in the messages that went to them."""

from __future__ import annotations

from sqlalchemy import delete, or_, update

from server.storage.engine import Database
from server.storage.tables import links, messages


class Contacts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, session: str) -> int:
        """Take the numbers off its links, and its messages away, those still to be sent as well; how many rows."""
        numbered = or_(links.c.phone_sealed != "", links.c.phone_masked != "")
        async with self._database.write() as connection:
            without = await connection.execute(
                update(links).where(links.c.session == session, numbered).values(phone_sealed="", phone_masked="")
            )
            gone = await connection.execute(delete(messages).where(messages.c.session == session))
            return without.rowcount + gone.rowcount
