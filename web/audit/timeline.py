"""The picture of a session over time: who was there, who spoke, which phase it was, what was recorded.

Owns geometry only: events in, shapes out. Shapes carry class names (app.css paints them) and, where the composed
recording covers the moment, the second of the recording to jump to. The template writes the SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from rooms import events as e
from rooms.vocabulary import Consent, Role, Seat
from web.audit.voice import Voice
from web.i18n import N_
from web.office import words

LEFT: Final = 130.0
RIGHT: Final = 980.0
STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)  # seconds between two times on the axis
MOST_TICKS: Final = 9

Timed = tuple[datetime, e.SessionEvent]
Span = tuple[datetime, datetime]

ROW_PHASES: Final = N_("Phase")
ROW_RECESS: Final = N_("Recess")
ROW_RECORDING: Final = N_("Recording")
ROW_POINTS: Final = N_("Points")
NOT_RECORDED: Final = N_("not recorded")


@dataclass(frozen=True, slots=True)
class Bar:
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
class Text:
    x: float
    y: float
    text: str
    css: str = ""
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    height: float
    bars: Sequence[Bar]
    dots: Sequence[Dot]
    texts: Sequence[Text]
    ticks: Sequence[Tick]
    axis: float  # y of the time axis
    width: float = 1000.0


@dataclass(slots=True)
class _Track:
    """Spans being collected for one thing; `since` is when the running one began."""

    spans: list[Span] = field(default_factory=list)
    since: datetime | None = None

    def begin(self, at: datetime) -> None:
        if self.since is None:
            self.since = at

    def end(self, at: datetime) -> None:
        if self.since is not None:
            self.spans.append((self.since, at))
            self.since = None


@dataclass(slots=True)
class _Person:
    seat: Seat
    waiting: _Track = field(default_factory=_Track)
    present: _Track = field(default_factory=_Track)
    speaking: _Track = field(default_factory=_Track)
    away: _Track = field(default_factory=_Track)
    recorded: _Track = field(default_factory=_Track)

    @property
    def tracks(self) -> tuple[_Track, ...]:
        return (self.waiting, self.present, self.speaking, self.away, self.recorded)

    def gone(self, at: datetime) -> None:
        for track in (self.waiting, self.present, self.speaking, self.away):
            track.end(at)


def draw(
    facts: Sequence[Timed], voice: Voice, clock: Callable[[datetime, bool], str], origin: datetime | None = None
) -> Picture | None:
    """The picture, or None when nobody ever came. `clock(at, seconds)` writes a time of day.

    `origin` is the wall clock of the recording's first frame; without it nothing can be jumped to.
    """
    seats = _seats(facts)
    people = {seat.id: _Person(seat) for seat in seats}
    phases: list[tuple[str, datetime]] = []
    recess = _Track()
    first, last = _range(facts)
    if first is None or last is None:
        return None
    for at, fact in facts:
        _follow(at, fact, people, phases, recess)
    for person in people.values():
        for track in person.tracks:
            track.end(last)
    recess.end(last)
    return _Canvas(first, last, voice, clock, origin).paint(list(people.values()), phases, recess.spans, facts)


def _seats(facts: Iterable[Timed]) -> list[Seat]:
    found: list[Seat] = []
    for _, fact in facts:
        if isinstance(fact, e.SessionScheduled):
            found.extend(fact.seats)
        elif isinstance(fact, e.SeatAdded):
            found.append(fact.seat)
    return found


def _range(facts: Sequence[Timed]) -> tuple[datetime | None, datetime | None]:
    """From the first person in the waiting room to the close (or to the last thing that happened in the room)."""
    inside = [
        at
        for at, fact in facts
        if isinstance(fact, e.Arrived | e.SessionOpened | e.Admitted | e.PhaseEntered | e.SessionClosed | e.Left)
    ]
    if not inside:
        return None, None
    closed = [at for at, fact in facts if isinstance(fact, e.SessionClosed)]
    speech = [at for at, fact in facts if isinstance(fact, e.SpeakingStarted | e.SpeakingStopped | e.Reconnected)]
    last = closed[0] if closed else max(inside + speech)
    return inside[0], max(last, inside[0] + timedelta(seconds=10))


def _follow(
    at: datetime,
    fact: e.SessionEvent,
    people: Mapping[str, _Person],
    phases: list[tuple[str, datetime]],
    recess: _Track,
) -> None:
    person = people.get(getattr(fact, "seat", "") if not isinstance(fact, e.SeatAdded) else "")
    match fact:
        case e.SessionOpened():
            for one in people.values():
                if one.seat.role is Role.MEDIATOR:
                    one.waiting.end(at)
                    one.present.begin(at)
            if not phases:
                phases.append(("opening", at))
        case e.PhaseEntered(phase=phase):
            if phases and phases[-1][0] == phase:
                return
            phases.append((str(phase), at))
        case e.RecessStarted():
            recess.begin(at)
        case e.RecessEnded():
            recess.end(at)
        case e.SessionClosed():
            recess.end(at)
            for one in people.values():
                one.gone(at)
                one.recorded.end(at)
        case _ if person is not None:
            _follow_person(at, fact, person)
        case _:
            pass


def _follow_person(at: datetime, fact: e.SessionEvent, person: _Person) -> None:
    match fact:
        case e.Arrived():
            (person.present if person.seat.role is Role.MEDIATOR else person.waiting).begin(at)
        case e.Admitted():
            person.waiting.end(at)
            person.present.begin(at)
        case e.SentBack() | e.Left() | e.Removed():
            person.gone(at)
        case e.Disconnected():
            person.speaking.end(at)
            person.away.begin(at)
        case e.Reconnected():
            person.away.end(at)
        case e.SpeakingStarted():
            person.speaking.begin(at)
        case e.SpeakingStopped():
            person.speaking.end(at)
        case e.RecordingStarted():
            person.recorded.begin(at)
        case e.RecordingStopped():
            person.recorded.end(at)
        case _:
            pass


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of spans, in order."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


@dataclass(slots=True)
class _Canvas:
    first: datetime
    last: datetime
    voice: Voice
    clock: Callable[[datetime, bool], str]
    origin: datetime | None
    bars: list[Bar] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)), 1)

    def seconds(self, at: datetime) -> float | None:
        """Into the recording. What came before its first frame jumps to its start."""
        if self.origin is None:
            return None
        return round(max(0.0, (at - self.origin).total_seconds()), 1)

    def bar(self, span: Span, y: float, height: float, css: str, title: str, label: str = "") -> None:
        start, end = self.x(span[0]), self.x(span[1])
        width = max(1.5, round(end - start, 1))
        fits = label and width >= 8 + sum(13 if ord(ch) > 0x2E7F else 7.5 for ch in label)
        spoken = f"{title} {self.clock(span[0], True)}–{self.clock(span[1], True)}"
        self.bars.append(Bar(start, y, width, height, css, spoken, self.seconds(span[0]), label if fits else ""))

    def row(self, text: str, baseline: float) -> None:
        room, cut = 118.0, ""
        for ch in text:
            room -= 13 if ord(ch) > 0x2E7F else 7.5
            if room < 0:
                cut = cut[:-1] + "…"
                break
            cut += ch
        self.texts.append(Text(0, baseline, cut, "strong"))

    def paint(
        self,
        people: Sequence[_Person],
        phases: Sequence[tuple[str, datetime]],
        recess: Sequence[Span],
        facts: Sequence[Timed],
    ) -> Picture:
        _ = self.voice.gettext
        self.row(_(ROW_PHASES), 43)
        for number, (phase, start) in enumerate(phases):
            end = phases[number + 1][1] if number + 1 < len(phases) else self.last
            name = _(words.PHASES[phase])
            self.bar((start, end), 26, 24, "c-line" if number % 2 else "c-act", name, name)
        y = 66.0
        for person in people:
            if person.present.spans or person.waiting.spans:
                self.person(person, y)
                y += 36
        for span in recess:
            self.bar(span, 60, y - 66, "c-hatch", _(ROW_RECESS))
        if recess:
            self.row(_(ROW_RECESS), y + 15)
            for span in recess:
                self.bar(span, y, 20, "c-amber", _(ROW_RECESS), _(ROW_RECESS))
            y += 32
        recorded = merged(span for person in people for span in person.recorded.spans)
        self.row(_(ROW_RECORDING), y + 13)
        for span in recorded:
            self.bar(span, y, 16, "c-seal", _(ROW_RECORDING))
        if not recorded:
            self.texts.append(Text(LEFT, y + 13, _(NOT_RECORDED)))
        for (_a, stop), (start, _b) in pairwise(recorded):
            if self.x(start) - self.x(stop) > 60:
                self.texts.append(Text((self.x(start) + self.x(stop)) / 2, y + 13, _(NOT_RECORDED), anchor="middle"))
        y += 32
        self.row(_(ROW_POINTS), y + 5)
        self.points(facts, y)
        axis = y + 16
        return Picture(axis + 30, self.bars, self.dots, self.texts, self.ticks(), axis)

    def person(self, person: _Person, y: float) -> None:
        _ = self.voice.gettext
        name = self.voice.name(person.seat.id)
        hue = _hue(person.seat)
        soft, strong = (f"c-{hue}-soft", f"c-{hue}") if hue else ("c-sunken", "c-line")
        self.row(name, y + 15)
        for span in person.waiting.spans:
            self.bar(span, y + 6, 8, "c-sunken", _("%(name)s waiting", name=name))
        for span in person.present.spans:
            self.bar(span, y, 20, soft, _("%(name)s in the room", name=name))
        for span in person.speaking.spans:
            self.bar(span, y + 3, 14, strong, _("%(name)s speaking", name=name))
        for span in person.away.spans:
            self.bar(span, y - 2, 24, "s-gap", _("%(name)s cut off", name=name))

    def points(self, facts: Sequence[Timed], y: float) -> None:
        free = LEFT  # where the next label may begin
        for at, fact in facts:
            told = _point(fact, self.voice)
            if told is None or not self.first <= at <= self.last:
                continue
            text, css = told
            x = self.x(at)
            width = 12 + sum(13 if ord(ch) > 0x2E7F else 7.5 for ch in text)
            before = x + width > RIGHT
            start = x - width if before else x
            label = text if start >= free else ""
            if label:
                free = x + 8 if before else x + width
            title = f"{text} {self.clock(at, True)}"
            self.dots.append(Dot(x, y, css, title, self.seconds(at), label, "end" if before else "start"))

    def ticks(self) -> list[Tick]:
        total = (self.last - self.first).total_seconds()
        step = next((s for s in STEPS if total / s <= MOST_TICKS), STEPS[-1])
        at = datetime.fromtimestamp(-(-self.first.timestamp() // step) * step, self.first.tzinfo)
        out = []
        while at <= self.last:
            out.append(Tick(self.x(at), self.clock(at, step < 60), self.seconds(at)))
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
        case e.ConsentWithdrawn():
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
