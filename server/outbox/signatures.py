"""How requests between systems are signed, both ways: HMAC-SHA256 over the time of sending and the body.

`X-Yuntiao-Timestamp` is Unix seconds; `X-Yuntiao-Signature` is `sha256=` and the hex HMAC, under a secret both know, of
timestamp, a full stop and the body's bytes. Who receives refuses what was signed longer ago than `WINDOW`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)
TIMESTAMP: Final = "X-Yuntiao-Timestamp"
SIGNATURE: Final = "X-Yuntiao-Signature"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def in_time(timestamp: str, now: datetime) -> bool:
    """Whether it was signed within the window, before or after: clocks differ."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def genuine(secrets: Iterable[str], timestamp: str, body: bytes, given: str) -> bool:
    """Whether one of these secrets made it."""
    told = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(signature(one.encode(), timestamp, body).encode(), told) for one in secrets)
