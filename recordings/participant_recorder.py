"""One participant being recorded: the tap on the loop's side, and who writes it down on the writer thread's side.

Between the two stands a bounded queue: the loop only appends, and when the disk is too slow the oldest packets go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from media.engine import Gap, MediaEvent, Recording, Segment, Source, Unrecorded
from media.tap import Batch, FrameBatch
from recordings.errors import Unwritten
from recordings.files.keys import Keys
from recordings.frame_writer import PythonWriter
from recordings.holes import Tally
from recordings.segment import SealedFile, utc
from recordings.writer import Queue, TrackWriter, Writer, drop_item

log = logging.getLogger(__name__)

QUEUE = 8192  # packets: half a minute of a lively picture
KEY_FRAME_SECONDS = 1.0  # between two askings


class ParticipantRecorder:
    """A `media.tap.Tap`, and the `RecordingContext` of its writer.

    Methods up to `close` belong to the loop, the rest to the writer thread.
    """

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
        writer: Writer | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`writer`: of many participants; None: one in Python, of its own."""
        self.room, self.participant = room, participant
        self.done = asyncio.Event()  # set on the loop, after the last event
        self.dropped = 0  # packets the queue had no room for
        self._loop = asyncio.get_running_loop()
        self._emit, self._request_key_frame, self._wake = emit, request_key_frame, wake
        self._queue: Queue = deque()
        # Packets put into it, thrown away for want of room, and taken: the loop's, the loop's, the writer's.
        self._put = self._thrown = self.taken = 0
        self._generations: dict[Source, int] = {"mic": 0, "camera": 0, "screen": 0}
        self.tallies: dict[Source, Tally] = {"mic": Tally(), "camera": Tally(), "screen": Tally()}
        self._closing: str | None = None
        self._clock = clock
        self.opened = clock()
        self.closed: float | None = None
        # The writer thread's:
        self.retry_at = 0.0  # monotonic; do not write before
        self.alarmed = False  # its own trouble has been told, and nothing was written since
        self.folder, self.seat, self.sm3, self.segment_seconds = folder, f"{room}/{participant}", sm3, segment_seconds
        self._keys = keys
        self._key: bytes | None = None
        self._on = False
        self._asked: dict[Source, float] = {}
        self._now = 0.0
        self._last: str | None = None  # why this pass is the last one
        self._begun = False  # a pass has been, and is not settled
        self.writer: Writer = writer or PythonWriter()
        self.track_writer: TrackWriter = self.writer.track_writer(self)

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        if payload:
            self.batch(source, FrameBatch.single(at, timestamp, sequence, count, marker, payload))

    def batch(self, source: Source, batch: Batch) -> None:
        if self._closing is not None:
            return
        self._queue.append((source, self._generations[source], batch))
        self._put += batch.packets
        if self._put - self._thrown - self.taken > QUEUE:
            self._give_up()

    def restart(self, source: Source) -> None:
        self._generations[source] += 1

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        if self._closing is None:
            self._queue.append((source, self._generations[source], ntp, timestamp))

    def close(self, cause: str) -> None:
        if self._closing is None:
            self._closing, self.closed = cause, self._clock()
            self._wake()

    def _give_up(self) -> None:
        with contextlib.suppress(IndexError):  # the writer took it meanwhile
            while self._put - self._thrown - self.taken > QUEUE:
                oldest = self._queue.popleft()
                count = drop_item(oldest)
                self._thrown += count
                self.tallies[oldest[0]].queue += count
                self.dropped += count

    # ------------------------------------------------------------ the writer thread

    @property
    def closing(self) -> bool:
        return self._closing is not None

    def tell(self, event: MediaEvent) -> None:
        self._on_loop(self._emit, event)

    def work(self, now: float, wall: float) -> bool:
        """Write what has come; True when the recording is over. OSError, VaultError: call `pause` next."""
        if not self._begun:  # else its writer has done many participants together
            self.collect(now)
            self.writer.work([self.track_writer], wall)
        self._begun = False
        try:
            self.track_writer.settle()
            if self._last is None:
                return False
            self._off(self._last)  # before sealing, which may take its time
            self.track_writer.close()
        except Unwritten as fault:
            log.error("The compiled writer failed, %s of %s goes on in Python: %s", self.participant, self.room, fault)
            self.pause("disk")
            self.opened, self.writer = self._clock(), PythonWriter()
            self.track_writer = self.writer.track_writer(self)
            return self._last is not None
        return True

    def collect(self, now: float) -> None:
        """The beginning of `work`."""
        self._now, self._begun = now, True
        self._last = self._closing  # read before the queue: whatever was put before `close` is still written
        self.track_writer.collect(self._queue, now, self._last is not None)

    def pause(self, cause: str) -> None:
        """Stop writing for now: forget what is not written and seal what is, as far as the disk lets us."""
        self.skip()
        self.track_writer.forget()
        self.track_writer.abandon()
        self._off(cause)

    def skip(self) -> None:
        """Time passes without writing."""
        self._begun = False
        with contextlib.suppress(IndexError):
            while True:
                self.taken += drop_item(self._queue.popleft())

    def finish(self) -> None:
        """The last call of all."""
        # Who writes knows us: a circle, which would keep the publisher behind `request_key_frame` for the collector.
        del self.track_writer, self.writer
        self._on_loop(self.done.set)

    # ------------------------------------------------------------ recordings.writer.RecordingContext

    def key(self) -> bytes:
        if self._key is None:
            self._key = self._keys.key(self.room)
        return self._key

    @property
    def on(self) -> bool:
        return self._on

    def durable(self) -> None:
        if not self._on:
            self._on, self.alarmed = True, False
            self.tell(Recording(self.room, self.participant, True))

    def silent(self) -> None:
        self._off("disconnected")

    def sealed(self, file: SealedFile, clock: int | None) -> None:
        self.tell(
            Segment(
                self.room, self.participant, file.path, file.sha256, file.size,
                file.started, file.ended, file.width, file.height, file.kind,
                file.stored_sha256, file.stored_size, file.sm3, file.holes, clock,
            )
        )  # fmt: skip

    def missing(self, holes: tuple[Gap, ...]) -> None:
        if holes and self.closed is not None:
            self.tell(Unrecorded(self.room, self.participant, utc(self.opened), utc(self.closed), holes))

    def ask_key(self, source: Source) -> None:
        if self._closing is None and self._now - self._asked.get(source, float("-inf")) >= KEY_FRAME_SECONDS:
            self._asked[source] = self._now
            self._on_loop(self._request_key_frame, source)

    def _off(self, cause: str) -> None:
        if self._on:
            self._on = False
            self.tell(Recording(self.room, self.participant, False, cause))

    def _on_loop(self, call: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return  # the loop is gone, and with it everybody who wanted to know
