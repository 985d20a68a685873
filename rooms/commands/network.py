"""What the system can ask to note about a connection that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NotePictures:
    """`way`: "to" or "from" the seat."""

    seat: str
    way: str
    paused: bool


@dataclass(frozen=True, slots=True)
class NoteQuality:
    seat: str
    level: int


@dataclass(frozen=True, slots=True)
class NoteMediaAwaited:
    """As `rooms.events.MediaAwaited`."""

    seat: str
    since: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class NoteMediaConnected:
    seat: str


NetworkCommand = NotePictures | NoteQuality | NoteMediaAwaited | NoteMediaConnected
