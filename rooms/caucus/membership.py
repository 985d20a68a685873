"""Who belongs to a private talk, who is outside of it, who can receive each other, and when a talk cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooms.caucus.state import Caucus
from rooms.declarations import CONFERRING
from rooms.vocabulary import WATCHING, Role, Status

if TYPE_CHECKING:
    from rooms.session import Session


def belongs(session: Session, seat: str, caucus: Caucus) -> bool:
    """To this talk: the mediator, everybody of the side (who only watches is of no side here), chosen interpreters."""
    who = session.seats[seat]
    if who.role in WATCHING:
        return False
    return who.role is Role.MEDIATOR or who.side is caucus.side or seat in caucus.interpreters


def members(session: Session) -> tuple[str, ...]:
    """Those in the private talk that is on, in seat order; () when none is."""
    caucus = session.caucus
    if caucus is None:
        return ()
    return tuple(seat.id for seat in session.seats.values() if seat.in_room and belongs(session, seat.id, caucus))


def outside(session: Session, seat: str) -> bool:
    """Whether a private talk is on to which this seat does not belong."""
    return session.caucus is not None and not belongs(session, seat, session.caucus)


def together(session: Session, one: str, other: str) -> bool:
    """Whether the two can receive each other: everybody at the table, or the members of the private talk."""
    return session.caucus is None or not (outside(session, one) or outside(session, other))


def can_go_on(session: Session, caucus: Caucus) -> str:
    """ "" while a talk has somebody to talk and somebody to talk to, else why it ends."""
    if session.over:
        return "closed"
    if session.status is not Status.LIVE:
        return "recess"
    if not session.seats[session.mediator_seat].in_room:
        return "mediator_left"
    there = (seat for seat in session.seats.values() if seat.in_room and seat.side is caucus.side)
    return "" if any(seat.role in CONFERRING for seat in there) else "alone"
