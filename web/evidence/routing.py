"""Who could hear and see whom, stretch by stretch: what the page's table says of each.

Owns which stretch was a private talk or a recess and who was alone in it; the words for the rest are `audit.matrix`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journal.clock import Span, intersect
from rooms.timing import Timing
from web.audit import matrix
from web.audit.circles import PRIVATE
from web.audit.timeline import ROW_RECESS
from web.audit.voice import Voice


@dataclass(frozen=True, slots=True)
class Stretch:
    """`during`: of a private talk or a recess what it was. `clauses`: who heard and saw whom."""

    span: Span
    during: str
    clauses: list[str]
    recorded: str


def stretches(routing: Mapping[str, Any], timing: Timing, voice: Voice) -> list[Stretch]:
    """`routing`: the sheet of that name."""
    return [_stretch(one, timing, voice) for one in routing["stretches"]]


def _stretch(one: Mapping[str, Any], timing: Timing, voice: Voice) -> Stretch:
    _ = voice.gettext
    span = Span(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["until"]))
    there = [seat for seat, told in timing.seats.items() if _mostly(told.presence, span)]
    told = matrix.clauses(one["hears"], one["sees"], voice)
    lonely = [voice.name(seat) for seat in matrix.alone(there, one["hears"], one["sees"])]
    if told or len(lonely) == 1:
        told += [_("%(name)s alone: hears and sees nobody, is heard and seen by nobody", name=name) for name in lonely]
    else:
        told = [_("nobody hears or sees anybody")]
    return Stretch(
        span, _during(span, timing, voice), told, voice.list(map(voice.name, one["recorded"])) or _("nobody")
    )


def _during(span: Span, timing: Timing, voice: Voice) -> str:
    for side, talk in timing.caucuses:
        if _mostly((talk,), span):
            return voice.gettext(PRIVATE[side])
    return voice.gettext(ROW_RECESS) if _mostly(timing.recesses, span) else ""


def _mostly(spans: Iterable[Span], span: Span) -> bool:
    """Routing follows what is decided a moment later: half of the stretch is enough."""
    return 2 * sum(part.ms for part in intersect(tuple(spans), (span,))) > span.ms
