"""Where finished files go: a folder or an S3 bucket, and how far the files of a closed case are on their way.

Here is what all files stand on: small ones are there complete or not at all, also after a power cut; what files may be
called; and the space on the disk that stays free for the journal. For that every writer of files asks here, before and
while it writes; the recorder stops at the same edge by itself (`recordings.recorder`).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final, Literal

from recordings import BadName

log = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def safe_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise BadName(repr(text[:80]))
    return text


def write_once(path: Path, content: bytes) -> bool:
    """Readable for its owner alone; False when somebody else was first, whose content stays."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    sync_folder(path.parent)
    return True


@contextlib.contextmanager
def opened_alone(fresh: Path, buffering: int = -1) -> Iterator[BinaryIO]:
    """Empty and for one writer at a time, who gives it its final name within; whoever comes meanwhile waits, and starts
    anew. What is still under this name at the end goes again, and what a killed process left there is written over."""
    while True:
        file = fresh.open("ab", buffering)
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(fresh, file):
            break
        file.close()  # somebody gave it its name, or removed it
    with file:
        try:
            file.truncate(0)
            yield file
        finally:
            if _is_at(fresh, file):
                fresh.unlink()


def _is_at(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(folder: Path, alone: bool) -> Iterator[None]:
    """Among processes that lock this folder: many at once, or one `alone`. Waits; the kernel lets go of the dead."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def shred(path: Path, size: int) -> None:
    """Remove a small file; where files are written in place, nothing of it is left in their blocks."""
    with path.open("r+b") as opened:
        overwrite(opened.fileno(), size)
    path.unlink()


def overwrite(descriptor: int, size: int) -> None:
    os.pwrite(descriptor, os.urandom(size), 0)
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


RESERVE_CHECK_BYTES: Final = 1 << 20


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class ReserveReached(OSError):
    """What was to be written would have touched the reserve. ENOSPC: whoever handles a full disk handles this."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "the disk's reserve is reached")


class FreeSpace:
    """`size` bytes stay free on the disk of `folder`; 0 keeps nothing free. `free` reads what is."""

    def __init__(self, folder: Path, size: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder, self._size, self._free = folder, size, free

    def require(self, more: int = 0) -> None:
        """Raises ReserveReached unless `more` bytes can be written and the reserve is still free."""
        if self._size and self._free(self._folder) - more < self._size:
            raise ReserveReached

    def left(self) -> bool:
        """Whether the reserve is free; a disk that does not say so has none."""
        try:
            return self._free(self._folder) >= self._size
        except OSError:
            log.exception("the disk does not say how much is free")
            return False

    def copy(self, source: IO[bytes], to: IO[bytes]) -> None:
        """All that is left of `source`, asking before each piece. ReserveReached."""
        while piece := source.read(RESERVE_CHECK_BYTES):
            self.require(len(piece))
            to.write(piece)


NO_RESERVE: Final = FreeSpace(Path(), 0)

PART = ".part"

Kind = Literal["camera", "screen"]
_NAME = re.compile(r"([0-9]{8}T[0-9]{9}Z)-(camera|screen)\.webm(\.part)?")


ANSWER: Final = "-consent.webm"


def answer_name(started: datetime) -> str:
    """Of what was said on the telephone while a consent was asked: no recording, which `parse_name` would know."""
    return f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z{ANSWER}"


def file_name(started: datetime, kind: Kind) -> str:
    return f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z-{kind}.webm"


def parse_name(name: str) -> tuple[datetime, Kind] | None:
    """Start and kind of a recording file's name, sealed or not; None when it is no recording's name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        started = datetime.strptime(found[1][:15], "%Y%m%dT%H%M%S").replace(
            tzinfo=UTC, microsecond=int(found[1][15:18]) * 1000
        )
    except ValueError:
        return None
    return started, "camera" if found[2] == "camera" else "screen"
