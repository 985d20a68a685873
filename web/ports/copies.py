"""Copies of a recording that leave the house: with the name of who takes them in the picture, and in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol

from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class VideoCopy:
    """An officer's own. It can be taken until `until`, once state is ready."""

    id: str
    state: Literal["queued", "making", "ready", "failed"]
    progress: float  # 0…1
    words: str  # as they stand in the picture
    asked: datetime
    until: datetime
    size: int = 0  # bytes


class Copies(Protocol):
    """Refused as `Reads.record`, where the officer may not take a copy."""

    async def ask(self, officer: Officer, session: str) -> None:
        """Begin a copy; one that is being made for this officer is not begun again. Refused(409): no_recording."""
        ...

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None: ...

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        """The file, journaled first (rooms.events.Exported). Refused(404): not_found, also when its week is over."""
        ...
