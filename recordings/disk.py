"""Writes many files in one go and past the page cache where that can be, with Linux's `io_submit`.

The kernel then neither copies the bytes nor looks after the copies. Such a write is of whole blocks. What a file has
behind its last whole one is written with zeros up to the next, and once more at the head of what comes then; so until
it is finished a file may end in zeros, which a reader takes for what was not written any more
(`recordings.files.encrypted_file`). Nothing here is compiled: `native/disk.c` does the same in C.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
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
        """What came of each of at most `MOST_REQUESTS`: bytes, minus the error number, or None where it was not
        taken."""
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


BLOCK = 4096
DIRECT = getattr(os, "O_DIRECT", 0)
AHEAD = 4  # times what is written: three seconds, so that a full disk is known in time
MOST_AHEAD = 1 << 21
SPARE = 32  # pads
_SMALLEST = 1 << 17  # bytes of a pad
_ANYTHING = 1 << 62


class WriteBuffer:
    """Memory that begins at a page."""

    __slots__ = ("address", "memory", "size", "view")

    def __init__(self, size: int) -> None:
        self.memory, self.size = mmap.mmap(-1, size), size
        self.address, self.view = ctypes.addressof(ctypes.c_char.from_buffer(self.memory)), memoryview(self.memory)


class DirectFile:
    """What goes into a new file, in order: put into the room there is, written and made durable by its `DiskWriter`.

    What a fault kept from being written is written first by the next attempt, byte for byte.
    """

    def __init__(self, disk: DiskWriter, descriptor: int) -> None:
        self.descriptor = descriptor
        self.direct = disk.direct and _set_direct(descriptor, True)
        self.stored_size = self.synced_size = 0  # bytes of the file that are there, and of them durable
        self._disk = disk
        self._pad: WriteBuffer | None = None
        self._used = self._done = 0  # bytes of the pad that are to be written, and are
        self._place = 0  # of the pad, in the file
        self._rest = b""  # what the file has behind its last whole block
        self._allocated = 0

    @property
    def waits(self) -> bool:
        """Something is in the file and would not outlast a power cut."""
        return self.stored_size != self.synced_size

    def room(self, size: int) -> memoryview:
        """For so many bytes behind what was put before."""
        pad = self._pad
        if pad is None:
            pad = self._pad = self._disk.pad()
            self._used = len(self._rest)
            pad.view[: self._used] = self._rest
        # Of what a fault kept from being whole: zeros that were written behind it are no part of it.
        self._done = min(self._done, self._used) // BLOCK * BLOCK
        at, self._used = self._used, self._used + size
        if self._used + BLOCK > pad.size:
            grown = WriteBuffer(2 * _whole(self._used + BLOCK))
            grown.view[:at] = pad.view[:at]
            pad = self._pad = grown
        return pad.view[at : self._used]

    def cut(self) -> None:
        """The file ends with what counts: behind it are what was set aside, zeros, or what a full disk left of more.
        OSError."""
        self.stored_size = self._place + len(self._rest)
        os.ftruncate(self.descriptor, self.stored_size)

    # ------------------------------------------------------------ the disk's

    def prepare(self) -> AioRequest | None:
        """None: nothing is to be written."""
        pad = self._pad
        if pad is None:
            return None
        whole = self._extent
        if whole > self._used:
            pad.view[self._used : whole] = bytes(whole - self._used)
        self._allocate()
        return AioRequest(
            PWRITE, self.descriptor, pad.address + self._done, whole - self._done, self._place + self._done
        )

    def write(self) -> None:
        """What is not written yet, by itself. OSError."""
        while (pad := self._pad) is not None:
            if self._done >= self._extent:
                return self._is_there(pad)
            try:
                piece = pad.view[self._done : self._extent]
                count = os.pwrite(self.descriptor, piece, self._place + self._done)
                if not count:
                    raise OSError(errno.EIO, "the disk took nothing")
                self.wrote(count)
            except OSError as fault:
                if fault.errno != errno.EINVAL or not self.direct:
                    raise
                self.direct = False  # a file system that promised too much
                if not _set_direct(self.descriptor, False):
                    raise
        return None

    def wrote(self, count: int) -> None:
        self._done += count
        self.stored_size = self._place + min(self._done, self._used)

    @property
    def _extent(self) -> int:
        return _whole(self._used) if self.direct else self._used

    def _is_there(self, pad: WriteBuffer) -> None:
        rest = self._used % BLOCK if self.direct else 0
        self._rest = bytes(pad.view[self._used - rest : self._used])
        self._place += self._used - rest
        self._used = self._done = 0
        self._pad = None
        self._disk.give_back(pad)

    def _allocate(self) -> None:
        """Blocks that are there already cost a write and its `fdatasync` a quarter less. Where that cannot be, or the
        disk is full, the write itself finds out."""
        used = self._used
        if self._place + used <= self._allocated:
            return
        ahead = min(AHEAD * used, MOST_AHEAD)
        done = allocate(self.descriptor, self._place, used + ahead)
        self._allocated = self._place + used + ahead if done else _ANYTHING


class DiskWriter:
    """`direct`: write past the page cache and many files in one request, where the system does. Each thread has its
    own."""

    def __init__(self, direct: bool = True) -> None:
        self.direct = direct and bool(DIRECT)
        self._spare: list[WriteBuffer] = []

    def pad(self) -> WriteBuffer:
        return self._spare.pop() if self._spare else WriteBuffer(_SMALLEST)

    def give_back(self, pad: WriteBuffer) -> None:
        if len(self._spare) < SPARE:
            self._spare.append(pad)

    def write(self, outlets: Sequence[DirectFile]) -> list[OSError | None]:
        """What was put into each; what kept it from being written."""
        asked = [request for outlet in outlets if (request := outlet.prepare()) is not None and outlet.direct]
        whose = {outlet.descriptor: outlet for outlet in outlets}
        for request, result in self._ask(asked):
            if result is not None and result > 0:
                whose[request.descriptor].wrote(result)
        # Whatever did not come of it is written alone, which finds out why; to write the same bytes twice does no harm.
        return [_fault(outlet) for outlet in outlets]

    def sync(self, outlets: Sequence[DirectFile]) -> list[OSError | None]:
        """What is in each, for good; what kept it from that."""
        done = {
            request.descriptor
            for request, result in self._ask([AioRequest(FDSYNC, outlet.descriptor) for outlet in outlets])
            if result == 0
        }
        faults: list[OSError | None] = []
        for outlet in outlets:
            try:
                if outlet.descriptor not in done:
                    os.fdatasync(outlet.descriptor)
                outlet.synced_size = outlet.stored_size
                faults.append(None)
            except OSError as fault:
                faults.append(fault)
        return faults

    def _ask(self, requests: Sequence[AioRequest]) -> list[tuple[AioRequest, int | None]]:
        kernel = requests_of_thread() if self.direct and len(requests) > 1 else None
        if kernel is None:
            return []
        found: list[tuple[AioRequest, int | None]] = []
        for first in range(0, len(requests), MOST_REQUESTS):
            some = requests[first : first + MOST_REQUESTS]
            found += zip(some, kernel.ask(some), strict=True)
        return found


def _fault(outlet: DirectFile) -> OSError | None:
    try:
        outlet.write()
    except OSError as fault:
        return fault
    return None


def _whole(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _set_direct(descriptor: int, on: bool) -> bool:
    try:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | DIRECT if on else flags & ~DIRECT)
    except OSError:
        return False
    return True
