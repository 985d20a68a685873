"""What a file lacks inside itself: stretches of a second and more in which nothing of a source was written, and why.

Measured by whoever writes the file, from what became of the packets; which of it was wanted (a muted microphone sends
nothing) is for whoever reads the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from media.engine import Hole, HoleCause, Source

LEAST = 1.0  # seconds


@dataclass(slots=True)
class Tally:
    """What became of the packets of one source so far. `queue` belongs to the loop, the rest to the writer thread."""

    lost: int = 0  # missing when their time was up, and pictures that could not be decoded without them
    late: int = 0  # of them: came afterwards
    queue: int = 0  # thrown away because writing was too slow

    @property
    def seen(self) -> tuple[int, int, int]:
        return self.lost, self.late, self.queue


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch, with what its source's tally had seen when it began and when it ended."""

    source: Source
    started: float
    ended: float
    before: tuple[int, int, int]
    after: tuple[int, int, int]


class Holes:
    """Of one file. Times are seconds since the epoch."""

    def __init__(self, started: float, tallies: Mapping[Source, Tally], sources: Iterable[Source]) -> None:
        self._tallies = {source: tallies[source] for source in sources}
        self._ends = dict.fromkeys(self._tallies, started)
        self._seen = {source: tally.seen for source, tally in self._tallies.items()}
        self._found: list[Found] = []

    def go_on(self, source: Source, end: float, seen: tuple[int, int, int], found: Iterable[Found]) -> None:
        """What somebody else has counted of a source by now."""
        self._ends[source], self._seen[source] = end, seen
        self._found += found

    def written(self, source: Source, start: float, end: float) -> None:
        last, tally = self._ends[source], self._tallies[source]
        if start - last >= LEAST:
            self._note(source, start)
        if end > last:
            self._ends[source] = end
        self._seen[source] = tally.lost, tally.late, tally.queue

    def close(self, end: float) -> tuple[Hole, ...]:
        """The file ends here."""
        for source in self._tallies:
            if end - self._ends[source] >= LEAST:
                self._note(source, end)
        found = sorted(self._found, key=lambda hole: (hole.started, hole.source))
        return tuple(Hole(hole.source, _utc(hole.started), _utc(hole.ended), self._cause(hole)) for hole in found)

    def _note(self, source: Source, end: float) -> None:
        self._found.append(Found(source, self._ends[source], end, self._seen[source], self._tallies[source].seen))

    def _cause(self, hole: Found) -> HoleCause:
        lost, late, queue = hole.before
        lost_by_then, _, queue_by_then = hole.after
        if queue_by_then > queue:
            return "queue"
        if lost_by_then > lost:
            # They may still have come after the hole was over.
            return "late" if self._tallies[hole.source].late - late >= lost_by_then - lost else "loss"
        return "silent"


def _utc(wall: float) -> datetime:
    return datetime.fromtimestamp(round(wall * 1000) / 1000, UTC)
