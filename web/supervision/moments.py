"""The map of a recording for whoever reviews it: phases and private talks as bars, signatures and objections as points.

Also the two ways of a moment: what a person types (`23:40`) and what evidence keeps, milliseconds since the opening.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journal.clock import Span
from journal.numbers import narrow
from rooms import events as e
from rooms.codec import SessionEntry
from rooms.session import Session
from rooms.supervision.reviews import Evidence
from rooms.timing import Timing
from web.audit.player import Player
from web.audit.sentences import sentence
from web.audit.voice import Voice
from web.office import words as office_words

LEFT: Final = 8  # of a picture 720 wide
RIGHT: Final = 712
MOST: Final = 60
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")
_SIGNED: Final = (e.Signed, e.DocumentSealed, e.SigningRefused)
_OBJECTED: Final = (e.ExhibitDisputed, e.ConsentWithdrawn, e.SigningRefused)


@dataclass(frozen=True, slots=True)
class Bar:
    """`kind`: phase | caucus; x and width in the picture's units, `seconds` into the recording."""

    kind: str
    x: float
    width: float
    seconds: float
    text: str
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """`kind`: sign | object."""

    kind: str
    x: float
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Map:
    bars: Sequence[Bar]
    points: Sequence[Point]
    seconds: float


def drawn(history: Sequence[SessionEntry], timing: Timing, player: Player, voice: Voice) -> Map:
    """Of a session that was recorded; what came before or after the recording is at its ends."""

    def x(seconds: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(1.0, seconds / max(player.seconds, 0.001)), 1)

    def bar(kind: str, span: Span, text: str, odd: bool = False) -> Bar:
        start, end = player.second(span.start), player.second(span.end)
        return Bar(kind, x(start), max(2.0, round(x(end) - x(start), 1)), start, text, odd)

    bars = [
        bar("phase", span, voice.gettext(office_words.PHASES[phase]), n % 2 == 1)
        for n, (phase, span) in enumerate(timing.phase_spans)
    ]
    private = voice.gettext("Private talk")
    sides = {side: voice.gettext(text) for side, text in office_words.SIDES.items()}
    bars += [bar("caucus", span, f"{private}, {sides[side.value]}") for side, span in timing.caucuses]
    points: list[Point] = []
    for entry in history:
        kind = "object" if _objects(entry.event) else "sign" if isinstance(entry.event, _SIGNED) else ""
        if kind and len(points) < MOST:
            seconds = player.second(entry.at)
            points.append(Point(kind, x(seconds), seconds, sentence(entry.event, voice)))
    return Map(bars, points, player.seconds)


def _objects(event: e.SessionEvent) -> bool:
    if isinstance(event, e.ClauseAnswered | e.FactAnswered):
        return not event.agrees
    return isinstance(event, _OBJECTED)


def second_of(evidence: Evidence, session: Session, player: Player | None) -> float | None:
    """Of the recording; None without one."""
    if evidence.kind != "second" or session.opened is None or player is None:
        return None
    return player.second(session.opened + timedelta(milliseconds=evidence.at))


def typed(text: str, session: Session, player: Player | None) -> list[Evidence] | None:
    """Moments with spaces or commas between them; None when one of them is none."""
    origin: datetime | None = player.origin if player else session.opened
    found: list[Evidence] = []
    for word in re.split(r"[\s,，、;；]+", narrow(text).strip()):
        if not word:
            continue
        clock = _CLOCK.fullmatch(word)
        if clock is None or origin is None or session.opened is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        at = origin + timedelta(hours=hours, minutes=minutes, seconds=seconds) - session.opened
        found.append(Evidence("second", max(0, at // timedelta(milliseconds=1))))
    return found


def written(evidence: Sequence[Evidence], session: Session, player: Player | None) -> str:
    """As it is typed: since the recording begins, without one since the opening."""
    moments = [one for one in evidence if one.kind == "second"]
    seconds = [second_of(one, session, player) if player else one.at / 1000 for one in moments]
    return " ".join(f"{int(at) // 60:02}:{int(at) % 60:02}" for at in seconds if at is not None)
