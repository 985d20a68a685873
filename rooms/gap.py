"""Decisions about the blind gap: two figures that nobody compares but the rule both sides agreed to beforehand.

The consumer enters the least they would take, the business the most it would give, each in a private talk. Once both
are there they are compared, once: more than that could be used to feel for the other's figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import assert_never

from rooms import commands as c, events as e
from rooms.concessions import Gap
from rooms.errors import Enough, NotAgreedYet, NotAllowed, Outdated, WrongState
from rooms.events import SessionEvent
from rooms.money import CENT, yuan
from rooms.rights import Asker
from rooms.session import Session
from rooms.slips import side_in_private
from rooms.vocabulary import GapRule, Side, Status

MOST_GAPS = 6
"""In a session: every further one tells something of where the figures lie."""

GapCommand = c.OpenGap | c.AgreeGap | c.EnterFigure | c.DropGap


def decided(command: GapCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.OpenGap():
            return open_(command, session)
        case c.AgreeGap():
            return agree(command, session, who.seat)
        case c.EnterFigure():
            return enter(command, session, who.seat)
        case c.DropGap():
            return [e.GapDropped(_open(session, command.number).number)]
        case _:
            assert_never(command)


def open_(command: c.OpenGap, session: Session) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    gap = session.concessions.gap
    if gap is not None and gap.open and gap.rule is command.rule:
        return []
    if session.concessions.gaps >= MOST_GAPS:
        raise Enough(most=MOST_GAPS)
    return [e.GapOpened(session.concessions.gaps + 1, command.rule)]  # figures of an open one are gone with it


def agree(command: c.AgreeGap, session: Session, own: str) -> list[SessionEvent]:
    gap, side = _open(session, command.number), session.seats[own].side
    if side is None:
        raise NotAllowed
    return [] if side in gap.agreed else [e.GapAgreed(gap.number, side, own)]


def enter(command: c.EnterFigure, session: Session, own: str) -> list[SessionEvent]:
    gap = _open(session, command.number)
    side, amount = side_in_private(session, own), yuan(command.amount, "amount")
    if gap.agreed != frozenset(Side):
        raise NotAgreedYet
    if gap.figures.get(side) == amount:
        return []
    entered = e.FigureEntered(gap.number, side, own, amount)
    figures = {**gap.figures, side: amount}
    return [entered, revealed(gap, figures)] if len(figures) == len(Side) else [entered]


def revealed(gap: Gap, figures: Mapping[Side, Decimal]) -> e.GapRevealed:
    """All that is ever told of the two."""
    least, most = figures[Side.CONSUMER], figures[Side.BUSINESS]
    meet = least <= most
    where = ((least + most) / 2).quantize(CENT, ROUND_HALF_EVEN) if meet and gap.rule is GapRule.MIDPOINT else None
    return e.GapRevealed(gap.number, meet, where)


def _open(session: Session, number: int) -> Gap:
    """Outdated for one that was replaced, dropped or decided meanwhile."""
    gap = session.concessions.gap
    if gap is None or gap.number != number or not gap.open:
        raise Outdated(edition=session.concessions.gaps)
    return gap
