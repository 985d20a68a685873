"""What one person in a session may know, as `docs/wire.md` writes it down.

Visibility of the state is decided here and in the parts that travel apart (`rooms.parts`); of what just happened in
`rooms.telling`. A view has a bound, whatever happened in the session: what can grow is a part, a line, or is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rooms import circles, circles_view, concessions_view
from rooms.moments import moment
from rooms.running_times import ClockTimes
from rooms.seats import ENDED, SeatState
from rooms.session import Session
from rooms.texts import MOST_NAME
from rooms.vocabulary import Opening, Phase, Role, Status

MOST_BYTES = 16 * 1024
"""Of every view with its announcements, every piece of a part, every line and every page of lines."""
NO_CALLS = "calls:none"
"""What the device check finds in a browser that carries neither sound nor pictures."""
MOST_TITLE, MOST_ORGANISATION, MOST_CITY, MOST_PHONE = 120, 60, 20, 40
"""Signs of what comes from outside a session; longer ones end in an ellipsis here, not in the record."""

_PRINCIPALS = frozenset({Role.CONSUMER, Role.BUSINESS})
_ACTING_FOR = frozenset({Role.REPRESENTATIVE, Role.LAWYER})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a room shows that is not the session's own: its office, and the complaint for the mediator."""

    office: str = ""
    office_phone: str = ""
    case: Mapping[str, Any] | None = None
    suspended: bool = False  # a request for recusal is not decided: nothing opens or goes on


@dataclass(frozen=True, slots=True)
class Extras:
    """What is true of a live room but not worth a journal entry."""

    surroundings: Surroundings = Surroundings()
    quality: Mapping[str, int] = field(default_factory=dict)


def view(session: Session, times: ClockTimes, seat: str, extras: Extras) -> dict[str, Any]:
    """Everything the person in this seat may know, but for the parts and the lines of the chat."""
    return {**shared(session, times, seat, extras), **own(session, seat)}


def inside(session: Session, seat: str) -> bool:
    """Whether this seat sees the room; everybody else sees its door."""
    return session.seats[seat].in_room or seat == session.mediator_seat


def reads_chat(session: Session, seat: str) -> bool:
    return inside(session, seat) and session.seats[seat].role is not Role.SUPERVISOR


def audience(session: Session, seat: str) -> str:
    """The same for all who see the same of what is `shared`."""
    if not inside(session, seat):
        return f"door {seat}" if session.seats[seat].role is Role.SUPERVISOR else "door"
    if circles.outside(session, seat):
        return f"outside {seat}"
    return "mediator" if seat == session.mediator_seat else "together"  # to whom more is said of each seat


def shared(session: Session, times: ClockTimes, seat: str, extras: Extras) -> dict[str, Any]:
    """What everybody of this seat's `audience` sees."""
    head = _head(session, extras)
    seats = [other for other in session.seats.values() if _has_a_place(other, seat)]
    if not inside(session, seat):
        return {"session": head, "seats": [_door_plate(other) for other in seats]}
    return {
        "session": head,
        "seats": [_seat(other, times.spoke_ms.get(other.id, 0), extras, session, seat) for other in seats],
        "clock": _clock(times, circles.outside(session, seat)),
        **circles_view.view(session, seat),
        "recording": {
            "on": any(other.recording for other in seats),
            "seats": [other.id for other in seats if other.recording],
            "refused": [other.id for other in seats if other.in_room and other.record is False],
            "failed": session.recording_failed,
        },
        "opening": {item.value: item in session.covered for item in Opening},
    }


def own(session: Session, seat: str) -> dict[str, Any]:
    """What this seat alone sees so."""
    state, mediator = session.seats[seat], seat == session.mediator_seat
    you = {
        "seat": seat,
        "role": state.role.value,
        "side": _value(state.side),
        "mediator": mediator,
        "removed": state.removed_for,
    }
    if not inside(session, seat):
        return {"you": you}
    return {
        "you": you,
        "channel": circles_view.channel(session, seat),
        "gap": concessions_view.gap_of(session, seat),
        "script": sorted(session.checked) if mediator else [],
    }


def _has_a_place(seat: SeatState, viewer: str) -> bool:
    """Supervisors come and go, each with a seat of their own: in the view are those who look on."""
    return seat.role is not Role.SUPERVISOR or seat.in_room or seat.id == viewer


def told_the_result(session: Session, seat: SeatState) -> bool:
    """Whether it concerns somebody who is not in the room any more: both sides, and who acts for them.

    A party is bound by it however they left; who acts for one must have agreed to take part and shown who they are.
    """
    if session.status is not Status.CLOSED:
        return False
    return seat.role in _PRINCIPALS or (seat.role in _ACTING_FOR and seat.participate is True and seat.confirmed)


def _value(word: Any) -> Any:
    return None if word is None else word.value


def _short(text: str, most: int) -> str:
    """In one line of so many signs, each of which is seen."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _head(session: Session, extras: Extras) -> dict[str, Any]:
    return {
        "id": session.id,
        "number": _short(session.number, MOST_TITLE),
        "title": _short(session.title, MOST_TITLE),
        "ordinal": session.ordinal,
        "office": _short(extras.surroundings.office, MOST_TITLE),
        "office_phone": _short(extras.surroundings.office_phone, MOST_PHONE),
        "starts": moment(session.starts),
        "status": session.status.value,
        "phase": _value(session.phase),
        "locked": session.locked,
        "opened": moment(session.opened),
        "closed": moment(session.closed_at),
        "recess_since": moment(session.recess_since),
        "live": [phase.value for phase in Phase],
    }


def _door_plate(seat: SeatState) -> dict[str, Any]:
    return {
        "id": seat.id,
        "role": seat.role.value,
        "side": _value(seat.side),
        "name": _short(seat.name, MOST_NAME),
        "status": seat.status.value,
    }


def _seat(seat: SeatState, spoke_ms: int, extras: Extras, session: Session, viewer: str) -> dict[str, Any]:
    veiled = circles_view.veiled(session, viewer, seat.id)
    return {
        **_door_plate(seat),
        "organisation": _short(seat.seat.organisation, MOST_ORGANISATION),
        "city": _short(seat.seat.city, MOST_CITY),
        "mode": seat.mode,
        "hears": NO_CALLS not in seat.findings,
        "muted": seat.muted,
        "muted_by": seat.muted_by,
        "camera": seat.camera,
        "screen": seat.screen and not veiled,
        "hand": seat.hand and not veiled,
        "speaking": seat.speaking_since is not None and not session.over and not veiled,
        "spoke_ms": spoke_ms,
        "speaking_since": None if veiled else moment(seat.speaking_since),
        "waiting_since": moment(seat.waiting_since),
        "away_since": moment(seat.away_since),
        "away_cause": _away_cause(seat, viewer == session.mediator_seat),
        "recording": seat.recording,
        "quality": extras.quality.get(seat.id),
        "paused": list(seat.paused),
        "consents": {"participate": seat.participate, "record": seat.record},
        **(_standing(seat) if viewer == session.mediator_seat else {}),
        "helper": None
        if seat.helper is None
        else {"name": _short(seat.helper.name, MOST_NAME), "relation": seat.helper.relation},
    }


def _away_cause(seat: SeatState, mediator: bool) -> str:
    """Whether they can come back by themselves ("connection") or not ("ended", for the mediator what has ended)."""
    if seat.away_cause in ENDED:
        return seat.away_cause if mediator else "ended"
    return "connection" if seat.away_since is not None else ""


def _standing(seat: SeatState) -> dict[str, Any]:
    """For the mediator: how it was made sure who it is, and what somebody with the link cannot go on without."""
    identity = "" if not seat.confirmed else "voice" if seat.by_voice else "code"
    return {"identity": identity, "help": seat.help}


def _clock(times: ClockTimes, outside: bool) -> dict[str, Any]:
    return {
        "session_ms": times.session_ms,
        "phase_ms": times.phase_ms,
        "phases": {phase.value: ms for phase, ms in times.phases.items()},
        "speaker": {"seat": times.speaker[0], "ms": times.speaker[1]} if times.speaker and not outside else None,
        "caucus_ms": {side.value: ms for side, ms in times.caucus_ms.items()},
    }
