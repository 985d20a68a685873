"""The log as rows: sizes, roots, proofs, checkpoints, and what outsiders are asked to attest of these and answered.

Owns `log_checkpoints` and `log_attestations`. Hashes are 32 bytes; a leaf is an event's number in commit order, from 0.
A claim of what is to be attested is a lease, as with messages: it comes due again by itself when whoever took it died.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.merkle import EMPTY, Node, Range, consistency, hashed, inclusion, leaf_hash, node_hash, nodes
from server.db import appending
from server.db.engine import Database
from server.db.schema import events, log_attestations, log_checkpoints, log_nodes


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
            return (await appending.head(connection)).size

    async def head(self) -> tuple[int, bytes]:
        """The size and the root of now."""
        async with self._database.read() as connection:
            peaks = await appending.head(connection)
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
            found = await hashes_of(connection, list(wanted.values()))
        return dict(zip(wanted, found, strict=True))

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """That the log of `new` events continues the one of `old` (RFC 9162 2.1.4)."""
        async with self._database.read() as connection:
            (found,) = await hashes_of(connection, [consistency(old, new)])
            return found

    # ------------------------------------------------------------ checkpoints

    async def put(self, checkpoint: StoredCheckpoint, ask: Collection[tuple[str, str]] = ()) -> bool:
        """Keep it; False, and nothing is changed, when there is one of this size.

        `ask`: kind and place of those who are to attest it, in the same transaction.
        """
        async with self._database.write() as connection:
            await self._database.alone(connection, "yuntiao.checkpoint")
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
    ((root,),) = await hashes_of(connection, [[(0, size)]])
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


Kind = Literal["timestamp", "witness"]
State = Literal["queued", "failed", "got", "dead"]
OPEN: tuple[State, State] = ("queued", "failed")


@dataclass(frozen=True, slots=True)
class Attestation:
    """`place` is the URL of who was asked; `answer` what came: a TimeStampResp, or signature lines."""

    size: int
    kind: Kind
    place: str
    state: State = "queued"
    tries: int = 0
    last_error: str = ""
    got_at: datetime | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class WantedAttestation:
    """An attestation to be got, with the note it is about."""

    attestation: Attestation
    note: str


class AttestationStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, lease: timedelta, most: int = 4) -> list[WantedAttestation]:
        """What is due, the newest checkpoint first: it covers the others. `tries` includes the one about to be made."""
        key = log_attestations.c.size, log_attestations.c.kind, log_attestations.c.place
        due = (
            select(*key)
            .where(log_attestations.c.state.in_(OPEN), log_attestations.c.next_try <= now)
            .order_by(log_attestations.c.size.desc(), *key[1:])
            .limit(most)
        )
        async with self._database.write() as connection:
            keys = [tuple(row) for row in (await connection.execute(due)).all()]
            if not keys:
                return []
            mine = tuple_(*key).in_(keys)
            values = {"tries": log_attestations.c.tries + 1, "next_try": now + lease}
            await connection.execute(update(log_attestations).where(mine).values(values))
            wanted = (
                select(log_attestations, log_checkpoints.c.note)
                .join(log_checkpoints, log_checkpoints.c.size == log_attestations.c.size)
                .where(mine)
                .order_by(log_attestations.c.size.desc(), *key[1:])
            )
            return [WantedAttestation(_attestation(row), row.note) for row in (await connection.execute(wanted)).all()]

    async def got(self, which: Attestation, answer: bytes, now: datetime) -> None:
        await self._set(which, state="got", answer=answer, got_at=now, last_error="")

    async def failed(self, which: Attestation, error: str, next_try: datetime) -> None:
        await self._set(which, state="failed", last_error=error, next_try=next_try)

    async def dead(self, which: Attestation, error: str) -> None:
        await self._set(which, state="dead", last_error=error)

    async def next_due(self) -> datetime | None:
        """When the next one comes due; None: nothing is owed."""
        waiting = select(func.min(log_attestations.c.next_try)).where(log_attestations.c.state.in_(OPEN))
        async with self._database.read() as connection:
            due: datetime | None = (await connection.execute(waiting)).scalar_one_or_none()
            return due

    async def of(self, size: int) -> list[Attestation]:
        """Of one checkpoint, whatever became of them."""
        async with self._database.read() as connection:
            return await attestations(connection, log_attestations.c.size == size)

    async def newest(self) -> list[Attestation]:
        """Of every place the last one that was got."""
        newest = (
            select(log_attestations.c.kind, log_attestations.c.place, func.max(log_attestations.c.size))
            .where(log_attestations.c.state == "got")
            .group_by(log_attestations.c.kind, log_attestations.c.place)
        )
        key = tuple_(log_attestations.c.kind, log_attestations.c.place, log_attestations.c.size)
        async with self._database.read() as connection:
            return await attestations(connection, key.in_(newest))

    async def states(self) -> dict[tuple[str, str], int]:
        """How many there are, by kind and state."""
        counted = select(log_attestations.c.kind, log_attestations.c.state, func.count()).group_by(
            log_attestations.c.kind, log_attestations.c.state
        )
        async with self._database.read() as connection:
            return {(kind, state): number for kind, state, number in (await connection.execute(counted)).all()}

    async def _set(self, which: Attestation, **values: Any) -> None:
        async with self._database.write() as connection:
            mine = (
                (log_attestations.c.size == which.size)
                & (log_attestations.c.kind == which.kind)
                & (log_attestations.c.place == which.place)
            )
            await connection.execute(update(log_attestations).where(mine).values(values))


async def attestations(connection: AsyncConnection, where: Any) -> list[Attestation]:
    key: Sequence[Any] = (log_attestations.c.size, log_attestations.c.kind, log_attestations.c.place)
    wanted = select(log_attestations).where(where).order_by(*key)
    return [_attestation(row) for row in (await connection.execute(wanted)).all()]


def _attestation(row: Any) -> Attestation:
    told = row.tries, row.last_error, row.got_at, row.answer
    return Attestation(row.size, row.kind, row.place, row.state, *told)


_WIDTH = 1 << appending.TILE


async def hashes_of(connection: AsyncConnection, asked: Sequence[Sequence[Range]]) -> list[list[bytes]]:
    """The hashes of lists of ranges; LookupError when the tree has not got all of their leaves."""
    look = await _lookup(connection, nodes(part for ranges in asked for part in ranges))
    return [hashed(ranges, look) for ranges in asked]


async def _lookup(connection: AsyncConnection, wanted: set[Node]) -> Callable[[Node], bytes]:
    known: dict[Node, bytes] = {}
    for level, tile in sorted({_tile_of(node) for node in wanted}):
        known.update(await _tile(connection, level, tile))

    def look(node: Node) -> bytes:
        if node not in known:
            level, number = node
            if level % appending.TILE == 0:
                raise LookupError(f"the tree has no node {number} on level {level}")
            known[node] = node_hash(look((level - 1, 2 * number)), look((level - 1, 2 * number + 1)))
        return known[node]

    return look


def _tile_of(node: Node) -> tuple[int, int]:
    """The kept level below a node, and which 256 of it the node stands over."""
    level, number = node
    above = level % appending.TILE
    return level - above, (number << above) >> appending.TILE


async def _tile(connection: AsyncConnection, level: int, tile: int) -> dict[Node, bytes]:
    first, last = tile * _WIDTH, (tile + 1) * _WIDTH - 1
    if level == 0:
        leaves = select(events.c.leaf, events.c.hash).where(events.c.leaf.between(first, last))
        return {(0, leaf): leaf_hash(bytes.fromhex(entry)) for leaf, entry in (await connection.execute(leaves)).all()}
    kept = select(log_nodes.c.number, log_nodes.c.hash).where(
        log_nodes.c.level == level, log_nodes.c.number.between(first, last)
    )
    return {(level, number): digest for number, digest in (await connection.execute(kept)).all()}
