"""What can have happened to a connection that held."""

from __future__ import annotations

from dataclasses import dataclass


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


NetworkEvent = PicturesPaused | PicturesResumed | QualityChanged
