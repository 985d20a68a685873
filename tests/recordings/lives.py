"""Sessions as they were lived, and what of one track is recorded or missing."""

from __future__ import annotations

from recordings.gap_ledger import Track, ledger
from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Consent, Outcome, OutcomeKind
from tests.recordings.history import OPENED, SEATS, at, told

RECORD = Consent.RECORD
EVERYBODY: dict[str, tuple[str, ...]] = {"m": ("c", "b"), "c": ("m", "b"), "b": ("m", "c")}
ALL = ("m", "c", "b")
SCHEDULED = e.SessionScheduled("c1", "东高一投〔2026〕7号", "o1", 1, "退款", OPENED, SEATS, "u1")
CLOSED = e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED))
COMPOSED = e.RecordingComposed("s1/composed.mp4", "00" * 32, 1000, 100_000, OPENED)
Step = tuple[float, e.SessionEvent]


def file(seat: str, start: float, end: float, width: int = 640, source: str = "camera") -> e.SegmentSealed:
    path = f"s1/{seat}/{start}-{source}.webm"
    return e.SegmentSealed(seat, path, "00" * 32, 1000, at(start), at(end), width, 480 if width else 0, source)


def lived(*steps: Step, until: float = 100.0, consumer: e.SessionEvent | None = None) -> list[SessionEntry]:
    """All three inside from 0 on, heard by each other and recorded; `steps` happen, then it is closed and composed."""
    answer = e.ConsentGiven("c", RECORD, "v1") if consumer is None else consumer
    before: list[Step] = [
        (-60, SCHEDULED),
        (-30, answer),
        (-30, e.ConsentGiven("b", RECORD, "v1")),
        *((0.0, e.Admitted(seat)) for seat in ALL),
        (0, e.Routed(EVERYBODY, EVERYBODY, ALL)),
        *((0.0, e.CameraSet(seat, True)) for seat in ALL),
    ]
    return told(sorted([*before, *steps, (until, CLOSED), (until + 30, COMPOSED)], key=lambda step: step[0]))


def still(history: list[SessionEntry], seconds: float) -> list[SessionEntry]:
    """The same session as its journal was so many seconds after its beginning."""
    return [entry for entry in history if entry.at <= at(seconds)]


def track(history: list[SessionEntry], source: str = "mic", seat: str = "c") -> Track:
    return next(t for t in ledger(history).tracks if (t.seat, t.source) == (seat, source))


def told_of(found: Track) -> list[tuple[float, float, str]]:
    return [
        ((gap.span.start - OPENED).total_seconds(), (gap.span.end - OPENED).total_seconds(), gap.cause)
        for gap in found.missing
    ]
