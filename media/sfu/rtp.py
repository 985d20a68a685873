"""RTP packets in reusable buffers: headers read in place (RFC 3550, RFC 8285), SRTP in place, the latest packets, and
frames assembled for the recorder. Lost packets: which to ask a publisher for (NACK, RFC 4585), reading what it sends
again (RTX, RFC 4588), and how much to send again to a subscriber.

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

from media import FRAME_ENTRY, FrameBatch

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


MAX_MISSING = 256  # more is an outage, which a key frame ends sooner
MAX_NACKS = 10  # per packet
RTTS_BETWEEN_NACKS = 1.25  # round trips between two NACKs for a packet
MIN_NACK_INTERVAL, MAX_NACK_INTERVAL = 0.04, 1.0  # seconds between two NACKs for a packet
USEFUL_FOR = {"audio": 1.0, "video": 2.5}  # seconds after the loss was noticed
NACK_SHARE = 0.5  # packets asked for per packet received: enough for a loss of 30 %
MAX_NACK_BURST = 64  # packets asked for at once


class RttEstimator:
    """The smoothed round trip in seconds, from NACKs and the retransmissions that answer them.

    It starts high, because a second NACK before the first could be answered would spoil the measurement.
    """

    __slots__ = ("measured", "seconds")

    START, MIN, MAX = 0.25, 0.005, 2.0
    WEIGHT = 0.125  # of the newest sample (RFC 6298 2)

    def __init__(self) -> None:
        self.seconds = self.START
        self.measured = False

    def sample(self, seconds: float) -> None:
        seconds = min(self.MAX, max(self.MIN, seconds))
        if self.measured:
            self.seconds += self.WEIGHT * (seconds - self.seconds)
        else:
            self.seconds, self.measured = seconds, True


class _MissingPacket:
    __slots__ = ("first_nack_at", "last_nack_at", "nacks", "noticed_at")

    def __init__(self) -> None:
        self.nacks = 0
        self.noticed_at: float | None = None
        self.first_nack_at = self.last_nack_at = 0.0


class NackTracker:
    """The missing packets of one UpTrack: when to ask for each, and when to give up. Times are seconds of any clock.

    Retransmissions come on the same line that lost the packets. If that line is too narrow rather than bad, asking
    makes it worse: so no more is asked for than a share of what arrives, and nothing that would come too late.
    """

    __slots__ = ("_missing", "_received", "_rtt", "_tokens", "_useful_for", "given_up")

    def __init__(self, rtt: RttEstimator, kind: str) -> None:
        self.given_up = 0  # packets in all
        self._useful_for = USEFUL_FOR[kind]
        self._tokens = float(MAX_NACK_BURST)
        self._received = 0
        self._missing: dict[int, _MissingPacket] = {}  # oldest first
        self._rtt = rtt

    def __bool__(self) -> bool:
        return bool(self._missing)

    def __len__(self) -> int:
        return len(self._missing)

    def add_gap(self, first: int, count: int) -> None:
        """Note that `count` sequence numbers from `first` on were skipped."""
        for number in range(first, first + count):
            self._missing[number & 0xFFFF] = _MissingPacket()
        while len(self._missing) > MAX_MISSING:
            del self._missing[next(iter(self._missing))]
            self.given_up += 1

    def on_received(self, seq: int, now: float) -> bool:
        """Note that a packet has arrived. True if it had been asked for."""
        packet = self._missing.pop(seq, None)
        if packet is None or not packet.nacks:
            return False
        # Which NACK was answered is known only if there was one (Karn), or the last is too recent to be the cause.
        if packet.nacks == 1 or now - packet.last_nack_at < self._rtt.seconds / 2:
            self._rtt.sample(now - packet.first_nack_at)
        return True

    def discard(self, seq: int) -> None:
        """Forget a packet that was restored otherwise."""
        self._missing.pop(seq, None)

    def due(self, now: float, received: int) -> list[int]:
        """Return the packets to ask for now, ascending as plain numbers: aiortc cannot pack a list that wraps.

        `received` is the number of packets so far. If not all may be asked for, the newest are.
        """
        self._tokens = min(MAX_NACK_BURST, self._tokens + NACK_SHARE * (received - self._received))
        self._received = received
        wait = min(MAX_NACK_INTERVAL, max(MIN_NACK_INTERVAL, self._rtt.seconds * RTTS_BETWEEN_NACKS))
        due = []
        for seq, packet in reversed(list(self._missing.items())):
            if packet.nacks and now - packet.last_nack_at < wait:
                continue
            if packet.noticed_at is None:
                packet.noticed_at = now
            if packet.nacks >= MAX_NACKS or now - packet.noticed_at > self._useful_for:
                del self._missing[seq]
                self.given_up += 1
                continue
            if self._tokens < 1:
                continue
            self._tokens -= 1
            if not packet.nacks:
                packet.first_nack_at = now
            packet.nacks, packet.last_nack_at = packet.nacks + 1, now
            due.append(seq)
        return sorted(due)

    def clear(self) -> None:
        self._missing.clear()


RTX_OSN = struct.Struct("!H")  # original sequence number, in front of the original payload (RFC 4588 4)


def restore_original(packet: PacketBuffer, body: int, size: int, payload_type: int, ssrc: int) -> bool:
    """Turn a decrypted retransmission into the original packet, in place.

    False for an empty one: senders probe the network with them.
    """
    mem = packet.mem
    first, marker_type, _, timestamp, _ = HEADER.unpack_from(mem)
    end = payload_end(mem, body, size) if first & PADDING_BIT else size
    if body + RTX_OSN.size >= end:
        return False
    (seq,) = RTX_OSN.unpack_from(mem, body)
    HEADER.pack_into(mem, 0, first, marker_type & 0x80 | payload_type, seq, timestamp, ssrc)
    packet.size, packet.body, packet.seq = size, body + RTX_OSN.size, seq
    return True


# Of a worker's time, what repair may take, and how many seconds of it may be saved up. What comes in order goes first:
# without a bound a worker that was held up answers what it is asked for while it loses what comes, and so on for good.
REPAIR_SHARE, REPAIR_SAVED = 0.1, 0.02

RESEND_SHARE = 0.5  # of what was sent; a quarter is enough for a loss of 20 % that also hits retransmissions
RESEND_START = 32_000  # bytes
RESEND_MAX = 150_000  # bytes saved up: a second of lively video


class ResendBudget:
    """How many bytes may be sent again to a subscriber: a share of what was sent.

    A subscriber that lies about losses cannot make the server send more than half as much again.
    """

    __slots__ = ("_left", "_seen", "refused")

    def __init__(self) -> None:
        self.refused = 0
        self._left = float(RESEND_START)
        self._seen = 0

    def earn(self, total_octets: int) -> None:
        """Add to the budget. `total_octets`: everything sent to the subscriber so far."""
        self._left = min(RESEND_MAX, self._left + RESEND_SHARE * max(0, total_octets - self._seen))
        self._seen = total_octets

    def spend(self, octets: int) -> bool:
        if octets > self._left:
            self.refused += 1
            return False
        self._left -= octets
        return True
