"""Decisions about private talks, consulting with one's own side, and the interpreter's channel.

A talk narrows who receives whom the moment it begins. What is shown on a screen never reaches more people than when
it began: at either edge of a talk whatever would be seen by others than before is stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from rooms import commands as c, events as e
from rooms.caucus import membership
from rooms.caucus.state import Caucus
from rooms.declarations import CONFERRING
from rooms.errors import BadValue, NobodyThere, NotAllowed, Taken, WrongState
from rooms.events import SessionEvent
from rooms.joining.invitations import seat_of
from rooms.rights import Asker
from rooms.seats import SeatState
from rooms.session import Session
from rooms.vocabulary import Role, Status


def decide_circles(command: c.CirclesCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.StartCaucus():
            return start_caucus(command, session, now)
        case c.EndCaucus():
            return end_caucus(session, "mediator" if who.mediator else "media")
        case c.StartConsulting():
            return start_consulting(command, session, who.seat)
        case c.EndConsulting():
            return end_consulting(session, who.seat)
        case c.ChooseChannel():
            return choose_channel(command, session, who.seat)
        case _:
            assert_never(command)


def start_caucus(command: c.StartCaucus, session: Session, now: datetime) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    interpreters = _interpreters(command, session)
    before = session.caucus
    if before is not None and (before.side, before.interpreters) == (command.side, interpreters):
        return []
    caucus = Caucus(session.circles.caucuses + 1, command.side, interpreters, now)
    if membership.can_go_on(session, caucus):
        raise NobodyThere(side=command.side.value)
    ended: list[SessionEvent] = [] if before is None else [e.CaucusEnded(before.number, "mediator")]
    return [*ended, e.CaucusStarted(caucus.number, caucus.side, interpreters)]


def _interpreters(command: c.StartCaucus, session: Session) -> tuple[str, ...]:
    """In seat order. Of the side they come along anyway, of the other side they never do."""
    for id_ in command.interpreters:
        seat = seat_of(session, id_)
        if seat.role is not Role.INTERPRETER or seat.side not in (None, command.side):
            raise BadValue(field="interpreters")
    chosen = [seat for seat in session.seats.values() if seat.id in command.interpreters]
    return tuple(seat.id for seat in chosen if seat.side is None and seat.in_room)


def end_caucus(session: Session, cause: str) -> list[SessionEvent]:
    return [] if session.caucus is None else [e.CaucusEnded(session.caucus.number, cause)]


def caucus_ended(after: Session) -> list[SessionEvent]:
    """What circles cannot outlast what has just happened."""
    found: list[SessionEvent] = []
    if after.caucus is not None and (cause := membership.can_go_on(after, after.caucus)):
        found.append(e.CaucusEnded(after.caucus.number, cause))
    return [*found, *consulting_ended(after)]


def stop_screens(before: Session, after: Session) -> list[SessionEvent]:
    """Those that would be seen by others than when they began. Whoever comes into a talk later is of its side."""
    if before.caucus == after.caucus:
        return []
    shown = [seat.id for seat in after.seats.values() if seat.screen]
    widened = {seat for seat in shown if before.caucus is not None and membership.belongs(before, seat, before.caucus)}
    unseen = {seat for seat in shown if membership.outside(after, seat)}
    return [e.ScreenStopped(seat) for seat in shown if seat in widened | unseen]


# ------------------------------------------------------------ consulting, and the interpreter's channel


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


def choose_channel(command: c.ChooseChannel, session: Session, own: str) -> list[SessionEvent]:
    if session.seats[own].role is Role.INTERPRETER:
        raise NotAllowed  # who translates hears what there is to translate
    return [] if session.circles.channel(own) is command.channel else [e.ChannelChosen(own, command.channel)]


def consulting_ended(after: Session) -> list[SessionEvent]:
    """Whispers that cannot outlast what has just happened."""
    found: list[SessionEvent] = []
    for one in after.circles.consulting:
        cause = "closed" if after.over else "recess" if after.status is Status.RECESS else ""
        if not cause and not all(after.seats[seat].in_room for seat in one.pair):
            cause = "left"
        if cause:
            found.append(e.ConsultingEnded(one.seat, one.other, cause))
    return found
