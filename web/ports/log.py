"""What the public pages about the log show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


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


class Log(Protocol):
    async def state(self) -> LogState: ...

    async def note(self) -> str:
        """The newest checkpoint as a signed note, with what witnesses signed of it; "" before the first."""
        ...

    async def growth(self, old: int) -> str:
        """That the newest checkpoint's log continues the one of `old` entries (`journal.verification`); "" when it
        cannot be: there were not so many, or none."""
        ...

    async def key(self) -> str:
        """The public key in one line, "" when there is none."""
        ...
