"""Which sessions' records are to be erased, or may be due to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, literal, select

from rooms.codec import STREAM
from rooms.events import ErasureOrdered, RecordErased
from server.storage.engine import Database
from server.storage.tables import events, sessions


class SqlRecords:
    """Implements `server.erasure.Records`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_before(self, moment: datetime) -> Sequence[str]:
        erased = exists().where(
            events.c.stream == literal(f"{STREAM}/").concat(sessions.c.id), events.c.type == RecordErased.__name__
        )
        wanted = (
            select(sessions.c.id)
            .where(sessions.c.status == "closed", sessions.c.closed < moment, ~erased)
            .order_by(sessions.c.closed, sessions.c.id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def ordered(self) -> Sequence[str]:
        done = events.alias()
        finished = exists().where(done.c.stream == events.c.stream, done.c.type == RecordErased.__name__)
        wanted = select(events.c.stream).where(
            events.c.kind == STREAM, events.c.type == ErasureOrdered.__name__, ~finished
        )
        async with self._database.read() as connection:
            return [stream.partition("/")[2] for stream in (await connection.execute(wanted)).scalars()]
