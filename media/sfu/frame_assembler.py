"""What a recording gets of one incoming stream, where Python takes it in.

As the `Chute` of the compiled way in does: what a recorder gets are not packets but pictures, many at a time, so that
what it does for each of them it does less often. A picture's packets lie in the stream's history anyway, and are copied
once, when it ends.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from media.sfu.rtp import MARKER_BIT, PADDING_BIT, payload_end
from media.tap import FRAME_ENTRY, FrameBatch

MAX_ENTRIES = 1024  # stretches: more than anybody's turn
MAX_FRAME_PACKETS = (
    256  # packets of one stretch: half of what the history has, which must not have used their places again
)

_pack, _SIZE = FRAME_ENTRY.pack_into, FRAME_ENTRY.size
_INITIAL_TABLE = 64 * FRAME_ENTRY.size  # bytes of a table: what most say in a turn
_FIRST_EIGHT = struct.Struct("!Q")  # a descriptor (six bytes at most), and what follows it
_START_BIT = 0x10 << 56  # what a picture's first descriptor has and the others do not


class FrameAssembler:
    """`take_sound` and `take_picture` take a packet: where in `mem` its payload begins and ends (eight bytes more are
    behind it), the bytes of its header that have the padding bit and the marker, and the size of a picture's
    descriptor if it is the first one's (else 0). Both say whether it is time to `hand_out`.

    A picture that has begun stays until it is whole, or something else comes: nobody could write it down before. So
    long what is in `mem` must stay, too.

    `IncomingStream` is one and has none: each object more that a packet touches on its way costs as much as a tenth of
    recording it (docs/decisions/0030-python-and-the-target-of-recording.md).
    """

    __slots__ = (
        "_arrived_at",
        "_descriptor_size",
        "_extra_packets",
        "_first",
        "_first_eight",
        "_mask",
        "_next",
        "_now",
        "_parts",
        "_prefix",
        "_table",
        "_table_end",
        "_timestamp",
        "bodies",
    )  # fmt: skip

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        # What is known of each stretch, packed so that whoever writes them down need not look at a hundred objects.
        self._table, self._table_end = bytearray(), 0
        self.bodies: list[bytes] = []
        self._extra_packets = 0  # packets of pictures beside the first ones
        # Of a picture that has begun (`_skip` 0: none has): arrival, number, timestamp and beginning of its first
        # packet, what came, what number the next must have, and what its descriptor must be (as bits of a number).
        self._arrived_at, self._first, self._timestamp, self._first_eight = 0.0, 0, 0, 0
        self._parts: list[memoryview] = []
        self._descriptor_size = self._prefix = self._mask = self._next = 0

    def take_batch(self, unfinished: bool = False) -> FrameBatch:
        """`everything`: what has begun, too."""
        if unfinished and self._descriptor_size:
            self._end_frame(False)
        table = bytes(memoryview(self._table)[: self._table_end])
        found = FrameBatch(table, self.bodies, len(self.bodies) + self._extra_packets)
        self._table_end, self.bodies, self._extra_packets = 0, [], 0
        return found

    def add_audio(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int
    ) -> bool:
        if first & PADDING_BIT:
            size = payload_end(mem, start, size)
        bodies = self.bodies
        if size > start:  # else it was nothing but padding
            place = self._table_end
            if place == len(self._table):
                self._table += bytes(place or _INITIAL_TABLE)
            self._table_end = place + _SIZE
            _pack(self._table, place, self._now(), mem[start], timestamp, size - start, seq, 1, marker >= MARKER_BIT, 0)
            bodies.append(mem[start:size].tobytes())
        return len(bodies) >= MAX_ENTRIES

    def add_video(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int, skip: int
    ) -> bool:
        if self._descriptor_size:
            body = start + self._descriptor_size
            if (
                seq == self._next
                and timestamp == self._timestamp
                and body < size
                and not first & PADDING_BIT
                and _FIRST_EIGHT.unpack_from(mem, start)[0] & self._mask == self._prefix
            ):
                parts = self._parts
                parts.append(mem[body:size])
                if marker < MARKER_BIT and len(parts) < MAX_FRAME_PACKETS:
                    self._next = seq + 1 & 0xFFFF
                    return False
                return self._end_frame(marker >= MARKER_BIT)
            self._end_frame(False)
        if first & PADDING_BIT:
            size = payload_end(mem, start, size)
        if size <= start:
            return False
        body = start + skip
        if body >= size:  # nothing but a descriptor
            body, skip = start, 0
        self._arrived_at, self._timestamp, self._first = self._now(), timestamp, seq
        self._first_eight = lead = _FIRST_EIGHT.unpack_from(mem, start)[0]
        self._parts = [mem[body:size]]
        self._descriptor_size = skip
        if marker >= MARKER_BIT or not skip:
            return self._end_frame(marker >= MARKER_BIT)
        self._mask = mask = (1 << 64) - (1 << 64 - 8 * skip)
        self._prefix = lead & mask & ~_START_BIT
        self._next = seq + 1 & 0xFFFF
        return False

    def _end_frame(self, marker: bool) -> bool:
        skip, self._descriptor_size = self._descriptor_size, 0
        parts, bodies = self._parts, self.bodies
        count, body = len(parts), b"".join(parts)
        place = self._table_end  # as in `take_sound`: a call of its own would cost more than what it does
        if place == len(self._table):
            self._table += bytes(place or _INITIAL_TABLE)
        self._table_end = place + _SIZE
        _pack(
            self._table,
            place,
            self._arrived_at,
            self._first_eight,
            self._timestamp,
            len(body),
            self._first,
            count,
            marker,
            skip,
        )
        bodies.append(body)
        self._extra_packets += count - 1
        self._parts = []
        return len(bodies) >= MAX_ENTRIES
