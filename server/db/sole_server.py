"""One server at a time on a PostgreSQL database: a lock that goes with the connection that holds it.

A data folder's lock keeps off a second server on the same machine only. Two on one database would each think a session
is theirs: one says who may hear whom, and the other forwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from sqlalchemy.engine import URL

from server.db.engine import Database, StorageError

NAME: Final = "yuntiao.serve"
PATIENCE: Final = 3.0
"""Seconds that a server which is just ending may still hold it."""
EVERY: Final = 1.0
_ANSWER: Final = 3.0  # seconds; a connection that is silent for longer is made anew
_AGAIN: Final = 0.2
# The server gives the lock of a machine that is gone free by itself, after eleven seconds.
_OPTIONS: Final = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"

log = structlog.get_logger(__name__)


class AlreadyServed(StorageError):
    """Another server works on this database."""

    code = "already_served"


class SoleServer:
    """Of one server process. On SQLite nothing is held: the folder's lock says it all."""

    def __init__(self, database: Database) -> None:
        self._url: URL | None = None if database.sqlite else database.url
        self._connection: Any = None

    async def take(self, patience: float = PATIENCE) -> None:
        """AlreadyServed, and OSError when the database does not answer."""
        ends = asyncio.get_running_loop().time() + patience
        while not await self._taken():
            if asyncio.get_running_loop().time() > ends:
                raise AlreadyServed
            await asyncio.sleep(_AGAIN)

    async def keep(self, lost: Callable[[], None]) -> None:
        """Look every second, until cancelled or until somebody else has it: then `lost` is called.

        A database that restarts has forgotten the lock; it is taken again as soon as it answers.
        """
        while self._url is not None:
            await asyncio.sleep(EVERY)
            try:
                if await self._held() or await self._taken():
                    continue
            except OSError as fault:
                log.warning("the database does not answer", fault=str(fault))
                continue
            lost()
            return

    async def give(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _held(self) -> bool:
        import psycopg

        if self._connection is None:
            return False
        try:
            async with asyncio.timeout(_ANSWER):
                await self._connection.execute("SELECT 1")
        except (psycopg.Error, TimeoutError):
            await self.give()
            return False
        return True

    async def _taken(self) -> bool:
        import psycopg

        if self._url is None:
            return True
        try:
            async with asyncio.timeout(_ANSWER):
                if self._connection is None:
                    address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
                    self._connection = await psycopg.AsyncConnection.connect(address, autocommit=True, options=_OPTIONS)
                asked = await self._connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (NAME,))
                (mine,) = await asked.fetchone()
        except (psycopg.Error, TimeoutError) as fault:
            await self.give()
            raise OSError(str(fault).strip().partition("\n")[0] or "no answer") from None
        return bool(mine)
