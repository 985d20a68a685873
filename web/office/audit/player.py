"""The player of a recording and its captions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from recordings.views import RecordingState
from rooms import events as e
from rooms.codec import SessionEntry
from rooms.events import SegmentSealed
from rooms.session import Session
from rooms.timing import Timing
from web import words
from web.i18n import N_
from web.office.audit.audience import PRIVATE, MissingStretch, Voice
from web.office.audit.sentences import headline, sentence

SIGN_SECONDS: Final = 4.0
LEAST_SECONDS, MOST_SECONDS = 4.0, 12.0
READ_PER_SECOND: Final = 6.0  # Chinese characters, read beside listening

TO_ONE: Final = N_("%(name)s to %(other)s: %(text)s")
TO_ALL: Final = N_("%(name)s writes: %(text)s")


@dataclass(frozen=True, slots=True)
class Cue:
    """Seconds into the recording."""

    start: float
    end: float
    text: str


def cues(history: Iterable[SessionEntry], voice: Voice, origin: datetime, seconds: float) -> Sequence[Cue]:
    """In order; each at least a moment within the `seconds` that the recording lasts."""
    found = []
    for entry in history:
        start = (entry.at - origin).total_seconds()
        for text, length in _said(entry.event, voice):
            if isinstance(entry.event, e.SessionClosed):
                start = min(start, seconds - length)  # recording ends with it: it shall be read before
            start = max(0.0, start)
            if start < seconds:
                found.append(Cue(round(start, 3), round(min(start + length, seconds), 3), text))
    return sorted(found, key=lambda cue: cue.start)


def _said(fact: e.SessionEvent, voice: Voice) -> Iterator[tuple[str, float]]:
    """Text and seconds."""
    _ = voice.gettext
    match fact:
        case e.PhaseEntered(phase=phase):
            yield _sign(_(words.PHASES[phase])), SIGN_SECONDS
        case e.RecessStarted():
            yield _sign(_("Recess")), SIGN_SECONDS
        case e.RecessEnded():
            yield _sign(_("After the recess")), SIGN_SECONDS
        case e.CaucusStarted(side=side):
            yield _sign(_(PRIVATE[side])), SIGN_SECONDS
        case e.CaucusEnded():
            yield _sign(_("Everybody is together again")), SIGN_SECONDS
        case e.Said(seat=seat, to=to, text=text):
            name = voice.name(seat)
            told = _(TO_ONE, name=name, other=voice.name(to), text=text) if to else _(TO_ALL, name=name, text=text)
            yield told, min(MOST_SECONDS, max(LEAST_SECONDS, len(text) / READ_PER_SECOND))
        case e.ClauseAnswered(seat=seat):
            yield _sign(voice.name(seat) + _(": %(reason)s", reason=sentence(fact, voice))), SIGN_SECONDS
        case e.OutcomeProposed(outcome=outcome) | e.SessionClosed(outcome=outcome):
            yield _sign(headline(outcome, voice)), SIGN_SECONDS
        case _:
            pass


def _sign(text: str) -> str:
    """What nobody said or wrote."""
    return f"— {text} —"


def vtt(found: Iterable[Cue]) -> str:
    """As WebVTT. A blank line would end a cue, and `<` begin a tag."""
    blocks = ["WEBVTT"]
    for cue in found:
        text = "\n".join(line for line in map(str.strip, cue.text.splitlines()) if line)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start)} --> {_clock(cue.end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


Address = Callable[..., str]
SCREEN = ":screen"


@dataclass(frozen=True, slots=True)
class PlayerPiece:
    src: str
    start: float
    end: float
    picture: bool


@dataclass(frozen=True, slots=True)
class PlayerGap:
    start: float
    end: float
    source: str
    why: str
    writing: bool = False  # it is there, in a file that is not sealed yet


@dataclass(frozen=True, slots=True)
class PlayerTrack:
    """One person's recording, or their shared screen's: `who` is the seat, with `:screen` behind it for that."""

    who: str
    name: str
    role: str
    pieces: Sequence[PlayerPiece]
    holes: Sequence[PlayerGap]

    @property
    def writing(self) -> bool:
        return any(hole.writing for hole in self.holes)

    def at(self, seconds: float) -> PlayerPiece | None:
        """The piece at this second, else the next one, else the last."""
        coming = (piece for piece in self.pieces if piece.end > seconds)
        return next(coming, self.pieces[-1] if self.pieces else None)


@dataclass(frozen=True, slots=True)
class Player:
    origin: datetime
    seconds: float
    film: str  # the composed video's address; "" while there is none
    strands: Sequence[PlayerTrack]
    cues: Sequence[Cue]
    phases: Sequence[tuple[float, str]]

    def second(self, at: datetime) -> float:
        """What came before the first picture is at its beginning."""
        return round(max(0.0, (at - self.origin).total_seconds()), 1)

    def strand(self, who: str) -> PlayerTrack | None:
        return next((strand for strand in self.strands if strand.who == who), None)

    def data(self) -> dict[str, Any]:
        """For the script; `phases` are [second, name]."""
        return {
            "origin": self.origin.isoformat(timespec="milliseconds"),
            "seconds": self.seconds,
            "film": self.film,
            "strands": [
                {
                    "who": strand.who,
                    "name": strand.name,
                    "role": strand.role,
                    "pieces": [[one.src, one.start, one.end, one.picture] for one in strand.pieces],
                    "holes": [[one.start, one.end, one.source, one.why, one.writing] for one in strand.holes],
                }
                for strand in self.strands
            ],
            "cues": [[cue.start, cue.end, cue.text] for cue in self.cues],
            "phases": [list(phase) for phase in self.phases],
        }


def player(
    history: Sequence[SessionEntry],
    session: Session,
    timing: Timing,
    recording: RecordingState,
    missing: Sequence[MissingStretch],
    voice: Voice,
    url: Address,
) -> Player | None:
    """None when nothing was recorded, or nothing of it is left. `url` is the templates' own."""
    segments = sorted(session.segments, key=lambda one: one.started)
    ready = recording.state == "ready" and recording.origin is not None
    if (not segments and not ready) or session.erasure is not None:
        return None
    origin = recording.origin if ready and recording.origin else segments[0].started
    ends = [(one.ended - origin).total_seconds() for one in segments]
    seconds = recording.duration_ms / 1000 if ready else max(ends)
    told = cues(history, voice, origin, seconds)
    phases = [
        (round(max(0.0, (span.start - origin).total_seconds()), 1), voice.gettext(words.PHASES[phase]))
        for phase, span in timing.phase_spans
    ]
    return Player(
        origin=origin,
        seconds=round(seconds, 3),
        film=url("recording_file", session=session.id) if ready else "",
        strands=_strands(session, segments, origin, seconds, missing, voice, url),
        cues=told,
        phases=[(at, name) for at, name in phases if at < seconds],
    )


def _strands(
    session: Session,
    segments: Sequence[SegmentSealed],
    origin: datetime,
    seconds: float,
    missing: Sequence[MissingStretch],
    voice: Voice,
    url: Address,
) -> list[PlayerTrack]:
    """In seat order; also of somebody who was there and not recorded, so that the page can say why."""
    pieces: dict[str, list[PlayerPiece]] = {}
    for one in segments:
        start, end = ((at - origin).total_seconds() for at in (one.started, one.ended))
        address = url("track_file", session=session.id, seat=one.seat, file=one.path.rpartition("/")[2])
        key = one.seat + (SCREEN if one.source == "screen" else "")
        pieces.setdefault(key, []).append(PlayerPiece(address, round(start, 3), round(end, 3), one.width > 0))
    holes = _holes(missing, origin, seconds, voice)
    found = []
    for seat, state in session.seats.items():
        for key in (seat, seat + SCREEN):
            if pieces.get(key) or (key == seat and holes.get(key)):
                name = voice.name(seat)
                called = voice.gettext("%(name)s: shared screen", name=name) if key != seat else name
                found.append(PlayerTrack(key, called, state.role.value, pieces.get(key, ()), holes.get(key, ())))
    return found


def _holes(
    missing: Sequence[MissingStretch], origin: datetime, seconds: float, voice: Voice
) -> Mapping[str, Sequence[PlayerGap]]:
    found: dict[str, list[PlayerGap]] = {}
    for line in missing:
        start = max(0.0, (line.span.start - origin).total_seconds())
        end = min(seconds, (line.span.end - origin).total_seconds())
        for source in line.sources:
            key = line.seat + (SCREEN if source == "screen" else "")
            if start < end:
                hole = PlayerGap(round(start, 3), round(end, 3), source, line.why(voice), line.cause == "writing")
                found.setdefault(key, []).append(hole)
    return found
