"""Letting somebody who took part watch the recording: asked for, granted by a supervisor, and each time noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from journal import Actor
from rooms import commands as c, events as e
from rooms.errors import BadSeat, WrongState
from rooms.texts import MOST_LINE, line

if TYPE_CHECKING:
    from rooms.codec import SessionEntry
    from rooms.events import SessionEvent
    from rooms.seats import SeatState
    from rooms.session import Session


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


def watchable(session: Session) -> bool:
    """Not before the end, not without a recording, and not once it is erased."""
    return session.over and session.erasure is None and bool(session.segments)


def took_part(seat: SeatState) -> bool:
    return seat.been_inside and not seat.signs_in


def grant_viewing(command: c.GrantViewing, session: Session) -> list[SessionEvent]:
    """WrongState of what cannot be watched, BadSeat of who took no part."""
    if not watchable(session):
        raise WrongState(status=session.status.value)
    seat = session.seats.get(command.seat)
    if seat is None or not took_part(seat):
        raise BadSeat(problem="viewing")
    request = line(command.request, "request", MOST_LINE)
    known = session.viewings.get(seat.id)
    return [] if known is not None and known.request == request else [e.ViewingGranted(seat.id, request)]


def note_viewing(command: c.NoteViewing, session: Session) -> list[SessionEvent]:
    if command.seat not in session.viewings or session.erasure is not None:
        raise WrongState(status="not_granted")
    return [e.ViewingHeld(command.seat)]
