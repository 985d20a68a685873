"""The log as it is read and signed: sizes, roots, proofs, checkpoints.

Owns `log_checkpoints`. Hashes are 32 bytes; a leaf is an event's number in commit order, from 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.merkle import EMPTY, consistency, inclusion
from server.db import tree
from server.db.engine import Database
from server.db.schema import events, log_attestations, log_checkpoints


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """`note` is what was published: the body with its signature."""

    size: int
    made: datetime
    note: str


class LogStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def size(self) -> int:
        """How many events the log has."""
        async with self._database.read() as connection:
            return (await tree.head(connection)).size

    async def head(self) -> tuple[int, bytes]:
        """The size and the root of now."""
        async with self._database.read() as connection:
            peaks = await tree.head(connection)
            return peaks.size, peaks.root()

    async def root(self, size: int) -> bytes:
        """The root when the log had `size` events; LookupError when it never had."""
        async with self._database.read() as connection:
            return await root_at(connection, size)

    async def leaves(self, stream: str) -> list[int]:
        """The leaves of a stream's events, in their order."""
        wanted = select(events.c.leaf).where(events.c.stream == stream).order_by(events.c.version)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def proof(self, leaf: int, size: int) -> list[bytes]:
        """Inclusion of a leaf in the tree of this size (RFC 9162 2.1.3); ValueError, LookupError if it is not in it."""
        return (await self.proofs([leaf], size))[leaf]

    async def proofs(self, leaves: Iterable[int], size: int) -> dict[int, list[bytes]]:
        """As `proof`, of many at the price of few."""
        wanted = {leaf: inclusion(leaf, size) for leaf in leaves}
        async with self._database.read() as connection:
            found = await tree.hashes_of(connection, list(wanted.values()))
        return dict(zip(wanted, found, strict=True))

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """That the log of `new` events continues the one of `old` (RFC 9162 2.1.4)."""
        async with self._database.read() as connection:
            (found,) = await tree.hashes_of(connection, [consistency(old, new)])
            return found

    # ------------------------------------------------------------ checkpoints

    async def put(self, checkpoint: StoredCheckpoint, ask: Collection[tuple[str, str]] = ()) -> bool:
        """Keep it; False, and nothing is changed, when there is one of this size.

        `ask`: kind and place of those who are to attest it, in the same transaction.
        """
        async with self._database.write() as connection:
            there = select(log_checkpoints.c.size).where(log_checkpoints.c.size == checkpoint.size)
            if (await connection.execute(there)).one_or_none() is not None:
                return False
            values = {"size": checkpoint.size, "made": checkpoint.made, "note": checkpoint.note}
            await connection.execute(insert(log_checkpoints).values(values))
            owed = {"size": checkpoint.size, "state": "queued", "tries": 0, "last_error": ""}
            owed["next_try"] = checkpoint.made
            if ask:
                rows = [owed | {"kind": kind, "place": place} for kind, place in ask]
                await connection.execute(insert(log_attestations), rows)
            return True

    async def since(self, size: int) -> list[StoredCheckpoint]:
        """Those of larger logs than this, in order."""
        async with self._database.read() as connection:
            return await checkpoints(connection, larger_than=size)

    async def newest(self) -> StoredCheckpoint | None:
        async with self._database.read() as connection:
            return _first(await checkpoints(connection, newest_first=True, most=1))

    async def checkpoint_covering(self, leaf: int) -> StoredCheckpoint | None:
        """The first checkpoint whose tree holds this leaf; None: none was made since."""
        async with self._database.read() as connection:
            return _first(await checkpoints(connection, larger_than=leaf, most=1))


async def root_at(connection: AsyncConnection, size: int) -> bytes:
    if size == 0:
        return EMPTY
    ((root,),) = await tree.hashes_of(connection, [[(0, size)]])
    return root


async def checkpoints(
    connection: AsyncConnection, *, larger_than: int = -1, newest_first: bool = False, most: int | None = None
) -> list[StoredCheckpoint]:
    size = log_checkpoints.c.size
    wanted = select(log_checkpoints).where(size > larger_than).order_by(size.desc() if newest_first else size)
    rows = (await connection.execute(wanted.limit(most))).all()
    return [StoredCheckpoint(row.size, row.made, row.note) for row in rows]


def _first(found: Sequence[StoredCheckpoint]) -> StoredCheckpoint | None:
    return found[0] if found else None
