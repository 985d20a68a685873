"""What one person in a session may know, as `docs/wire.md` writes it down, and what the room's clock shows.

Visibility of the state is decided here and in the parts that travel apart (`rooms.view.parts`); of what just happened
in `rooms.live.audience`. A view has a bound, whatever happened in the session: what can grow is a part, a line, or is
not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from rooms import MOST_NAME, events as e, view as w
from rooms.caucus import rules as caucus_rules
from rooms.caucus.rules import channel, circles_view, gap_view, veiled
from rooms.events import SessionEntry, wire_time
from rooms.media.rules import captions_on
from rooms.seats import ENDED, SeatState
from rooms.session import Session
from rooms.vocabulary import ACTING, PRINCIPALS, Opening, Phase, Role, Side, Status

MOST_BYTES = 16 * 1024
"""Of every view with its announcements, every piece of a part, every line and every page of lines."""
NO_CALLS = "calls:none"
"""What the device check finds in a browser that carries neither sound nor pictures."""
MOST_TITLE, MOST_ORGANISATION, MOST_CITY, MOST_PHONE = 120, 60, 20, 40
"""Signs of what comes from outside a session; longer ones end in an ellipsis here, not in the record."""


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What a room shows that is not the session's own: its office, and the complaint for the mediator."""

    office: str = ""
    office_phone: str = ""
    case: Mapping[str, Any] | None = None
    suspended: bool = False  # a request for recusal is not decided: nothing opens or goes on


@dataclass(frozen=True, slots=True)
class ViewExtras:
    """What is true of a live room but not worth a journal entry."""

    context: RoomContext = RoomContext()
    quality: Mapping[str, int] = field(default_factory=dict)


def seat_view(session: Session, times: ClockTimes, seat: str, extras: ViewExtras) -> dict[str, Any]:
    """Everything the person in this seat may know, but for the parts and the lines of the chat."""
    return {**shared(session, times, seat, extras), **own(session, seat)}


def inside(session: Session, seat: str) -> bool:
    """Whether this seat sees the room; everybody else sees its door."""
    return session.seats[seat].in_room or seat == session.mediator_seat


def reads_chat(session: Session, seat: str) -> bool:
    """Who is in the room, and while nobody meets whoever takes part."""
    state = session.seats[seat]
    return (inside(session, seat) or session.attends(state)) and state.role is not Role.SUPERVISOR


def audience(session: Session, seat: str) -> str:
    """The same for all who see the same of what is `shared`."""
    if not inside(session, seat):
        return f"door {seat}" if session.seats[seat].role is Role.SUPERVISOR else "door"
    if caucus_rules.outside(session, seat):
        return f"outside {seat}"
    return "mediator" if seat == session.mediator_seat else "together"  # to whom more is said of each seat


def shared(session: Session, times: ClockTimes, seat: str, extras: ViewExtras) -> dict[str, Any]:
    """What everybody of this seat's `audience` sees."""
    head = _head(session, extras)
    seats = [other for other in session.seats.values() if _has_a_place(other, seat)]
    if not inside(session, seat):
        return {"session": head, "seats": [_door_plate(other) for other in seats]}
    recording: w.RecordingView = {
        "on": any(other.recording for other in seats),
        "seats": [other.id for other in seats if other.recording],
        "refused": [other.id for other in seats if other.in_room and other.record is False],
        "failed": session.recording_failed,
    }
    captions: w.CaptionsView = {
        "allowed": session.captions,
        "on": captions_on(session),
        "seats": list(session.routed.captioned),
    }
    return {
        "session": head,
        "seats": [_seat(other, times.spoke_ms.get(other.id, 0), extras, session, seat) for other in seats],
        "clock": _clock(times, caucus_rules.outside(session, seat)),
        **circles_view(session, seat),
        "recording": recording,
        "captions": captions,
        "opening": {item: item in session.covered for item in Opening},
    }


def own(session: Session, seat: str) -> dict[str, Any]:
    """What this seat alone sees so."""
    state, mediator = session.seats[seat], seat == session.mediator_seat
    you: w.YouView = {
        "seat": seat,
        "role": state.role,
        "side": state.side,
        "mediator": mediator,
        "removed": state.removed_for,
    }
    if not inside(session, seat):
        return {"you": you}
    return {
        "you": you,
        "channel": channel(session, seat),
        "reads_captions": state.captions,
        "gap": gap_view(session, seat),
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
    return seat.role in PRINCIPALS or (seat.role in ACTING and seat.participate is True and seat.confirmed)


def _short(text: str, most: int) -> str:
    """In one line of so many signs, each of which is seen."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _head(session: Session, extras: ViewExtras) -> w.SessionView:
    return {
        "id": session.id,
        "number": _short(session.number, MOST_TITLE),
        "title": _short(session.title, MOST_TITLE),
        "ordinal": session.ordinal,
        "office": _short(extras.context.office, MOST_TITLE),
        "office_phone": _short(extras.context.office_phone, MOST_PHONE),
        "starts": wire_time(session.starts),
        "status": session.status,
        "phase": session.phase,
        "locked": session.locked,
        "opened": wire_time(session.opened),
        "closed": wire_time(session.closed_at),
        "recess_since": wire_time(session.recess_since),
        "live": list(Phase),
    }


def _door_plate(seat: SeatState) -> w.DoorPlateView:
    return {
        "id": seat.id,
        "role": seat.role,
        "side": seat.side,
        "name": _short(seat.name, MOST_NAME),
        "status": seat.status,
    }


def _seat(seat: SeatState, spoke_ms: int, extras: ViewExtras, session: Session, viewer: str) -> w.SeatView:
    hidden = veiled(session, viewer, seat.id)
    plate = _door_plate(seat)
    seen: w.SeatView = {
        "id": plate["id"],
        "role": plate["role"],
        "side": plate["side"],
        "name": plate["name"],
        "status": plate["status"],
        "organisation": _short(seat.seat.organisation, MOST_ORGANISATION),
        "city": _short(seat.seat.city, MOST_CITY),
        "mode": seat.mode,
        "hears": NO_CALLS not in seat.findings,
        "muted": seat.muted,
        "muted_by": seat.muted_by,
        "camera": seat.camera,
        "background": seat.background,
        "screen": seat.screen and not hidden,
        "hand": seat.hand and not hidden,
        "speaking": seat.speaking_since is not None and not session.over and not hidden,
        "spoke_ms": spoke_ms,
        "speaking_since": None if hidden else wire_time(seat.speaking_since),
        "waiting_since": wire_time(seat.waiting_since),
        "away_since": wire_time(seat.away_since),
        "away_cause": _away_cause(seat, viewer == session.mediator_seat),
        "recording": seat.recording,
        "quality": extras.quality.get(seat.id),
        "paused": list(seat.paused),
        "consents": {"participate": seat.participate, "record": seat.record, "transcribe": seat.transcribe},
        "helper": None
        if seat.helper is None
        else {"name": _short(seat.helper.name, MOST_NAME), "relation": seat.helper.relation},
        "call": "asked" if seat.asked_by_phone else seat.call_state,
    }
    if viewer == session.mediator_seat:
        seen["identity"] = _identity(seat)
        seen["call_ended"] = seat.call_ended
        seen["help"] = seat.help
    return seen


def _identity(seat: SeatState) -> Literal["", "code", "voice", "call", "unchecked"]:
    if not seat.confirmed:
        return ""
    if seat.by_voice:
        return "voice"
    return "unchecked" if seat.real_name == "unavailable" else "call" if seat.by_call else "code"


def _away_cause(seat: SeatState, mediator: bool) -> str:
    """Whether they can come back by themselves ("connection") or not ("ended", for the mediator what has ended)."""
    if seat.away_cause in ENDED:
        return seat.away_cause if mediator else "ended"
    return "connection" if seat.away_since is not None else ""


def _clock(times: ClockTimes, outside: bool) -> w.ClockView:
    return {
        "session_ms": times.session_ms,
        "phase_ms": times.phase_ms,
        "phases": times.phases,
        "speaker": {"seat": times.speaker[0], "ms": times.speaker[1]} if times.speaker and not outside else None,
        "caucus_ms": times.caucus_ms,
    }


# ------------------------------------------------------------ the room's clock


_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """At a moment, in whole milliseconds; as the fields of `rooms.timing.Timing` of these names."""

    session_ms: int = 0
    phase_ms: int = 0
    phases: Mapping[Phase, int] = field(default_factory=dict)
    speaker: tuple[str, int] | None = None
    caucus_ms: Mapping[Side, int] = field(default_factory=dict)
    spoke_ms: Mapping[str, int] = field(default_factory=dict)  # by seat


class _Running:
    """How long something has been the case; what lies in `less` does not count."""

    def __init__(self, less: _Running | None = None) -> None:
        self.since: datetime | None = None
        self._less, self._less_before = less, timedelta()
        self._done = timedelta()

    def begin(self, at: datetime) -> None:
        if self.since is None:
            self.since = at
            self._less_before = self._left_out(at)

    def end(self, at: datetime) -> None:
        self._done, self.since = self.until(at), None

    def until(self, at: datetime) -> timedelta:
        if self.since is None:
            return self._done
        return self._done + max(timedelta(), at - self.since) - (self._left_out(at) - self._less_before)

    def _left_out(self, at: datetime) -> timedelta:
        return timedelta() if self._less is None else self._less.until(at)


class RunningTimes:
    """What a room's clock shows, kept up with every event: the cost of telling it does not grow with the session.

    Takes a session's events one by one and says what `rooms.timing` measures of the whole history, and nothing else; a
    test holds the two to each other.
    """

    def __init__(self, entries: Iterable[SessionEntry] = ()) -> None:
        self._opened: datetime | None = None
        self._closed: datetime | None = None
        self._recess, self._private = _Running(), _Running()
        self._phase: tuple[Phase, _Running] | None = None
        self._phases: dict[Phase, int] = {}  # those that are over
        self._side: Side | None = None
        self._caucuses: dict[Side, _Running] = {}
        self._speaking: dict[str, _Running] = {}
        for entry in entries:
            self.note(entry)

    def note(self, entry: SessionEntry) -> None:
        at = entry.at
        match entry.event:
            case e.SessionOpened():
                self._opened = at
            case e.PhaseEntered(phase=phase):
                self._turn(phase, at)
            case e.RecessStarted():
                self._recess.begin(at)
            case e.RecessEnded():
                self._recess.end(at)
            case e.CaucusStarted(side=side):
                self._private.begin(at)
                self._side = side
                self._caucuses.setdefault(side, _Running()).begin(at)
            case e.CaucusEnded():
                self._part(at)
            case e.SpeakingStarted(seat=seat):
                self._speaking.setdefault(seat, _Running(self._private)).begin(at)
            case (
                e.SpeakingStopped(seat=seat)
                | e.Disconnected(seat=seat)
                | e.SentBack(seat=seat)
                | e.Left(seat=seat)
                | e.Removed(seat=seat)
            ):
                self._hush(seat, at)
            case e.ConsentRefused(seat=seat, kind=kind) if kind == "participate":
                self._hush(seat, at)
            case e.SessionClosed() | e.SessionCancelled():
                self._stop(at)
            case _:
                pass  # takes no time

    def at(self, now: datetime) -> ClockTimes:
        end = self._closed or now
        phase_ms = _ms(self._phase[1].until(end)) if self._phase else 0
        phases = dict(self._phases)
        if self._phase:
            phases[self._phase[0]] = phases.get(self._phase[0], 0) + phase_ms
        floor = [(end - one.since, seat) for seat, one in self._speaking.items() if one.since is not None]
        longest = max(floor, default=None)
        return ClockTimes(
            session_ms=_ms(end - self._opened) if self._opened else 0,
            phase_ms=phase_ms,
            phases=phases,
            speaker=(longest[1], _ms(longest[0])) if longest else None,
            caucus_ms={side: _ms(self._caucuses[side].until(end)) for side in Side if side in self._caucuses},
            spoke_ms={seat: _ms(one.until(end)) for seat, one in self._speaking.items()},
        )

    def _turn(self, phase: Phase, at: datetime) -> None:
        if self._phase is not None:
            before, running = self._phase
            self._phases[before] = self._phases.get(before, 0) + _ms(running.until(at))
        running = _Running(self._recess)
        running.begin(at)
        self._phases.setdefault(phase, 0)
        self._phase = (phase, running)

    def _part(self, at: datetime) -> None:
        if self._side is not None:
            self._caucuses[self._side].end(at)
            self._private.end(at)
            self._side = None

    def _hush(self, seat: str, at: datetime) -> None:
        if seat in self._speaking:
            self._speaking[seat].end(at)

    def _stop(self, at: datetime) -> None:
        for seat in self._speaking:
            self._hush(seat, at)
        if self._phase is not None:
            phase, running = self._phase
            running.end(at)
            self._phase = (phase, running)
        self._closed = at
        self._part(at)
        self._recess.end(at)


def _ms(time: timedelta) -> int:
    return max(0, time // _MILLISECOND)
