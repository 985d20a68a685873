"""The recorder of a media worker: one `ParticipantRecorder` each, all written in one thread; it watches the disk.

Nothing that happens to the disk reaches the loop: packets are dropped and counted, the room is told, the worker
goes on, and recording resumes by itself when there is space again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from media.engine import MediaEvent, RecordingAlarm, Source
from media.tap import FLUSH_INTERVAL, Tap, TapFactory
from recordings.errors import VaultError
from recordings.files.durable import safe_id
from recordings.files.keys import Keys
from recordings.files.reserve import free_bytes
from recordings.frame_writer import PythonWriter
from recordings.participant_recorder import ParticipantRecorder
from recordings.writer import TrackWriter, Writer

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
