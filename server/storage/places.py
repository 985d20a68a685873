"""A complaint's place: its position in the order of receipt, newest last, which lists and the word index share."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

_SECOND = 1 << 20  # places within one second of receipt
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(complaint: str, received: datetime) -> int:
    """Where it stands when nothing stands there yet; the first place after it otherwise."""
    within = int.from_bytes(hashlib.blake2s(complaint.encode(), digest_size=3).digest()) % (_SECOND // 2)
    return first_place(received) + within


def first_place(received: datetime) -> int:
    """The least place of this moment."""
    return max(0, int((received - _FIRST).total_seconds())) * _SECOND
