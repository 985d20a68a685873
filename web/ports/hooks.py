"""Systems that are told when a complaint's state changes, as their administrator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Hook:
    id: str
    name: str
    url: str
    created: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`state`: "failed", tried again by itself, or "dead", given up."""

    id: str
    hook: str  # its name
    event: str
    number: str
    state: str
    created: datetime
    tries: int
    error: str


class Hooks(Protocol):
    """An administrator's own office only."""

    @property
    def possible(self) -> bool:
        """Whether the installation allows any address."""
        ...

    async def subscribe(self, by: Officer, name: str, url: str) -> tuple[str, str]:
        """Its id, and its secret, told this once. Refused: missing · foreign_address (422)."""
        ...

    async def hooks(self, by: Officer) -> Sequence[Hook]: ...

    async def undelivered(self, by: Officer) -> Sequence[Undelivered]:
        """The newest first, so many as fit a page."""
        ...

    async def revoke(self, by: Officer, hook: str) -> None:
        """Refused(404): not_found."""
        ...

    async def resend(self, by: Officer, delivery: str) -> None:
        """Refused(404): not_found."""
        ...
