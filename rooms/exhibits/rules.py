"""Decisions about exhibits (offering, withdrawing, showing, pointing, answering), and what somebody in the room sees of
them.

What is seen is as `docs/wire.md` writes it down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from journal.refusals import NotAllowed, WrongState
from rooms import (
    MOST_LINE,
    BadValue,
    ExhibitNotReady,
    ExhibitPrivate,
    ExhibitUsed,
    NoFloor,
    NothingShown,
    NotInRoom,
    TooManyExhibits,
    UnknownExhibit,
    UnknownSeat,
    commands as c,
    events as e,
    line,
    optional,
    view as w,
)
from rooms.caucus import rules as caucus_rules
from rooms.events import SessionEvent, wire_time
from rooms.exhibits.state import Exhibit, Showing
from rooms.session import Asker, Session
from rooms.vocabulary import SHARING, WATCHING, ExhibitKind, MarkShape, Role, Side, Status

if TYPE_CHECKING:
    from rooms.seats import SeatState


def exhibits_view(session: Session, seat: str) -> w.ExhibitsView:
    exhibits, own = session.exhibits, session.seats[seat]
    showing = exhibits.showing
    seen = showing is not None and sees_showing(session, showing, seat)
    return {
        "list": [_item(one, seat) for one in exhibits.standing if may_see(session, own, one)],
        "shown": _shown(showing) if showing is not None and seen else None,
        "floor": exhibits.floor,
    }


def proofs_view(session: Session) -> list[w.ProofView]:
    """What was shown of promises kept at once: for the result."""
    return [
        {"exhibit": one.id, "title": one.title, "term": one.term, "answers": _answers(one), "at": wire_time(one.at)}
        for one in session.exhibits.standing
        if one.purpose == "performance" and not one.private
    ]


def _item(one: Exhibit, seat: str) -> w.ExhibitView:
    return {
        "id": one.id,
        "n": one.n,
        "title": one.title,
        "kind": one.kind,
        "purpose": one.purpose,
        "term": one.term,
        "state": "unreadable" if one.unreadable else "ready" if one.ready else "preparing",
        "pages": [(page.width, page.height) for page in one.pages],
        "ms": one.film.ms if one.film else 0,
        "size": sum(original.size for original in one.originals),
        "seat": one.seat,
        "side": one.side,
        "private": one.private,
        "at": wire_time(one.at),
        "answers": _answers(one),
        "withdrawable": one.seat == seat and not one.shown and not one.answers,
    }


def _answers(one: Exhibit) -> dict[Side, w.ExhibitAnswerView]:
    return {
        side: {"accepted": said.accepted, "reason": said.reason, "seat": said.seat, "at": wire_time(said.at)}
        for side, said in one.answers.items()
    }


def _shown(showing: Showing) -> w.ShownExhibitView:
    return {
        "exhibit": showing.exhibit,
        "page": showing.page,
        "seat": showing.seat,
        "private": showing.talk > 0,
        "marks": [
            {"n": m.n, "shape": m.shape, "points": list(m.points), "seat": m.seat}
            for m in showing.marks
            if m.page == showing.page
        ],
    }


def exhibit_told(session: Session, event: e.ExhibitEvent, seat: str) -> bool:
    """Whether somebody in the room may hear of it; the state is the one after it."""
    match event:
        case e.ExhibitFloorGiven() | e.ExhibitAsked():
            return True
        case e.ExhibitPutAway(talk=talk, side=side) | e.ExhibitShown(talk=talk, side=side):
            return not talk or session.seats[seat].side is side
        case e.ExhibitPageTurned() | e.ExhibitMarked() | e.ExhibitUnmarked():
            showing = session.exhibits.showing
            return showing is not None and showing.exhibit == event.exhibit and sees_showing(session, showing, seat)
        case e.ExhibitWithdrawn(exhibit=which):
            one = session.exhibits.items.get(which)
            return one is not None and (not one.private or seat in (one.seat, session.mediator_seat))
        case _:
            one = session.exhibits.items.get(event.exhibit)
            return one is not None and may_see(session, session.seats[seat], one)


def preparing(one: Exhibit) -> bool:
    """A film that nobody has finished yet."""
    return one.kind is ExhibitKind.FILM and not (one.ready or one.unreadable or one.withdrawn)


def may_see(session: Session, seat: SeatState, exhibit: Exhibit) -> bool:
    """Of somebody in the room: whether the exhibit is there for them."""
    if exhibit.withdrawn:
        return False
    if not exhibit.private or seat.id in (exhibit.seat, session.mediator_seat):
        return True
    if exhibit.side is not None and seat.side is exhibit.side and seat.role not in WATCHING:
        return True
    showing = session.exhibits.showing
    shown = showing is not None and showing.exhibit == exhibit.id
    return shown and showing is not None and sees_showing(session, showing, seat.id)


def sees_showing(session: Session, showing: Showing, seat: str) -> bool:
    """What is shown in a private talk is for those who belong to it."""
    if not showing.talk:
        return True
    on = session.caucus is not None and session.caucus.number == showing.talk
    return on and not caucus_rules.outside(session, seat)


MOST_EXHIBITS = 40
MOST_EXHIBITS_EVER = 200  # withdrawn ones counted
MOST_TITLE = 60
MOST_PAGES = 80
MOST_MARKS = 60  # on the table at once
MOST_POINTS = 120  # of a pen's line
GRAIN = 10_000  # of a page's width and height


def decide_exhibit(command: c.ExhibitCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.OfferExhibit():
            return _offer(command, session, who)
        case c.NoteExhibit():
            return _note(command, session)
        case c.WithdrawExhibit(exhibit=which):
            return _withdraw(_own(session, who, which))
        case c.ReleaseExhibit(exhibit=which):
            return _release(_own(session, who, which))
        case c.ShowExhibit(exhibit=which, page=page):
            return _show(session, who, which, page)
        case c.PutAwayExhibit():
            showing = session.exhibits.showing
            if showing is None:
                return []
            _floor(session, who, showing)
            return [_put_away(showing)]
        case c.TurnPage(page=page):
            showing = _showing(session, who)
            _page(session.exhibits.items[showing.exhibit], page)
            return [] if showing.page == page else [e.ExhibitPageTurned(showing.exhibit, page, who.seat)]
        case c.MarkExhibit():
            return _mark(command, session, who)
        case c.UnmarkExhibit(n=n):
            showing = _showing(session, who)
            there = any(mark.n == n for mark in showing.marks) if n else bool(showing.marks)
            return [e.ExhibitUnmarked(showing.exhibit, n, who.seat)] if there else []
        case c.LetShow(seat=seat):
            return _let_show(session, seat)
        case c.AskExhibit(seat=seat, purpose=purpose):
            _present(session, seat)
            if session.seats[seat].role is Role.SUPERVISOR:
                raise NotAllowed
            return [e.ExhibitAsked(seat, purpose)]
        case c.AcceptExhibit(exhibit=which):
            return _answer(session, who, which, accepted=True)
        case c.DisputeExhibit(exhibit=which, reason=reason):
            return _answer(session, who, which, accepted=False, reason=reason)
        case c.TakeBackAnswer(exhibit=which):
            one, side = _answerable(session, who, which)
            return [e.ExhibitAnswerTakenBack(one.id, who.seat, side)] if side in one.answers else []
        case _:
            assert_never(command)


def exhibits_following(after: Session) -> list[SessionEvent]:
    """What no longer fits who is together leaves the table; a floor ends with its holder's being here."""
    exhibits, events = after.exhibits, list[SessionEvent]()
    showing = exhibits.showing
    if showing is not None and (after.over or showing.talk != _talk(after)):
        events.append(_put_away(showing))
    if exhibits.floor and (after.over or not after.seats[exhibits.floor].in_room):
        events.append(e.ExhibitFloorGiven(""))
    return events


def may_show(session: Session, seat: str) -> bool:
    """The mediator, or whom they let; in a private talk only who belongs to it."""
    return seat in (session.mediator_seat, session.exhibits.floor) and not caucus_rules.outside(session, seat)


def _talk(session: Session) -> int:
    """The number of the private talk that is on, else 0."""
    return session.caucus.number if session.caucus is not None else 0


def _put_away(showing: Showing) -> e.ExhibitPutAway:
    return e.ExhibitPutAway(showing.exhibit, showing.talk, showing.side)


# ---------------------------------------------------------------- offering


def _offer(command: c.OfferExhibit, session: Session, who: Asker) -> list[SessionEvent]:
    _under_way(session)
    standing = session.exhibits.standing
    if len(standing) >= MOST_EXHIBITS:
        raise TooManyExhibits(most=MOST_EXHIBITS)
    if len(session.exhibits.items) >= MOST_EXHIBITS_EVER:
        raise TooManyExhibits(most=MOST_EXHIBITS_EVER)
    title = line(command.title, "title", MOST_TITLE)
    film = command.kind is ExhibitKind.FILM
    if command.exhibit in session.exhibits.items or not command.originals:
        raise BadValue(field="exhibit")
    if film is bool(command.pages) or len(command.pages) > MOST_PAGES:
        raise BadValue(field="pages")
    if command.term and not promised(session, command.term):
        raise BadValue(field="term")
    side = session.seats[who.seat].side
    files = (command.kind, command.originals, command.pages, command.purpose, command.term, command.attachment)
    if command.private:
        return [e.ExhibitConfided(command.exhibit, title, who.seat, side, *files)]
    return [e.ExhibitOffered(command.exhibit, who.seat, side, *files), e.ExhibitTitled(command.exhibit, title)]


def promised(session: Session, number: int) -> bool:
    """Whether there is a promise of this number, from 1, in the outcome that is shown or in the draft."""
    shown = session.proposed.terms if session.proposed is not None else ()
    return 1 <= number <= max(len(shown), len(session.draft.terms))


def _release(one: Exhibit) -> list[SessionEvent]:
    """Offered anew, because what was confided is in no export."""
    if not one.private:
        return []
    pages = () if one.kind is ExhibitKind.FILM else one.pages
    files = (one.kind, one.originals, pages, one.purpose, one.term, one.attachment)
    offered = e.ExhibitOffered(one.id, one.seat, one.side, *files)
    return [e.ExhibitReleased(one.id), offered, e.ExhibitTitled(one.id, one.title)]


def _note(command: c.NoteExhibit, session: Session) -> list[SessionEvent]:
    one = session.exhibits.items.get(command.fact.exhibit)
    if one is None or one.withdrawn or one.ready or one.unreadable:
        return []
    return [command.fact]


def _withdraw(one: Exhibit) -> list[SessionEvent]:
    if one.shown or one.answers:
        raise ExhibitUsed
    return [e.ExhibitWithdrawn(one.id)]


# ---------------------------------------------------------------- showing


def _show(session: Session, who: Asker, which: str, page: int) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    if not may_show(session, who.seat):
        raise NoFloor
    one = _known(session, who, which)
    if not one.ready:
        raise ExhibitNotReady
    _page(one, page)
    caucus = session.caucus
    if one.private and (caucus is None or one.side not in (None, caucus.side)):
        raise ExhibitPrivate
    showing = session.exhibits.showing
    if showing is not None and showing.exhibit == one.id:
        return [] if showing.page == page else [e.ExhibitPageTurned(one.id, page, who.seat)]
    side = caucus.side if caucus is not None else None
    return [e.ExhibitShown(one.id, who.seat, page, _talk(session), side)]


def _mark(command: c.MarkExhibit, session: Session, who: Asker) -> list[SessionEvent]:
    showing = _showing(session, who)
    least, most = (2, MOST_POINTS) if command.shape is MarkShape.PEN else (2, 2)
    points = command.points
    if not least <= len(points) <= most or any(not 0 <= value <= GRAIN for point in points for value in point):
        raise BadValue(field="points")
    if len(showing.marks) >= MOST_MARKS:
        raise BadValue(field="marks")
    number = showing.marked + 1
    return [e.ExhibitMarked(showing.exhibit, showing.page, number, command.shape, points, who.seat)]


def _let_show(session: Session, seat: str) -> list[SessionEvent]:
    if seat:
        _present(session, seat)
        if seat == session.mediator_seat or session.seats[seat].role not in SHARING:
            raise NotAllowed
    return [] if session.exhibits.floor == seat else [e.ExhibitFloorGiven(seat)]


def _showing(session: Session, who: Asker) -> Showing:
    showing = session.exhibits.showing
    if showing is None or not sees_showing(session, showing, who.seat):
        raise NothingShown
    _floor(session, who, showing)
    return showing


def _floor(session: Session, who: Asker, showing: Showing) -> None:
    if not (may_show(session, who.seat) and sees_showing(session, showing, who.seat)):
        raise NoFloor


def _page(one: Exhibit, page: int) -> None:
    if not 1 <= page <= len(one.pages):
        raise BadValue(field="page")


# ---------------------------------------------------------------- answering


def _answer(session: Session, who: Asker, which: str, *, accepted: bool, reason: str = "") -> list[SessionEvent]:
    one, side = _answerable(session, who, which)
    reason = optional(reason, "reason", MOST_LINE)
    if not one.ready:
        raise ExhibitNotReady
    said = one.answers.get(side)
    if said is not None and (said.accepted, said.reason) == (accepted, reason):
        return []
    if accepted:
        return [e.ExhibitAccepted(one.id, who.seat, side)]
    plain = e.ExhibitDisputed(one.id, who.seat, side)
    # A reason has an entry of its own, so that it can be erased and the answer stays.
    disputed: list[SessionEvent] = [] if reason and said is not None and not said.accepted else [plain]
    return [*disputed, replace(plain, reason=reason)] if reason else disputed


def _answerable(session: Session, who: Asker, which: str) -> tuple[Exhibit, Side]:
    """And for which side: nobody answers for their own, nor for none."""
    _under_way(session)
    one = _known(session, who, which)
    side = session.seats[who.seat].side
    if side is None or side is one.side:
        raise NotAllowed
    if one.private:
        raise ExhibitPrivate
    return one, side


# ---------------------------------------------------------------- who, what


def _known(session: Session, who: Asker, which: str) -> Exhibit:
    one = session.exhibits.items.get(which)
    if one is None or not may_see(session, session.seats[who.seat], one):
        raise UnknownExhibit
    return one


def _own(session: Session, who: Asker, which: str) -> Exhibit:
    one = _known(session, who, which)
    if one.seat != who.seat:
        raise NotAllowed
    return one


def _present(session: Session, seat: str) -> None:
    if seat not in session.seats:
        raise UnknownSeat(seat=seat)
    if not session.seats[seat].in_room:
        raise NotInRoom(seat=seat)


def _under_way(session: Session) -> None:
    if not session.under_way:
        raise WrongState(status=session.status.value)
