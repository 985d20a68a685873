"""The picture of a session over time: who was there, who spoke, which phase it was, what was recorded of whom.

Owns geometry only: events and their timing in, shapes out. Shapes carry class names, which style sheets paint, and,
where there is a recording, the second of it to jump to. The template writes the SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from journal.clock import Spans, TimeSpan, union
from recordings.gap_ledger import Ledger, ledger
from rooms import events as e
from rooms.events import SessionEntry
from rooms.timing import SeatTiming, Timing
from rooms.vocabulary import Consent, Role, Seat
from web import i18n
from web.i18n import N_
from web.office.audit.sentences import PRIVATE, MissingStretch, Voice, gap_lines

LEFT: Final = 130.0
RIGHT: Final = 980.0
STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)  # seconds between two times on the axis
MOST_TICKS: Final = 9
STRIPS: Final = {"mic": 23.0, "camera": 29.0}  # below the top of a person's row; each of this height:
STRIP: Final = 5.0

ROW_PHASES: Final = N_("Phase")
ROW_RECESS: Final = N_("Recess")
ROW_PRIVATE: Final = N_("Private talk")
ROW_RECORDING: Final = N_("Recording")
ROW_POINTS: Final = N_("Points")
NOT_RECORDED: Final = N_("not recorded")


@dataclass(frozen=True, slots=True)
class PhaseBar:
    x: float
    y: float
    width: float
    height: float
    css: str
    title: str
    seconds: float | None
    label: str = ""  # printed in the middle when it fits


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    css: str
    title: str
    seconds: float | None
    label: str = ""
    anchor: str = "start"

    @property
    def label_x(self) -> float:
        return self.x + 8 if self.anchor == "start" else self.x - 8


@dataclass(frozen=True, slots=True)
class TimelineGap:
    """A gap in somebody's recording; `n` is its line in the ledger's table."""

    n: int
    x: float
    y: float
    width: float
    height: float
    title: str
    seconds: float | None

    @property
    def reach(self) -> tuple[float, float, float, float]:
        """x, y, width and height of what a finger may touch."""
        width, height = max(self.width, 24.0), 24.0
        return self.x + (self.width - width) / 2, self.y + (self.height - height) / 2, width, height


@dataclass(frozen=True, slots=True)
class PlacedText:
    x: float
    y: float
    text: str
    css: str = ""
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class AxisTick:
    x: float
    label: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TimelinePicture:
    height: float
    bars: Sequence[PhaseBar]
    dots: Sequence[Dot]
    texts: Sequence[PlacedText]
    ticks: Sequence[AxisTick]
    holes: Sequence[TimelineGap]
    axis: float  # y of the time axis
    first: float | None  # the left and the right edge's second of the recording
    last: float | None
    width: float = 1000.0
    left: float = LEFT
    right: float = RIGHT


def draw(
    history: Sequence[SessionEntry],
    timing: Timing,
    voice: Voice,
    clock: Callable[[datetime, bool], str],
    origin: datetime | None = None,
    kept: Ledger | None = None,
    numbered: bool = False,
) -> TimelinePicture | None:
    """The picture, or None when nobody ever came. `clock(at, seconds)` writes a time of day. `numbered`: phases bear
    their number beside their name, or alone where the name does not fit, for a page that lists them.

    `timing` and `kept` (the gap ledger) are of the same history. `origin` is the wall clock of the recording's first
    frame; without it nothing can be jumped to.
    """
    spans = [span for seat in timing.seats.values() for span in (*seat.waiting, *seat.presence)]
    if not spans and not timing.phase_spans:
        return None
    edges = [*spans, *(span for _, span in timing.phase_spans)]
    first, last = min(span.start for span in edges), max(span.end for span in edges)
    last = max(last, first + timedelta(seconds=10))
    return _Canvas(first, last, voice, clock, origin, kept or ledger(history), numbered).paint(history, timing)


def recorded(history: Iterable[SessionEntry], end: datetime) -> Spans:
    """When anybody's sound or picture was being written."""
    since: dict[str, datetime] = {}
    done: list[TimeSpan] = []
    for entry in history:
        match entry.event:
            case e.RecordingStarted(seat=seat):
                since.setdefault(seat, entry.at)
            case e.RecordingStopped(seat=seat) if seat in since:
                done.append(TimeSpan(since.pop(seat), entry.at))
            case e.SessionClosed():
                done.extend(TimeSpan(start, entry.at) for start in since.values())
                since.clear()
            case _:
                pass
    return union([*done, *(TimeSpan(start, end) for start in since.values())])


def _seats(history: Iterable[SessionEntry]) -> list[Seat]:
    found: list[Seat] = []
    for entry in history:
        if isinstance(entry.event, e.SessionScheduled):
            found.extend(entry.event.seats)
        elif isinstance(entry.event, e.SeatAdded):
            found.append(entry.event.seat)
    return found


def _width(text: str) -> float:
    """Roughly, at 13 px: a Chinese character is square, a Latin one half."""
    return sum(13 if ord(ch) > 0x2E7F else 7.5 for ch in text)


@dataclass(slots=True)
class _Canvas:
    first: datetime
    last: datetime
    voice: Voice
    clock: Callable[[datetime, bool], str]
    origin: datetime | None
    kept: Ledger
    numbered: bool = False
    bars: list[PhaseBar] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)
    holes: list[TimelineGap] = field(default_factory=list)

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)), 1)

    def seconds(self, at: datetime) -> float | None:
        """Into the recording. What came before its first frame jumps to its start."""
        second = self._second(at)
        return None if second is None else max(0.0, second)

    def _second(self, at: datetime) -> float | None:
        return None if self.origin is None else round((at - self.origin).total_seconds(), 1)

    def bar(self, span: TimeSpan, y: float, height: float, css: str, title: str, *labels: str) -> None:
        """The first of `labels` that fits is printed."""
        start, end = self.x(span.start), self.x(span.end)
        width = max(1.5, round(end - start, 1))
        shown = next((label for label in labels if width >= 8 + _width(label)), "")
        told = f"{title} {self.clock(span.start, True)}–{self.clock(span.end, True)}"
        self.bars.append(PhaseBar(start, y, width, height, css, told, self.seconds(span.start), shown))

    def beside(self, baseline: float, label: str) -> None:
        """What does not fit into the last bar, beside it: after it, or before it at the right edge."""
        bar, width = self.bars[-1], _width(label)
        if bar.label:
            return
        if bar.x + bar.width + 8 + width <= RIGHT:
            self.texts.append(PlacedText(round(bar.x + bar.width + 8, 1), baseline, label))
        else:
            self.texts.append(PlacedText(round(bar.x - 8, 1), baseline, label, anchor="end"))

    def row(self, text: str, baseline: float) -> None:
        while _width(text) > 118:
            text = text.removesuffix("…")[:-1] + "…"
        self.texts.append(PlacedText(0, baseline, text, "strong"))

    def paint(self, history: Sequence[SessionEntry], timing: Timing) -> TimelinePicture:
        _ = self.voice.gettext
        self.row(_(ROW_PHASES), 43)
        for number, (phase, span) in enumerate(timing.phase_spans):
            name = _(i18n.PHASES[phase])
            labels = (f"{number + 1} {name}", str(number + 1)) if self.numbered else (name,)
            self.bar(span, 26, 24, "c-line" if number % 2 else "c-act", name, *labels)
        y = 66.0
        missing = gap_lines(self.kept)
        for seat in _seats(history):
            told = timing.seats.get(seat.id)
            if told and (told.presence or told.waiting):
                self.person(seat, told, y)
                self.strips(seat, [line for line in missing if line.seat == seat.id and line.listed], y)
                y += 46
        bottom = y - 6
        if timing.recesses:
            self.row(_(ROW_RECESS), y + 15)
            for span in timing.recesses:
                self.bar(span, 60, bottom - 60, "c-hatch", _(ROW_RECESS))
                self.bar(span, y, 20, "c-amber", _(ROW_RECESS), _(ROW_RECESS))
                self.beside(y + 15, _(ROW_RECESS))
            y += 32
        if timing.caucuses:
            self.row(_(ROW_PRIVATE), y + 15)
            for side, span in timing.caucuses:
                self.bar(span, 60, bottom - 60, "c-hatch", _(PRIVATE[side]))
                self.bar(span, y, 20, f"c-{side}", _(PRIVATE[side]), _(ROW_PRIVATE))
                self.beside(y + 15, _(ROW_PRIVATE))
            y += 32
        self.recording(recorded(history, self.last), y)
        y += 32
        self.row(_(ROW_POINTS), y + 5)
        self.points(history, y)
        axis = y + 16
        edges = (None, None) if self.origin is None else [self._second(at) for at in (self.first, self.last)]
        return TimelinePicture(axis + 30, self.bars, self.dots, self.texts, self.ticks(), self.holes, axis, *edges)

    def person(self, seat: Seat, told: SeatTiming, y: float) -> None:
        _ = self.voice.gettext
        name = self.voice.name(seat.id)
        hue = _hue(seat)
        soft, strong = (f"c-{hue}-soft", f"c-{hue}") if hue else ("c-sunken", "c-line")
        self.row(name, y + 15)
        for span in told.waiting:
            self.bar(span, y + 6, 8, "c-sunken", _("%(name)s waiting", name=name))
        for span in told.presence:
            self.bar(span, y, 20, soft, _("%(name)s in the room", name=name))
        for span in told.speaking:
            self.bar(span, y + 3, 14, strong, _("%(name)s speaking", name=name))
        for span in told.away:
            self.bar(span, y - 2, 24, "s-gap", _("%(name)s cut off", name=name))

    def strips(self, seat: Seat, missing: Sequence[MissingStretch], y: float) -> None:
        """What of this person was recorded: sound above, picture below."""
        _ = self.voice.gettext
        name = self.voice.name(seat.id)
        for track in self.kept.tracks:
            if track.seat != seat.id or track.source not in STRIPS:
                continue
            what = _("Sound of %(name)s", name=name) if track.source == "mic" else _("Picture of %(name)s", name=name)
            for span in track.recorded:
                self.bar(span, y + STRIPS[track.source], STRIP, "c-kept", what)
        for line in missing:
            if line.sources == ("screen",):
                continue
            if line.cause == "writing":  # it is there, and only not to be opened yet
                told = _("%(name)s, %(what)s being written", name=name, what=line.what(self.voice))
                for source in line.sources:
                    self.bar(line.span, y + STRIPS[source], STRIP, "c-writing", told)
                continue
            top, bottom = STRIPS[line.sources[0]], STRIPS[line.sources[-1]] + STRIP
            start, end = self.x(line.span.start), self.x(line.span.end)
            when = f"{self.clock(line.span.start, True)}–{self.clock(line.span.end, True)}"
            title = _(
                "%(name)s, %(what)s missing %(when)s: %(why)s",
                name=name,
                what=line.what(self.voice),
                when=when,
                why=line.why(self.voice),
            )
            width = max(1.5, round(end - start, 1))
            self.holes.append(
                TimelineGap(line.n, start, y + top, width, bottom - top, title, self.seconds(line.span.start))
            )

    def recording(self, spans: Spans, y: float) -> None:
        _ = self.voice.gettext
        self.row(_(ROW_RECORDING), y + 13)
        for span in spans:
            self.bar(span, y, 16, "c-seal", _(ROW_RECORDING))
        if not spans:
            self.texts.append(PlacedText(LEFT, y + 13, _(NOT_RECORDED)))
        for before, after in pairwise(spans):
            start, end = self.x(before.end), self.x(after.start)
            if end - start > 8 + _width(_(NOT_RECORDED)):
                self.texts.append(PlacedText(round((start + end) / 2, 1), y + 13, _(NOT_RECORDED), anchor="middle"))
            elif end - start >= 3:
                self.bar(TimeSpan(before.end, after.start), y, 16, "s-miss", _(NOT_RECORDED))

    def points(self, history: Sequence[SessionEntry], y: float) -> None:
        free = LEFT  # where the next label may begin
        for entry in history:
            at, told = entry.at, _point(entry.event, self.voice)
            if told is None or not self.first <= at <= self.last:
                continue
            text, css = told
            x = self.x(at)
            width = 12 + _width(text)
            before = x + width > RIGHT
            start = x - width if before else x
            label = text if start >= free else ""
            if label:
                free = x + 8 if before else x + width
            title = f"{text} {self.clock(at, True)}"
            self.dots.append(Dot(x, y, css, title, self.seconds(at), label, "end" if before else "start"))

    def ticks(self) -> list[AxisTick]:
        total = (self.last - self.first).total_seconds()
        step = next((s for s in STEPS if total / s <= MOST_TICKS), STEPS[-1])
        at = datetime.fromtimestamp(-(-self.first.timestamp() // step) * step, self.first.tzinfo)
        out = []
        while at <= self.last:
            out.append(AxisTick(self.x(at), self.clock(at, step < 60), self.seconds(at)))
            at += timedelta(seconds=step)
        return out


def _hue(seat: Seat) -> str:
    """Which of the three colours of people; "" for those who belong to neither side."""
    if seat.role in (Role.MEDIATOR, Role.CONSUMER, Role.BUSINESS):
        return str(seat.role)
    return str(seat.side) if seat.side else ""


def _point(fact: e.SessionEvent, voice: Voice) -> tuple[str, str] | None:
    _ = voice.gettext
    match fact:
        case e.ConsentGiven(kind=Consent.RECORD):
            return _("agreed"), "c-act"
        case e.ConsentWithdrawn(kind=Consent.PARTICIPATE | Consent.RECORD):
            return _("consent withdrawn"), "c-seal"
        case e.Disconnected():
            return _("cut off"), "c-seal"
        case e.RecordingFailed():
            return _("recording failed"), "c-seal"
        case e.OutcomeProposed():
            return _("outcome shown"), "c-act"
        case e.SessionClosed():
            return _("closed"), "c-act"
        case _:
            return None
