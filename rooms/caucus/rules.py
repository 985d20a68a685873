"""Decisions about private talks, consulting, the interpreter's channel, slips and sealed figures; who may know what of
them.

A talk narrows who receives whom the moment it begins. What is shown on a screen never reaches more people than when
it began: at either edge of a talk whatever would be seen by others than before is stopped. Who is with whom, who can
receive each other and when a talk cannot go on follow from the state; nobody but its own side is ever shown a
figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import assert_never

from journal.refusals import NotAllowed, WrongState
from rooms import (
    CENT,
    BadValue,
    Enough,
    InCaucus,
    NobodyThere,
    NotAgreedYet,
    NotReleased,
    OnlyInCaucus,
    Outdated,
    ScreenShown,
    SeatTaken,
    UnknownSlip,
    commands as c,
    events as e,
    line,
    view as w,
    yuan,
)
from rooms.caucus.state import BlindOffer, Caucus, Slip
from rooms.events import SessionEvent, plain, wire_time
from rooms.seats import SeatState
from rooms.session import Asker, Session, seat_of
from rooms.vocabulary import CONFERRING, WATCHING, FloorChannel, GapRule, Role, Side, Status


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
    e.BackgroundSet,
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
    return chosen_channel(session, seat) if interprets else FloorChannel.BOTH


def chosen_channel(session: Session, seat: str) -> FloorChannel:
    return session.circles.channels.get(seat, FloorChannel.BOTH)


def veiled(session: Session, seat: str, about: str) -> bool:
    """Whether what `about` does just now is not for `seat` to see. The mediator sees who waits."""
    return seat not in (about, session.mediator_seat) and not together(session, seat, about)


def slips_view(session: Session, seat: str) -> list[w.SlipView]:
    return [_slip_view(session, slip) for slip in session.concessions.slips.values() if _may_read(session, slip, seat)]


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


def _slip_view(session: Session, slip: Slip) -> w.SlipView:
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
    if can_go_on(session, caucus):
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
    if after.caucus is not None and (cause := can_go_on(after, after.caucus)):
        found.append(e.CaucusEnded(after.caucus.number, cause))
    return [*found, *consulting_ended(after)]


def stop_screens(before: Session, after: Session) -> list[SessionEvent]:
    """Those that would be seen by others than when they began. Whoever comes into a talk later is of its side."""
    if before.caucus == after.caucus:
        return []
    shown = [seat.id for seat in after.seats.values() if seat.screen]
    widened = {seat for seat in shown if before.caucus is not None and belongs(before, seat, before.caucus)}
    unseen = {seat for seat in shown if outside(after, seat)}
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
    partner = session.circles.partners.get(own)
    if partner == other.id:
        return []
    if other.id in session.circles.partners:
        raise SeatTaken(seat=other.id)
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
    return [] if chosen_channel(session, own) is command.channel else [e.ChannelChosen(own, command.channel)]


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
    together = members(session) or tuple(seat.id for seat in session.seats.values() if seat.in_room)
    return [e.SlipShown(slip.number, together)]


def side_in_private(session: Session, own: str) -> Side:
    """Whose side somebody speaks for in the private talk that is on, or while nobody meets. OnlyInCaucus."""
    side = session.seats[own].side
    if side is not None and session.apart is not None and session.apart.on:
        return side
    if session.caucus is None or side is None or session.caucus.side is not side:
        raise OnlyInCaucus
    return side


def _own(session: Session, number: int, own: str) -> Slip:
    """Of one's own side, and not passed on yet: then it is changed at any time."""
    slip, seat = _slip(session, number), session.seats[own]
    if seat.side is not slip.side or seat.role not in CONFERRING:
        raise NotAllowed
    if slip.shown is not None:
        raise ScreenShown
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
