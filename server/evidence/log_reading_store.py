"""The whole log as it stands at one moment, for whoever recomputes it. Reads in pieces, trusts nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import RowMapping, Select, Text, func, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from journal.merkle import Node, Peaks
from journal.refusals import Unanswered
from server.db import journal, remaking
from server.db.engine import Database, UnreadableDatabase
from server.db.journal import event_of, stream_events
from server.db.schema import events, log_attestations, log_nodes, office_oversight, offices, users
from server.evidence.log_store import Attestation, StoredCheckpoint, attestations, checkpoints
from server.identity.account_store import standing

PIECE = 2000  # events
_TYPED = {"data", "at"}
_NEVER = datetime(1, 1, 2, tzinfo=UTC)


class LogReading:
    """Open one by `reading(database)`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def events(self) -> AsyncIterator[tuple[int, Event]]:
        """Leaf and event, in the order of leaves."""
        after = None
        while True:
            wanted = select(events).order_by(events.c.leaf).limit(PIECE)
            if after is not None:
                wanted = wanted.where(events.c.leaf > after)
            try:
                rows = (await self._connection.execute(wanted)).mappings().all()
                piece = [(row["leaf"], event_of(row)) for row in rows]
            except (ValueError, TypeError):  # a value in it is none of its type any more
                piece = await self._one_by_one(wanted.with_only_columns(events.c.leaf))
            if not piece:
                return
            for leaf, event in piece:
                yield leaf, event
            after = piece[-1][0]

    async def _one_by_one(self, leaves: Select[Any]) -> list[tuple[int, Event]]:
        found = []
        for leaf in (await self._connection.execute(leaves)).scalars().all():
            try:
                row = (await self._connection.execute(select(events).where(events.c.leaf == leaf))).mappings().one()
            except (ValueError, TypeError):
                raw = select(*(type_coerce(c, Text).label(c.name) if c.name in _TYPED else c for c in events.c))
                row = (await self._connection.execute(raw.where(events.c.leaf == leaf))).mappings().one()
                # What cannot be read commits to nothing: its content and its header will not hold.
                row = cast(RowMapping, {**row, "data": {"unreadable": str(row["data"])}, "at": _NEVER})
            found.append((leaf, event_of(row)))
        return found

    async def stream(self, name: str) -> list[Event]:
        return await stream_events(self._connection, name)

    async def head(self) -> Peaks:
        """An empty one when what is kept makes no sense."""
        try:
            return await journal.head(self._connection)
        except ValueError:
            return Peaks()

    def keeps(self, node: Node) -> bool:
        return node[0] % journal.TILE == 0

    async def nodes(self) -> dict[Node, bytes]:
        rows = await self._connection.execute(select(log_nodes.c.level, log_nodes.c.number, log_nodes.c.hash))
        return {(level, number): digest for level, number, digest in rows.all()}

    async def checkpoints(self) -> list[StoredCheckpoint]:
        return await checkpoints(self._connection)

    async def records(
        self, unread: set[str], progress: Callable[[int], None]
    ) -> AsyncIterator[int | remaking.Difference]:
        """Rows kept in step with the journal, made anew: first of how many streams, then each that differs. What was
        made for it is gone afterwards."""
        apart = await self._connection.begin_nested()
        try:
            yield await remaking.remake(self._connection, unread, progress)
            async for difference in remaking.differences(self._connection):
                yield difference
        finally:
            await apart.rollback()

    async def accounts(self) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Every account there is, or that the journal has, with what counts of it; {} of one there is not."""
        there = select(users.c.id.label("id"))
        said = select(func.substr(events.c.stream, len("officer/") + 1).label("id")).where(
            events.c.kind == "officer", events.c.version == 1
        )
        for id_ in (await self._connection.execute(there.union(said).order_by("id"))).scalars().all():
            yield id_, await standing(self._connection, id_)

    async def overseen(self) -> list[tuple[str, str]]:
        found = await self._connection.execute(select(office_oversight.c.supervisor, office_oversight.c.office))
        return [(supervisor, office) for supervisor, office in found]

    async def superiors(self) -> list[tuple[str, str]]:
        found = await self._connection.execute(select(offices.c.id, offices.c.superior).order_by(offices.c.id))
        return [(office, superior) for office, superior in found]

    async def attestations(self) -> list[Attestation]:
        """Those that were got."""
        return await attestations(self._connection, log_attestations.c.state == "got")


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[LogReading]:
    """One snapshot, on PostgreSQL too. Unreadable when there is no log."""
    try:
        async with database.read(snapshot=True) as connection:
            await journal.head_row(connection)
            yield LogReading(connection)
    except (SQLAlchemyError, Unanswered) as fault:
        raise UnreadableDatabase(f"the log cannot be read ({type(fault).__name__}): {_first_line(fault)}") from fault


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0]
