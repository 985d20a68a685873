"""Who writes down a take: its packets, brought into order and woven together, go into files.

`Scribe` is the reference, and what there is where nothing can be compiled; `recordings.native` has its equal in C.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Protocol

from media.engine import Source
from media.tap import RUN, Batch
from recordings.holes import Tally
from recordings.reel import GAP, SCREEN_GAP, Reel
from recordings.reorder import PICTURE_WITHIN, SOUND_WITHIN, Braid, Reorder
from recordings.segment import Kind, SealedFile, SegmentFile
from recordings.timeline import Alignment, Timeline
from recordings.vp8 import Frame, Frames

# source, generation, and of a packet: at, timestamp, sequence, count, marker, payload; of a report: ntp, timestamp.
# Told apart by their length.
Packet = tuple[Source, int, float, int, int, int, bool, bytes]
Collected = tuple[Source, int, Batch]
Report = tuple[Source, int, int, int]
Queue = deque[Packet | Collected | Report]
_Item = tuple[Source, Frame | bytes]


class Desk(Protocol):
    """What a scribe needs of its take, on the writer's thread."""

    taken: int  # packets read from its queue so far
    dropped: int  # packets the queue had no room for
    tallies: dict[Source, Tally]
    segment_seconds: float
    sm3: bool

    @property
    def folder(self) -> Path: ...

    @property
    def seat(self) -> str: ...

    @property
    def on(self) -> bool:
        """Whether something is on the disk for good, of what is open."""
        ...

    def key(self) -> bytes:
        """Of the case. VaultError."""
        ...

    def ask_key(self, source: Source) -> None: ...

    def durable(self) -> None:
        """Something is on the disk for good."""
        ...

    def silent(self) -> None:
        """Nothing has come for so long that nothing is open any more."""
        ...

    def sealed(self, file: SealedFile, clock: int | None) -> None: ...


class Writing(Protocol):
    """In each pass `collect`, `write`, `settle`. Any of them may raise OSError, VaultError."""

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        """Take what has come off the queue."""
        ...

    def write(self, wall: float) -> None: ...

    def settle(self) -> None: ...

    def forget(self) -> None:
        """What is not in a file yet; the next packets begin anew."""
        ...

    def close(self) -> None:
        """End for good: everything gets its file."""
        ...

    def abandon(self) -> None:
        """The disk refuses: seal what is open, as far as it lets us."""
        ...


class Line:
    """What comes of one source under one numbering, on its way into order and, of pictures, into frames."""

    __slots__ = ("_dropped", "_late", "frames", "generation", "order", "tally", "timeline", "timestamp")

    def __init__(self, source: Source, generation: int, tally: Tally, timeline: Timeline) -> None:
        sound = source == "mic"
        self.generation = generation
        self.tally = tally
        self.timeline = timeline
        self.order: Reorder[tuple[int, bool, bytes]] = Reorder(SOUND_WITHIN if sound else PICTURE_WITHIN)
        self.frames = None if sound else Frames()
        self.timestamp = -1  # of the packet that came last
        self._late = self._dropped = 0

    def count(self) -> None:
        """Bring the tally up to date."""
        self.tally.late += self.order.late - self._late
        self._late = self.order.late
        if self.frames is not None:
            self.tally.lost += self.frames.dropped - self._dropped
            self._dropped = self.frames.dropped


class Scribe:
    """In Python."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._now = 0.0
        self._closing = False
        self._lines: dict[Source, Line] = {}
        self._align = Alignment()
        self._braid: Braid[_Item] = Braid()
        self._reels: dict[Kind, Reel] = {
            "camera": self._reel("camera", GAP),
            "screen": self._reel("screen", SCREEN_GAP),
        }

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        """With as little per packet as can be: most of them are the next of their picture."""
        self._now, self._closing = now, closing
        lines, desk = self._lines, self._desk
        for _ in range(len(queue)):
            try:
                item = queue.popleft()
            except IndexError:  # the loop made room meanwhile
                break
            source = item[0]
            line = lines.get(source)
            if line is None or line.generation != item[1]:
                line = self._begin(source, item[1])
            if len(item) == 8:
                desk.taken += item[5]
                self._sort(source, line, *item[2:])
            elif len(item) == 3:
                desk.taken += item[2].packets
                self._unpack(source, line, item[2].read())
                item[2].give_back()
            else:
                self._align.reported(source, item[2], item[3])
        for source, line in lines.items():
            if line.order.holds:
                self._let_go(source, line, closing)
            line.count()
            if line.frames is not None and line.frames.needs_key:
                desk.ask_key(source)

    def write(self, wall: float) -> None:
        self._weave()
        reels = self._reels.values()
        if not self._closing:
            for reel in reels:
                if reel.tick(wall) and not any(other.file for other in reels):
                    self._desk.silent()
        for reel in reels:
            if reel.file is not None:
                reel.file.flush()
                if reel.file.sync():
                    self._desk.durable()

    def settle(self) -> None:
        """Everything is done."""

    def forget(self) -> None:
        self._lines.clear()
        self._braid = Braid()

    def close(self) -> None:
        for reel in self._reels.values():
            reel.close()

    def abandon(self) -> None:
        for reel in self._reels.values():
            try:
                reel.abandon()
            except OSError:
                continue  # the file stays with its `.part` and is found as an orphan

    def _unpack(self, source: Source, line: Line, batch: bytes) -> None:
        place, end, sort, unpack, head = 0, len(batch), self._sort, RUN.unpack_from, RUN.size
        while place < end:
            at, timestamp, size, sequence, count, marker = unpack(batch, place)
            place += head + size
            sort(source, line, at, timestamp, sequence, count, marker, batch[place - size : place])

    def _sort(
        self,
        source: Source,
        line: Line,
        at: float,
        timestamp: int,
        sequence: int,
        count: int,
        marker: bool,
        payload: bytes,
    ) -> None:
        order, frames = line.order, line.frames
        if timestamp != line.timestamp:  # of a picture's packets the first says how long it was under way
            line.timestamp = timestamp
            line.timeline.arrived(timestamp, at)
        if sequence != order.expected:
            order.push(sequence, (timestamp, marker, payload), self._now, count)
            self._let_go(source, line)
            return
        order.take(count)
        whole: Frame | bytes | None
        if frames is None:
            whole = payload
        elif timestamp == frames.opened and payload.startswith(frames.rest, 1):
            whole = frames.add(timestamp, marker, payload)
        else:
            whole = frames.push(timestamp, marker, payload, 0)
        if whole is not None:
            self._braid.push(source, self._align.wall(source, timestamp), (source, whole), self._now)

    def _begin(self, source: Source, generation: int) -> Line:
        """A source's numbers begin anew: what is left of the old ones goes first."""
        if source in self._lines:
            self._let_go(source, self._lines[source], everything=True)
            self._lines[source].count()
        self._align.restart(source)
        line = self._lines[source] = Line(source, generation, self._desk.tallies[source], self._align.line(source))
        return line

    def _let_go(self, source: Source, line: Line, everything: bool = False) -> None:
        for (timestamp, marker, payload), lost in line.order.pop(self._now, everything):
            line.tally.lost += lost
            whole = payload if line.frames is None else line.frames.push(timestamp, marker, payload, lost)
            if whole is not None:
                self._braid.push(source, self._align.wall(source, timestamp), (source, whole), self._now)

    def _weave(self) -> None:
        behind = [source for source, line in self._lines.items() if line.order.holds]
        for at, (source, item) in self._braid.pop(self._now, self._closing, behind):
            reel = self._reels["screen" if source == "screen" else "camera"]
            if isinstance(item, Frame):
                reel.picture(at, item)
            else:
                reel.sound(at, item)

    def _reel(self, kind: Kind, gap: float) -> Reel:
        desk, align = self._desk, self._align  # not ourselves: nothing may be left for the collector

        def begin(wall: float, width: int, height: int) -> SegmentFile:
            return SegmentFile(desk.folder, desk.seat, kind, wall, width, height, desk.key(), desk.tallies, desk.sm3)

        def ended(file: SealedFile) -> None:
            desk.sealed(file, align.clock_of(kind))

        return Reel(begin, ended, lambda: desk.ask_key(kind), desk.segment_seconds, gap)
