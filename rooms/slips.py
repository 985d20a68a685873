"""Decisions about conveyance slips: a side writes one in private and says whether it may be told."""

from __future__ import annotations

from typing import assert_never

from rooms import circles, commands as c, events as e
from rooms.circles import CONFERRING
from rooms.concessions import Slip
from rooms.errors import BadValue, Enough, InCaucus, NotAllowed, NotReleased, OnlyInCaucus, Shown, UnknownSlip
from rooms.events import SessionEvent
from rooms.money import yuan
from rooms.rights import Asker
from rooms.session import Session
from rooms.texts import line
from rooms.vocabulary import Side

MOST_SLIPS = 40
"""In a session, withdrawn ones counted."""

SlipCommand = c.WriteSlip | c.MarkSlip | c.WithdrawSlip | c.ShowSlip


def decided(command: SlipCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.WriteSlip():
            return write(command, session, who.seat)
        case c.MarkSlip():
            slip = _own(session, command.number, who.seat)
            return [] if slip.may_tell is command.may_tell else [e.SlipMarked(slip.number, who.seat, command.may_tell)]
        case c.WithdrawSlip():
            return [e.SlipWithdrawn(_own(session, command.number, who.seat).number, who.seat)]
        case c.ShowSlip():
            return show(command, session)
        case _:
            assert_never(command)


def write(command: c.WriteSlip, session: Session, own: str) -> list[SessionEvent]:
    side = side_in_private(session, own)
    if session.concessions.written >= MOST_SLIPS:
        raise Enough(most=MOST_SLIPS)
    amount = None if command.amount is None else yuan(command.amount, "amount")
    number = session.concessions.written + 1
    return [e.SlipWritten(number, side, own, line(command.text, "text"), amount, command.may_tell)]


def show(command: c.ShowSlip, session: Session) -> list[SessionEvent]:
    """What is passed on reaches the table, or the other side alone; what is kept reaches nobody."""
    slip = _slip(session, command.number)
    if slip.shown is not None:
        return []
    if not slip.may_tell:
        raise NotReleased
    if session.caucus is not None and session.caucus.side is slip.side:
        raise InCaucus  # they know it
    together = circles.members(session) or tuple(seat.id for seat in session.seats.values() if seat.in_room)
    return [e.SlipShown(slip.number, together)]


def side_in_private(session: Session, own: str) -> Side:
    """Whose side somebody speaks for in the private talk that is on. OnlyInCaucus."""
    side = session.seats[own].side
    if session.caucus is None or side is None or session.caucus.side is not side:
        raise OnlyInCaucus
    return side


def _own(session: Session, number: int, own: str) -> Slip:
    """Of one's own side, and not passed on yet: then it is changed at any time."""
    slip, seat = _slip(session, number), session.seats[own]
    if seat.side is not slip.side or seat.role not in CONFERRING:
        raise NotAllowed
    if slip.shown is not None:
        raise Shown
    return slip


def _slip(session: Session, number: int) -> Slip:
    if number < 1:
        raise BadValue(field="number")
    slip = session.concessions.slips.get(number)
    if slip is None:
        raise UnknownSlip(number=number)
    return slip
