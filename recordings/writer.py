"""What a recorder and its writers know of each other: in Python (`recordings.frame_writer`) and in C."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from media.engine import Gap, Source
from media.tap import Batch
from recordings.holes import PacketTally
from recordings.segment import SealedFile

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
