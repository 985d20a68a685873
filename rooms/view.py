"""What one person in a session may know, as `docs/wire.md` writes it down.

Visibility of the state is decided here, and nowhere else; of what just happened in `rooms.telling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rooms import circles, circles_view, concessions_view, lawbook, typical
from rooms.codec import plain
from rooms.draft_view import drafted
from rooms.exhibits_view import exhibits_view, proofs_view
from rooms.moments import moment
from rooms.observation import onlooker
from rooms.seats import SeatState
from rooms.session import Session
from rooms.signing_view import documents_of, signing_of
from rooms.timing import SeatTiming, Timing
from rooms.vocabulary import Opening, Phase, Role, Status

CHAT_SHOWN = 200
NO_CALLS = "calls:none"
"""What the device check finds in a browser that carries neither sound nor pictures."""

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
    looking: Mapping[str, Any] | None = None  # where whoever shows an exhibit has zoomed to


def view(session: Session, timing: Timing, seat: str, now: datetime, extras: Extras = Extras()) -> dict[str, Any]:
    """Everything the person in this seat may know at `now`."""
    own, mediator = session.seats[seat], seat == session.mediator_seat
    you = {
        "seat": seat,
        "role": own.role.value,
        "side": _value(own.side),
        "mediator": mediator,
        "removed": own.removed_for,
    }
    head = _head(session, extras)
    if not (own.in_room or mediator):
        door = {"session": head, "you": you, "seats": [_door_plate(other) for other in session.seats.values()]}
        if not told_the_result(session, own):
            return door
        return {**door, **_result(session, seat), "draft": drafted(session, seat)}
    seen = {
        "session": head,
        "you": you,
        "seats": [
            _seat(other, timing.seats.get(other.id, SeatTiming()), extras, session, seat)
            for other in session.seats.values()
        ],
        "clock": _clock(timing, circles.outside(session, seat)),
        **circles_view.view(session, seat),
        **concessions_view.view(session, seat),
        "recording": {
            "on": any(other.recording for other in session.seats.values()),
            "seats": [other.id for other in session.seats.values() if other.recording],
            "refused": [other.id for other in session.seats.values() if other.in_room and other.record is False],
            "failed": session.recording_failed,
        },
        "opening": {item.value: item in session.covered for item in Opening},
        "chat": [
            {"n": said.n, "seat": said.seat, "to": said.to, "text": said.text, "at": moment(said.at)}
            | ({"caucus": said.caucus} if said.caucus else {})
            for said in session.chat
            if said.read_by(seat)
        ][-CHAT_SHOWN:],
        "outcome": None
        if session.proposed is None
        else {"proposed": plain(session.proposed), "seen": list(session.seen)},
        "draft": drafted(session, seat),
        "law": lawbook.view(session.shown_law),
        "typical": typical.view(session.shown_typical),
        "script": sorted(session.checked) if mediator else [],
        "exhibits": exhibits_view(session, seat, extras.looking),
        "signing": signing_of(session, seat),
        **_result(session, seat),
        "case": dict(extras.surroundings.case) if mediator and extras.surroundings.case is not None else None,
    }
    return onlooker(seen) if own.role is Role.SUPERVISOR else seen


def told_the_result(session: Session, seat: SeatState) -> bool:
    """Whether it concerns somebody who is not in the room any more: both sides, and who acts for them.

    A party is bound by it however they left; who acts for one must have agreed to take part and shown who they are.
    """
    if session.status is not Status.CLOSED:
        return False
    return seat.role in _PRINCIPALS or (seat.role in _ACTING_FOR and seat.participate is True and seat.confirmed)


def _result(session: Session, seat: str) -> dict[str, Any]:
    return {
        "closed": plain(session.outcome) if session.outcome else None,
        "documents": documents_of(session, seat),
        "corrections": [
            {"text": added.text, "at": moment(added.at), "by": added.by.name} for added in session.corrections
        ],
        "proofs": proofs_view(session),
    }


def _value(word: Any) -> Any:
    return None if word is None else word.value


def _head(session: Session, extras: Extras) -> dict[str, Any]:
    return {
        "id": session.id,
        "number": session.number,
        "title": session.title,
        "ordinal": session.ordinal,
        "office": extras.surroundings.office,
        "office_phone": extras.surroundings.office_phone,
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
        "name": seat.name,
        "status": seat.status.value,
    }


def _seat(seat: SeatState, timing: SeatTiming, extras: Extras, session: Session, viewer: str) -> dict[str, Any]:
    veiled = circles_view.veiled(session, viewer, seat.id)
    return {
        **_door_plate(seat),
        "organisation": seat.seat.organisation,
        "city": seat.seat.city,
        "mode": seat.mode,
        "hears": NO_CALLS not in seat.findings,
        "muted": seat.muted,
        "muted_by": seat.muted_by,
        "camera": seat.camera,
        "screen": seat.screen and not veiled,
        "hand": seat.hand and not veiled,
        "speaking": seat.speaking_since is not None and not session.over and not veiled,
        "spoke_ms": timing.spoke_ms,
        "speaking_since": None if veiled else moment(seat.speaking_since),
        "waiting_since": moment(seat.waiting_since),
        "away_since": moment(seat.away_since),
        "recording": seat.recording,
        "quality": extras.quality.get(seat.id),
        "paused": list(seat.paused),
        "consents": {"participate": seat.participate, "record": seat.record},
        **(_standing(seat) if viewer == session.mediator_seat else {}),
        "helper": None if seat.helper is None else {"name": seat.helper.name, "relation": seat.helper.relation},
    }


def _standing(seat: SeatState) -> dict[str, Any]:
    """For the mediator: how it was made sure who it is, and what somebody with the link cannot go on without."""
    identity = "" if not seat.confirmed else "voice" if seat.by_voice else "code"
    return {"identity": identity, "help": seat.help}


def _clock(timing: Timing, outside: bool) -> dict[str, Any]:
    return {
        "session_ms": timing.session_ms,
        "phase_ms": timing.phase_ms,
        "phases": {phase.value: ms for phase, ms in timing.phases.items()},
        "speaker": {"seat": timing.speaker[0], "ms": timing.speaker[1]} if timing.speaker and not outside else None,
        "caucus_ms": {side.value: ms for side, ms in timing.caucus_ms.items()},
    }
