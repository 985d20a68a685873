"""What was written and decided, as captions: phases, chat, outcome. Nobody's speech is guessed at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rooms import events as e
from rooms.codec import SessionEntry
from web.audit.circles import PRIVATE
from web.audit.sentences import headline, sentence
from web.audit.voice import Voice
from web.i18n import N_
from web.office import words

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
