"""Who is with whom: the private talk that is on, who consults with whom, which channel somebody listens to.

Owns `Circles` and who belongs where. Belonging is computed, not kept: whoever of the side is let in during a private
talk belongs to it, whoever leaves does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from rooms import events as e
from rooms.declarations import CONFERRING
from rooms.vocabulary import WATCHING, Channel, Role, Side, Status

if TYPE_CHECKING:
    from rooms.session import Session


@dataclass(frozen=True, slots=True)
class Caucus:
    number: int
    side: Side
    interpreters: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Consulting:
    seat: str  # who began it
    other: str
    since: datetime

    @property
    def pair(self) -> tuple[str, str]:
        return self.seat, self.other


@dataclass(frozen=True, slots=True)
class Circles:
    caucus: Caucus | None = None
    caucuses: int = 0  # so far
    consulting: tuple[Consulting, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)  # of those who chose

    def partner(self, seat: str) -> str:
        """Whom this seat consults with, "" when with nobody."""
        for one in self.consulting:
            if seat in one.pair:
                return one.other if seat == one.seat else one.seat
        return ""

    def channel(self, seat: str) -> Channel:
        return self.channels.get(seat, Channel.BOTH)


def circles_after(circles: Circles, event: e.CirclesEvent, at: datetime) -> Circles:
    match event:
        case e.CaucusStarted(number=number, side=side, interpreters=interpreters):
            return replace(circles, caucus=Caucus(number, side, interpreters, at), caucuses=number)
        case e.CaucusEnded():
            return replace(circles, caucus=None)
        case e.ConsultingStarted(seat=seat, other=other):
            return replace(circles, consulting=(*circles.consulting, Consulting(seat, other, at)))
        case e.ConsultingEnded(seat=seat, other=other):
            left = tuple(one for one in circles.consulting if one.pair != (seat, other))
            return replace(circles, consulting=left)
        case e.ChannelChosen(seat=seat, channel=channel):
            return replace(circles, channels={**circles.channels, seat: channel})
        case e.Confided():
            return circles  # the session keeps the chat
        case _:
            assert_never(event)


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
