"""Whether an entry is in a tree: RFC 9162, section 2.1.3.2. Apart from `journal.merkle`, as the other checks are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def included(entry: bytes, leaf: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """`entry` is the leaf's content, not its hash."""
    if leaf >= size or any(len(one) != 32 for one in path):
        return False
    number, last = leaf, size - 1
    found = hashlib.sha256(b"\0" + entry).digest()
    for one in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = _node(one, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = _node(found, one)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
