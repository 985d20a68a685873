"""Says that what somebody came in by has changed: a link, device, session, account or role.

Whoever lets people in for longer than one request subscribes and looks again. The stores announce in the transaction
of the change, so that no service can forget to; subscribers of the same process hear of it right after the commit,
those of other processes (a server hears the command line) within `POLL` seconds.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import Final

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.db.schema import credential_changes as changes

POLL: Final = 0.25
"""Seconds between two looks at what other processes changed."""
KEPT: Final = 1_000
"""Changes that stay readable: a process that looks every `POLL` misses none of fewer than 4,000 a second."""
PRUNED: Final = 50
"""Changes after which those before the kept ones go."""
LATE: Final = 16
"""PostgreSQL's transactions may commit in another order than they drew their numbers: so many are read again."""

NOTED: Final = "yuntiao_noted"
"""Name of the execution option that holds what a transaction noted."""

Read = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credentials changed: an officer's (user id), or those of a seat's devices. Neither: anybody's may have."""

    officer: str = ""
    session: str = ""
    seat: str = ""


class CredentialChanges:
    """One process's announcements. Subscribers are called at once, in order, and must neither wait nor raise."""

    def __init__(self) -> None:
        self.subscribers: list[Callable[[str, str, str], None]] = []  # officer, session, seat, as `Holder` has them
        self._process = uuid.uuid4().hex
        self._heard: set[int] | None = None  # of the last numbers, `LATE` of them at least

    async def changed(self, connection: AsyncConnection, holder: Holder) -> None:
        """Note a change made in this transaction; `Database.write` announces it once it is committed."""
        row = {"process": self._process, **asdict(holder)}
        noted = await connection.execute(insert(changes).values(row).returning(changes.c.id))
        if (number := noted.scalar_one()) % PRUNED == 0:
            await connection.execute(delete(changes).where(changes.c.id <= number - KEPT))
        assert connection.sync_connection is not None
        connection.sync_connection.get_execution_options()[NOTED].append(holder)

    def announce(self, holder: Holder) -> None:
        for subscriber in self.subscribers:
            subscriber(holder.officer, holder.session, holder.seat)

    async def watch(self, read: Read) -> None:
        """Announce what other processes change, until cancelled."""
        while True:
            try:
                await self.listen(read)
            except (OSError, SQLAlchemyError):
                log.exception("changes of credentials by other processes could not be read")
            await asyncio.sleep(POLL)

    async def listen(self, read: Read) -> None:
        """Announce what other processes changed since the last time; the first time nothing: nobody is let in yet."""
        before = self._heard
        heard = before or set()
        wanted = select(changes).where(changes.c.id > max(heard, default=0) - LATE).order_by(changes.c.id)
        async with read() as connection:
            rows = (await connection.execute(wanted)).all()
        self._heard = {row.id for row in rows}
        for row in rows if before is not None else ():
            if row.id not in heard and row.process != self._process:
                self.announce(Holder(row.officer, row.session, row.seat))
