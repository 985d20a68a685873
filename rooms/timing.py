"""How long everything took: computed from a session's events and a `now`, never stored.

Owns `Timing` and the stopwatch that arrives at it. Waiting, presence, absence and speaking are per seat; joint
time is when mediator, consumer and business were all present, the room was not in recess and no private talk was on.
The session's own clock runs through a recess, a phase's does not; both run through a private talk, in which nobody's
speaking counts and nobody interrupts: of it is measured how long it took, for each side. Who is there, and whose
connection broke and came back, is counted in it as at any time. A side is present through its consumer or business
seat or that side's representatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from journal.clock import Spans, TimeSpan, intersect, subtract, total_ms, union
from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import OutcomeKind, Phase, Role, Side

INTERRUPTS_AFTER = timedelta(seconds=1)
"""Starting to speak while somebody has had the floor for longer than this is an interruption."""


@dataclass(frozen=True, slots=True)
class SeatTiming:
    """Of one seat; spans are sorted, disjoint, and end at `now` if still going on."""

    waiting: Spans = ()
    presence: Spans = ()
    away: Spans = ()
    speaking: Spans = ()
    reconnects: int = 0
    interruptions: int = 0
    waiting_ms: int = 0
    present_ms: int = 0
    away_ms: int = 0
    spoke_ms: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """At `now`, or for good once the session is closed. All `_ms` are whole milliseconds."""

    opened: datetime | None = None
    closed: datetime | None = None
    session_ms: int = 0
    joint_ms: int = 0
    recess_ms: int = 0
    waiting_ms: int = 0  # somebody was waiting, before or after the opening
    phase: Phase | None = None
    phase_ms: int = 0  # since it was last entered
    phases: Mapping[Phase, int] = field(default_factory=dict)  # in the order first entered
    phase_spans: tuple[tuple[Phase, TimeSpan], ...] = ()  # recesses not taken out
    joint: Spans = ()
    recesses: Spans = ()
    caucuses: tuple[tuple[Side, TimeSpan], ...] = ()  # in order
    caucus_ms: Mapping[Side, int] = field(default_factory=dict)  # of the sides that had one
    seats: Mapping[str, SeatTiming] = field(default_factory=dict)
    speaker: tuple[str, int] | None = None  # who has had the floor longest of those speaking
    interruptions: int = 0
    reconnects: int = 0
    settlement_ms: int | None = None  # from the first link issued to a settlement


class _Stretches:
    """One thing that is or is not the case, over time."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        self._done: list[TimeSpan] = []

    def begin(self, at: datetime) -> None:
        if self.since is None:
            self.since = at

    def end(self, at: datetime) -> None:
        if self.since is not None:
            self._done.append(TimeSpan(self.since, at))
            self.since = None

    def spans(self, now: datetime) -> Spans:
        return union([*self._done, *([TimeSpan(self.since, now)] if self.since else [])])


@dataclass(slots=True)
class _Seat:
    role: Role
    side: Side | None
    waiting: _Stretches = field(default_factory=_Stretches)
    present: _Stretches = field(default_factory=_Stretches)
    away: _Stretches = field(default_factory=_Stretches)
    speaking: _Stretches = field(default_factory=_Stretches)
    reconnects: int = 0
    interruptions: int = 0

    def stop(self, at: datetime) -> None:
        for stretches in (self.waiting, self.present, self.away, self.speaking):
            stretches.end(at)

    def timing(self, now: datetime, private: Spans = ()) -> SeatTiming:
        waiting, presence = self.waiting.spans(now), self.present.spans(now)
        away, speaking = self.away.spans(now), subtract(self.speaking.spans(now), private)
        return SeatTiming(
            waiting,
            presence,
            away,
            speaking,
            self.reconnects,
            self.interruptions,
            total_ms(waiting),
            total_ms(presence),
            total_ms(away),
            total_ms(speaking),
        )


class Stopwatch:
    """Takes a session's events one by one and tells the timing at any later moment."""

    def __init__(self, private: bool = False) -> None:
        """`private`: interruptions in a private talk are counted, as they once were."""
        self._private = private
        self._seats: dict[str, _Seat] = {}
        self._phases: list[tuple[Phase, datetime]] = []
        self._recess = _Stretches()
        self._caucuses: list[tuple[Side, TimeSpan]] = []
        self._caucus: tuple[Side, datetime] | None = None
        self._opened: datetime | None = None
        self._closed: datetime | None = None
        self._first_link: datetime | None = None
        self._settled = False

    def note(self, entry: SessionEntry) -> None:
        at = entry.at
        match entry.event:
            case e.SessionScheduled(seats=seats):
                self._seats = {seat.id: _Seat(seat.role, seat.side) for seat in seats}
            case e.SeatAdded(seat=seat):
                self._seats[seat.id] = _Seat(seat.role, seat.side)
            case e.LinkIssued():
                self._first_link = self._first_link or at
            case e.SessionOpened():
                self._opened = at
            case e.PhaseEntered(phase=phase):
                self._phases.append((phase, at))
            case e.RecessStarted():
                self._recess.begin(at)
            case e.RecessEnded():
                self._recess.end(at)
            case e.CaucusStarted(side=side):
                self._caucus = (side, at)
            case e.CaucusEnded():
                self._part(at)
            case e.SessionClosed(outcome=outcome):
                self._stop(at)
                self._settled = outcome.kind is OutcomeKind.SETTLED
            case e.SessionCancelled():
                self._stop(at)
            case e.Arrived(seat=id_):
                self._seats[id_].waiting.begin(at)
            case e.Admitted(seat=id_) | e.ObservationBegun(seat=id_):
                self._seats[id_].waiting.end(at)
                if self._seats[id_].away.since is None:
                    self._seats[id_].present.begin(at)
            case e.Disconnected(seat=id_):
                self._seats[id_].present.end(at)
                self._seats[id_].speaking.end(at)
                self._seats[id_].away.begin(at)
            case e.Reconnected(seat=id_):
                self._back(self._seats[id_], at)
            case e.SpeakingStarted(seat=id_):
                self._speak(id_, at)
            case e.SpeakingStopped(seat=id_):
                self._seats[id_].speaking.end(at)
            case e.SentBack(seat=id_) | e.Left(seat=id_) | e.Removed(seat=id_):
                self._seats[id_].stop(at)
            case e.ConsentRefused(seat=id_, kind=kind) if kind == "participate":
                self._seats[id_].stop(at)
            case _:
                pass  # takes no time

    def _part(self, at: datetime) -> None:
        if self._caucus is not None:
            side, since = self._caucus
            self._caucuses.append((side, TimeSpan(since, at)))
            self._caucus = None

    def _stop(self, at: datetime) -> None:
        self._closed = at
        self._part(at)
        self._recess.end(at)
        for seat in self._seats.values():
            seat.stop(at)

    def _back(self, seat: _Seat, at: datetime) -> None:
        seat.away.end(at)
        if seat.waiting.since is None:
            seat.present.begin(at)
            seat.reconnects += 1

    def _speak(self, who: str, at: datetime) -> None:
        counted = self._caucus is None or self._private
        for other, seat in self._seats.items() if counted else ():
            since = seat.speaking.since
            if other != who and since is not None and at - since > INTERRUPTS_AFTER:
                self._seats[who].interruptions += 1
                break
        self._seats[who].speaking.begin(at)

    def timing(self, now: datetime) -> Timing:
        end = self._closed or now
        caucuses = (*self._caucuses, *([(self._caucus[0], TimeSpan(self._caucus[1], end))] if self._caucus else []))
        private = union(span for _, span in caucuses)
        seats = {id_: seat.timing(end, private) for id_, seat in self._seats.items()}
        recesses = self._recess.spans(end)
        spans = self._phase_spans(end)
        phases: dict[Phase, int] = defaultdict(int)
        last = 0
        for phase, span in spans:
            last = total_ms(subtract([span] if span.start < span.end else [], recesses))
            phases[phase] += last
        joint = subtract(self._joint(seats, recesses), private)
        floor = [(end - s.speaking.since, id_) for id_, s in self._seats.items() if s.speaking.since is not None]
        longest = max(floor, default=None)
        return Timing(
            opened=self._opened,
            closed=self._closed,
            session_ms=TimeSpan(self._opened, end).ms if self._opened else 0,
            joint_ms=total_ms(joint),
            recess_ms=total_ms(recesses),
            waiting_ms=total_ms(union(span for seat in seats.values() for span in seat.waiting)),
            phase=spans[-1][0] if spans else None,
            phase_ms=last,
            phases=dict(phases),
            phase_spans=spans,
            joint=joint,
            recesses=recesses,
            caucuses=caucuses,
            caucus_ms={
                side: total_ms(span for whose, span in caucuses if whose is side)
                for side in Side
                if any(whose is side for whose, _ in caucuses)
            },
            seats=seats,
            speaker=(longest[1], max(0, longest[0] // timedelta(milliseconds=1))) if longest else None,
            interruptions=sum(seat.interruptions for seat in seats.values()),
            reconnects=sum(seat.reconnects for seat in seats.values()),
            settlement_ms=TimeSpan(self._first_link, end).ms if self._settled and self._first_link else None,
        )

    def _phase_spans(self, end: datetime) -> tuple[tuple[Phase, TimeSpan], ...]:
        ends = [at for _, at in self._phases[1:]] + [end]
        return tuple(
            (phase, TimeSpan(start, until))
            for (phase, start), until in zip(self._phases, ends, strict=bool(self._phases))
        )

    def _joint(self, seats: Mapping[str, SeatTiming], recesses: Spans) -> Spans:
        def present(*wanted: tuple[Role, Side | None]) -> Spans:
            return union(
                span
                for id_, seat in self._seats.items()
                if (seat.role, None) in wanted or (seat.role, seat.side) in wanted
                for span in seats[id_].presence
            )

        everybody = present((Role.MEDIATOR, None))
        for role, side in ((Role.CONSUMER, Side.CONSUMER), (Role.BUSINESS, Side.BUSINESS)):
            everybody = intersect(everybody, present((role, None), (Role.REPRESENTATIVE, side)))
        return subtract(everybody, recesses)


def measure(entries: Iterable[SessionEntry], now: datetime, private: bool = False) -> Timing:
    """The timing of a whole history at `now`; `private` as of `Stopwatch`."""
    stopwatch = Stopwatch(private)
    for entry in entries:
        stopwatch.note(entry)
    return stopwatch.timing(now)
