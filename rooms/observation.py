"""A supervisor who looks on: Order 121 Art 26, openly, and at what is everybody's only.

Whoever oversees the office comes in by themselves, with a reason; no mediator lets them in or keeps them out. There is
no way in that is not announced: what brings a supervisor's seat into the room is `ObservationBegun` itself, which
everybody in the room is told, and `rooms.routing` gives them nothing without it (`announced`). They send nothing,
belong to no private talk, and of what goes between people see neither messages nor exhibits nor drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rooms import commands as c, events as e
from rooms.errors import RoomFull, WrongState
from rooms.events import SessionEvent
from rooms.seats import SeatState
from rooms.session import MOST_SEATS, Session
from rooms.texts import line
from rooms.vocabulary import Role, Seat, Side

SIDES: Final = tuple(side.value for side in Side)

TOLD: Final = (
    e.ObservationBegun,
    e.Admitted,
    e.Left,
    e.Removed,
    e.Disconnected,
    e.Reconnected,
    e.PhaseEntered,
    e.OpeningCovered,
    e.RecessStarted,
    e.RecessEnded,
    e.CaucusStarted,
    e.CaucusEnded,
    e.ConsultingStarted,
    e.ConsultingEnded,
    e.Muted,
    e.Unmuted,
    e.CameraSet,
    e.ScreenShared,
    e.ScreenStopped,
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.RecordingStarted,
    e.RecordingStopped,
    e.RecordingFailed,
    e.SessionClosed,
)
"""What somebody who looks on is told of: who comes and goes, how far it is, who is heard."""


_WITHHELD: Final[Mapping[str, Any]] = {
    "slips": [],
    "outcome": None,
    "exhibits": {"list": [], "shown": None, "floor": ""},
    "signing": None,
    "documents": [],
    "proofs": [],
}


def observe(command: c.Observe, session: Session) -> list[SessionEvent]:
    """RoomFull: all seats are taken; a supervisor is one of the eight."""
    if not session.under_way:
        raise WrongState(status=session.status.value)
    reason = line(command.reason, "reason")
    own = session.observing_seat(command.officer)
    if own and session.seats[own].in_room:
        return []
    if session.taken >= MOST_SEATS:
        raise RoomFull(most=MOST_SEATS)
    seat = own or command.seat
    added = [] if own else [e.SeatAdded(Seat(seat, Role.SUPERVISOR, command.name, organisation=command.organisation))]
    return [*added, e.ObservationBegun(seat, command.officer, reason)]


def announced(seat: SeatState) -> bool:
    """Whether this seat may receive anything: whoever oversees only while the room has been told."""
    return seat.role is not Role.SUPERVISOR or bool(seat.observing)


def onlooker(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a view of somebody in the room, without what goes between the people in it."""
    if "draft" in part:
        nothing = {"clauses": [], "removed": [], "facts": [], "claims": dict.fromkeys(SIDES, "")}
        return {"draft": {**part["draft"], **nothing}}
    return {member: _WITHHELD.get(member, value) for member, value in part.items()}
