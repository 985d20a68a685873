"""Decisions about what one person hears of the room: consulting with one's own side, and the interpreter's channel."""

from __future__ import annotations

from rooms import commands as c, events as e
from rooms.circles import CONFERRING
from rooms.errors import NotAllowed, Taken, WrongState
from rooms.events import SessionEvent
from rooms.invitations import seat_of
from rooms.seats import SeatState
from rooms.session import Session
from rooms.vocabulary import Role, Status


def start_consulting(command: c.StartConsulting, session: Session, own: str) -> list[SessionEvent]:
    """A lawyer or a representative with those they act for, whoever of them begins."""
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    me, other = session.seats[own], seat_of(session, command.seat)
    if not may_consult(me, other):
        raise NotAllowed
    if not other.in_room:
        raise WrongState(status=other.status.value)
    partner = session.circles.partner(own)
    if partner == other.id:
        return []
    if session.circles.partner(other.id):
        raise Taken(seat=other.id)
    ended = end_consulting(session, own) if partner else []
    return [*ended, e.ConsultingStarted(own, other.id)]


def may_consult(one: SeatState, other: SeatState) -> bool:
    same = one.id != other.id and one.side is not None and one.side is other.side
    helped = {one.role, other.role} & {Role.LAWYER, Role.REPRESENTATIVE}
    return same and bool(helped) and {one.role, other.role} <= CONFERRING


def end_consulting(session: Session, own: str) -> list[SessionEvent]:
    """Of this seat; of everybody when the media did not follow (`own` is "")."""
    cause = "asked" if own else "media"
    return [
        e.ConsultingEnded(one.seat, one.other, cause)
        for one in session.circles.consulting
        if not own or own in one.pair
    ]


def choose(command: c.ChooseChannel, session: Session, own: str) -> list[SessionEvent]:
    if session.seats[own].role is Role.INTERPRETER:
        raise NotAllowed  # who translates hears what there is to translate
    return [] if session.circles.channel(own) is command.channel else [e.ChannelChosen(own, command.channel)]


def ended(after: Session) -> list[SessionEvent]:
    """Whispers that cannot outlast what has just happened."""
    found: list[SessionEvent] = []
    for one in after.circles.consulting:
        cause = "closed" if after.over else "recess" if after.status is Status.RECESS else ""
        if not cause and not all(after.seats[seat].in_room for seat in one.pair):
            cause = "left"
        if cause:
            found.append(e.ConsultingEnded(one.seat, one.other, cause))
    return found
