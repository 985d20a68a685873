"""Writes participants' packets into files: brought into order, interleaved by time, encrypted, made durable.

`FrameWriter` writes one participant's files and is the reference; `recordings.native` has its equal in C.
`PythonWriter` makes passes over many, whose files are written in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from media.engine import Source
from media.tap import PacketRun
from recordings.codecs import Frame, FrameAssembler
from recordings.disk import DiskWriter
from recordings.errors import VaultError
from recordings.holes import Ends, Tally
from recordings.reorder import PICTURE_WITHIN, SOUND_WITHIN, Interleaver, Reorder
from recordings.segment import Kind, SealedFile, SegmentFile
from recordings.segment_rotator import FILE_GAP, SCREEN_FILE_GAP, SegmentRotator
from recordings.timeline import ClockAlignment, Timeline
from recordings.writer import Queue, QueueItem, RecordingContext, drop_item, packet_count


class SourceState:
    __slots__ = ("_dropped", "_late", "frames", "generation", "order", "tally", "timeline", "timestamp")

    def __init__(self, source: Source, generation: int, tally: Tally, timeline: Timeline) -> None:
        sound = source == "mic"
        self.generation = generation
        self.tally = tally
        self.timeline = timeline
        self.order: Reorder[tuple[int, bool, bytes]] = Reorder(SOUND_WITHIN if sound else PICTURE_WITHIN)
        self.frames = None if sound else FrameAssembler()
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
    """In Python."""

    def __init__(self, desk: RecordingContext, disk: DiskWriter) -> None:
        self.fault: OSError | VaultError | None = None
        self._desk, self._disk = desk, disk
        self._now = 0.0
        self._closing = False
        self._mail: list[QueueItem] = []
        self._lines: dict[Source, SourceState] = {}
        self._align = ClockAlignment()
        self._ends = Ends.since(desk.opened)
        self._braid: Interleaver[Frame | bytes] = Interleaver()
        self._reels: dict[Kind, SegmentRotator] = {
            "camera": self._reel("camera", FILE_GAP),
            "screen": self._reel("screen", SCREEN_FILE_GAP),
        }

    @property
    def files(self) -> list[SegmentFile]:
        """That are open."""
        return [reel.file for reel in self._reels.values() if reel.file is not None]

    def collect(self, queue: Queue, now: float, closing: bool) -> None:
        self._now, self._closing = now, closing
        desk, mail = self._desk, self._mail
        for _ in range(len(queue)):
            try:
                item = queue.popleft()
            except IndexError:  # the loop made room meanwhile
                break
            desk.taken += packet_count(item)
            mail.append(item)

    def work(self, wall: float) -> None:
        """What has come, into the files' texts; `fault` says what it cannot."""
        try:
            self._sort_all()
            self._weave()
            if not self._closing:
                self._tick(wall)
        except (OSError, VaultError) as fault:  # by a file that ends, or cannot begin
            self.fault = fault

    def made_durable(self, file: SegmentFile, first: bool) -> None:
        """OSError."""
        if first:
            file.sync_folder()
        self._desk.durable()

    def settle(self) -> None:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault

    def forget(self) -> None:
        for item in self._mail:
            drop_item(item)
        self._mail.clear()
        self._lines.clear()
        self._braid = Interleaver()
        self.fault = None

    def close(self) -> None:
        self._ends.closed = self._desk.closed
        self._ends.delays = {source: line.timeline.delay for source, line in self._lines.items()}
        for reel in self._reels.values():
            reel.close()
        self._desk.missing(self._ends.rest(self._desk.tallies))

    def abandon(self) -> None:
        for reel in self._reels.values():
            try:
                reel.abandon()
            except OSError:
                continue  # the file stays with its `.part` and is found as an orphan
        self._ends.written.clear()  # what is missing until the next file did come

    def _sort_all(self) -> None:
        lines, mail = self._lines, self._mail
        self._mail = []
        for item in mail:
            source = item[0]
            line = lines.get(source)
            if line is None or line.generation != item[1]:
                line = self._begin(source, item[1])
            if len(item) == 3:
                for run in item[2].runs():
                    self._sort(source, line, run)
                item[2].release()
            else:
                self._align.reported(source, item[2], item[3])
        for source, line in lines.items():
            if line.order.holds:
                self._let_go(source, line, self._closing)
            line.count()
            if line.frames is not None and line.frames.needs_key:
                self._desk.ask_key(source)

    def _tick(self, wall: float) -> None:
        reels = self._reels.values()
        for reel in reels:
            if reel.tick(wall) and not any(other.file for other in reels):
                self._desk.silent()

    def _sort(self, source: Source, line: SourceState, run: PacketRun) -> None:
        if run.timestamp != line.timestamp:  # of a picture's packets the first says how long it was under way
            line.timestamp = run.timestamp
            line.timeline.arrived(run.at, run.timestamp)
        line.order.push(run.sequence, (run.timestamp, run.marker, run.payload), self._now, run.packets)
        self._let_go(source, line)

    def _begin(self, source: Source, generation: int) -> SourceState:
        """A source's numbers begin anew: what is left of the old ones goes first."""
        if source in self._lines:
            self._let_go(source, self._lines[source], everything=True)
            self._lines[source].count()
        self._align.restart(source)
        line = self._lines[source] = SourceState(
            source, generation, self._desk.tallies[source], self._align.line(source)
        )
        return line

    def _let_go(self, source: Source, line: SourceState, everything: bool = False) -> None:
        for (timestamp, marker, payload), lost in line.order.pop(self._now, everything):
            line.tally.lost += lost
            whole = payload if line.frames is None else line.frames.push(timestamp, marker, payload, lost)
            if whole is not None:
                self._braid.push(source, [self._align.wall(source, timestamp)], [whole], self._now)

    def _weave(self) -> None:
        behind = [source for source, line in self._lines.items() if line.order.holds]
        due = self._braid.pop(self._now, self._closing, behind)
        if "screen" not in self._lines:
            self._reels["camera"].write(due)
            return
        for screen, some in groupby(due, lambda woven: woven[2] == "screen"):
            self._reels["screen" if screen else "camera"].write(list(some))

    def _reel(self, kind: Kind, gap: float) -> SegmentRotator:
        # Not ourselves: nothing may be left for the collector.
        desk, align, disk, ends = self._desk, self._align, self._disk, self._ends

        def begin(wall: float, width: int, height: int) -> SegmentFile:
            return SegmentFile(
                desk.folder, desk.seat, kind, wall, width, height, desk.key(), desk.tallies, disk, desk.sm3, ends
            )

        def ended(file: SealedFile) -> None:
            desk.sealed(file, align.clock_of(kind))

        return SegmentRotator(begin, ended, lambda: desk.ask_key(kind), desk.segment_seconds, gap)


TOGETHER = 4  # participants: what they say stays in the cache


class PythonWriter:
    """The `Writer` in Python."""

    def __init__(self, direct: bool = True) -> None:
        """`direct`: see `recordings.disk.DiskWriter`."""
        self._disk = DiskWriter(direct)

    def scribe(self, desk: RecordingContext) -> FrameWriter:
        return FrameWriter(desk, self._disk)

    def work(self, scribes: Sequence[FrameWriter], wall: float) -> None:
        for first in range(0, len(scribes), TOGETHER):
            some = scribes[first : first + TOGETHER]
            for scribe in some:
                scribe.work(wall)
            self._store(some)
        self._make_durable(scribes)

    def _store(self, scribes: Sequence[FrameWriter]) -> None:
        """What they have to say, into their files; of some together, so that what is hashed is still in the cache."""
        ready = [(scribe, file) for scribe, file in _open(scribes) if file.prepare()]
        for (scribe, file), fault in zip(ready, self._disk.write([file.outlet for _, file in ready]), strict=True):
            if fault is None:
                file.wrote()
                file.add_up()
            elif scribe.fault is None:
                scribe.fault = fault

    def _make_durable(self, scribes: Sequence[FrameWriter]) -> None:
        """What is in their files, for good: of all of them together."""
        waiting = [(scribe, file) for scribe, file in _open(scribes) if file.outlet.waits]
        news = [not file.outlet.synced_size for _, file in waiting]
        faults = self._disk.sync([file.outlet for _, file in waiting])
        for (scribe, file), first, fault in zip(waiting, news, faults, strict=True):
            try:
                if fault is not None:
                    raise fault
                scribe.made_durable(file, first)
            except OSError as found:
                scribe.fault = scribe.fault or found


def _open(scribes: Sequence[FrameWriter]) -> list[tuple[FrameWriter, SegmentFile]]:
    return [(scribe, file) for scribe in scribes if scribe.fault is None for file in scribe.files]
