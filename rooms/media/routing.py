"""Who hears, sees and is recorded: a function of the session's state, so that the journal can say it of any moment.

A private talk parts the room in two: its members receive each other, everybody else receives nobody, and nothing of
either is recorded. Two who consult hear each other besides what they would hear anyway; nobody else hears them.
"""

from __future__ import annotations

from rooms.caucus import membership
from rooms.declarations import SENDING
from rooms.joining.rules import may_receive
from rooms.seats import SeatState
from rooms.session import Routes, Session
from rooms.vocabulary import Channel, Role, SeatStatus, Status


def matrix(session: Session) -> Routes:
    """Only those in the room, only while it is live: in the waiting room and in a recess nobody receives anybody.

    A seat that is reconnecting stays in, so that its streams flow again the moment it is back.
    """
    if session.status is not Status.LIVE:
        return Routes()
    inside = [seat for seat in session.seats.values() if seat.in_room and may_receive(seat)]
    senders = [seat for seat in inside if seat.role in SENDING]
    hears = {who.id: tuple(one.id for one in senders if _heard(session, who, one)) for who in inside}
    sees = {who.id: tuple(one.id for one in senders if one.id != who.id and _with(session, who, one)) for who in inside}
    return Routes(_some(hears), _some(sees), tuple(seat.id for seat in senders if _recorded(session, seat)))


def _heard(session: Session, who: SeatState, one: SeatState) -> bool:
    if one.id == who.id or one.muted:
        return False
    partner = session.circles.partner(one.id)
    if partner:
        return partner == who.id
    return _with(session, who, one) and _on_the_channel(session, who, one)


def _with(session: Session, who: SeatState, one: SeatState) -> bool:
    return membership.together(session, who.id, one.id)


def _on_the_channel(session: Session, who: SeatState, one: SeatState) -> bool:
    """Whoever chose the interpreter hears the room while no interpreter can be heard: nobody is left in silence."""
    channel = session.circles.channel(who.id)
    if who.role is Role.INTERPRETER or channel is Channel.BOTH:
        return True
    interprets = one.role is Role.INTERPRETER
    if channel is Channel.FLOOR:
        return not interprets
    return interprets or not any(_interprets(session, who, other) for other in session.seats.values())


def _interprets(session: Session, who: SeatState, other: SeatState) -> bool:
    able = other.role is Role.INTERPRETER and other.status is SeatStatus.PRESENT and not other.muted
    return able and other.id != who.id and _with(session, who, other)


def _recorded(session: Session, seat: SeatState) -> bool:
    return session.caucus is None and not session.circles.partner(seat.id) and seat.consents_to_record


def _some(received: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {who: others for who, others in received.items() if others}
