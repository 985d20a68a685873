"""What one person may know of who is with whom, and what is drawn over while a private talk goes on without them.

What one person may know of slips and of the blind gap. Nobody but its own side is ever shown a figure.

Who belongs to a private talk, who is outside of it, who can receive each other, and when a talk cannot go on.
"""

from __future__ import annotations

from rooms import events as e
from rooms.caucus.state import BlindOffer, Caucus, Slip
from rooms.codec import plain, wire_time
from rooms.declarations import CONFERRING
from rooms.session import Session
from rooms.view import messages as w
from rooms.vocabulary import WATCHING, FloorChannel, Role, Side, Status


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


VEILED = (
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.Muted,
    e.Unmuted,
    e.HandRaised,
    e.HandLowered,
    e.CameraSet,
    e.ScreenShared,
    e.ScreenStopped,
    e.PicturesPaused,
    e.PicturesResumed,
)
"""What somebody does in a talk that one does not belong to, or outside of the one one is in."""


def circles_view(session: Session, seat: str) -> w.CirclesView:
    caucus = session.caucus
    return {
        "caucus": None
        if caucus is None
        else {
            "number": caucus.number,
            "side": caucus.side,
            "members": list(members(session)),
            "since": wire_time(caucus.since),
            "inside": not outside(session, seat),
        },
        "consulting": [{"seats": list(one.pair), "since": wire_time(one.since)} for one in session.circles.consulting],
    }


def channel(session: Session, seat: str) -> FloorChannel:
    """What this person listens to where there is an interpreter."""
    interprets = any(one.role is Role.INTERPRETER and one.in_room for one in session.seats.values())
    return session.circles.channel(seat) if interprets else FloorChannel.BOTH


def veiled(session: Session, seat: str, about: str) -> bool:
    """Whether what `about` does just now is not for `seat` to see. The mediator sees who waits."""
    return seat not in (about, session.mediator_seat) and not together(session, seat, about)


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
