"""What everybody outside asks of sessions, live and past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from journal import Actor, Event
from rooms.commands import Command
from rooms.session import Session


class Sessions(Protocol):
    """Live and past sessions; implemented by rooms.live.registry.Rooms."""

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """Decide in the session's mailbox and append. rooms.errors.DomainError says why not."""
        ...

    async def state(self, session: str) -> Session:
        """rooms.errors.UnknownSession."""
        ...
