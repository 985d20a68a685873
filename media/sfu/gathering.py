"""What a recording gets of one incoming stream, where Python takes it in.

As the `Chute` of the compiled way in does: what a recorder gets are not packets but pictures, many at a time, so that
what it does for each of them it does less often. A picture's packets lie in the stream's history anyway, and are copied
once, when it ends.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from media.sfu.header import MARKER, PADDED, unpadded
from media.tap import STRETCH, Gathered

MOST = 1024  # stretches: more than anybody's turn
LONGEST = 256  # packets of one stretch: half of what the history has, which must not have used their places again

_put, _SIZE = STRETCH.pack_into, STRETCH.size
_BEGUN = 64 * STRETCH.size  # bytes of a table: what most say in a turn
_LEAD = struct.Struct("!Q")  # a descriptor (six bytes at most), and what follows it
_BEGINS = 0x10 << 56  # what a picture's first descriptor has and the others do not


class Gathering:
    """`take_sound` and `take_picture` take a packet: where in `mem` its payload begins and ends (eight bytes more are
    behind it), the bytes of its header that have the padding bit and the marker, and the size of a picture's
    descriptor if it is the first one's (else 0). Both say whether it is time to `hand_out`.

    A picture that has begun stays until it is whole, or something else comes: nobody could write it down before. So
    long what is in `mem` must stay, too.

    `IncomingStream` is one and has none: each object more that a packet touches on its way costs as much as a tenth of
    recording it (docs/decisions/0030-python-and-the-target-of-recording.md).
    """

    __slots__ = (
        "_first", "_lead", "_mask", "_more", "_next", "_now", "_parts", "_place", "_prefix", "_since", "_skip",
        "_table", "_timestamp", "bodies",
    )  # fmt: skip

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        # What is known of each stretch, packed so that whoever writes them down need not look at a hundred objects.
        self._table, self._place = bytearray(), 0
        self.bodies: list[bytes] = []
        self._more = 0  # packets of pictures beside the first ones
        # Of a picture that has begun (`_skip` 0: none has): arrival, number, timestamp and beginning of its first
        # packet, what came, what number the next must have, and what its descriptor must be (as bits of a number).
        self._since, self._first, self._timestamp, self._lead = 0.0, 0, 0, 0
        self._parts: list[memoryview] = []
        self._skip = self._prefix = self._mask = self._next = 0

    def hand_out(self, everything: bool = False) -> Gathered:
        """`everything`: what has begun, too."""
        if everything and self._skip:
            self._end_picture(False)
        table = bytes(memoryview(self._table)[: self._place])
        found = Gathered(table, self.bodies, len(self.bodies) + self._more)
        self._place, self.bodies, self._more = 0, [], 0
        return found

    def take_sound(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int
    ) -> bool:
        if first & PADDED:
            size = unpadded(mem, start, size)
        bodies = self.bodies
        if size > start:  # else it was nothing but padding
            place = self._place
            if place == len(self._table):
                self._table += bytes(place or _BEGUN)
            self._place = place + _SIZE
            _put(self._table, place, self._now(), mem[start], timestamp, size - start, seq, 1, marker >= MARKER, 0)
            bodies.append(mem[start:size].tobytes())
        return len(bodies) >= MOST

    def take_picture(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int, skip: int
    ) -> bool:
        if self._skip:
            body = start + self._skip
            if (
                seq == self._next
                and timestamp == self._timestamp
                and body < size
                and not first & PADDED
                and _LEAD.unpack_from(mem, start)[0] & self._mask == self._prefix
            ):
                parts = self._parts
                parts.append(mem[body:size])
                if marker < MARKER and len(parts) < LONGEST:
                    self._next = seq + 1 & 0xFFFF
                    return False
                return self._end_picture(marker >= MARKER)
            self._end_picture(False)
        if first & PADDED:
            size = unpadded(mem, start, size)
        if size <= start:
            return False
        body = start + skip
        if body >= size:  # nothing but a descriptor
            body, skip = start, 0
        self._since, self._timestamp, self._first = self._now(), timestamp, seq
        self._lead = lead = _LEAD.unpack_from(mem, start)[0]
        self._parts = [mem[body:size]]
        self._skip = skip
        if marker >= MARKER or not skip:
            return self._end_picture(marker >= MARKER)
        self._mask = mask = (1 << 64) - (1 << 64 - 8 * skip)
        self._prefix = lead & mask & ~_BEGINS
        self._next = seq + 1 & 0xFFFF
        return False

    def _end_picture(self, marker: bool) -> bool:
        skip, self._skip = self._skip, 0
        parts, bodies = self._parts, self.bodies
        count, body = len(parts), b"".join(parts)
        place = self._place  # as in `take_sound`: a call of its own would cost more than what it does
        if place == len(self._table):
            self._table += bytes(place or _BEGUN)
        self._place = place + _SIZE
        _put(self._table, place, self._since, self._lead, self._timestamp, len(body), self._first, count, marker, skip)
        bodies.append(body)
        self._more += count - 1
        self._parts = []
        return len(bodies) >= MOST
