"""What lies between a program and PostgreSQL, and falls silent without either end being told."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator

from sqlalchemy.engine import URL


class Relay:
    """`url`: the database by this way."""

    def __init__(self, database: URL) -> None:
        self.url, self._socket = database, f"{database.query['host']}/.s.PGSQL.5432"
        self._speaks = asyncio.Event()
        self._speaks.set()

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Connections are taken, and nothing comes through."""
        self._speaks.clear()
        try:
            yield
        finally:
            self._speaks.set()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        there_reads, there_writes = await asyncio.open_unix_connection(self._socket)
        ways = (self._carry(reader, there_writes), self._carry(there_reads, writer))
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(*ways)

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._speaks.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def relayed(database: URL) -> AsyncIterator[Relay]:
    relay = Relay(database)
    async with await asyncio.start_server(relay._connected, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        relay.url = database.set(host=host, port=port, query={})
        yield relay
