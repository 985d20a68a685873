"""The outbox page: what was sent to whom, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str  # masked
    text: str  # one-time codes and link secrets are only shown by the demo's outbox page
    state: Literal["queued", "sent", "failed", "dead"]
    created: datetime
    tries: int
    error: str = ""


class Outbox(Protocol):
    async def messages(self, officer: Officer, page: int = 1) -> tuple[Sequence[Message], int]: ...

    async def resend(self, officer: Officer, message: str) -> None:
        """Put a failed or dead message back into the queue."""
        ...
