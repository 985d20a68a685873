"""Where a recorder plugs into the forwarding plane: it is a subscriber that gets the plain packets.

A tap lives in the media worker's event loop and must return at once; what it does with bytes (muxing, fsync)
happens in a thread of its own. media knows nothing of files; `server.worker` brings the two together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from media.engine import MediaEvent, Source

# Seconds' worth of packets that a recorder gets at a time: what is not handed over yet is what a killed worker loses.
# The longer, the less a recorded packet costs.
FLUSH_INTERVAL = 0.75

RUN_HEADER = struct.Struct("=dIIHHI")  # of a batch: at, timestamp, bytes that follow, sequence, count, marker


def flush_tick(now: float) -> int:
    """Which of the spans of `COLLECTING` it is, by the monotonic clock: at the first tick of each, every room of a
    worker hands over what has collected, so that a recorder can write all of it together."""
    return int(now / FLUSH_INTERVAL)


class PacketRun(NamedTuple):
    """`packets` of one picture that follow one another, or a single one.

    Its payload is the first one's, and of the others what is behind their descriptor, which is the same.
    """

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    at: float
    packets: int


# Packets that follow one another: when the first came, how its payload begins (its first byte, or of a picture eight
# bytes), their timestamp, bytes of what is kept of them, number of the first, how many, marker of the last, and bytes
# of the first one's descriptor (0: it begins no picture, or they are not known to go together).
FRAME_ENTRY = struct.Struct("=dQIIHHBB2x")
# When, timestamp, number, how many, marker, the first one's descriptor, and what is kept: their payloads, of the others
# without descriptor.
FrameEntry = tuple[float, int, int, int, bool, bytes, bytes]


class FrameBatch:
    """Packets of one source, collected in Python: their `STRETCH`es one after the other, and what is kept of each."""

    __slots__ = ("bodies", "packets", "table")

    def __init__(self, table: bytes, bodies: list[bytes], packets: int) -> None:
        self.table, self.bodies, self.packets = table, bodies, packets

    @classmethod
    def single(cls, at: float, timestamp: int, sequence: int, count: int, marker: bool, payload: bytes) -> FrameBatch:
        """A packet with a payload, or as many as `count` in one (`Run`)."""
        return cls(
            FRAME_ENTRY.pack(at, payload[0], timestamp, len(payload), sequence, count, marker, 0), [payload], count
        )

    def descriptor(self, index: int) -> bytes:
        """Of the first packet of a stretch."""
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
        """There is nothing to be used again."""


class NativeBatch(Protocol):
    """The same by the compiled way in: `size` bytes in memory, from `where` on.

    Whoever has read them gives them back, once, on any thread: what they lie in is used again.
    """

    @property
    def packets(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def address(self) -> int: ...

    def runs(self) -> Iterable[PacketRun]:
        """Copies."""
        ...

    def release(self) -> None: ...


Batch = FrameBatch | NativeBatch


def parse_runs(batch: bytes) -> Iterator[PacketRun]:
    """What the compiled way in has collected."""
    place, end = 0, len(batch)
    while place < end:
        at, timestamp, size, sequence, count, marker = RUN_HEADER.unpack_from(batch, place)
        place += RUN_HEADER.size + size
        yield PacketRun(sequence, timestamp, marker != 0, batch[place - size : place], at, count)


class Tap(Protocol):
    """Receives one participant's streams (the best layer of each), in arrival order, decrypted."""

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        """An RTP packet: 16-bit sequence, 32-bit timestamp (90 kHz video, 48 kHz audio), payload without
        header and padding (VP8 descriptor included), `at` = time.time() of arrival. May repeat and reorder;
        the numbering of a source restarts when the publisher's SSRC or layer changes (`restart` comes before).
        `count`: as many packets in one (`Run`).
        """
        ...

    def batch(self, source: Source, batch: Batch) -> None:
        """Many packets at once; a tap may keep them as they are until it has the time."""
        for run in batch.runs():
            self.packet(source, run.sequence, run.timestamp, run.marker, run.payload, run.at, run.packets)
        batch.release()

    def restart(self, source: Source) -> None:
        """The next packet of this source begins a new numbering (new SSRC, or another layer)."""
        ...

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        """A sender report: 64-bit NTP time and the RTP timestamp of the same instant."""
        ...

    def close(self, cause: str) -> None:
        """No more packets; finish the file. The Segment event may follow later."""
        ...


class TapFactory(Protocol):
    """Makes taps; one per worker."""

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        """Start recording a participant. `emit` may be called only on the loop's thread."""
        ...

    def flushed(self) -> None:
        """All rooms of the worker have handed over what collected until this turn."""

    async def drain(self, room: str) -> None:
        """Returns when every closed tap of the room has emitted its last Segment."""
        ...
