"""Why somebody's picture is not there: what stands in their cell instead, at every moment of a film.

The causes are those of the gap ledger, with a few of our own for who was not in the room at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from recordings.gaps import CAUSES, Gap, Track, ledger
from recordings.spans import SEAM, Span, union, within, without
from rooms.codec import Happened
from rooms.rights import SENDING
from rooms.vocabulary import Role

SOUND_ONLY, OBSERVER, NOT_YET, LEFT, UNEXPLAINED = "sound_only", "observer", "not_yet", "left", "unexplained"
OUTSIDE = (SOUND_ONLY, OBSERVER, NOT_YET, LEFT)
"""Causes that no ledger has."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Seconds from the film's first picture, and the cause of what is missing between them."""

    start: float
    end: float
    cause: str


class AbsenceReasons:
    """Of one session."""

    def __init__(self, history: Sequence[Happened], origin: datetime, seconds: float) -> None:
        self._whole = [(0.0, seconds)]
        self.origin = origin
        self._tracks: dict[str, list[Track]] = {}
        for track in ledger(history, sealed=True).tracks:
            if track.source != "screen":
                self._tracks.setdefault(track.seat, []).append(track)

    def of(self, seat: str, role: Role, picture: Sequence[Span], sound: Sequence[Span]) -> tuple[Absence, ...]:
        """For all of the film in which there is no picture of the seat; without overlap, in order."""
        if role not in SENDING:
            return tuple(Absence(start, end, OBSERVER) for start, end in without(self._whole, picture))
        tracks = self._tracks.get(seat, ())
        left = without(self._whole, picture)
        found = [(span, SOUND_ONLY) for span in within(left, sound)]
        left = without(left, sound)
        for cause in CAUSES:  # the one nearest to the person's rights first
            gaps = self._gaps((gap for track in tracks for gap in track.missing), cause)
            found += [(span, cause) for span in within(left, gaps)]
            left = without(left, gaps)
        inside = union(self._seconds(span.start, span.end) for track in tracks for span in track.expected)
        found += [(span, UNEXPLAINED) for span in within(left, inside)]
        came = inside[0][0] if inside else self._whole[0][1]
        found += [(span, NOT_YET if span[0] < came else LEFT) for span in without(left, inside)]
        return _closed(found)

    def _gaps(self, gaps: Iterable[Gap], cause: str) -> list[Span]:
        return union(self._seconds(gap.span.start, gap.span.end) for gap in gaps if gap.cause == cause)

    def _seconds(self, start: datetime, end: datetime) -> Span:
        return (start - self.origin).total_seconds(), (end - self.origin).total_seconds()


def _closed(found: Iterable[tuple[Span, str]]) -> tuple[Absence, ...]:
    """In order; what is too short to be read belongs to what stands beside it."""
    made: list[Absence] = []
    for (start, end), cause in sorted(found):
        before = made[-1] if made and start - made[-1].end < SEAM else None
        if before is not None and (before.cause == cause or end - start < SEAM):
            made[-1] = Absence(before.start, end, before.cause)
        elif before is not None and before.end - before.start < SEAM:
            made[-1] = Absence(before.start, end, cause)
        else:
            made.append(Absence(start, end, cause))
    return tuple(made)
