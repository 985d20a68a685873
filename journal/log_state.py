"""The state of the public log: its newest checkpoint and who confirmed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Attested:
    """By somebody outside: the newest checkpoint that they confirmed. `name`: the host that was asked."""

    kind: Literal["timestamp", "witness"]
    name: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LogState:
    """`fault`: why the log is not signed at present, "" when it is: "key", "other_key", "contradiction", "making".

    `size`, `root` (base64) and `made` are the newest checkpoint's; 0 and None before the first.
    `waiting`: hosts whose confirmation of it is still owed.
    """

    origin: str
    key: str  # as it is compared
    size: int
    root: str
    made: datetime | None
    fault: str
    attested: tuple[Attested, ...]
    waiting: tuple[str, ...]
