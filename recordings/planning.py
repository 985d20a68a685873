"""From a session's journal to the plan of its film: who has a cell, what is in it when, which words stand below.

Pure: a session's journal in, a plan out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from recordings.cards import AbsenceReasons
from recordings.errors import CompositionError
from recordings.manifest import Caption, Clip, Person, Plan, picture_spans, sound_spans
from recordings.wording import MARKS, ZH, Wording
from rooms import events as e
from rooms.codec import Happened
from rooms.session import MOST_SEATS, Session, fold
from rooms.vocabulary import Phase, Role

LONGEST_COMPOSITION = timedelta(hours=12)


def composition_plan(history: Sequence[Happened], wording: Wording = ZH, zone: str = "Asia/Shanghai") -> Plan:
    """The composition of a session. CompositionError: nothing_recorded, too_long."""
    session = fold(history)
    if session is None or not session.segments:
        raise CompositionError("nothing_recorded")
    origin = min(segment.started for segment in session.segments)
    end = max(segment.ended for segment in session.segments)
    if end - origin > LONGEST_COMPOSITION:
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
        people=tuple(_people(session, history, AbsenceReasons(history, origin, seconds), wording)),
        captions=tuple(_captions(history, wording, origin, seconds)),
    )


def _people(
    session: Session, history: Iterable[Happened], reasons: AbsenceReasons, wording: Wording
) -> Iterable[Person]:
    """Whoever was let in or recorded, in seat order: also who refused to be recorded is seen to have been there."""
    there = {segment.seat for segment in session.segments} | {session.mediator_seat}
    there |= {entry.event.seat for entry in history if isinstance(entry.event, e.Admitted | e.ObservationBegun)}
    seats = [state for state in session.seats.values() if state.id in there]
    seats.sort(key=lambda state: state.role is Role.SUPERVISOR)  # who oversaw takes nobody's place
    for state in seats[:MOST_SEATS]:
        clips: dict[str, list[Clip]] = {"camera": [], "screen": []}
        for segment in sorted(session.segments, key=lambda segment: segment.started):
            if segment.seat == state.id and segment.source in clips:
                clips[segment.source].append(_clip(segment, reasons.origin))
        camera, screen = tuple(clips["camera"]), tuple(clips["screen"])
        missing = reasons.of(state.id, state.role, picture_spans(camera), sound_spans(camera))
        cards = tuple(Caption(why.start, why.end, wording.missing[why.cause]) for why in missing)
        yield Person(state.id, MARKS[state.role], state.name, camera, screen, cards)


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
            case e.CaucusStarted(side=side):
                said.append((at, wording.caucus[side]))
            case e.RecessEnded() | e.CaucusEnded(cause="mediator" | "alone" | "mediator_left" | "media"):
                said.append((at, wording.phases[phase]))
            case e.SessionClosed():
                said.append((at, wording.closed))
            case _:
                pass
    for index, (at, text) in enumerate(said):
        until = said[index + 1][0] if index + 1 < len(said) else seconds
        if until > max(at, 0.0) and at < seconds:
            yield Caption(max(at, 0.0), min(until, seconds), text)
