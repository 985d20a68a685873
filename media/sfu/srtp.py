"""SRTP in place: libsrtp called through pylibsrtp's own cffi binding.

pylibsrtp's Session copies each packet twice and holds at most 1,500 bytes; the forwarding path works on reusable
buffers instead. The binding is private API: the version is pinned and tests/media/test_contracts.py holds the names.
"""

from __future__ import annotations

from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

BUFFER_SIZE = 1536  # what a datagram may have, and what encryption may add to what of it is forwarded
MAX_DATAGRAM = 1500  # longer datagrams are dropped; nothing in WebRTC sends them

protect = lib.srtp_protect
unprotect = lib.srtp_unprotect
LENGTH: Any = ffi.new("int *")  # in-out length of every call; one event loop per process, one user


class PacketBuffer:
    """A reusable packet: the same memory for Python (`mem`) and for C (`ptr`).

    `size`, `body` and `seq` describe the decrypted packet it holds, if any (`seq` is -1 when none).
    """

    __slots__ = ("body", "mem", "ptr", "seq", "size")

    def __init__(self) -> None:
        self.mem = memoryview(bytearray(BUFFER_SIZE))
        self.ptr: Any = ffi.from_buffer("char[]", self.mem)
        self.size = 0
        self.body = 0
        self.seq = -1


class Outgoing(PacketBuffer):
    """Where packets are encrypted before they are sent, one after the other: always in the processor's cache.

    `views` has the beginnings of the buffer by length, each made once.
    """

    __slots__ = ("views",)

    def __init__(self) -> None:
        super().__init__()
        self.views = [self.mem[:size] for size in range(BUFFER_SIZE + 1)]


def context(session: Session) -> Any:
    """The libsrtp context of a session; valid only while the session is kept alive."""
    return session._srtp[0]


def address_of(pointer: Any) -> int:
    """Of something of libsrtp's, for C that knows nothing of pylibsrtp."""
    return int(ffi.cast("uintptr_t", pointer))
