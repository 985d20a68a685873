"""RTP packets in reusable buffers: headers read in place (RFC 3550, RFC 8285), SRTP in place, and the latest packets.

libsrtp is called through pylibsrtp's own cffi binding, because pylibsrtp's Session copies each packet twice and holds
at most 1,500 bytes. The binding is private API: the version is pinned, and tests/media/test_contracts.py checks the
names.
"""

from __future__ import annotations

import struct
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

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
