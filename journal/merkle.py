"""The Merkle tree over all events of an installation: RFC 9162, section 2.1, with SHA-256. Pure.

Owns which nodes a tree has and how proofs are put together and checked. A range of leaves [start, stop) is hashed as
the RFC's MTH; where it is complete (a power of two leaves, at a multiple of it) it is a `Node` and never changes.
Whoever keeps the tree keeps complete nodes and hands them in by a `Look`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Node = tuple[int, int]
"""(level, number): the complete range of 2^level leaves that begins at leaf number · 2^level."""

Look = Callable[[Node], bytes]
Range = tuple[int, int]

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH of leaf hashes, from nothing but them."""
    peaks = Peaks()
    for leaf in leaves:
        peaks.append(leaf)
    return peaks.root()


class Peaks:
    """The right edge of a growing tree: its largest complete nodes from left to right, and so its root."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} peaks, not {len(self.hashes)}")

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf hash; every node it completed, upwards, the leaf itself left out."""
        made: list[tuple[Node, bytes]] = []
        number, level = self.size, 0
        while number & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            number >>= 1
            level += 1
            made.append(((level, number), leaf))
        self.hashes.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        return _folded(self.hashes)


def peaks(size: int) -> list[Node]:
    """The nodes a tree of this size is put together from, left to right."""
    return _complete(0, size)


def nodes(ranges: Iterable[Range]) -> set[Node]:
    """What has to be looked up to hash these ranges."""
    return {node for start, stop in ranges for node in _complete(start, stop)}


def hashed(ranges: Iterable[Range], look: Look) -> list[bytes]:
    """The hash of each range."""
    return [_folded([look(node) for node in _complete(start, stop)]) for start, stop in ranges]


def inclusion(leaf: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that a leaf is in the tree of this size, lowest first (2.1.3.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"a tree of {size} has no leaf {leaf}")
    found: list[Range] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if leaf < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `new` leaves continues the one of `old` (2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    found: list[Range] = []
    start, stop, whole = 0, new, True
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    return found[::-1] if whole else [(start, stop), *found[::-1]]


def verify_inclusion(entry_hash: bytes, leaf: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """2.1.3.2. `entry_hash` is the leaf's hash."""
    if not 0 <= leaf < size:
        return False
    place, last, value = leaf, size - 1, entry_hash
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(other, value)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            value = node_hash(value, other)
        place >>= 1
        last >>= 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """2.1.4.2. Every tree continues the empty one."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == new_root if old == new else old_root == EMPTY)
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, other)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _complete(start: int, stop: int) -> list[Node]:
    """The complete nodes of one of the tree's ranges, left to right: they get smaller."""
    found: list[Node] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _folded(complete: Sequence[bytes]) -> bytes:
    if not complete:
        return EMPTY
    *rest, value = complete
    for left in reversed(rest):
        value = node_hash(left, value)
    return value
