"""Takes the content out of events and leaves what the chain and the tree are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.events import ERASED
from server.storage.tables import events

_PIECE = 500  # versions a statement


async def wipe(connection: AsyncConnection, stream: str, versions: Sequence[int]) -> None:
    """LookupError if one is not there, ValueError if one is itself the account of an erasure."""
    for piece in _pieces(versions):
        mine = (events.c.stream == stream) & events.c.version.in_(piece)
        rows = (await connection.execute(select(events.c.version, events.c.type).where(mine))).all()
        found = {version: type_ for version, type_ in rows}  # noqa: C416 - rows are no pairs to a type checker
        if missing := set(piece) - found.keys():
            raise LookupError(f"{stream} has no version {min(missing)}")
        if ERASED in found.values():
            raise ValueError(f"{stream}: what says that something was erased is not erased")
        await connection.execute(update(events).where(mine).values(salt="", data={}, actor_name=""))


def _pieces(versions: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(versions), _PIECE):
        yield versions[at : at + _PIECE]
