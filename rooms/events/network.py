"""What can have happened to a connection that held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PicturesPaused:
    """The seat's network is too weak: sound goes on, pictures rest."""

    seat: str
    way: str  # "to": they see nobody; "from": nobody sees them


@dataclass(frozen=True, slots=True)
class PicturesResumed:
    seat: str
    way: str


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """Of a seat's connection, once it has settled: 1 (bad) to 4 (very good), which is also what it begins with."""

    seat: str
    level: int


@dataclass(frozen=True, slots=True)
class MediaAwaited:
    """Since `since` the seat is in the room, and what its person says and shows does not reach the server.

    `cause`: "connection" that is not up, "nothing" was offered by their device, "full": the server had no room for it,
    "server": a part of it was lost, with what it knew.
    """

    seat: str
    since: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class MediaConnected:
    """What was awaited is there."""

    seat: str


NetworkEvent = PicturesPaused | PicturesResumed | QualityChanged | MediaAwaited | MediaConnected
