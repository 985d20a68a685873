"""Times of packets and of what was written: RTP timestamps to wall-clock time, packets back into order (`Reorder`
within one source by sequence number, `Interleaver` between sources by time), and the holes of each file.

The server's clock is the reference, so that a person's picture and sound stay together: the least delayed packets say
where a source's timestamps lie on it. Sender reports then say how the sender's own sources lie to each other, and the
microphone is what the others follow.

A hole is a stretch of a second and more in which nothing of a source was written: inside a file, since the file before
it, and behind the last. It is measured by whoever writes the file, from what became of the packets; which of it was
wanted (a muted microphone sends nothing) is for whoever reads the journal (`recordings.gap_ledger`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from math import inf, nan
from operator import itemgetter
from typing import Final, Generic, Literal, TypeVar

from media.engine import Gap, GapCause, Source

# Clocks of phones and servers drift apart by less than this, in seconds per second.
DRIFT = 1e-4
# A report that moves a source further than this against its arrival is not believed.
LARGEST_CORRECTION = 5.0
# Sound is moved by at most this much per packet: a click-free squeeze instead of a jump.
SOUND_STEP = 0.005
# A sender's clock stands still while its device sleeps or a call has taken it. Then everything seems this late, in
# seconds, for as long; what a crowded line holds back does not come so evenly late.
STANDSTILL, PERSISTS = 2.0, 2.0
# One that reports says it sooner: its timestamps then come to lie later on its own clock, and everything comes later by
# as much. A line that holds back moves only the one, a clock that was set only the other. Seconds.
SLIP = 0.1


# Seconds between the epochs of NTP (1900) and ours (1970).
_NTP_EPOCH = 2_208_988_800
# A sender without a clock counts from whatever it likes (RFC 3550 section 4): further off than this it is none.
_NO_CLOCK = 10 * 365 * 86_400.0


CLOCKS: dict[str, tuple[Source, ...]] = {"camera": ("mic", "camera"), "screen": ("screen",)}  # who says the time


def clock_ms(*lines: tuple[float | None, float | None]) -> int | None:
    """How far a sender's clock is ahead of ours, by the first of these bases and reports that says."""
    for base, ntp in lines:
        if base is not None and ntp is not None:
            ahead = ntp - _NTP_EPOCH - base
            if abs(ahead) < _NO_CLOCK:
                return round(ahead * 1000)
    return None


class Timeline:
    """One numbering of one source. All results are seconds since the epoch."""

    __slots__ = ("_behind_since", "_least", "_rate", "_said", "base", "delay", "floor", "last", "lately", "ntp")

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.last: int | None = None  # newest timestamp, counted on past its 32 bits
        self.floor = inf  # least of the estimates, each less what clocks may have drifted until then
        self.base: float | None = None  # wall clock of timestamp 0, by the least delayed arrival
        self.ntp: float | None = None  # sender's clock at timestamp 0, by its last report
        self.delay = 0.0  # of the newest arrival against the base
        self.lately = inf  # least of the estimates since the last report
        self._said = inf  # as `floor`, of `ntp`: where it is when nothing is late
        self._behind_since: float | None = None
        self._least = 0.0  # estimate since then

    def offset(self, timestamp: int) -> float:
        """Seconds since timestamp 0 of this numbering."""
        return self._number(timestamp) / self._rate

    def arrived(self, at: float, timestamp: int) -> None:
        """A packet came, at these seconds since the epoch."""
        number = self._number(timestamp)
        estimate, drift = at - number / self._rate, DRIFT * at
        # Delay only ever adds, so the smallest estimate is the best; it may rise as fast as clocks drift.
        self.floor = min(self.floor, estimate - drift)
        self.base = self.floor + drift
        self.delay = estimate - self.base
        self.lately = min(self.lately, estimate)
        if self.delay > STANDSTILL:
            self._fall_behind(estimate, at, drift)
        else:
            self._behind_since = None
        self.last = number if self.last is None else max(self.last, number)

    def _number(self, timestamp: int) -> int:
        last = self.last
        if last is None:
            return timestamp
        return last + ((timestamp - last + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000

    def _fall_behind(self, estimate: float, at: float, drift: float) -> None:
        if self._behind_since is None:
            self._behind_since, self._least = at, estimate
            return
        self._least = min(self._least, estimate)
        if at - self._behind_since >= PERSISTS:
            self.floor, self.base = self._least - drift, self._least
            self.ntp = self._behind_since = None
            self._said = inf

    def reported(self, ntp: int, timestamp: int) -> bool:
        """A sender report: 64-bit NTP time and the timestamp of that instant (RFC 3550 section 6.4.1).

        Whether it says that the sender's clock stood still, and the timeline was moved.
        """
        if self.last is None:
            return False
        sent = ntp / (1 << 32)
        said, drift = sent - self.offset(timestamp), DRIFT * sent
        over, lately, moved = self._over(said, drift), self.lately, False
        self.ntp, self.lately = said, inf
        if over <= SLIP:
            self._said = min(self._said, said - drift)
        elif lately < inf and self.base is not None:
            late = max(0.0, min(over, lately - self.base))
            moved = late > SLIP
            if moved:
                self.floor, self.base, self.delay = self.floor + late, self.base + late, self.delay - late
                self._behind_since = None
            self._said = said - drift - (0.0 if moved else late)
        return moved

    def _over(self, said: float, drift: float) -> float:
        """By how much it lies later than it did."""
        return said - (self._said + drift) if self._said < inf else 0.0


class ClockAlignment:
    """The timelines of one participant's sources."""

    RATES: dict[Source, int] = {"mic": 48_000, "camera": 90_000, "screen": 90_000}  # noqa: RUF012

    def __init__(self) -> None:
        self._lines: dict[Source, Timeline] = {source: Timeline(rate) for source, rate in self.RATES.items()}
        self.sound: float | None = None  # the base the microphone is written with, following its timeline

    def restart(self, source: Source) -> None:
        self._lines[source] = Timeline(self.RATES[source])
        if source == "mic":
            self.sound = None

    def line(self, source: Source) -> Timeline:
        """Of the present numbering."""
        return self._lines[source]

    def reported(self, source: Source, ntp: int, timestamp: int) -> None:
        if self._lines[source].reported(ntp, timestamp) and source == "mic":
            self.sound = None  # nothing is squeezed over what was never heard

    def clock_ms(self, *sources: Source) -> int | None:
        """How far the sender's clock is ahead of ours, by the first of these sources that says."""
        return clock_ms(*((line.base, line.ntp) for line in (self._lines[source] for source in sources)))

    def clock_of(self, kind: Literal["camera", "screen"]) -> int | None:
        """The same, of whose file this is."""
        return self.clock_ms(*CLOCKS[kind])

    def wall(self, source: Source, timestamp: int) -> float:
        """When what is in a packet was captured; the source must have `arrived` before."""
        line = self._lines[source]
        base = line.base
        assert base is not None
        if source == "mic":
            return line.offset(timestamp) + self._followed(base)
        said = self.said(source)
        return line.offset(timestamp) + (said if -LARGEST_CORRECTION < said - base < LARGEST_CORRECTION else base)

    def said(self, source: Source) -> float:
        """Wall clock of timestamp 0 by reports, and by the microphone's base; nan: none."""
        line, heard = self._lines[source], self._lines["mic"]
        if line.ntp is None or heard.base is None or heard.ntp is None:
            return nan
        return line.ntp + heard.base - heard.ntp

    def _followed(self, base: float) -> float:
        sound = self.sound
        if sound is None or base - sound > STANDSTILL or -SOUND_STEP <= base - sound <= SOUND_STEP:
            sound = base
        else:
            sound += SOUND_STEP if base > sound else -SOUND_STEP
        self.sound = sound
        return sound


T = TypeVar("T")

# Seconds: as long as lost sound is asked for (media.sfu.rtp), and a round trip. Of pictures two askings are
# waited for: then a key frame ends the standstill sooner.
SOUND_WITHIN, PICTURE_WITHIN = 1.2, 0.6
# When it was captured, which it was of those that came, of which source it is, and when it came.
Interleaved = tuple[float, int, str, T, float]
_WALL = itemgetter(0)
_REMEMBERED = 64  # holes whose packets are known when they come late


class Reorder(Generic[T]):
    """Holds back what came too early for `hold` seconds, then lets it go and counts the hole before it."""

    def __init__(self, hold: float = SOUND_WITHIN, most: int = 1024) -> None:
        self.late = 0  # came after their place was given up
        self._hold, self._most = hold, most
        self._begun = False
        self._next = 0
        self._waiting: dict[int, tuple[float, T, int]] = {}
        self._given_up: deque[range] = deque(maxlen=_REMEMBERED)

    @property
    def holds(self) -> bool:
        """Whether something is held back, for what is still to come before it."""
        return bool(self._waiting)

    def push(self, sequence: int, item: T, at: float, count: int = 1) -> None:
        """`sequence` has 16 bits and is the first of `count` in this item; `at` is the arrival time in seconds."""
        if not self._begun:
            self._begun, self._next = True, sequence
        # The nearest number to the expected one that has these 16 bits (RFC 3550 appendix A.1).
        number = self._next + ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if number < self._next:
            self.late += any(number in missed for missed in self._given_up)  # the rest came twice
            return
        if number in self._waiting:
            return
        self._waiting[number] = (at, item, count)

    def pop(self, now: float, everything: bool = False) -> Iterator[tuple[T, int]]:
        """Items that are due, in order, each with the number of packets missing before it."""
        while self._waiting:
            found = self._waiting.pop(self._next, None)
            if found is not None:
                self._next += found[2]
                yield found[1], 0
                continue
            first = min(self._waiting)
            at, item, count = self._waiting[first]
            if not everything and len(self._waiting) < self._most and 0 <= now - at < self._hold:
                return
            del self._waiting[first]
            self._given_up.append(range(self._next, first))
            lost, self._next = first - self._next, first + count
            yield item, lost


class Interleaver(Generic[T]):
    """Merges sources by wall-clock time, waiting at most `hold` seconds for the slower one.

    It waits `patience` for one of which something is held back: what comes of that is of an earlier time.
    """

    def __init__(self, hold: float = 0.2, patience: float = SOUND_WITHIN + 0.1) -> None:
        self._hold, self._patience = hold, patience
        self._items: list[Interleaved[T]] = []  # the number keeps equal times in the order they came
        self._count = 0
        self._latest: dict[str, tuple[float, float]] = {}

    def push(self, source: str, walls: Sequence[float], items: Sequence[T], now: float) -> None:
        if items:
            count = self._count
            self._count = end = count + len(items)
            self._items += zip(walls, range(count, end), repeat(source), items, repeat(now))
            self._latest[source] = walls[-1], now

    def pop(self, now: float, everything: bool = False, behind: Collection[str] = ()) -> list[Interleaved[T]]:
        """In order of wall-clock time; `behind`: the sources of which something is held back."""
        items = self._items
        items.sort()
        due = len(items)
        if not everything:
            hold = self._patience if behind else self._hold
            floor = min(
                (wall for source, (wall, at) in self._latest.items() if source in behind or 0 <= now - at < self._hold),
                default=float("inf"),
            )
            due = bisect_right(items, floor, key=_WALL)
            while due < len(items) and not 0 <= now - items[due][4] < hold:
                due += 1
        found = items[:due]
        del items[:due]
        return found


SEAM = 0.3  # a cut between two files of one recording: shorter than this nothing was missed
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
