"""What a file lacks: stretches of a second and more in which nothing of a source was written, and why.

Inside itself, since the file before it, and behind it when it is the last: what was missing when the recording
ended. Measured by whoever writes the file, from what became of the packets; which of it was wanted (a muted
microphone sends nothing) is for whoever reads the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from media.engine import Gap, GapCause, Source
from recordings.composing.composition_plan import SEAM

LEAST = 1.0  # seconds
WAITED: Final[tuple[Source, ...]] = ("mic", "camera")  # of everybody; a screen only while it is shared
Seen = tuple[int, int, int]  # of a tally


@dataclass(slots=True)
class PacketTally:
    """What became of the packets of one source so far. `queue` belongs to the loop, the rest to the writer thread."""

    lost: int = 0  # missing when their time was up, and pictures that could not be decoded without them
    late: int = 0  # of them: came afterwards
    queue: int = 0  # thrown away because writing was too slow

    @property
    def seen(self) -> Seen:
        return self.lost, self.late, self.queue


@dataclass(frozen=True, slots=True)
class FoundHole:
    """A stretch, with what its source's tally had seen when it began and when it ended.

    `delay`: how late its source's packets came when it ended, seconds.
    """

    source: Source
    started: float
    ended: float
    before: Seen
    after: Seen
    delay: float = 0.0


@dataclass(slots=True)
class Ends:
    """How far each source of a participant was written, over all its files, and what its tally had seen then."""

    written: dict[Source, tuple[float, Seen]] = field(default_factory=dict)
    closed: float | None = None  # when the recording was ended; None: it goes on
    delays: Mapping[Source, float] = field(default_factory=dict)  # how late packets came by then, seconds
    ready: float | None = None  # since when the recorder would have written what comes; None: nobody waits for anything
    told: set[Source] = field(default_factory=set)  # of which the last file says what is missing behind it

    @classmethod
    def since(cls, ready: float) -> Ends:
        """Of a recorder that would write from then on whatever comes."""
        return cls(dict.fromkeys(WAITED, (ready, (0, 0, 0))), ready=ready)

    def rest(self, tallies: Mapping[Source, PacketTally]) -> tuple[Gap, ...]:
        """What is missing when the recording has ended, of sources of which no file says it."""
        end = self.closed
        if end is None:
            return ()
        left = {source: self.written[source] for source in WAITED if source in self.written.keys() - self.told}
        found = [
            FoundHole(source, since, end, seen, tallies[source].seen, self.delays.get(source, 0.0))
            for source, (since, seen) in left.items()
            if end - since >= LEAST
        ]
        return _told(found, tallies, self.ready)


class Holes:
    """Of one file. Times are seconds since the epoch. `ends`: of the files before it, and then of this one too."""

    def __init__(
        self, started: float, tallies: Mapping[Source, PacketTally], sources: Iterable[Source], ends: Ends | None = None
    ) -> None:
        self._every, self._before = tallies, ends or Ends()
        self._tallies = {source: tallies[source] for source in sources}
        self._ends, self._seen = dict[Source, float](), dict[Source, Seen]()
        for source, tally in self._tallies.items():
            self._ends[source], self._seen[source] = self._before.written.get(source, (started, tally.seen))
        self._found: list[FoundHole] = []

    def begun(self, source: Source) -> tuple[float, Seen]:
        """Up to when it is written, and what was seen of it then."""
        return self._ends[source], self._seen[source]

    def go_on(self, source: Source, end: float, seen: Seen, found: Iterable[FoundHole]) -> None:
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

    def close(self, end: float, others: Iterable[Source] = ()) -> tuple[Gap, ...]:
        """The file ends here. `others`: sources that it could have, of the participant's last file."""
        before = self._before
        for source in self._tallies:
            last = self._ends[source]
            if before.closed is not None and before.closed - min(last, end) > SEAM:
                self._ends[source] = min(last, end)  # what the disk refused is not in the file
                self._note(source, max(end, before.closed), before.delays.get(source, 0.0))
                before.told.add(source)
            elif end - last >= LEAST:
                self._note(source, end)
                self._ends[source], self._seen[source] = end, self._tallies[source].seen
            before.written[source] = self._ends[source], self._seen[source]
        for source in others if before.closed is not None else ():
            if source not in self._tallies and source in before.written:
                self._tallies[source] = self._every[source]
                self._ends[source], self._seen[source] = before.written[source]
                self._note(source, before.closed or end, before.delays.get(source, 0.0))
                before.told.add(source)
        return _told(self._found, self._every, before.ready)

    def _note(self, source: Source, end: float, delay: float = 0.0) -> None:
        after = self._tallies[source].seen
        self._found.append(FoundHole(source, self._ends[source], end, self._seen[source], after, delay))


def _told(found: Iterable[FoundHole], tallies: Mapping[Source, PacketTally], ready: float | None) -> tuple[Gap, ...]:
    return tuple(
        Gap(hole.source, _utc(hole.started), _utc(hole.ended), _cause(hole, tallies[hole.source], ready))
        for hole in sorted(found, key=lambda hole: (hole.started, hole.source))
    )


def _cause(hole: FoundHole, tally: PacketTally, ready: float | None) -> GapCause:
    lost, late, queue = hole.before
    lost_by_then, _, queue_by_then = hole.after
    if queue_by_then > queue:
        return "queue"
    if lost_by_then > lost:
        # They may still have come after the hole was over.
        return "late" if tally.late - late >= lost_by_then - lost else "loss"
    # What they sent until then was still on its way.
    if 2 * hole.delay >= hole.ended - hole.started:
        return "late"
    return "unbegun" if hole.started == ready else "silent"


def _utc(wall: float) -> datetime:
    return datetime.fromtimestamp(round(wall * 1000) / 1000, UTC)
