"""Systems that send complaints by signed requests: what an administrator sees of them, what a request is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Sender:
    """What may be shown of one: never a secret. `both_until`: when the secret before its renewal stops being good."""

    id: str
    name: str
    channel: str
    created: datetime
    both_until: datetime | None
    used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came. `key`: its idempotency key, already of a sensible shape."""

    sender: str
    timestamp: str
    signature: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`body`: what became of each row. `repeated`: an earlier request with this key was answered so."""

    body: dict[str, Any]
    repeated: bool


class Intake(Protocol):
    async def admit(self, by: Officer, name: str, channel: str) -> tuple[str, str]:
        """A new sender for the administrator's office: its id, and its secret, told this once. Refused: missing."""
        ...

    async def senders(self, by: Officer) -> Sequence[Sender]:
        """Of the administrator's office, the newest first."""
        ...

    async def renew(self, by: Officer, sender: str) -> str:
        """A new secret, told this once; the one before it stays good for a day. Refused(404): not_found."""
        ...

    async def revoke(self, by: Officer, sender: str) -> None:
        """From now on nothing it signs counts. Refused(404): not_found."""
        ...

    async def known(self, sender: str, channel: str, timestamp: str) -> None:
        """Before a body is read. Refused(401): bad_signature for one nobody knows, stale (seconds: how old at most)."""
        ...

    async def take(self, channel: str, request: Signed) -> Answer:
        """Its rows as a batch of the sender's office, once for each key.

        Refused: bad_signature (401) · stale (401) · replayed (409) · key_reused (409) · bad_request (422, field, and
        most when there are too many rows) · busy (503): the same request is being read already.
        """
        ...
