"""What somebody in the room sees of the exhibits, as `docs/wire.md` writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooms import events as e
from rooms.caucus import view as caucus_view
from rooms.codec import wire_time
from rooms.exhibits.state import Exhibit, Showing
from rooms.session import Session
from rooms.view import messages as w
from rooms.vocabulary import WATCHING, ExhibitKind, Side

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
    return on and not caucus_view.outside(session, seat)
