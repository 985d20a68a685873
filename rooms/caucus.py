"""Decisions about private talks: when one begins, what ends it, what both do to screens that are shown.

A talk narrows who receives whom the moment it begins. What is shown on a screen never reaches more people than when
it began: at either edge of a talk whatever would be seen by others than before is stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from rooms import circles, commands as c, events as e, listening
from rooms.circles import Caucus
from rooms.errors import BadValue, NobodyThere, WrongState
from rooms.events import SessionEvent
from rooms.invitations import seat_of
from rooms.rights import Asker
from rooms.session import Session
from rooms.vocabulary import Role, Status


def decided(command: c.CirclesCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.StartCaucus():
            return start(command, session, now)
        case c.EndCaucus():
            return end(session, "mediator" if who.mediator else "media")
        case c.StartConsulting():
            return listening.start_consulting(command, session, who.seat)
        case c.EndConsulting():
            return listening.end_consulting(session, who.seat)
        case c.ChooseChannel():
            return listening.choose(command, session, who.seat)
        case _:
            assert_never(command)


def start(command: c.StartCaucus, session: Session, now: datetime) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    interpreters = _interpreters(command, session)
    before = session.caucus
    if before is not None and (before.side, before.interpreters) == (command.side, interpreters):
        return []
    caucus = Caucus(session.circles.caucuses + 1, command.side, interpreters, now)
    if circles.can_go_on(session, caucus):
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


def end(session: Session, cause: str) -> list[SessionEvent]:
    return [] if session.caucus is None else [e.CaucusEnded(session.caucus.number, cause)]


def ended(after: Session) -> list[SessionEvent]:
    """What circles cannot outlast what has just happened."""
    found: list[SessionEvent] = []
    if after.caucus is not None and (cause := circles.can_go_on(after, after.caucus)):
        found.append(e.CaucusEnded(after.caucus.number, cause))
    return [*found, *listening.ended(after)]


def screens(before: Session, after: Session) -> list[SessionEvent]:
    """Those that would be seen by others than when they began. Whoever comes into a talk later is of its side."""
    if before.caucus == after.caucus:
        return []
    shown = [seat.id for seat in after.seats.values() if seat.screen]
    widened = {seat for seat in shown if before.caucus is not None and circles.belongs(before, seat, before.caucus)}
    unseen = {seat for seat in shown if circles.outside(after, seat)}
    return [e.ScreenStopped(seat) for seat in shown if seat in widened | unseen]
