"""What is missing from a session's recordings, and why: every silence in them has one cause.

Pure: a session's journal in, a ledger out. A track is expected for as long as its person is inside the room (the
screen: for as long as it is shared), also while they reconnect. What is expected and not recorded is cut into gaps
that do not overlap and leave nothing out. Where several causes hold at once, the one nearest to the person's rights
counts: consent before recess, recess before a broken connection, and so on down `CAUSES`.

A cause is read from the journal, never from the files' contents. What the journal does not say is "unexplained".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from journal.intervals import Span, Spans, intersect, subtract, total_ms, union
from recordings.manifest import SEAM as SEAM_SECONDS
from rooms import events as e
from rooms.codec import Happened
from rooms.rights import SENDING
from rooms.vocabulary import Consent, Role, Seat

Source = Literal["mic", "camera", "screen"]
Cause = Literal[
    "no_consent",  # never asked, not answered, or refused
    "consent_withdrawn",
    "recess",
    "caucus",  # a private talk: nothing of it is recorded
    "consulting",  # with their own side, whispering
    "server",  # restarted, or a media worker was lost
    "reconnecting",
    "disk",  # full, failing or too slow
    "withheld",  # the routing did not record, or there was nobody who could hear
    "muted",
    "camera_off",
    "loss",  # packets that did not arrive, or too late
    "silent",  # the sender sent nothing
    "starting",  # until the first byte
    "unexplained",
]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)

SEAM: Final = timedelta(seconds=SEAM_SECONDS)
"""A hole beside something recorded, shorter than this: nothing was missed."""
STARTING: Final = timedelta(seconds=15)
"""From being let in (being back, the end of a recess) to the first byte; longer is no start."""
NOTICED: Final = timedelta(seconds=60)
"""A connection or a disk fails before anybody notices; a server that is down notices nothing, however long."""

_LATE: Final[tuple[Cause, ...]] = ("server", "reconnecting", "disk", "loss")
_HOLES: Final[Mapping[str, Cause]] = {"loss": "loss", "late": "loss", "queue": "disk", "silent": "silent"}


@dataclass(frozen=True, slots=True)
class Gap:
    """One stretch of one track that is not there."""

    seat: str
    source: Source
    span: Span
    cause: Cause


@dataclass(frozen=True, slots=True)
class Track:
    """`expected` is what `recorded` and `missing` together make up, without overlap."""

    seat: str
    source: Source
    expected: Spans
    recorded: Spans
    missing: tuple[Gap, ...]

    @property
    def expected_ms(self) -> int:
        return total_ms(self.expected)

    @property
    def recorded_ms(self) -> int:
        return total_ms(self.recorded)

    @property
    def missing_ms(self) -> int:
        return total_ms(gap.span for gap in self.missing)


@dataclass(frozen=True, slots=True)
class Ledger:
    """In seat order; of every seat that was inside its microphone and camera, and its screen if it was shared."""

    tracks: tuple[Track, ...] = ()

    @property
    def gaps(self) -> Iterator[Gap]:
        return (gap for track in self.tracks for gap in track.missing)

    @property
    def unexplained_ms(self) -> int:
        return self.ms("unexplained")

    def ms(self, cause: Cause) -> int:
        return total_ms(gap.span for gap in self.gaps if gap.cause == cause)


def ledger(history: Sequence[Happened]) -> Ledger:
    """Up to the session's end, or to the last entry while it has none."""
    told = _Told()
    for entry in history:
        told.note(entry)
    end = told.ended or (history[-1].at if history else None)
    if end is None:
        return Ledger()
    pauses = {"recess": told.recess.spans(end), "caucus": told.caucus.spans(end)}
    return Ledger(tuple(track for seat in told.seats.values() for track in seat.tracks(end, pauses)))


# ---------------------------------------------------------------- what the journal says


class _Line:
    """One thing that is so or is not, over time."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._done: list[Span] = []

    def put(self, on: bool, at: datetime) -> None:
        if on and self._since is None:
            self._since = at
        elif not on and self._since is not None:
            self._done.append(Span(self._since, at))
            self._since = None

    def spans(self, end: datetime) -> Spans:
        return union([*self._done, *([Span(self._since, end)] if self._since else [])])


@dataclass(slots=True)
class _Seat:
    id: str
    role: Role
    lines: defaultdict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))
    segments: list[e.SegmentSealed] = field(default_factory=list)

    def put(self, name: str, on: bool, at: datetime) -> None:
        self.lines[name].put(on, at)

    def out(self, at: datetime) -> None:
        for name in ("inside", "away", "shared", "paused", "camera_off", "consulting"):
            self.put(name, False, at)
        self.put("camera_unset", True, at)

    def tracks(self, end: datetime, pauses: Mapping[str, Spans]) -> Iterator[Track]:
        """`pauses` are everybody's."""
        says = {**{name: line.spans(end) for name, line in self.lines.items()}, **pauses}
        inside = says.get("inside", ())
        if not inside or self.role not in SENDING:  # an observer only watches
            return
        for source in SOURCES:
            expected = intersect(inside, says.get("shared", ())) if source == "screen" else inside
            if expected:
                yield _track(self, source, expected, says)


class _Told:
    """Takes entry after entry."""

    def __init__(self) -> None:
        self.seats: dict[str, _Seat] = {}
        self.recess = _Line()
        self.caucus = _Line()
        self.ended: datetime | None = None

    def note(self, entry: Happened) -> None:
        at = entry.at
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
            case e.RecordingFailed(seat=id_):
                for seated in self.seats.values():
                    if id_ in ("", seated.id):
                        seated.put("disk", True, at)
            case fact if (one := self.seats.get(_seat_of(fact))) is not None:
                _note(one, fact, at)
            case _:
                pass

    def _add(self, seat: Seat, at: datetime) -> None:
        made = self.seats[seat.id] = _Seat(seat.id, seat.role)
        made.put("no_consent", seat.role is not Role.MEDIATOR, at)  # who is on duty is not asked
        made.put("camera_unset", True, at)


def _seat_of(fact: e.SessionEvent) -> str:
    found = getattr(fact, "seat", "")
    return found if isinstance(found, str) else ""


def _note(seat: _Seat, fact: e.SessionEvent, at: datetime) -> None:
    """What an entry says about one seat."""
    match fact:
        case e.Admitted() | e.ObservationBegun():
            seat.put("inside", True, at)
        case e.Left() | e.Removed() | e.SentBack() | e.ConsentRefused(kind=Consent.PARTICIPATE):
            seat.out(at)
        case e.Arrived() | e.Reconnected():
            for name in ("away", "away_server", "lost"):
                seat.put(name, False, at)
        case e.Disconnected(cause=cause):
            seat.put("away", True, at)
            seat.put("away_server", cause == "server", at)
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
        case e.RecordingStopped(cause=cause) if cause in _STOPS:
            seat.put(_STOPS[cause], True, at)
        case e.SegmentSealed():
            seat.segments.append(fact)
        case _:
            pass


_STOPS: Final = {"disk": "disk", "server": "server", "disconnected": "lost"}


# ---------------------------------------------------------------- one track


def _track(seat: _Seat, source: Source, expected: Spans, says: Mapping[str, Spans]) -> Track:
    mine = [one for one in seat.segments if _holds(one, source)]
    holes = list(_holes(seat.segments, source))  # the last file says it also of what it does not hold
    unheard = union([*says.get("muted", ()), *says.get("unheard", ())]) if source == "mic" else ()
    written = intersect(_sewn(Span(one.started, one.ended) for one in mine), expected)
    recorded = subtract(subtract(written, union(span for span, _ in holes)), unheard)

    left, found = subtract(expected, recorded), list[tuple[Span, Cause]]()
    for cause, spans in _causes(source, says, holes):
        found += [(span, cause) for span in intersect(left, spans)]
        left = subtract(left, spans)
    found = _rounded(found)
    sewn, rest = _beside(left, recorded)
    recorded = union([*recorded, *sewn])
    alive = union(Span(one.started, one.ended) for one in seat.segments)
    starts = {span.start for span in expected} | {span.end for span, _ in found}
    late = {span.start: cause for span, cause in found if cause in _LATE}
    unset = says.get("camera_unset", ()) if source == "camera" else ()
    for span in rest:
        found += _guessed(span, starts, late, unset, alive)
    return Track(seat.id, source, expected, recorded, tuple(_gaps(seat.id, source, found)))


def _holds(segment: e.SegmentSealed, source: Source) -> bool:
    """A camera's file carries the microphone too; without a picture it carries nothing else."""
    if source == "screen":
        return segment.source == "screen"
    return segment.source == "camera" and (source == "mic" or segment.width > 0)


def _holes(segments: Iterable[e.SegmentSealed], source: Source) -> Iterator[tuple[Span, Cause]]:
    for segment in segments:
        for hole in segment.holes:
            if hole.source == source:
                yield Span(hole.started, hole.ended), _HOLES.get(hole.cause, "unexplained")


def _causes(
    source: Source, says: Mapping[str, Spans], holes: Sequence[tuple[Span, Cause]]
) -> Iterator[tuple[Cause, Spans]]:
    """In the order in which they count."""
    yield "consent_withdrawn", says.get("withdrawn", ())
    yield "no_consent", says.get("no_consent", ())
    yield "recess", says.get("recess", ())
    yield "caucus", says.get("caucus", ())
    yield "consulting", says.get("consulting", ())
    yield "server", union([*says.get("server", ()), *says.get("away_server", ())])
    yield "reconnecting", says.get("away", ())
    yield "disk", says.get("disk", ())
    yield "withheld", says.get("unrouted", ())
    if source == "mic":
        yield "silent", says.get("writes", ())
        yield "muted", says.get("muted", ())
        yield "withheld", says.get("unheard", ())
    elif source == "camera":
        yield "camera_off", says.get("camera_off", ())
        yield "loss", says.get("paused", ())
    for cause in CAUSES:
        yield cause, union(span for span, why in holes if why == cause)
    yield "loss", says.get("lost", ())


def _rounded(found: Sequence[tuple[Span, Cause]]) -> list[tuple[Span, Cause]]:
    """A file's holes begin with the last packet and end with the next: what of that is left over beside what the
    journal says of the time between belongs to it."""
    long = [(span, cause) for span, cause in found if span.end - span.start > SEAM]
    beside = {span.end: cause for span, cause in long} | {span.start: cause for span, cause in long}
    return [
        (span, cause if span.end - span.start > SEAM else beside.get(span.end, beside.get(span.start, cause)))
        for span, cause in found
    ]


def _sewn(spans: Iterable[Span]) -> Spans:
    """With the seams between files closed."""
    sewn: list[Span] = []
    for span in union(spans):
        if sewn and span.start - sewn[-1].end <= SEAM:
            sewn[-1] = Span(sewn[-1].start, span.end)
        else:
            sewn.append(span)
    return tuple(sewn)


def _beside(left: Spans, recorded: Spans) -> tuple[list[Span], list[Span]]:
    """Of what nothing explains: what is too short to be missed, and the rest."""
    edges = {span.start for span in recorded} | {span.end for span in recorded}
    short = [span for span in left if span.end - span.start <= SEAM and {span.start, span.end} & edges]
    return short, [span for span in left if span not in short]


def _guessed(
    span: Span, starts: set[datetime], late: Mapping[datetime, Cause], unset: Spans, alive: Spans
) -> Iterator[tuple[Span, Cause]]:
    """What the entries before and after a stretch make of it. `unset`: nobody said that the camera is on."""
    length, follows = span.end - span.start, late.get(span.end)
    if follows is not None and (follows == "server" or length <= NOTICED):
        yield span, follows
    elif span.start in starts and length <= STARTING:
        yield span, "starting"
    else:
        yield from ((part, "camera_off") for part in intersect([span], unset))
        left = subtract([span], unset)
        # The recorder wrote what came of this person: of this track nothing came.
        yield from ((part, "silent") for part in intersect(left, alive))
        yield from ((part, "unexplained") for part in subtract(left, alive))


def _gaps(seat: str, source: Source, found: Sequence[tuple[Span, Cause]]) -> list[Gap]:
    gaps = [
        Gap(seat, source, span, cause)
        for cause in CAUSES
        for span in union(span for span, why in found if why == cause)
    ]
    return sorted(gaps, key=lambda gap: gap.span)
