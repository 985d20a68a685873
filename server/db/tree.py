"""The Merkle tree over all events, kept beside them: its right edge, and every 2^`TILE`th level of complete nodes.

Owns `log_head` and `log_nodes`. A leaf is the hash of an event, so leaves are read from `events`, and what lies between
the kept levels is hashed again from at most 256 hashes when a proof asks for it: an append writes one small row here,
and a million events keep four thousand nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.merkle import Node, Peaks, Range, hashed, leaf_hash, node_hash, nodes
from server.db.schema import events, log_head, log_nodes

TILE = 8  # levels
GROWING = "yuntiao.log"
"""Whoever appends is alone under this name until the end of its transaction: leaves are numbered as they commit."""

_WIDTH = 1 << TILE
_DIGEST = 32  # bytes


async def head(connection: AsyncConnection) -> Peaks:
    """The tree as of this transaction. ValueError when what is kept makes no sense."""
    return peaks_of(*await head_row(connection))


def peaks_of(size: int, peaks: bytes) -> Peaks:
    """A row of `log_head` as a tree. ValueError when it makes no sense."""
    return Peaks(size, [peaks[at : at + _DIGEST] for at in range(0, len(peaks), _DIGEST)])


async def head_row(connection: AsyncConnection) -> tuple[int, bytes]:
    row = (await connection.execute(select(log_head.c.size, log_head.c.peaks))).one_or_none()
    return (0, b"") if row is None else (row.size, row.peaks)


async def grow(connection: AsyncConnection, tree: Peaks, hashes: Iterable[str]) -> None:
    """Add events by their hashes, in the transaction that inserts them."""
    complete = []
    for entry in hashes:
        for (level, number), digest in tree.append(leaf_hash(bytes.fromhex(entry))):
            if level % TILE == 0:
                complete.append({"level": level, "number": number, "hash": digest})
    if complete:
        await connection.execute(insert(log_nodes), complete)
    values = {"size": tree.size, "peaks": b"".join(tree.hashes)}
    changed = await connection.execute(update(log_head).where(log_head.c.id == 1).values(values))
    if not changed.rowcount:
        await connection.execute(insert(log_head).values(id=1, **values))


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
            if level % TILE == 0:
                raise LookupError(f"the tree has no node {number} on level {level}")
            known[node] = node_hash(look((level - 1, 2 * number)), look((level - 1, 2 * number + 1)))
        return known[node]

    return look


def _tile_of(node: Node) -> tuple[int, int]:
    """The kept level below a node, and which 256 of it the node stands over."""
    level, number = node
    above = level % TILE
    return level - above, (number << above) >> TILE


async def _tile(connection: AsyncConnection, level: int, tile: int) -> dict[Node, bytes]:
    first, last = tile * _WIDTH, (tile + 1) * _WIDTH - 1
    if level == 0:
        leaves = select(events.c.leaf, events.c.hash).where(events.c.leaf.between(first, last))
        return {(0, leaf): leaf_hash(bytes.fromhex(entry)) for leaf, entry in (await connection.execute(leaves)).all()}
    kept = select(log_nodes.c.number, log_nodes.c.hash).where(
        log_nodes.c.level == level, log_nodes.c.number.between(first, last)
    )
    return {(level, number): digest for number, digest in (await connection.execute(kept)).all()}
