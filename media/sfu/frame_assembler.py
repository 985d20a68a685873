"""Collecting an UpTrack's packets for the recorder, in Python; `media.sfu.native.receiver.FrameBuffer` does it in C.

The recorder gets frames instead of packets, and many at a time, so that its work per item is done less often. A frame's
packets are in the track's history anyway, and are copied once, when it ends.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from media.sfu.rtp import MARKER_BIT, PADDING_BIT, payload_end
from media.tap import FRAME_ENTRY, FrameBatch

MAX_ENTRIES = 1024  # more than anybody sends between two flushes
MAX_FRAME_PACKETS = 256  # half of the history, whose buffers must not have been reused

_pack, _SIZE = FRAME_ENTRY.pack_into, FRAME_ENTRY.size
_INITIAL_TABLE = 64 * FRAME_ENTRY.size  # bytes: enough between two flushes for most
_FIRST_EIGHT = struct.Struct("!Q")  # of a payload: the descriptor (six bytes at most) and what follows
_START_BIT = 0x10 << 56  # S (RFC 7741 4.2): set in the descriptor of a frame's first packet only


class FrameAssembler:
    """Assembles packets into frames until `take_batch`.

    `add_audio` and `add_video` take the first two bytes of the packet's header (`first`, `marker`) and where in `mem`
    the payload starts and ends; eight more bytes must be readable behind it. `skip` is the size of the VP8 descriptor
    of a frame's first packet, else 0. Both return True when it is time to call `take_batch`.

    An unfinished frame stays until it is complete or another packet comes, since it could not be written anyway; its
    packets must stay in `mem` as long.

    `UpTrack` inherits this instead of having one: each further object that a packet touches costs a tenth of recording
    it (docs/decisions/0030-python-and-the-target-of-recording.md).
    """

    __slots__ = (
        "_arrived_at", "_descriptor_size", "_extra_packets", "_first", "_first_eight", "_mask", "_next",
        "_now", "_parts", "_prefix", "_table", "_table_end", "_timestamp", "bodies",
    )  # fmt: skip

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        # The entries are packed, so that the writer need not read a hundred objects.
        self._table, self._table_end = bytearray(), 0
        self.bodies: list[bytes] = []
        self._extra_packets = 0  # of frames, besides the first ones
        # Of an unfinished frame (`_descriptor_size` 0: none): arrival, sequence number, timestamp and first bytes of
        # its first packet, the payloads so far, the next sequence number and, as a number, the next descriptor.
        self._arrived_at, self._first, self._timestamp, self._first_eight = 0.0, 0, 0, 0
        self._parts: list[memoryview] = []
        self._descriptor_size = self._prefix = self._mask = self._next = 0

    def take_batch(self, unfinished: bool = False) -> FrameBatch:
        """Hand out what was collected; `unfinished`: the unfinished frame too."""
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
        if size > start:  # not only padding
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
        if body >= size:  # only a descriptor
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
        place = self._table_end  # as in `add_audio`: a call would cost more than what it does
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
