"""What was said in a session as a machine heard it: lines, each of one person's own track, on the wall clock; and, read
from the session's journal, whose sound may be transcribed, when, and what people wrote.

Pure; `hearing` makes the lines. What somebody says is transcribed only while they agree both to be recorded and that it
becomes text, and not at all if they have taken the latter back by the end: a transcript is made afterwards, when that
consent is gone. What the mediator says is transcribed unless they say no. Private talks, whispers and recesses are
never transcribed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from journal.clock import Spans, SwitchLine, intersect, subtract
from recordings import CompositionError
from recordings.composing import Clip, Span, sound_spans, union, within
from recordings.speech import ModelIdentity, Word
from rooms import events as e
from rooms.events import SessionEntry
from rooms.seats import SeatState, side_of
from rooms.session import fold
from rooms.vocabulary import SENDING, Consent, Phase, Role, Seat, Side


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of one person. `words` count their seconds from `begins`; empty where the engine gave none.

    `id` stays the same for as long as the transcript: what is corrected or quoted is named by it. `sure`: 0…1.
    """

    id: str
    seat: str
    begins: datetime
    ends: datetime
    text: str
    sure: float = 1.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """`lines` in the order in which they begin, as heard; `corrected`: by line, what the mediator put in its place."""

    session: str
    model: ModelIdentity
    made: datetime
    lines: tuple[Line, ...]
    corrected: Mapping[str, str] = field(default_factory=dict)

    def text(self, line: Line) -> str:
        """As it is read: corrected where it was."""
        return self.corrected.get(line.id, line.text)

    def with_corrections(self, corrected: Mapping[str, str]) -> Transcript:
        """Those of lines that there are."""
        known = {line.id for line in self.lines}
        return replace(self, corrected={id_: text for id_, text in corrected.items() if id_ in known})


FORMAT: Final = "yuntiao-transcript/1"


def to_json(transcript: Transcript) -> bytes:
    """The file that is sealed and hashed into the journal: what was heard, without any correction."""
    model = transcript.model
    value = {
        "format": FORMAT,
        "session": transcript.session,
        "model": {"kind": model.kind, "name": model.name, "digest": model.digest},
        "made": _stamp(transcript.made),
        "lines": [
            {
                "id": line.id,
                "seat": line.seat,
                "begins": _stamp(line.begins),
                "ends": _stamp(line.ends),
                "text": line.text,
                "sure": line.sure,
                "words": [[word.begins, word.ends, word.text] for word in line.words],
            }
            for line in transcript.lines
        ],
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def from_json(content: bytes) -> Transcript:
    """ValueError when it is none."""
    try:
        value = json.loads(content)
        if value["format"] != FORMAT:
            raise ValueError(f"no {FORMAT}")
        return Transcript(
            value["session"],
            ModelIdentity(**value["model"]),
            datetime.fromisoformat(value["made"]),
            tuple(_line(one) for one in value["lines"]),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"no transcript: {fault}") from None


def _line(value: Mapping[str, Any]) -> Line:
    begins, ends = (datetime.fromisoformat(value[name]) for name in ("begins", "ends"))
    words = tuple(Word(float(start), float(end), str(text)) for start, end, text in value["words"])
    return Line(str(value["id"]), str(value["seat"]), begins, ends, str(value["text"]), float(value["sure"]), words)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ------------------------------------------------------------ planning


_ASKED: Final = (Consent.RECORD, Consent.TRANSCRIBE)
LONGEST: Final = timedelta(hours=24)
PIECE_SECONDS: Final = 240.0
"""Of one track in a piece: what is heard again at most after a process was killed."""


class _Seat:
    def __init__(self, seat: Seat, at: datetime) -> None:
        self.sends = seat.role in SENDING
        self.consents = {kind: SwitchLine() for kind in _ASKED}
        self.private = SwitchLine()
        for line in self.consents.values() if seat.role is Role.MEDIATOR else ():
            line.put(True, at)  # who is on duty is not asked, and may still say no to the second

    def answer(self, kind: Consent, given: bool, at: datetime) -> None:
        if kind in self.consents:
            self.consents[kind].put(given, at)


def heard_spans(history: Iterable[SessionEntry]) -> Mapping[str, Spans]:
    """By seat, when what it says may be transcribed; seats of which nothing may be are left out."""
    seats: dict[str, _Seat] = {}
    open_, apart = SwitchLine(), SwitchLine()
    end: datetime | None = None
    for entry in history:
        at = end = entry.at
        match entry.event:
            case e.SessionScheduled(seats=invited):
                seats.update((seat.id, _Seat(seat, at)) for seat in invited)
            case e.SeatAdded(seat=added):
                seats[added.id] = _Seat(added, at)
            case e.SessionOpened():
                open_.put(True, at)
            case e.SessionClosed() | e.SessionCancelled():
                open_.put(False, at)
                break
            case e.RecessStarted() | e.CaucusStarted():
                apart.put(True, at)
            case e.RecessEnded() | e.CaucusEnded():
                apart.put(False, at)
            case e.ConsultingStarted(seat=one, other=other) | e.ConsultingEnded(seat=one, other=other):
                for who in (one, other):
                    seats[who].private.put(isinstance(entry.event, e.ConsultingStarted), at)
            case e.ConsentGiven(seat=one, kind=kind):
                seats[one].answer(kind, True, at)
            case e.ConsentRefused(seat=one, kind=kind) | e.ConsentWithdrawn(seat=one, kind=kind):
                seats[one].answer(kind, False, at)
            case _:
                pass
    if end is None:
        return {}
    together = subtract(open_.spans(end), apart.spans(end))
    found: dict[str, Spans] = {}
    for id_, seat in seats.items():
        stands = seat.sends and seat.consents[Consent.TRANSCRIBE].on
        spans = subtract(together, seat.private.spans(end)) if stands else ()
        for line in seat.consents.values():
            spans = intersect(spans, line.spans(end))
        if spans:
            found[id_] = tuple(spans)
    return found


@dataclass(frozen=True, slots=True)
class HeardTrack:
    """`spans`: seconds from the plan's origin in which there is sound that may be transcribed."""

    seat: str
    clips: tuple[Clip, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class HearingPlan:
    """`hot`: names and words that may occur in this case."""

    session: str
    origin: datetime
    tracks: tuple[HeardTrack, ...]
    hot: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Of sound, all tracks together."""
        return sum(end - start for track in self.tracks for start, end in track.spans)


def hearing_plan(history: Sequence[SessionEntry], hot: Sequence[str] = ()) -> HearingPlan | None:
    """None when nothing was recorded that may be transcribed. CompositionError too_long."""
    session = fold(history)
    if session is None or not session.segments:
        return None
    origin = min(segment.started for segment in session.segments)
    if max(segment.ended for segment in session.segments) - origin > LONGEST:
        raise CompositionError("too_long")
    tracks = []
    for seat, spans in heard_spans(history).items():
        clips = tuple(
            _clip(segment, origin)
            for segment in sorted(session.segments, key=lambda one: one.started)
            if segment.seat == seat and segment.source == "camera"
        )
        allowed = [((span.start - origin).total_seconds(), (span.end - origin).total_seconds()) for span in spans]
        if there := within(sound_spans(clips), allowed):
            tracks.append(HeardTrack(seat, clips, tuple(there)))
    return HearingPlan(session.id, origin, tuple(tracks), tuple(hot)) if tracks else None


def _clip(segment: e.SegmentSealed, origin: datetime) -> Clip:
    start, length = (segment.started - origin).total_seconds(), (segment.ended - segment.started).total_seconds()
    return Clip(segment.path, segment.sha256, start, max(0.0, length), segment.width, segment.height)


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """A part of one track, seconds from the origin; `heard`: how many of them may be transcribed. `follows` and
    `goes_on`: whether a piece of the track ends where it begins, and begins where it ends."""

    track: HeardTrack
    begins: float
    ends: float
    heard: float
    follows: bool
    goes_on: bool

    @property
    def name(self) -> str:
        return f"{self.track.seat}-{round(self.begins):06d}.piece"


def heard_pieces(plan: HearingPlan, piece: float = PIECE_SECONDS) -> list[HeardPiece]:
    """In the order of time, on one grid for all tracks; where there is nothing to hear there is no piece."""
    found = []
    for track in plan.tracks:
        heard: dict[int, float] = {}
        for number in range(int(track.spans[0][0] // piece), int(track.spans[-1][1] // piece) + 1):
            parts = within(union(track.spans), [(number * piece, (number + 1) * piece)])
            if parts:
                heard[number] = sum(end - start for start, end in parts)
        found += [
            HeardPiece(track, n * piece, (n + 1) * piece, seconds, n - 1 in heard, n + 1 in heard)
            for n, seconds in heard.items()
        ]
    return sorted(found, key=lambda one: (one.begins, one.track.seat))


WRITTEN: Final = "w"
"""What the ids of written lines begin with; a transcript's are numbers."""
_STATES: Final = {Side.CONSUMER: Phase.CONSUMER_STATEMENT, Side.BUSINESS: Phase.BUSINESS_STATEMENT}
_SENTENCE: Final = re.compile(r"[^。！？!?\n]+[。！？!?]*")


def written_lines(history: Iterable[SessionEntry], seats: Mapping[str, SeatState]) -> list[tuple[Line, Phase | None]]:
    """What was written to everybody, a sentence a line. Without meeting there are no phases: a side states, until an
    offer is put; a sum is an offer from then on. None: the phase that the room was in."""
    found: list[tuple[Line, Phase | None]] = []
    apart = offered = False
    for entry in history:
        match entry.event:
            case e.ApartBegun():
                apart = True
            case e.RoomOpened():
                apart = False
            case e.OfferPut() | e.ClausePut():
                offered = True
            case e.Said(seat=id_, text=text, to="") if id_ in seats:
                stated = _STATES.get(side, Phase.DISCUSSION) if (side := side_of(seats[id_])) else Phase.DISCUSSION
                part = (Phase.PROPOSAL if offered else stated) if apart else None
                for n, sentence in enumerate(_SENTENCE.findall(text)):
                    if said := sentence.strip():
                        name = f"{WRITTEN}{entry.version}" + (f"-{n}" if n else "")
                        found.append((Line(name, id_, entry.at, entry.at, said), part))
            case _:
                pass
    return found


_PLAN: Final = TypeAdapter(HearingPlan)


def plan_to_json(plan: HearingPlan) -> bytes:
    return _PLAN.dump_json(plan)


def plan_from_json(text: bytes) -> HearingPlan:
    """CompositionError bad_plan when it is none."""
    try:
        return _PLAN.validate_json(text)
    except ValidationError as fault:
        raise CompositionError("bad_plan", str(fault)) from fault
