"""What a session's journal switches on and off over time, room by room and seat by seat: what the gap ledger reads to
say why something is missing (docs/evidence/sheets.md, section gaps).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from journal.clock import Spans, TimeSpan, union
from rooms import events as e
from rooms.events import SessionEntry
from rooms.seats import ENDED
from rooms.vocabulary import Consent, Role, Seat

SEALING: Final = timedelta(minutes=15)
"""After the end files are still sealed and reported; what is not there by then does not come."""


class SwitchLine:
    """One thing that is so or is not, over time."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._done: list[TimeSpan] = []

    @property
    def on(self) -> bool:
        return self._since is not None

    def put(self, on: bool, at: datetime) -> None:
        if on and self._since is None:
            self._since = at
        elif not on and self._since is not None:
            self._done.append(TimeSpan(self._since, at))
            self._since = None

    def spans(self, end: datetime) -> Spans:
        return union([*self._done, *([TimeSpan(self._since, end)] if self._since else [])])


_INSIDE: Final = (
    "inside", "away", "away_ended", "unconnected", "unsent", "shared", "paused", "camera_off", "consulting",
)  # fmt: skip
"""What ends when somebody is out."""


@dataclass(slots=True)
class SeatStates:
    id: str
    role: Role
    lines: defaultdict[str, SwitchLine] = field(default_factory=lambda: defaultdict(SwitchLine))
    segments: list[e.SegmentSealed] = field(default_factory=list)
    unrecorded: list[e.NothingRecorded] = field(default_factory=list)

    def put(self, name: str, on: bool, at: datetime) -> None:
        self.lines[name].put(on, at)

    def out(self, at: datetime) -> None:
        for name in _INSIDE:
            self.put(name, False, at)
        self.put("camera_unset", True, at)


class JournalStates:
    """Takes entry after entry."""

    def __init__(self) -> None:
        self.seats: dict[str, SeatStates] = {}
        self.recess = SwitchLine()
        self.caucus = SwitchLine()
        self.ended: datetime | None = None
        self.composed = False  # or tried to be: no file is still to be sealed
        self.last: datetime | None = None

    @property
    def sealing(self) -> bool:
        """Whether files may still be written, sealed and reported."""
        long_over = self.ended is not None and self.last is not None and self.last - self.ended > SEALING
        return not (self.composed or long_over)

    def note(self, entry: SessionEntry) -> None:
        at = self.last = entry.at
        match entry.event:
            case e.SessionScheduled(seats=seats):
                for seat in seats:
                    self._add(seat, at)
            case e.SeatAdded(seat=added):
                self._add(added, at)
            case e.SessionClosed() | e.SessionCancelled():
                self.ended = at
                self.recess.put(False, at)
                self.caucus.put(False, at)
                for seated in self.seats.values():
                    seated.out(at)
            case e.RecessStarted():
                self.recess.put(True, at)
            case e.RecessEnded():
                self.recess.put(False, at)
            case e.CaucusStarted() | e.CaucusEnded():
                self.caucus.put(isinstance(entry.event, e.CaucusStarted), at)
            case e.ConsultingStarted(seat=id_, other=other) | e.ConsultingEnded(seat=id_, other=other):
                for who in (id_, other):
                    self.seats[who].put("consulting", isinstance(entry.event, e.ConsultingStarted), at)
            case e.Routed(hears=hears, recorded=recorded):
                heard = {source for sources in hears.values() for source in sources}
                for id_, seated in self.seats.items():
                    seated.put("unrouted", id_ not in recorded, at)
                    seated.put("unheard", id_ not in heard, at)
            case e.RecordingComposed() | e.CompositionFailed():
                self.composed = True
            case e.RecordingFailed(seat=id_):
                for seated in self.seats.values():
                    if id_ in ("", seated.id):
                        seated.put("disk", True, at)
            case fact if (one := self.seats.get(_seat_of(fact))) is not None:
                _note(one, fact, at)
            case _:
                pass

    def _add(self, seat: Seat, at: datetime) -> None:
        made = self.seats[seat.id] = SeatStates(seat.id, seat.role)
        made.put("no_consent", seat.role is not Role.MEDIATOR, at)  # who is on duty is not asked
        made.put("camera_unset", True, at)


def _seat_of(fact: e.SessionEvent) -> str:
    found = getattr(fact, "seat", "")
    return found if isinstance(found, str) else ""


def _note(seat: SeatStates, fact: e.SessionEvent, at: datetime) -> None:
    """What an entry says about one seat."""
    match fact:
        case e.Admitted() | e.ObservationBegun():
            seat.put("inside", True, at)
        case e.Left() | e.Removed() | e.SentBack() | e.ConsentRefused(kind=Consent.PARTICIPATE):
            seat.out(at)
        case e.Arrived() | e.Reconnected():
            for name in ("away", "away_server", "away_ended", "lost"):
                seat.put(name, False, at)
        case e.Disconnected(cause=cause):
            seat.put("away", True, at)
            seat.put("away_server", cause == "server", at)
            seat.put("away_ended", cause in ENDED, at)
        case e.MediaAwaited(since=since, cause=cause):
            _awaited(seat, cause, since, at)
        case e.MediaConnected():
            for name in ("server", "unconnected", "unsent"):
                seat.put(name, False, at)
        case e.ConsentGiven(kind=Consent.RECORD):
            seat.put("no_consent", False, at)
            seat.put("withdrawn", False, at)
        case e.ConsentRefused(kind=Consent.RECORD):
            seat.put("no_consent", True, at)
        case e.ConsentWithdrawn(kind=Consent.RECORD):
            seat.put("withdrawn", True, at)
        case e.Muted() | e.Unmuted():
            seat.put("muted", isinstance(fact, e.Muted), at)
        case e.CameraSet(on=on):
            seat.put("camera_off", not on, at)
            seat.put("camera_unset", False, at)
        case e.ScreenShared() | e.ScreenStopped():
            seat.put("shared", isinstance(fact, e.ScreenShared), at)
        case e.PicturesPaused(way="from") | e.PicturesResumed(way="from"):
            seat.put("paused", isinstance(fact, e.PicturesPaused), at)
        case e.DeviceChecked(mode=mode):
            seat.put("writes", mode == "text", at)
            seat.put("camera_off", mode != "video", at)
        case e.RecordingStarted():
            for name in ("disk", "server", "lost"):
                seat.put(name, False, at)
            seat.put("writing", True, at)
        case e.RecordingStopped(cause=cause):
            seat.put("writing", False, at)
            if cause in _STOPS:
                seat.put(_STOPS[cause], True, at)
        case e.SegmentSealed():
            seat.segments.append(fact)
        case e.NothingRecorded():
            seat.unrecorded.append(fact)
        case _:
            pass


def _awaited(seat: SeatStates, cause: str, since: datetime, at: datetime) -> None:
    """What is said of it later counts from then on."""
    name = _AWAITED.get(cause, "unconnected")
    if any(seat.lines[other].on for other in ("unconnected", "unsent") if other != name):
        since = at
    for other in ("unconnected", "unsent"):
        seat.put(other, other == name, since)
    if name == "server":
        seat.put(name, True, since)


_AWAITED: Final = {"nothing": "unsent", "server": "server"}
_STOPS: Final = {"disk": "disk", "server": "server", "disconnected": "lost"}
