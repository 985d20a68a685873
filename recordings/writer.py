"""Writes participants' packets into files: brought into order, interleaved by time, encrypted, made durable.

`Writer` is what a recorder knows of it. `FrameWriter` writes one participant's files in Python and is the reference;
`recordings.native` has its equal in C. `PythonWriter` makes passes over many, whose files are written in one go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from media import Batch, PacketRun
from media.engine import Gap, Source
from recordings import VaultError
from recordings.disk import DiskWriter
from recordings.files import Kind
from recordings.segment import FILE_GAP, SCREEN_FILE_GAP, SealedFile, SegmentFile, SegmentRotator
from recordings.timeline import (
    PICTURE_WITHIN,
    SOUND_WITHIN,
    ClockAlignment,
    Ends,
    Interleaver,
    PacketTally,
    Reorder,
    Timeline,
)
from recordings.webm import Frame, OrderedFrameAssembler

# Source, generation, and packets or of a report: ntp, timestamp. Told apart by their length.
QueueItem = tuple[Source, int, Batch] | tuple[Source, int, int, int]
Queue = deque[QueueItem]


def packet_count(item: QueueItem) -> int:
    """Of a queue's item."""
    return item[2].packets if len(item) == 3 else 0


def drop_item(item: QueueItem) -> int:
    """It is not written. How many packets it was."""
    if len(item) == 3:
        item[2].release()
    return packet_count(item)


class RecordingContext(Protocol):
    """What a `TrackWriter` needs of the recording it writes, on the writer's thread."""

    taken: int  # packets read from its queue so far
    dropped: int  # packets the queue had no room for
    tallies: dict[Source, PacketTally]
    opened: float  # since when whatever comes would be written, seconds since the epoch
    closed: float | None  # when the recording was ended, likewise
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

    def missing(self, holes: tuple[Gap, ...]) -> None:
        """At the very end: of what no file says it."""
        ...


class TrackWriter(Protocol):
    """Writes one participant's tracks. In each pass `collect`, then its writer's `work`, then `settle`."""

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        """Take what has come off the queue."""
        ...

    def settle(self) -> None:
        """What came of the pass. OSError, VaultError, Unwritten."""
        ...

    def forget(self) -> None:
        """What is not in a file yet; the next packets begin anew."""
        ...

    def close(self) -> None:
        """End for good: everything gets its file. OSError, VaultError, Unwritten."""
        ...

    def abandon(self) -> None:
        """The disk refuses: seal what is open, as far as it lets us."""
        ...


class Writer(Protocol):
    """Writes many participants together, in one thread."""

    def track_writer(self, context: RecordingContext) -> TrackWriter: ...

    def work(self, track_writers: Sequence[Any], wall: float) -> None:
        """Make a pass over some of its track writers, which have collected; what fails is for each one's `settle`."""
        ...


class SourceState:
    """What is under way of one source: order, frames, clock, and what is counted."""

    __slots__ = ("_dropped", "_late", "frames", "generation", "order", "tally", "timeline", "timestamp")

    def __init__(self, source: Source, generation: int, tally: PacketTally, timeline: Timeline) -> None:
        sound = source == "mic"
        self.generation = generation
        self.tally = tally
        self.timeline = timeline
        self.order: Reorder[tuple[int, bool, bytes]] = Reorder(SOUND_WITHIN if sound else PICTURE_WITHIN)
        self.frames = None if sound else OrderedFrameAssembler()
        self.timestamp = -1  # of the packet that came last
        self._late = self._dropped = 0

    def count(self) -> None:
        """Bring the tally up to date."""
        self.tally.late += self.order.late - self._late
        self._late = self.order.late
        if self.frames is not None:
            self.tally.lost += self.frames.dropped - self._dropped
            self._dropped = self.frames.dropped


class FrameWriter:
    """The `TrackWriter` in Python."""

    def __init__(self, context: RecordingContext, disk: DiskWriter) -> None:
        self.fault: OSError | VaultError | None = None
        self._context, self._disk = context, disk
        self._now = 0.0
        self._closing = False
        self._items: list[QueueItem] = []
        self._sources: dict[Source, SourceState] = {}
        self._align = ClockAlignment()
        self._ends = Ends.since(context.opened)
        self._interleaver: Interleaver[Frame | bytes] = Interleaver()
        self._rotators: dict[Kind, SegmentRotator] = {
            "camera": self._rotator("camera", FILE_GAP),
            "screen": self._rotator("screen", SCREEN_FILE_GAP),
        }

    @property
    def files(self) -> list[SegmentFile]:
        """That are open."""
        return [rotator.file for rotator in self._rotators.values() if rotator.file is not None]

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        self._now, self._closing = now, closing
        context, items = self._context, self._items
        for _ in range(len(queue)):
            try:
                item = queue.popleft()
            except IndexError:  # the loop made room meanwhile
                break
            context.taken += packet_count(item)
            items.append(item)

    def work(self, wall: float) -> None:
        """What has come, into the files' texts; `fault` says what it cannot."""
        try:
            self._sort_all()
            self._interleave()
            if not self._closing:
                self._tick(wall)
        except (OSError, VaultError) as fault:  # by a file that ends, or cannot begin
            self.fault = fault

    def made_durable(self, file: SegmentFile, first: bool) -> None:
        """OSError."""
        if first:
            file.sync_folder()
        self._context.durable()

    def settle(self) -> None:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault

    def forget(self) -> None:
        for item in self._items:
            drop_item(item)
        self._items.clear()
        self._sources.clear()
        self._interleaver = Interleaver()
        self.fault = None

    def close(self) -> None:
        self._ends.closed = self._context.closed
        self._ends.delays = {source: state.timeline.delay for source, state in self._sources.items()}
        for rotator in self._rotators.values():
            rotator.close()
        self._context.missing(self._ends.rest(self._context.tallies))

    def abandon(self) -> None:
        for rotator in self._rotators.values():
            try:
                rotator.abandon()
            except OSError:
                continue  # the file stays with its `.part` and is found as an orphan
        self._ends.written.clear()  # what is missing until the next file did come

    def _sort_all(self) -> None:
        sources, items = self._sources, self._items
        self._items = []
        for item in items:
            source = item[0]
            state = sources.get(source)
            if state is None or state.generation != item[1]:
                state = self._begin(source, item[1])
            if len(item) == 3:
                for run in item[2].runs():
                    self._sort(source, state, run)
                item[2].release()
            else:
                self._align.reported(source, item[2], item[3])
        for source, state in sources.items():
            if state.order.holds:
                self._let_go(source, state, self._closing)
            state.count()
            if state.frames is not None and state.frames.needs_key:
                self._context.ask_key(source)

    def _tick(self, wall: float) -> None:
        rotators = self._rotators.values()
        for rotator in rotators:
            if rotator.tick(wall) and not any(other.file for other in rotators):
                self._context.silent()

    def _sort(self, source: Source, state: SourceState, run: PacketRun) -> None:
        if run.timestamp != state.timestamp:  # of a picture's packets the first says how long it was under way
            state.timestamp = run.timestamp
            state.timeline.arrived(run.at, run.timestamp)
        state.order.push(run.sequence, (run.timestamp, run.marker, run.payload), self._now, run.packets)
        self._let_go(source, state)

    def _begin(self, source: Source, generation: int) -> SourceState:
        """A source's numbers begin anew: what is left of the old ones goes first."""
        if source in self._sources:
            self._let_go(source, self._sources[source], everything=True)
            self._sources[source].count()
        self._align.restart(source)
        state = self._sources[source] = SourceState(
            source, generation, self._context.tallies[source], self._align.line(source)
        )
        return state

    def _let_go(self, source: Source, state: SourceState, everything: bool = False) -> None:
        for (timestamp, marker, payload), lost in state.order.pop(self._now, everything):
            state.tally.lost += lost
            whole = payload if state.frames is None else state.frames.push(timestamp, marker, payload, lost)
            if whole is not None:
                self._interleaver.push(source, [self._align.wall(source, timestamp)], [whole], self._now)

    def _interleave(self) -> None:
        behind = [source for source, state in self._sources.items() if state.order.holds]
        due = self._interleaver.pop(self._now, self._closing, behind)
        if "screen" not in self._sources:
            self._rotators["camera"].write(due)
            return
        for screen, some in groupby(due, lambda frame: frame[2] == "screen"):
            self._rotators["screen" if screen else "camera"].write(list(some))

    def _rotator(self, kind: Kind, gap: float) -> SegmentRotator:
        # Not ourselves: nothing may be left for the collector.
        context, align, disk, ends = self._context, self._align, self._disk, self._ends

        def begin(wall: float, width: int, height: int) -> SegmentFile:
            return SegmentFile(
                context.folder, context.seat, kind, wall, width, height, context.key(), context.tallies, disk,
                context.sm3, ends,
            )  # fmt: skip

        def ended(file: SealedFile) -> None:
            context.sealed(file, align.clock_of(kind))

        return SegmentRotator(begin, ended, lambda: context.ask_key(kind), context.segment_seconds, gap)


TOGETHER = 4  # participants: what they say stays in the cache


class PythonWriter:
    """The `Writer` in Python."""

    def __init__(self, direct: bool = True) -> None:
        """`direct`: see `recordings.disk.DiskWriter`."""
        self._disk = DiskWriter(direct)

    def track_writer(self, context: RecordingContext) -> FrameWriter:
        return FrameWriter(context, self._disk)

    def work(self, writers: Sequence[FrameWriter], wall: float) -> None:
        for first in range(0, len(writers), TOGETHER):
            some = writers[first : first + TOGETHER]
            for writer in some:
                writer.work(wall)
            self._store(some)
        self._make_durable(writers)

    def _store(self, writers: Sequence[FrameWriter]) -> None:
        """What they have to say, into their files; of some together, so that what is hashed is still in the cache."""
        ready = [(writer, file) for writer, file in _open(writers) if file.prepare()]
        for (writer, file), fault in zip(ready, self._disk.write([file.outlet for _, file in ready]), strict=True):
            if fault is None:
                file.wrote()
                file.add_up()
            elif writer.fault is None:
                writer.fault = fault

    def _make_durable(self, writers: Sequence[FrameWriter]) -> None:
        """What is in their files, for good: of all of them together."""
        waiting = [(writer, file) for writer, file in _open(writers) if file.outlet.waits]
        news = [not file.outlet.synced_size for _, file in waiting]
        faults = self._disk.sync([file.outlet for _, file in waiting])
        for (writer, file), first, fault in zip(waiting, news, faults, strict=True):
            try:
                if fault is not None:
                    raise fault
                writer.made_durable(file, first)
            except OSError as found:
                writer.fault = writer.fault or found


def _open(writers: Sequence[FrameWriter]) -> list[tuple[FrameWriter, SegmentFile]]:
    return [(writer, file) for writer in writers if writer.fault is None for file in writer.files]
