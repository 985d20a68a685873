"""Requests of Linux for many files at once (`io_submit`), with nothing compiled: what `native/disk.c` asks in C.

One request for many files, and one waiting: to write them one after the other would put the thread to sleep and wake it
for each, which costs whoever has the other core as much again.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import platform
import struct
import sys
import threading
from collections.abc import Sequence
from typing import NamedTuple

PWRITE, FDSYNC = 1, 3  # IOCB_CMD_…
MOST_REQUESTS = 64  # requests at once


class AioRequest(NamedTuple):
    """`address`: of the memory that is written, which stays as it is until `Requests.ask` returns."""

    what: int
    descriptor: int
    address: int = 0
    size: int = 0
    offset: int = 0


class _Numbers(NamedTuple):
    setup: int
    destroy: int
    submit: int
    getevents: int


_GENERIC = _Numbers(0, 1, 2, 4)
_NUMBERS = {"x86_64": _Numbers(206, 207, 209, 208), "aarch64": _GENERIC, "riscv64": _GENERIC, "loongarch64": _GENERIC}
_WIDE = ctypes.sizeof(ctypes.c_void_p) == 8
_IOCB = struct.Struct("=QIIHhIQQqQII")  # linux/aio_abi.h, little endian
_EVENT = struct.Struct("=QQqq")

_libc = ctypes.CDLL(None, use_errno=True)


class AioContext:
    """One thread's. OSError when the system takes none."""

    def __init__(self) -> None:
        numbers = _NUMBERS.get(platform.machine()) if sys.platform == "linux" and _WIDE else None
        if numbers is None:
            raise OSError(errno.ENOSYS, "no requests for many files are known here")
        self._numbers, self._call = numbers, _libc.syscall
        self._call.restype, self._call.argtypes = ctypes.c_long, [ctypes.c_long] * 6
        context = ctypes.c_ulong(0)
        self._context = 0
        if self._call(numbers.setup, MOST_REQUESTS, ctypes.addressof(context), 0, 0, 0):
            raise OSError(ctypes.get_errno(), "io_setup")
        self._context = context.value
        self._asked, self._ended = (
            (ctypes.c_char * (_IOCB.size * MOST_REQUESTS))(),
            (ctypes.c_char * (_EVENT.size * MOST_REQUESTS))(),
        )
        first = ctypes.addressof(self._asked)
        self._places = (ctypes.c_uint64 * MOST_REQUESTS)(*(first + _IOCB.size * n for n in range(MOST_REQUESTS)))

    def ask(self, requests: Sequence[AioRequest]) -> list[int | None]:
        """What came of each of at most `MOST_REQUESTS`: bytes, minus the error number, or None where it was not taken."""
        for n, (what, descriptor, address, size, offset) in enumerate(requests):
            _IOCB.pack_into(self._asked, _IOCB.size * n, n, 0, 0, what, 0, descriptor, address, size, offset, 0, 0, 0)
        sent, count = 0, len(requests)
        places, events = ctypes.addressof(self._places), ctypes.addressof(self._ended)
        while sent < count:
            more = self._call(self._numbers.submit, self._context, count - sent, places + 8 * sent, 0, 0)
            if more <= 0:
                break
            sent += more
        results: list[int | None] = [None] * count
        ended = 0
        while ended < sent:  # their memory is the kernel's until then
            more = self._call(self._numbers.getevents, self._context, sent - ended, sent - ended, events, 0)
            for n in range(more):
                which, _, result, _ = _EVENT.unpack_from(self._ended, _EVENT.size * n)
                results[which] = result
            ended += max(0, more)
        return results

    def __del__(self) -> None:
        if self._context:
            self._call(self._numbers.destroy, self._context, 0, 0, 0, 0)


_of_thread = threading.local()


def requests_of_thread() -> AioContext | None:
    """This thread's; None where the system takes none."""
    if not hasattr(_of_thread, "requests"):
        _of_thread.requests = None
        with contextlib.suppress(OSError):
            _of_thread.requests = AioContext()
    found: AioContext | None = _of_thread.requests
    return found


def allocate(descriptor: int, offset: int, size: int) -> bool:
    """Set blocks of a file aside and its size ahead; False where that cannot be. Never done byte by byte, as
    `os.posix_fallocate` may."""
    if not _WIDE or not hasattr(_libc, "fallocate"):
        return False
    _libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    return int(_libc.fallocate(descriptor, 0, offset, size)) == 0
