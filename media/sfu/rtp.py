"""RTP packets in reusable buffers: headers read in place (RFC 3550, RFC 8285), SRTP in place, the latest packets, and
frames assembled for the recorder.

libsrtp is called through pylibsrtp's own cffi binding, because pylibsrtp's Session copies each packet twice and holds
at most 1,500 bytes. The binding is private API: the version is pinned, and tests/media/test_contracts.py checks the
names.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from media.tap import FRAME_ENTRY, FrameBatch

HEADER = struct.Struct("!BBHII")  # RFC 3550 5.1: first byte, marker and payload type, sequence number, timestamp, SSRC
ABS_SEND_TIME_BLOCK = struct.Struct("!HHI")  # extension block of one word: profile (RFC 8285 4.2), length, element
PADDING_BIT, MARKER_BIT = 0x20, 0x80  # in the first and second byte of the header
BUFFER_SIZE = 1536  # bytes: a datagram, and what encryption adds when it is forwarded
MAX_DATAGRAM = 1500  # bytes: longer datagrams are dropped; no WebRTC client sends them

protect = lib.srtp_protect
unprotect = lib.srtp_unprotect
SRTP_LENGTH: Any = ffi.new("int *")  # in-out length of every call; only the event loop's thread uses it


class PacketBuffer:
    """A reusable packet: the same memory for Python (`mem`) and for C (`ptr`).

    `size` (bytes), `body` (where the payload starts) and `seq` (-1: none) describe the decrypted packet in it.
    """

    __slots__ = ("body", "mem", "ptr", "seq", "size")

    def __init__(self) -> None:
        self.mem = memoryview(bytearray(BUFFER_SIZE))
        self.ptr: Any = ffi.from_buffer("char[]", self.mem)
        self.size = 0
        self.body = 0
        self.seq = -1


class SendBuffer(PacketBuffer):
    """The buffer in which every packet is encrypted before it is sent, so that it stays in the processor's cache.

    `views[n]` is a memoryview of the first n bytes.
    """

    __slots__ = ("views",)

    def __init__(self) -> None:
        super().__init__()
        self.views = [self.mem[:size] for size in range(BUFFER_SIZE + 1)]


def srtp_context(session: Session) -> Any:
    """Return the libsrtp context of a session, which is valid only while the session is kept alive."""
    return session._srtp[0]


def address_of(pointer: Any) -> int:
    """Return the address of an object of pylibsrtp's cffi, for other C code."""
    return int(ffi.cast("uintptr_t", pointer))


def payload_end(mem: memoryview, start: int, size: int) -> int:
    """Return where a padded payload ends (RFC 3550 5.1): `start` if there is nothing but padding."""
    return max(start, size - mem[size - 1]) if size > start else start


def header_extension(mem: memoryview, start: int, end: int, wanted: int) -> bytes:
    """Return the value of element `wanted` (1-14) in the extension block at `start`, else b"".

    Reads one-byte headers only (RFC 8285 4.2): our answers never accept the other form.
    """
    if not wanted or end - start < 4 or mem[start] != 0xBE or mem[start + 1] != 0xDE:
        return b""
    at = start + 4
    while at < end:
        head = mem[at]
        if head == 0:  # padding
            at += 1
            continue
        if head >> 4 == 15:  # RFC 8285 4.2: stop here
            return b""
        size = (head & 15) + 1
        if head >> 4 == wanted:
            return bytes(mem[at + 1 : at + 1 + size]) if at + 1 + size <= end else b""
        at += 1 + size
    return b""


KEY_FRAME_FRESH_FOR = 1.5  # seconds: a newcomer then does better with a new key frame
MAX_CATCH_UP = 96  # packets, about 100 kB: a key frame and a second of video


class PacketHistory:
    """The latest packets of an UpTrack. `size`, a power of two, is how many it keeps."""

    __slots__ = ("_slots", "key_at", "key_seq", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._slots: list[PacketBuffer | None] = [None] * size
        self.key_seq = -1  # of the first packet of the latest key frame; -1: none yet
        self.key_at = float("-inf")  # its arrival

    def store(self, packet: PacketBuffer) -> PacketBuffer:
        """Keep a packet, and return a free buffer in exchange."""
        slot = packet.seq & (self.size - 1)
        spare = self._slots[slot]
        self._slots[slot] = packet
        return spare if spare is not None else PacketBuffer()

    def get(self, seq: int) -> PacketBuffer | None:
        packet = self._slots[seq & (self.size - 1)]
        return packet if packet is not None and packet.seq == seq else None

    def since_key_frame(self, highest: int, earliest: float, now: float) -> list[PacketBuffer]:
        """Return the latest key frame and all packets since, in order.

        Empty if they are incomplete, too many, too old, or the key frame arrived before `earliest`.
        """
        count = ((highest - self.key_seq) & 0xFFFF) + 1
        if self.key_at < max(earliest, now - KEY_FRAME_FRESH_FOR) or count > MAX_CATCH_UP:
            return []
        packets = [self.get((self.key_seq + n) & 0xFFFF) for n in range(count)]
        return [packet for packet in packets if packet is not None] if all(packets) else []


MAX_ENTRIES = 1024  # more than anybody sends between two flushes
MAX_FRAME_PACKETS = 256  # half of the history, whose buffers must not have been reused

_pack, _SIZE = FRAME_ENTRY.pack_into, FRAME_ENTRY.size
_INITIAL_TABLE = 64 * FRAME_ENTRY.size  # bytes: enough between two flushes for most
_FIRST_EIGHT = struct.Struct("!Q")  # of a payload: the descriptor (six bytes at most) and what follows
_START_BIT = 0x10 << 56  # S (RFC 7741 4.2): set in the descriptor of a frame's first packet only


class FrameAssembler:
    """Assembles packets into frames until `take_batch`; `media.sfu.native.FrameBuffer` does the same in C.

    The recorder gets frames instead of packets, and many at a time, so that its work per item is done less often. A
    frame's packets are in the track's history anyway, and are copied once, when it ends.

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
        batch = FrameBatch(table, self.bodies, len(self.bodies) + self._extra_packets)
        self._table_end, self.bodies, self._extra_packets = 0, [], 0
        return batch

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
        self._first_eight = first_eight = _FIRST_EIGHT.unpack_from(mem, start)[0]
        self._parts = [mem[body:size]]
        self._descriptor_size = skip
        if marker >= MARKER_BIT or not skip:
            return self._end_frame(marker >= MARKER_BIT)
        self._mask = mask = (1 << 64) - (1 << 64 - 8 * skip)
        self._prefix = first_eight & mask & ~_START_BIT
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
