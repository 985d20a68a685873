"""What one person may know of slips and of the blind gap. Nobody but its own side is ever shown a figure."""

from __future__ import annotations

from rooms import events as e
from rooms.codec import plain, wire_time
from rooms.concessions.state import BlindOffer, Slip
from rooms.declarations import CONFERRING
from rooms.session import Session
from rooms.view import messages as w
from rooms.vocabulary import Role, Side


def slips_view(session: Session, seat: str) -> list[w.SlipView]:
    return [_slip(session, slip) for slip in session.concessions.slips.values() if _may_read(session, slip, seat)]


def gap_view(session: Session, seat: str) -> w.GapView | None:
    gap = session.concessions.gap
    return _gap(session, gap, seat) if gap is not None and _takes_part(session, seat) else None


def concession_told(session: Session, event: e.ConcessionsEvent, seat: str) -> bool:
    """Whether this seat may be told of an event as it is."""
    match event:
        case e.SlipWritten(side=side):
            return seat == session.mediator_seat or _speaks_for(session, seat, side)
        case e.SlipMarked(seat=by) | e.SlipWithdrawn(seat=by):
            own = session.seats[by].side
            return seat == session.mediator_seat or (own is not None and _speaks_for(session, seat, own))
        case e.SlipShown(number=number):
            slip = session.concessions.slips.get(number)
            return seat in event.readers or (slip is not None and _speaks_for(session, seat, slip.side))
        case e.FigureEntered(side=side):
            return _speaks_for(session, seat, side)
        case _:
            return _takes_part(session, seat)


def _slip(session: Session, slip: Slip) -> w.SlipView:
    return {
        "number": slip.number,
        "side": slip.side,
        "seat": slip.seat,
        "text": slip.text,
        "amount": plain(slip.amount),
        "may_tell": slip.may_tell,
        "at": wire_time(slip.at),
        "shown": wire_time(slip.shown),
    }


def _gap(session: Session, gap: BlindOffer, seat: str) -> w.GapView:
    side = session.seats[seat].side
    own = gap.figures.get(side) if side is not None and _speaks_for(session, seat, side) else None
    return {
        "number": gap.number,
        "rule": gap.rule,
        "agreed": sorted(gap.agreed),
        "entered": sorted(gap.figures),
        "own": plain(own),
        "result": None if gap.result is None else {"meet": gap.result.meet, "amount": plain(gap.result.amount)},
    }


def _may_read(session: Session, slip: Slip, seat: str) -> bool:
    return seat == session.mediator_seat or _speaks_for(session, seat, slip.side) or seat in slip.readers


def _speaks_for(session: Session, seat: str, side: Side) -> bool:
    who = session.seats[seat]
    return who.side is side and who.role in CONFERRING


def _takes_part(session: Session, seat: str) -> bool:
    """In the gap: both sides and the mediator; for others it is nothing to look at."""
    who = session.seats[seat]
    return who.role is Role.MEDIATOR or (who.side is not None and who.role in CONFERRING)
