"""Plans a session's film from its journal: who has a cell, what is in it when, and which words stand below.

Pure: a session's journal in, a plan out. Where somebody's picture is not there, `AbsenceReasons` says why, and what
stands in their cell instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recordings import CompositionError
from recordings.composing import (
    Caption,
    Clip,
    CompositionPlan,
    GridCell,
    Span,
    picture_spans,
    sound_spans,
    union,
    within,
    without,
)
from recordings.composing.subtitles import MARKS, ZH, CaptionWording
from recordings.gap_ledger import CAUSES, Track, TrackGap, ledger
from recordings.timeline import SEAM
from rooms import events as e
from rooms.events import SessionEntry
from rooms.session import MOST_SEATS, Session, fold
from rooms.vocabulary import SENDING, Phase, Role

SOUND_ONLY, OBSERVER, NOT_YET, LEFT, UNEXPLAINED = "sound_only", "observer", "not_yet", "left", "unexplained"
OUTSIDE = (SOUND_ONLY, OBSERVER, NOT_YET, LEFT)
"""Causes that no ledger has."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Seconds from the film's first picture, and the cause of what is missing between them."""

    start: float
    end: float
    cause: str


class AbsenceReasons:
    """Of one session."""

    def __init__(self, history: Sequence[SessionEntry], origin: datetime, seconds: float) -> None:
        self._whole = [(0.0, seconds)]
        self.origin = origin
        self._tracks: dict[str, list[Track]] = {}
        for track in ledger(history, sealed=True).tracks:
            if track.source != "screen":
                self._tracks.setdefault(track.seat, []).append(track)

    def of(self, seat: str, role: Role, picture: Sequence[Span], sound: Sequence[Span]) -> tuple[Absence, ...]:
        """For all of the film in which there is no picture of the seat; without overlap, in order."""
        if role not in SENDING:
            return tuple(Absence(start, end, OBSERVER) for start, end in without(self._whole, picture))
        tracks = self._tracks.get(seat, ())
        left = without(self._whole, picture)
        found = [(span, SOUND_ONLY) for span in within(left, sound)]
        left = without(left, sound)
        for cause in CAUSES:  # the one nearest to the person's rights first
            gaps = self._gaps((gap for track in tracks for gap in track.missing), cause)
            found += [(span, cause) for span in within(left, gaps)]
            left = without(left, gaps)
        inside = union(self._seconds(span.start, span.end) for track in tracks for span in track.expected)
        found += [(span, UNEXPLAINED) for span in within(left, inside)]
        came = inside[0][0] if inside else self._whole[0][1]
        found += [(span, NOT_YET if span[0] < came else LEFT) for span in without(left, inside)]
        return _closed(found)

    def _gaps(self, gaps: Iterable[TrackGap], cause: str) -> list[Span]:
        return union(self._seconds(gap.span.start, gap.span.end) for gap in gaps if gap.cause == cause)

    def _seconds(self, start: datetime, end: datetime) -> Span:
        return (start - self.origin).total_seconds(), (end - self.origin).total_seconds()


def _closed(found: Iterable[tuple[Span, str]]) -> tuple[Absence, ...]:
    """In order; what is too short to be read belongs to what stands beside it."""
    made: list[Absence] = []
    for (start, end), cause in sorted(found):
        before = made[-1] if made and start - made[-1].end < SEAM else None
        if before is not None and (before.cause == cause or end - start < SEAM):
            made[-1] = Absence(before.start, end, before.cause)
        elif before is not None and before.end - before.start < SEAM:
            made[-1] = Absence(before.start, end, cause)
        else:
            made.append(Absence(start, end, cause))
    return tuple(made)


LONGEST_COMPOSITION = timedelta(hours=12)


def composition_plan(
    history: Sequence[SessionEntry], wording: CaptionWording = ZH, zone: str = "Asia/Shanghai"
) -> CompositionPlan:
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
    return CompositionPlan(
        session=session.id,
        origin=origin,
        seconds=seconds,
        zone=zone,
        title=wording.session.format(number=session.number, ordinal=session.ordinal),
        people=tuple(_people(session, history, AbsenceReasons(history, origin, seconds), wording)),
        captions=tuple(_captions(history, wording, origin, seconds)),
    )


def _people(
    session: Session, history: Iterable[SessionEntry], reasons: AbsenceReasons, wording: CaptionWording
) -> Iterable[GridCell]:
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
        yield GridCell(state.id, MARKS[state.role], state.name, camera, screen, cards)


def _clip(segment: e.SegmentSealed, origin: datetime) -> Clip:
    start = (segment.started - origin).total_seconds()
    seconds = max(0.0, (segment.ended - segment.started).total_seconds())
    return Clip(segment.path, segment.sha256, start, seconds, segment.width, segment.height)


def _captions(
    history: Iterable[SessionEntry], wording: CaptionWording, origin: datetime, seconds: float
) -> Iterable[Caption]:
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
