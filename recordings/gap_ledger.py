"""What is missing from a session's recordings, and why: every silence in them has one cause.

Pure: a session's journal in, a ledger out. A track is expected for as long as its person is inside the room (the
screen: for as long as it is shared), also while they reconnect. What is expected and not recorded is cut into gaps
that do not overlap and leave nothing out. Where several causes hold at once, the one nearest to the person's rights
counts: consent before recess, recess before a broken connection, and so on down `CAUSES`.

A cause is read from the journal, never from the files' contents: what it switches on and off over time, room by room
and seat by seat (docs/evidence/sheets.md, section gaps). What it does not say is "unexplained".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from journal.clock import Spans, SwitchLine, TimeSpan, intersect, subtract, total_ms, union
from recordings.timeline import SEAM as SEAM_SECONDS
from rooms import events as e
from rooms.events import SessionEntry
from rooms.seats import ENDED
from rooms.vocabulary import SENDING, Consent, Role, Seat

Source = Literal["mic", "camera", "screen"]
Cause = Literal[
    "no_consent",  # never asked, not answered, or refused
    "consent_withdrawn",
    "recess",
    "caucus",  # a private talk: nothing of it is recorded
    "consulting",  # with their own side, whispering
    "server",  # restarted, or a media worker was lost
    "ended",  # what they came in by was no more: a link, a sign-in
    "reconnecting",
    "connecting",  # their sound and picture did not reach the server yet
    "disk",  # full, failing or too slow
    "withheld",  # the routing did not record, or there was nobody who could hear
    "muted",
    "camera_off",
    "loss",  # packets that did not arrive, or too late
    "silent",  # the sender sent nothing
    "starting",  # until the first byte
    "writing",  # recorded, in a file that is not sealed yet
    "unexplained",
]
EDITION: Final = 3
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)

SEAM: Final = timedelta(seconds=SEAM_SECONDS)
"""A hole beside something recorded, shorter than this: nothing was missed."""
STARTING: Final = timedelta(seconds=15)
"""From being let in (being back, the end of a recess) to the first byte; longer is no start."""
NOTICED: Final = timedelta(seconds=60)
"""A connection or a disk fails before anybody notices; a server that is down notices nothing, however long."""

_LATE: Final[tuple[Cause, ...]] = ("server", "reconnecting", "disk", "loss")
_HOLES: Final[Mapping[str, Cause]] = {
    "loss": "loss",
    "late": "loss",
    "queue": "disk",
    "silent": "silent",
    "unbegun": "starting",
}


@dataclass(frozen=True, slots=True)
class TrackGap:
    """One stretch of one track that is not there."""

    seat: str
    source: Source
    span: TimeSpan
    cause: Cause


@dataclass(frozen=True, slots=True)
class Track:
    """`expected` is what `recorded` and `missing` together make up, without overlap."""

    seat: str
    source: Source
    expected: Spans
    recorded: Spans
    missing: tuple[TrackGap, ...]

    @property
    def expected_ms(self) -> int:
        return total_ms(self.expected)

    @property
    def recorded_ms(self) -> int:
        return total_ms(self.recorded)

    @property
    def missing_ms(self) -> int:
        """Without what is there and only not sealed yet."""
        return total_ms(gap.span for gap in self.missing if gap.cause != "writing")

    @property
    def writing_ms(self) -> int:
        return total_ms(gap.span for gap in self.missing if gap.cause == "writing")


@dataclass(frozen=True, slots=True)
class Ledger:
    """In seat order; of every seat that was inside its microphone and camera, and its screen if it was shared."""

    tracks: tuple[Track, ...] = ()

    @property
    def gaps(self) -> Iterator[TrackGap]:
        return (gap for track in self.tracks for gap in track.missing)

    @property
    def unexplained_ms(self) -> int:
        return self.ms("unexplained")

    @property
    def writing_ms(self) -> int:
        """Of all tracks."""
        return self.ms("writing")

    def ms(self, cause: Cause) -> int:
        return total_ms(gap.span for gap in self.gaps if gap.cause == cause)


def ledger(history: Sequence[SessionEntry], edition: int = EDITION, *, sealed: bool = False) -> Ledger:
    """Up to the session's end, or to the last entry while it has none.

    `edition`: before the third, nobody was told of files that are still being written, nor that what a silence is left
    of beside what was listened to may be a start. `sealed`: no file is still to come, whatever the journal says.
    """
    told = JournalStates()
    for entry in history:
        told.note(entry)
    end = told.ended or told.last
    if end is None:
        return Ledger()
    rules = _Rules(edition >= EDITION, edition >= EDITION and not sealed and told.sealing)
    pauses = {"recess": told.recess.spans(end), "caucus": told.caucus.spans(end)}
    return Ledger(tuple(track for seat in told.seats.values() for track in _tracks(seat, end, pauses, rules)))


def third(history: Sequence[SessionEntry]) -> bool:
    """Whether a history has facts that only the third edition knows of."""
    return any(map(_third, (entry.event for entry in history)))


def _third(fact: e.SessionEvent) -> bool:
    match fact:
        case e.MediaAwaited() | e.NothingRecorded():
            return True
        case e.Disconnected(cause=cause):
            return cause in ENDED
        case e.SegmentSealed(holes=holes):
            return any(hole.cause == "unbegun" for hole in holes)
        case _:
            return False


# ---------------------------------------------------------------- one track


@dataclass(frozen=True, slots=True)
class _Rules:
    third: bool  # of the third edition
    sealing: bool  # files are still to come


def _tracks(seat: SeatStates, end: datetime, pauses: Mapping[str, Spans], rules: _Rules) -> Iterator[Track]:
    """`pauses` are everybody's."""
    says = {**{name: line.spans(end) for name, line in seat.lines.items()}, **pauses}
    inside = says.get("inside", ())
    if not inside or seat.role not in SENDING:  # an observer only watches
        return
    for source in SOURCES:
        expected = intersect(inside, says.get("shared", ())) if source == "screen" else inside
        if expected:
            yield _track(seat, source, expected, says, rules)


def _track(seat: SeatStates, source: Source, expected: Spans, says: Mapping[str, Spans], rules: _Rules) -> Track:
    mine = [one for one in seat.segments if _holds(one, source)]
    told: list[e.SegmentSealed | e.NothingRecorded] = [*seat.segments, *seat.unrecorded]
    holes = list(_holes(told, source))  # of what a file does not hold the last one tells
    unheard = union([*says.get("muted", ()), *says.get("unheard", ())]) if source == "mic" else ()
    written = intersect(_sewn(TimeSpan(one.started, one.ended) for one in mine), expected)
    recorded = subtract(subtract(written, union(span for span, _ in holes)), unheard)

    left, found = subtract(expected, recorded), list[tuple[TimeSpan, Cause]]()
    for cause, spans in _causes(source, says, holes):
        found += [(span, cause) for span in intersect(left, spans)]
        left = subtract(left, spans)
    found = _rounded(found)
    sewn, rest = _beside(left, recorded)
    recorded = union([*recorded, *sewn])
    if rules.sealing:
        being = intersect(rest, _unsealed(seat, source, says.get("writing", ())))
        found += [(span, "writing") for span in being]
        rest = list(subtract(rest, being))
    listened = [hole for hole, cause in holes if cause == "starting"]
    alive = union([*(TimeSpan(one.started, one.ended) for one in told), *listened])
    starts = {span.start for span in expected} | {span.end for span, _ in found}
    late = {span.start: cause for span, cause in found if cause in _LATE}
    unset = says.get("camera_unset", ()) if source == "camera" else ()
    for span in rest:
        found += _guessed(span, starts, late, unset, alive, rules)
    if rules.sealing:  # why nothing came is known when the recorder has been told to stop
        found = [
            (span, "starting" if cause == "unexplained" and span.end >= expected[-1].end else cause)
            for span, cause in found
        ]
    return Track(seat.id, source, expected, recorded, tuple(_gaps(seat.id, source, found)))


def _holds(segment: e.SegmentSealed, source: Source) -> bool:
    """A camera's file carries the microphone too; without a picture it carries nothing else."""
    if source == "screen":
        return segment.source == "screen"
    return segment.source == "camera" and (source == "mic" or segment.width > 0)


def _unsealed(seat: SeatStates, source: Source, writing: Spans) -> Spans:
    """When it was written behind the last file that is sealed of those that hold such a source."""
    kind = "screen" if source == "screen" else "camera"
    ends = [one.ended for one in seat.segments if one.source == kind]
    after = max(ends, default=None)
    return tuple(
        TimeSpan(span.start if after is None else max(span.start, after), span.end)
        for span in writing
        if after is None or span.end > after
    )


def _holes(told: Iterable[e.SegmentSealed | e.NothingRecorded], source: Source) -> Iterator[tuple[TimeSpan, Cause]]:
    for one in told:
        for hole in one.holes:
            if hole.source == source:
                yield TimeSpan(hole.started, hole.ended), _HOLES.get(hole.cause, "unexplained")


def _causes(
    source: Source, says: Mapping[str, Spans], holes: Sequence[tuple[TimeSpan, Cause]]
) -> Iterator[tuple[Cause, Spans]]:
    """In the order in which they count."""
    yield "consent_withdrawn", says.get("withdrawn", ())
    yield "no_consent", says.get("no_consent", ())
    yield "recess", says.get("recess", ())
    yield "caucus", says.get("caucus", ())
    yield "consulting", says.get("consulting", ())
    yield "server", union([*says.get("server", ()), *says.get("away_server", ())])
    yield "ended", says.get("away_ended", ())
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
    yield "connecting", says.get("unconnected", ())
    yield "silent", says.get("unsent", ())
    for cause in CAUSES:
        if cause != "starting":  # that nothing had come yet is what stands in no other way
            yield cause, union(span for span, why in holes if why == cause)
    yield "loss", says.get("lost", ())


def _rounded(found: Sequence[tuple[TimeSpan, Cause]]) -> list[tuple[TimeSpan, Cause]]:
    """A file's holes begin with the last packet and end with the next: what of that is left over beside what the
    journal says of the time between belongs to it."""
    long = [(span, cause) for span, cause in found if span.end - span.start > SEAM]
    beside = {span.end: cause for span, cause in long} | {span.start: cause for span, cause in long}
    return [
        (span, cause if span.end - span.start > SEAM else beside.get(span.end, beside.get(span.start, cause)))
        for span, cause in found
    ]


def _sewn(spans: Iterable[TimeSpan]) -> Spans:
    """With the seams between files closed."""
    sewn: list[TimeSpan] = []
    for span in union(spans):
        if sewn and span.start - sewn[-1].end <= SEAM:
            sewn[-1] = TimeSpan(sewn[-1].start, span.end)
        else:
            sewn.append(span)
    return tuple(sewn)


def _beside(left: Spans, recorded: Spans) -> tuple[list[TimeSpan], list[TimeSpan]]:
    """Of what nothing explains: what is too short to be missed, and the rest."""
    edges = {span.start for span in recorded} | {span.end for span in recorded}
    short = [span for span in left if span.end - span.start <= SEAM and {span.start, span.end} & edges]
    return short, [span for span in left if span not in short]


def _guessed(
    span: TimeSpan, starts: set[datetime], late: Mapping[datetime, Cause], unset: Spans, alive: Spans, rules: _Rules
) -> Iterator[tuple[TimeSpan, Cause]]:
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
        for part in subtract(left, alive):
            begins = rules.third and part.start in starts and part.end - part.start <= STARTING
            yield part, "starting" if begins else "unexplained"


def _gaps(seat: str, source: Source, found: Sequence[tuple[TimeSpan, Cause]]) -> list[TrackGap]:
    gaps = [
        TrackGap(seat, source, span, cause)
        for cause in CAUSES
        for span in union(span for span, why in found if why == cause)
    ]
    return sorted(gaps, key=lambda gap: gap.span)


# ------------------------------------------------------------ what the journal switches on and off

SEALING: Final = timedelta(minutes=15)
"""After the end files are still sealed and reported; what is not there by then does not come."""

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
