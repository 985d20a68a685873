"""The recorder of a media worker: one `ParticipantRecorder` each, all written in one thread; it watches the disk.

Nothing that happens to the disk reaches the loop: packets are dropped and counted, the room is told, the worker goes
on, and recording resumes by itself when there is space again. Between a participant's tap, on the loop's side, and who
writes it down on the thread's stands a bounded queue: the loop only appends, and when the disk is too slow the oldest
packets go.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from media import FLUSH_INTERVAL, Batch, FrameBatch, Tap, TapFactory
from media.engine import Gap, MediaEvent, Recording, RecordingAlarm, Segment, Source, Unrecorded
from recordings import Unwritten, VaultError
from recordings.files import free_bytes, safe_id
from recordings.files.keys import Keys
from recordings.segment import SealedFile, utc
from recordings.timeline import PacketTally
from recordings.writer import PythonWriter, Queue, TrackWriter, Writer, drop_item

log = logging.getLogger(__name__)

QUEUE = 8192  # packets: half a minute of a lively picture
KEY_FRAME_SECONDS = 1.0  # between two askings


class ParticipantRecorder:
    """A `media.Tap`, and the `RecordingContext` of its writer.

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
        self.tallies: dict[Source, PacketTally] = {
            "mic": PacketTally(),
            "camera": PacketTally(),
            "screen": PacketTally(),
        }
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


Trouble = Literal["disk_full", "disk_reserve", "io"]

SEGMENT_SECONDS = 45.0  # then a key frame is asked for, and cuts: well within a minute
BEHIND = 0.06  # seconds after a turn began: rooms hand over within a tick
DISK_SECONDS = 1.0
IO_RETRY_SECONDS = 5.0
# Space above the reserve before writing goes on: no flapping at the edge.
MARGIN_BYTES = 4 * 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def until_pass(now: float) -> float:
    """Seconds. Each pass over a participant is a write; it comes when all rooms have handed over what collected."""
    return FLUSH_INTERVAL - (now - BEHIND) % FLUSH_INTERVAL


def missed(now: float) -> bool:
    """Whether the pass of this turn has begun: what is handed over from now on would wait for the next one."""
    return now % FLUSH_INTERVAL >= BEHIND


class Recorder(TapFactory):
    """One per media worker; `stop` it before the loop ends."""

    def __init__(
        self,
        folder: Path,
        reserve_bytes: int,
        keys: Keys,
        segment_seconds: float = SEGMENT_SECONDS,
        *,
        sm3: bool = False,
        writer: Writer | None = None,
        free: Callable[[Path], int] = free_bytes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`writer`: the compiled one, where there is one."""
        self._folder, self._reserve, self._segment_seconds = folder, reserve_bytes, segment_seconds
        self._keys, self._sm3, self._writer = keys, sm3, writer or PythonWriter()
        self._free, self._clock = free, clock
        self._running: list[ParticipantRecorder] = []  # replaced, never changed: both threads read it
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        # The writer thread's:
        self._trouble: Trouble | None = None
        self._told: set[str] = set()  # rooms that know of the trouble
        self._disk_at = 0.0

    @property
    def dropped(self) -> int:
        """Packets given up because the disk was too slow, of those now running."""
        return sum(recording.dropped for recording in self._running)

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        recording = ParticipantRecorder(
            self._folder,
            safe_id(room),
            safe_id(participant),
            emit,
            request_key_frame,
            self._wake.set,
            self._segment_seconds,
            self._keys,
            self._sm3,
            self._writer,
            self._clock,
        )
        with self._lock:
            self._running = [*self._running, recording]
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
            self._thread.start()
        return recording

    def flushed(self) -> None:
        if missed(time.monotonic()):  # a loop with much to do comes to its rooms late
            self._wake.set()

    async def drain(self, room: str) -> None:
        for recording in [recording for recording in self._running if recording.room == room and recording.closing]:
            await recording.done.wait()

    async def stop(self) -> None:
        """Close every recording and wait for its last event."""
        running = self._running
        for recording in running:
            recording.close("server")
        for recording in running:
            await recording.done.wait()
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    # ------------------------------------------------------------ the writer thread

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(until_pass(time.monotonic()))
            self._wake.clear()
            now = time.monotonic()
            if now - self._disk_at >= DISK_SECONDS:
                self._disk_at = now
                self._watch_disk()
            running = self._running
            if self._trouble is None:
                self._write_together(running, now)
            for recording in running:
                self._serve(recording, now)

    def _write_together(self, running: list[ParticipantRecorder], now: float) -> None:
        """What comes of it is for `_serve` to see. In C it is one call, in which the loop has the interpreter."""
        together: dict[Writer, list[TrackWriter]] = {}
        for recording in running:
            if now >= recording.retry_at:
                recording.collect(now)
                together.setdefault(recording.writer, []).append(recording.track_writer)
        for writer, track_writers in together.items():
            writer.work(track_writers, self._clock())

    def _serve(self, recording: ParticipantRecorder, now: float) -> None:
        if self._trouble is not None or now < recording.retry_at:
            self._tell_trouble(recording)
            recording.skip()
            over = recording.closing
        else:
            over = self._write(recording, now)
        if over:
            with self._lock:
                self._running = [other for other in self._running if other is not recording]
            recording.finish()

    def _write(self, recording: ParticipantRecorder, now: float) -> bool:
        closing = recording.closing
        try:
            return recording.work(now, self._clock())
        except (OSError, VaultError) as fault:  # without its key nothing is written: never in the clear
            if isinstance(fault, OSError) and fault.errno in _FULL:
                self._stop_all("disk_full", recording)
            else:
                recording.retry_at = now + IO_RETRY_SECONDS
                recording.pause("disk")
                if not recording.alarmed:
                    recording.alarmed = True
                    recording.tell(RecordingAlarm(recording.room, "io", recording.participant))
            return closing

    def _watch_disk(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = self._free(self._folder)
        except OSError:
            self._stop_all("io")
            return
        if free < self._reserve:
            if self._trouble is None:
                self._stop_all("disk_reserve")
        elif self._trouble is not None and free >= self._reserve + MARGIN_BYTES:
            self._trouble = None
            self._told.clear()

    def _stop_all(self, trouble: Trouble, first: ParticipantRecorder | None = None) -> None:
        self._trouble = trouble
        # The alarm goes out before files are sealed: sealing may take its time on a failing disk.
        running = sorted(self._running, key=lambda recording: recording is not first)
        for recording in running:
            self._tell_trouble(recording)
        for recording in running:
            with contextlib.suppress(OSError):
                recording.pause("disk")

    def _tell_trouble(self, recording: ParticipantRecorder) -> None:
        if self._trouble is not None and recording.room not in self._told:
            self._told.add(recording.room)
            recording.tell(RecordingAlarm(recording.room, self._trouble))
