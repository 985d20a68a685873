"""Live media: the engine's interface, and the embedded SFU. Here is where a recorder plugs into the SFU, and how a C
library is built and loaded, this plane's (`media.sfu.native`) and the recorder's (`recordings.native`).

A tap is a subscriber that gets decrypted packets. It is called on the media worker's event loop and must return at
once; what it does with the bytes (muxing, fsync) happens on a thread of its own. media knows nothing of files;
`server.rooms.worker` connects the two.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cffi import FFI

from media.engine import MediaEvent, Source

_FLAGS = ("-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-std=gnu11")


class NativeMissing(Exception):
    """There is no library, and none can be built. Not for callers, but for whoever set the machine up."""


@dataclass
class NativeLibrary:
    """The sources of one library. cffi reads the first of `headers`. `output`: the folder to build in, if another."""

    folder: Path
    name: str
    sources: tuple[str, ...]
    headers: tuple[str, ...]
    extra_flags: tuple[str, ...] = ()
    output: Path | None = None

    @property
    def _flags(self) -> tuple[str, ...]:
        return (*_FLAGS, *self.extra_flags)

    def path(self, folder: Path | None = None) -> Path:
        """Return where the library for these sources and this machine is, or would be built."""
        digest = hashlib.sha256(" ".join(self._flags).encode())
        for name in (*self.sources, *self.headers):
            digest.update((self.folder / name).read_bytes())
        return (folder or self.output or self.folder) / f"{self.name}-{platform.machine()}-{digest.hexdigest()[:16]}.so"

    def build(self, folder: Path | None = None) -> Path:
        """Compile the library if there is none, and return where it is. Raises NativeMissing."""
        library = self.path(folder)
        folder = library.parent
        if library.exists():
            return library
        compiler = shutil.which(os.environ.get("CC") or "cc")
        if compiler is None:
            if self.path().exists():  # built by a compiler that is gone now
                return Path(shutil.copy(self.path(), library))
            raise NativeMissing("no C compiler: install gcc or clang")
        try:
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                made = Path(scratch) / f"{self.name}.so"
                done = subprocess.run(
                    [compiler, *self._flags, "-o", str(made), *(str(self.folder / name) for name in self.sources)],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                if done.returncode:
                    raise NativeMissing(f"{compiler} failed: {done.stderr.strip()}")
                made.replace(library)  # atomically, even if two build at once
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NativeMissing(f"{folder}: {error}") from error
        for old in folder.glob(f"{self.name}-*.so"):
            if old != library:
                old.unlink(missing_ok=True)
        return library

    def build_if_possible(self, without: str) -> None:
        """Build it, or print the line `without` and the reason: for set-up, where it is optional."""
        try:
            self.build()
        except NativeMissing as reason:
            sys.stderr.write(f"{without} ({reason}).\n")

    def load(self, library: Path) -> tuple[FFI, Any]:
        """Return the cffi binding and the loaded library. Raises NativeMissing."""
        ffi = FFI()
        ffi.cdef((self.folder / self.headers[0]).read_text())
        try:
            return ffi, ffi.dlopen(str(library))
        except OSError as error:
            raise NativeMissing(str(error)) from error


# ------------------------------------------------------------ tap


# Seconds between two flushes. Packets that are not flushed yet are lost if the worker is killed; the longer, the less a
# recorded packet costs.
FLUSH_INTERVAL = 0.75

RUN_HEADER = struct.Struct("=dIIHHI")  # at, timestamp, bytes that follow, sequence, count, marker


def flush_tick(now: float) -> int:
    """Return the number of the present FLUSH_INTERVAL by the monotonic clock.

    Every room of a worker flushes at its first tick in each, so that a recorder can write all of it together.
    """
    return int(now / FLUSH_INTERVAL)


class PacketRun(NamedTuple):
    """Consecutive `packets` of one frame, or a single packet.

    `payload` is the first packet's, and of the others what follows their VP8 descriptor, which is the same.
    """

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    at: float
    packets: int


# Consecutive packets: arrival of the first, the first byte of its payload (of video eight bytes), timestamp, bytes of
# their body, sequence number of the first, how many, marker of the last, and bytes of the first one's VP8 descriptor
# (0: it starts no frame, or they are not known to belong together).
FRAME_ENTRY = struct.Struct("=dQIIHHBB2x")
# Arrival, timestamp, sequence number, how many, marker, the first one's descriptor, and the body: their payloads
# without descriptors.
FrameEntry = tuple[float, int, int, int, bool, bytes, bytes]


class FrameBatch:
    """Packets of one source, collected in Python: a table of FRAME_ENTRY, and the body of each entry."""

    __slots__ = ("bodies", "packets", "table")

    def __init__(self, table: bytes, bodies: list[bytes], packets: int) -> None:
        self.table, self.bodies, self.packets = table, bodies, packets

    @classmethod
    def single(cls, at: float, timestamp: int, sequence: int, count: int, marker: bool, payload: bytes) -> FrameBatch:
        """Return a batch of one packet, or of `count` packets with one payload (`PacketRun`)."""
        return cls(
            FRAME_ENTRY.pack(at, payload[0], timestamp, len(payload), sequence, count, marker, 0), [payload], count
        )

    def descriptor(self, index: int) -> bytes:
        """Return the VP8 descriptor of an entry's first packet."""
        _, lead, *_, skip = FRAME_ENTRY.unpack_from(self.table, index * FRAME_ENTRY.size)
        return int(lead).to_bytes(8, "big")[:skip]

    @property
    def entries(self) -> Iterator[FrameEntry]:
        for place, body in enumerate(self.bodies):
            at, _, timestamp, _, sequence, count, marker, _ = FRAME_ENTRY.unpack_from(
                self.table, place * FRAME_ENTRY.size
            )
            yield at, timestamp, sequence, count, marker != 0, self.descriptor(place), body

    def runs(self) -> Iterator[PacketRun]:
        for at, timestamp, sequence, count, marker, descriptor, body in self.entries:
            yield PacketRun(sequence, timestamp, marker, descriptor + body, at, count)

    def release(self) -> None:
        """Do nothing: no memory is reused."""


class NativeBatch(Protocol):
    """Packets collected in C: `size` bytes in memory from `address` on, as runs (RUN_HEADER and payload).

    Whoever has read them must call `release` once, on any thread, because the memory is reused.
    """

    @property
    def packets(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def address(self) -> int: ...

    def runs(self) -> Iterable[PacketRun]:
        """Return copies of the packets."""
        ...

    def release(self) -> None: ...


Batch = FrameBatch | NativeBatch


def parse_runs(batch: bytes) -> Iterator[PacketRun]:
    """Parse the memory of a NativeBatch."""
    place, end = 0, len(batch)
    while place < end:
        at, timestamp, size, sequence, count, marker = RUN_HEADER.unpack_from(batch, place)
        place += RUN_HEADER.size + size
        yield PacketRun(sequence, timestamp, marker != 0, batch[place - size : place], at, count)


class Tap(Protocol):
    """Receives one participant's tracks (the best layer of each), in order of arrival, decrypted."""

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        """Take an RTP packet.

        `sequence` has 16 bits, `timestamp` 32 (90 kHz video, 48 kHz audio); `payload` is without padding, with the VP8
        descriptor; `at` is time.time() of its arrival; `count` is the number of packets in it (`PacketRun`). Packets
        may be repeated and reordered. Numbers restart when the publisher's SSRC or layer changes, after a call of
        `restart`.
        """
        ...

    def batch(self, source: Source, batch: Batch) -> None:
        """Take many packets at once. A tap may keep the batch until it has time."""
        for run in batch.runs():
            self.packet(source, run.sequence, run.timestamp, run.marker, run.payload, run.at, run.packets)
        batch.release()

    def restart(self, source: Source) -> None:
        """The next packet of this source starts new numbers: a new SSRC, or another layer."""
        ...

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        """Take a sender report: 64-bit NTP time and the RTP timestamp of the same instant (RFC 3550 6.4.1)."""
        ...

    def close(self, cause: str) -> None:
        """Finish the file: no packets follow. The Segment event may come later."""
        ...


class SoundSink(Protocol):
    """Takes a copy of what microphones send whose words become text. Lossy: it never waits and never raises.

    `taken`: packets so far.
    """

    taken: int

    def take(self, room: str, participant: str, runs: Iterable[PacketRun]) -> None: ...

    def forget(self, room: str, participant: str) -> None:
        """What these people say no longer becomes text: sound of theirs that is held back is dropped."""
        ...


class TapFactory(Protocol):
    """Opens taps. One per worker."""

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        """Start recording a participant. `emit` may be called on the event loop's thread only."""
        ...

    def flushed(self) -> None:
        """All rooms of the worker have flushed what they collected until this tick."""

    async def drain(self, room: str) -> None:
        """Wait until every closed tap of the room has emitted its last Segment."""
        ...
