"""What a room's clock shows, kept up with every event: the cost of telling it does not grow with the session.

`RunningTimes` says of a session under way what `rooms.timing` measures of its whole history, and nothing else; a test
holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rooms import events as e
from rooms.codec import Happened
from rooms.vocabulary import Phase, Side

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
    """Takes a session's events one by one."""

    def __init__(self, entries: Iterable[Happened] = ()) -> None:
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

    def note(self, entry: Happened) -> None:
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
