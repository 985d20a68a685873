"""What one person may know of who is with whom, and what is drawn over while a private talk goes on without them."""

from __future__ import annotations

from rooms import events as e
from rooms.caucus import membership
from rooms.codec import wire_time
from rooms.session import Session
from rooms.view import messages as w
from rooms.vocabulary import Channel, Role

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
            "members": list(membership.members(session)),
            "since": wire_time(caucus.since),
            "inside": not membership.outside(session, seat),
        },
        "consulting": [{"seats": list(one.pair), "since": wire_time(one.since)} for one in session.circles.consulting],
    }


def channel(session: Session, seat: str) -> Channel:
    """What this person listens to where there is an interpreter."""
    interprets = any(one.role is Role.INTERPRETER and one.in_room for one in session.seats.values())
    return session.circles.channel(seat) if interprets else Channel.BOTH


def veiled(session: Session, seat: str, about: str) -> bool:
    """Whether what `about` does just now is not for `seat` to see. The mediator sees who waits."""
    return seat not in (about, session.mediator_seat) and not membership.together(session, seat, about)
