"""Viewings of the recording by somebody who took part: asked for, granted by a supervisor, and each time noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from journal import Actor
from rooms import events as e
from rooms.codec import SessionEntry


@dataclass(frozen=True, slots=True)
class Viewing:
    """Granted to a seat. `held`: when it was shown to them."""

    seat: str
    request: str
    at: datetime
    by: Actor
    held: tuple[datetime, ...] = ()


Viewings = Mapping[str, Viewing]
"""By seat; a later grant to the same person replaces the one before, whose entries stay."""


def viewings_after(before: Viewings, event: e.ViewingGranted | e.ViewingHeld, entry: SessionEntry) -> Viewings:
    if isinstance(event, e.ViewingGranted):
        return {**before, event.seat: Viewing(event.seat, event.request, entry.at, entry.actor)}
    known = before[event.seat]
    return {**before, event.seat: replace(known, held=(*known.held, entry.at))}
