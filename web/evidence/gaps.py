"""What is missing from the recordings, as a page lists it: each stretch with its length and one cause.

Owns only what the ledger cannot know: whether somebody was in the private talk for which recording stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journal.clock import Span, intersect
from recordings.gap_ledger import Ledger
from rooms.timing import Timing
from rooms.vocabulary import Role, Seat
from web.audit.missing import Missing, lines
from web.audit.voice import Voice
from web.i18n import N_

OUTSIDE: Final = N_("a private talk without this person: nothing is recorded of anybody then")


@dataclass(frozen=True, slots=True)
class Row:
    who: str
    what: str
    span: Span
    why: str


def rows(kept: Ledger, timing: Timing, seats: Mapping[str, Seat], voice: Voice) -> Sequence[Row]:
    return [
        Row(voice.name(one.seat), one.what(voice), one.span, _why(one, timing, seats.get(one.seat), voice))
        for one in lines(kept)
    ]


def _why(one: Missing, timing: Timing, seat: Seat | None, voice: Voice) -> str:
    """Of an interpreter or a companion of neither side nobody knows which talks they were in."""
    if one.cause == "caucus" and seat and seat.side and seat.role is not Role.MEDIATOR:
        talks = [side for side, span in timing.caucuses if intersect((span,), (one.span,))]
        if talks and seat.side not in talks:
            return voice.gettext(OUTSIDE)
    return one.why(voice)
