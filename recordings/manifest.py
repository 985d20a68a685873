"""What a composition is made of: who was recorded when, what they are called, which phase it was.

Pure: a session's journal in, a plan out. Times in a plan are seconds from its `origin`, the wall-clock time of the
video's first picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from recordings.errors import CompositionError
from recordings.wording import MARKS, ZH, Wording
from rooms import events as e
from rooms.codec import Happened
from rooms.session import MOST_SEATS, Session, fold
from rooms.vocabulary import Phase

Span = tuple[float, float]

LONGEST = timedelta(hours=12)
# A cut between two files of one recording: shorter than this nothing was missed.
SEAM = 0.3


@dataclass(frozen=True, slots=True)
class Clip:
    """A sealed file: `path` relative to the recordings folder, `start` from the origin, width 0: sound only."""

    path: str
    sha256: str
    start: float
    seconds: float
    width: int
    height: int

    @property
    def end(self) -> float:
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Person:
    """One cell of the grid."""

    seat: str
    mark: str
    name: str
    clips: tuple[Clip, ...]
    screens: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Words for what is missing from a cell."""

    sound_only: str
    not_recorded: str


@dataclass(frozen=True, slots=True)
class Plan:
    session: str
    origin: datetime
    seconds: float
    zone: str
    title: str
    notes: Notes
    people: tuple[Person, ...]
    captions: tuple[Caption, ...]


_PLAN = TypeAdapter(Plan)


def to_json(plan: Plan) -> bytes:
    return _PLAN.dump_json(plan, indent=1)


def from_json(text: bytes) -> Plan:
    """CompositionError bad_plan when it is none."""
    try:
        return _PLAN.validate_json(text)
    except ValidationError as fault:
        raise CompositionError("bad_plan", str(fault)) from fault


def plan(history: Sequence[Happened], wording: Wording = ZH, zone: str = "Asia/Shanghai") -> Plan:
    """The composition of a session. CompositionError: nothing_recorded, too_long."""
    session = fold(history)
    if session is None or not session.segments:
        raise CompositionError("nothing_recorded")
    origin = min(segment.started for segment in session.segments)
    end = max(segment.ended for segment in session.segments)
    if end - origin > LONGEST:
        raise CompositionError("too_long", str(end - origin))
    seconds = (end - origin).total_seconds()
    if seconds <= 0:
        raise CompositionError("nothing_recorded", "no file holds anything")
    return Plan(
        session=session.id,
        origin=origin,
        seconds=seconds,
        zone=zone,
        title=wording.session.format(number=session.number, ordinal=session.ordinal),
        notes=Notes(wording.sound_only, wording.not_recorded),
        people=tuple(_people(session, history, origin)),
        captions=tuple(_captions(history, wording, origin, seconds)),
    )


def _people(session: Session, history: Iterable[Happened], origin: datetime) -> Iterable[Person]:
    """Whoever was let in or recorded, in seat order: also who refused to be recorded is seen to have been there."""
    there = {segment.seat for segment in session.segments} | {session.mediator_seat}
    there |= {entry.event.seat for entry in history if isinstance(entry.event, e.Admitted)}
    seats = [state for state in session.seats.values() if state.id in there]
    for state in seats[:MOST_SEATS]:
        clips: dict[str, list[Clip]] = {"camera": [], "screen": []}
        for segment in sorted(session.segments, key=lambda segment: segment.started):
            if segment.seat == state.id and segment.source in clips:
                clips[segment.source].append(_clip(segment, origin))
        yield Person(state.id, MARKS[state.role], state.name, tuple(clips["camera"]), tuple(clips["screen"]))


def _clip(segment: e.SegmentSealed, origin: datetime) -> Clip:
    start = (segment.started - origin).total_seconds()
    seconds = max(0.0, (segment.ended - segment.started).total_seconds())
    return Clip(segment.path, segment.sha256, start, seconds, segment.width, segment.height)


def _captions(history: Iterable[Happened], wording: Wording, origin: datetime, seconds: float) -> Iterable[Caption]:
    said: list[tuple[float, str]] = []
    phase = Phase.OPENING
    for entry in history:
        at = (entry.at - origin).total_seconds()
        match entry.event:
            case e.SessionOpened():
                said.append((at, wording.phases[phase]))
            case e.PhaseEntered(phase=phase):
                said.append((at, wording.phases[phase]))
            case e.RecessStarted():
                said.append((at, wording.recess))
            case e.RecessEnded():
                said.append((at, wording.phases[phase]))
            case e.SessionClosed():
                said.append((at, wording.closed))
            case _:
                pass
    for index, (at, text) in enumerate(said):
        until = said[index + 1][0] if index + 1 < len(said) else seconds
        if until > max(at, 0.0) and at < seconds:
            yield Caption(max(at, 0.0), min(until, seconds), text)


# ---------------------------------------------------------------- spans of time


def picture_spans(clips: Iterable[Clip]) -> list[Span]:
    return union((clip.start, clip.end) for clip in clips if clip.width)


def sound_spans(clips: Iterable[Clip]) -> list[Span]:
    return union((clip.start, clip.end) for clip in clips)


def union(spans: Iterable[Span]) -> list[Span]:
    """Sorted and disjoint, seams closed."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + SEAM:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is left of spans (sorted, disjoint) outside of holes (likewise)."""
    left: list[Span] = []
    for start, end in spans:
        for hole_start, hole_end in holes:
            if hole_end <= start or hole_start >= end:
                continue
            if hole_start > start:
                left.append((start, hole_start))
            start = max(start, hole_end)
        if end > start:
            left.append((start, end))
    return left


def within(spans: Sequence[Span], frames: Sequence[Span]) -> list[Span]:
    """What of spans lies inside of frames (both sorted and disjoint)."""
    return [(max(a, c), min(b, d)) for a, b in spans for c, d in frames if max(a, c) < min(b, d)]
