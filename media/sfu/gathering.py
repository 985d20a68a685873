"""Packets of one source on their way into a recording, where Python takes them in.

As the `Chute` of the compiled way in does: what a recorder gets are not packets but pictures, many at a time, so that
what it does for each of them it does less often. A picture's packets lie in the stream's history anyway, and are copied
once, when it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from media.sfu.header import MARKER, PADDED, unpadded
from media.tap import Gathered, Stretch

MOST = 1024  # packets: more than anybody's turn
LONGEST = 256  # packets of one stretch: half of what the history has, which must not have used their places again

_OTHERS = [bytes((first & ~0x10,)) for first in range(256)]  # how the descriptors go on that begin a picture with this


class Gathering:
    """`sound` and `picture` take a packet: where in `mem` its payload begins and ends, the bytes of its header that
    have the padding bit and the marker, and the size of a picture's descriptor if it is the first one's (else 0). The
    answer is whether it is time to `empty` this.

    A picture that has begun stays until it is whole, or something else comes: nobody could write it down before. So
    long what is in `mem` must stay, too.
    """

    __slots__ = (
        "_at", "_clock", "_descriptor", "_first", "_next", "_others", "_parts", "_skip", "_stretches", "_timestamp",
        "packets",
    )  # fmt: skip

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.packets = 0  # but those of a picture that has begun
        self._clock = clock
        self._stretches: list[Stretch] = []
        # Of that picture: the first packet's arrival, number and descriptor, what came, and what the next must have.
        self._at, self._first, self._descriptor = 0.0, 0, b""
        self._parts: list[memoryview] = []
        self._next, self._timestamp, self._skip, self._others = -1, 0, 0, b""

    def empty(self, everything: bool = False) -> Gathered:
        """`everything`: what has begun, too."""
        if everything and self._next >= 0:
            self._end(False)
        found = Gathered(self._stretches, self.packets)
        self._stretches, self.packets = [], 0
        return found

    def sound(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int, _: int
    ) -> bool:
        if first & PADDED:
            size = unpadded(mem, start, size)
        if size > start:  # else it was nothing but padding
            self._stretches.append((self._clock(), timestamp, seq, 1, marker >= MARKER, b"", mem[start:size].tobytes()))
            self.packets += 1
        return self.packets >= MOST

    def picture(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int, skip: int
    ) -> bool:
        body = start + self._skip
        if (
            seq == self._next
            and timestamp == self._timestamp
            and not first & PADDED
            and mem[start:body] == self._others
            and body < size
        ):
            parts = self._parts
            parts.append(mem[body:size])
            if marker < MARKER and len(parts) < LONGEST:
                self._next = seq + 1 & 0xFFFF
                return False
            return self._end(marker >= MARKER)
        if self._next >= 0:
            self._end(False)
        if first & PADDED:
            size = unpadded(mem, start, size)
        if size <= start:
            return False
        body = start + skip
        if body >= size:  # nothing but a descriptor
            body, skip = start, 0
        self._at, self._timestamp, self._first = self._clock(), timestamp, seq
        self._descriptor = descriptor = mem[start:body].tobytes()
        self._parts = [mem[body:size]]
        if marker >= MARKER or not skip:
            return self._end(marker >= MARKER)
        self._next, self._skip, self._others = seq + 1 & 0xFFFF, skip, _OTHERS[descriptor[0]] + descriptor[1:]
        return False

    def _end(self, marker: bool) -> bool:
        self._next = -1
        parts = self._parts
        self._stretches.append(
            (self._at, self._timestamp, self._first, len(parts), marker, self._descriptor, b"".join(parts))
        )
        self._parts = []
        self.packets += len(parts)
        return self.packets >= MOST
