"""What the system can ask to note about a connection that holds."""

from __future__ import annotations

from dataclasses import dataclass


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


NetworkCommand = NotePictures | NoteQuality
