"""Decisions about conveyance slips and the blind gap between two figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import assert_never

from rooms import commands as c, events as e
from rooms.caucus import membership
from rooms.concessions.state import BlindOffer, Slip
from rooms.declarations import CONFERRING
from rooms.errors import (
    BadValue,
    Enough,
    InCaucus,
    NotAgreedYet,
    NotAllowed,
    NotReleased,
    OnlyInCaucus,
    Outdated,
    Shown,
    UnknownSlip,
    WrongState,
)
from rooms.events import SessionEvent
from rooms.rights import Asker
from rooms.session import Session
from rooms.texts import CENT, line, yuan
from rooms.vocabulary import GapRule, Side, Status

MOST_SLIPS = 40
"""In a session, withdrawn ones counted."""

SlipCommand = c.WriteSlip | c.MarkSlip | c.WithdrawSlip | c.ShowSlip


def decide_slip(command: SlipCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.WriteSlip():
            return write_slip(command, session, who.seat)
        case c.MarkSlip():
            slip = _own(session, command.number, who.seat)
            return [] if slip.may_tell is command.may_tell else [e.SlipMarked(slip.number, who.seat, command.may_tell)]
        case c.WithdrawSlip():
            return [e.SlipWithdrawn(_own(session, command.number, who.seat).number, who.seat)]
        case c.ShowSlip():
            return show_slip(command, session)
        case _:
            assert_never(command)


def write_slip(command: c.WriteSlip, session: Session, own: str) -> list[SessionEvent]:
    side = side_in_private(session, own)
    if session.concessions.written >= MOST_SLIPS:
        raise Enough(most=MOST_SLIPS)
    amount = None if command.amount is None else yuan(command.amount, "amount")
    number = session.concessions.written + 1
    return [e.SlipWritten(number, side, own, line(command.text, "text"), amount, command.may_tell)]


def show_slip(command: c.ShowSlip, session: Session) -> list[SessionEvent]:
    """What is passed on reaches the table, or the other side alone; what is kept reaches nobody."""
    slip = _slip(session, command.number)
    if slip.shown is not None:
        return []
    if not slip.may_tell:
        raise NotReleased
    if session.caucus is not None and session.caucus.side is slip.side:
        raise InCaucus  # they know it
    together = membership.members(session) or tuple(seat.id for seat in session.seats.values() if seat.in_room)
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


# ------------------------------------------------------------ the blind gap


MOST_GAPS = 6
"""In a session: every further one tells something of where the figures lie."""

GapCommand = c.OpenGap | c.AgreeGap | c.EnterFigure | c.DropGap


def decide_gap(command: GapCommand, session: Session, who: Asker) -> list[SessionEvent]:
    """Decide on the two figures that nobody compares but the rule both sides agreed to beforehand.

    The consumer enters the least they would take, the business the most it would give, each in a private talk. Once
    both are there they are compared, once: more than that could be used to feel for the other's figure.
    """
    match command:
        case c.OpenGap():
            return open_gap(command, session)
        case c.AgreeGap():
            return agree_gap(command, session, who.seat)
        case c.EnterFigure():
            return enter_figure(command, session, who.seat)
        case c.DropGap():
            return [e.GapDropped(_open(session, command.number).number)]
        case _:
            assert_never(command)


def open_gap(command: c.OpenGap, session: Session) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    gap = session.concessions.gap
    if gap is not None and gap.open and gap.rule is command.rule:
        return []
    if session.concessions.gaps >= MOST_GAPS:
        raise Enough(most=MOST_GAPS)
    return [e.GapOpened(session.concessions.gaps + 1, command.rule)]  # figures of an open one are gone with it


def agree_gap(command: c.AgreeGap, session: Session, own: str) -> list[SessionEvent]:
    gap, side = _open(session, command.number), session.seats[own].side
    if side is None:
        raise NotAllowed
    return [] if side in gap.agreed else [e.GapAgreed(gap.number, side, own)]


def enter_figure(command: c.EnterFigure, session: Session, own: str) -> list[SessionEvent]:
    gap = _open(session, command.number)
    side, amount = side_in_private(session, own), yuan(command.amount, "amount")
    if gap.agreed != frozenset(Side):
        raise NotAgreedYet
    if gap.figures.get(side) == amount:
        return []
    entered = e.FigureEntered(gap.number, side, own, amount)
    figures = {**gap.figures, side: amount}
    return [entered, reveal_gap(gap, figures)] if len(figures) == len(Side) else [entered]


def reveal_gap(gap: BlindOffer, figures: Mapping[Side, Decimal]) -> e.GapRevealed:
    """All that is ever told of the two."""
    least, most = figures[Side.CONSUMER], figures[Side.BUSINESS]
    meet = least <= most
    where = ((least + most) / 2).quantize(CENT, ROUND_HALF_EVEN) if meet and gap.rule is GapRule.MIDPOINT else None
    return e.GapRevealed(gap.number, meet, where)


def _open(session: Session, number: int) -> BlindOffer:
    """Outdated for one that was replaced, dropped or decided meanwhile."""
    gap = session.concessions.gap
    if gap is None or gap.number != number or not gap.open:
        raise Outdated(edition=session.concessions.gaps)
    return gap
