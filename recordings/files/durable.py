"""Small files that are there complete or not at all, also after a power cut, and ids that may be their names."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path

from recordings.errors import BadName

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
