"""One participant being recorded: the tap on the loop's side, its files on the writer thread's side.

Between the two stands a bounded queue: the loop only appends, and when the disk is too slow the oldest packets go.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from media.engine import MediaEvent, Recording, Segment, Source
from media.tap import RUN
from recordings.holes import Tally
from recordings.keys import Keys
from recordings.reel import GAP, SCREEN_GAP, Reel
from recordings.reorder import PICTURE_WITHIN, SOUND_WITHIN, Braid, Reorder
from recordings.segment import Kind, SealedFile, SegmentFile
from recordings.timeline import Alignment, Timeline
from recordings.vp8 import Frame, Frames

QUEUE = 8192  # packets: half a minute of a lively picture
SYNC_SECONDS = 0.9
KEY_FRAME_SECONDS = 1.0  # between two askings

# source, generation, and of a packet: at, timestamp, sequence, count, marker, payload; of a batch: the batch and how
# many packets; of a report: ntp, timestamp. Told apart by their length.
_Packet = tuple[Source, int, float, int, int, int, bool, bytes]
_Batch = tuple[Source, int, bytes, int, None]
_Report = tuple[Source, int, int, int]
_Item = tuple[Source, Frame | bytes]


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


class Take:
    """A `media.tap.Tap`. Methods up to `close` belong to the loop, `work` and `pause` to the writer thread."""

    def __init__(
        self,
        folder: Path,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
        wake: Callable[[], None],
        segment_seconds: float,
        keys: Keys,
        sm3: bool = False,
    ) -> None:
        self.room, self.participant = room, participant
        self.done = asyncio.Event()  # set on the loop, after the last event
        self.dropped = 0  # packets the queue had no room for
        self._loop = asyncio.get_running_loop()
        self._emit, self._request_key_frame, self._wake = emit, request_key_frame, wake
        self._queue: deque[_Packet | _Batch | _Report] = deque()
        # Packets put into it, thrown away for want of room, and taken: the loop's, the loop's, the writer's.
        self._put = self._thrown = self._taken = 0
        self._generations: dict[Source, int] = {"mic": 0, "camera": 0, "screen": 0}
        self._tallies: dict[Source, Tally] = {"mic": Tally(), "camera": Tally(), "screen": Tally()}
        self._closing: str | None = None
        # The writer thread's:
        self.retry_at = 0.0  # monotonic; do not write before
        self.alarmed = False  # its own trouble has been told, and nothing was written since
        self._on = False
        self._folder, self._keys, self._sm3 = folder, keys, sm3
        self._key: bytes | None = None
        self._asked: dict[Source, float] = {}
        self._now = 0.0
        self._lines: dict[Source, Line] = {}
        self._align = Alignment()
        self._braid: Braid[_Item] = Braid()
        self._reels: dict[Kind, Reel] = {
            "camera": self._reel("camera", segment_seconds, GAP),
            "screen": self._reel("screen", segment_seconds, SCREEN_GAP),
        }

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        if self._closing is not None or not payload:
            return
        self._queue.append((source, self._generations[source], at, timestamp, sequence, count, marker, payload))
        self._put += count
        if self._put - self._thrown - self._taken > QUEUE:
            self._give_up()

    def batch(self, source: Source, batch: bytes, count: int) -> None:
        if self._closing is not None:
            return
        self._queue.append((source, self._generations[source], batch, count, None))
        self._put += count
        if self._put - self._thrown - self._taken > QUEUE:
            self._give_up()

    def restart(self, source: Source) -> None:
        self._generations[source] += 1

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        if self._closing is None:
            self._queue.append((source, self._generations[source], ntp, timestamp))

    def close(self, cause: str) -> None:
        if self._closing is None:
            self._closing = cause
            self._wake()

    def _give_up(self) -> None:
        with contextlib.suppress(IndexError):  # the writer took it meanwhile
            while self._put - self._thrown - self._taken > QUEUE:
                oldest = self._queue.popleft()
                count = _packets(oldest)
                self._thrown += count
                self._tallies[oldest[0]].queue += count
                self.dropped += count

    # ------------------------------------------------------------ the writer thread

    @property
    def closing(self) -> bool:
        return self._closing is not None

    def tell(self, event: MediaEvent) -> None:
        self._on_loop(self._emit, event)

    def work(self, now: float, wall: float) -> bool:
        """Write what has come; True when the take is over. OSError, VaultError: call `pause` next."""
        self._now = now
        closing = self._closing  # read before the queue: whatever was put before `close` is still written
        self._drain(closing is not None)
        self._weave(wall, closing is not None)
        for reel in self._reels.values():
            if closing is not None:
                continue
            if reel.tick(wall) and not any(other.file for other in self._reels.values()):
                self._off("disconnected")
        for reel in self._reels.values():
            if reel.file is not None:
                reel.file.flush()
                if reel.file.sync(now, SYNC_SECONDS) and not self._on:
                    self._on, self.alarmed = True, False
                    self.tell(Recording(self.room, self.participant, True))
        if closing is None:
            return False
        self._off(closing)  # before sealing, which may take its time
        for reel in self._reels.values():
            reel.close()
        return True

    def pause(self, cause: str) -> None:
        """Stop writing for now: forget what is not written and seal what is, as far as the disk lets us."""
        self.skip()
        self._restart_sources()
        for reel in self._reels.values():
            try:
                reel.abandon()
            except OSError:
                continue  # the file stays with its `.part` and is found as an orphan
        self._off(cause)

    def skip(self) -> None:
        """Time passes without writing."""
        with contextlib.suppress(IndexError):
            while True:
                self._taken += _packets(self._queue.popleft())

    def finish(self) -> None:
        """The last call of all."""
        # Reels call back: a circle, which would keep the publisher behind `request_key_frame` for the collector.
        self._reels.clear()
        self._on_loop(self.done.set)

    def _restart_sources(self) -> None:
        self._lines.clear()
        self._braid = Braid()

    def _drain(self, everything: bool) -> None:
        """In one pass, with as little per packet as can be: most of them are the next of their picture."""
        queue, lines = self._queue, self._lines
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
                self._taken += item[5]
                self._sort(source, line, *item[2:])
            elif len(item) == 5:
                self._taken += item[3]
                self._unpack(source, line, item[2])
            else:
                self._align.reported(source, item[2], item[3])
        for source, line in lines.items():
            if line.order.holds:
                self._let_go(source, line, everything)
            line.count()
            if line.frames is not None and line.frames.needs_key:
                self._ask_key(source)

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
        line = self._lines[source] = Line(source, generation, self._tallies[source], self._align.line(source))
        return line

    def _let_go(self, source: Source, line: Line, everything: bool = False) -> None:
        for (timestamp, marker, payload), lost in line.order.pop(self._now, everything):
            line.tally.lost += lost
            whole = payload if line.frames is None else line.frames.push(timestamp, marker, payload, lost)
            if whole is not None:
                self._braid.push(source, self._align.wall(source, timestamp), (source, whole), self._now)

    def _weave(self, wall: float, everything: bool) -> None:
        behind = [source for source, line in self._lines.items() if line.order.holds]
        for at, (source, item) in self._braid.pop(self._now, everything, behind):
            reel = self._reels["screen" if source == "screen" else "camera"]
            if isinstance(item, Frame):
                reel.picture(at, item)
            else:
                reel.sound(at, item)

    def _reel(self, kind: Kind, segment_seconds: float, gap: float) -> Reel:
        def begin(wall: float, width: int, height: int) -> SegmentFile:
            if self._key is None:
                self._key = self._keys.key(self.room)
            seat = f"{self.room}/{self.participant}"
            return SegmentFile(self._folder, seat, kind, wall, width, height, self._key, self._tallies, self._sm3)

        return Reel(begin, self._sealed, lambda: self._ask_key(kind), segment_seconds, gap)

    def _sealed(self, file: SealedFile) -> None:
        clock = self._align.clock_ms("screen") if file.kind == "screen" else self._align.clock_ms("mic", "camera")
        self.tell(
            Segment(
                self.room, self.participant, file.path, file.sha256, file.size,
                file.started, file.ended, file.width, file.height, file.kind,
                file.stored_sha256, file.stored_size, file.sm3, file.holes, clock,
            )
        )  # fmt: skip

    def _off(self, cause: str) -> None:
        if self._on:
            self._on = False
            self.tell(Recording(self.room, self.participant, False, cause))

    def _ask_key(self, source: Source) -> None:
        if self._closing is None and self._now - self._asked.get(source, float("-inf")) >= KEY_FRAME_SECONDS:
            self._asked[source] = self._now
            self._on_loop(self._request_key_frame, source)

    def _on_loop(self, call: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return  # the loop is gone, and with it everybody who wanted to know


def _packets(item: _Packet | _Batch | _Report) -> int:
    return item[5] if len(item) == 8 else item[3] if len(item) == 5 else 0
