"""The space on the disk that stays free for the journal: every other writer of files asks here, before and while it
writes. The recorder stops at the same edge by itself (`recordings.recorder`)."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

RESERVE_CHECK_BYTES: Final = 1 << 20


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class ReserveReached(OSError):
    """What was to be written would have touched the reserve. ENOSPC: whoever handles a full disk handles this."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "the disk's reserve is reached")


class DiskReserve:
    """`size` bytes stay free on the disk of `folder`; 0 keeps nothing free. `free` reads what is."""

    def __init__(self, folder: Path, size: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder, self._size, self._free = folder, size, free

    def require(self, more: int = 0) -> None:
        """Raises ReserveReached unless `more` bytes can be written and the reserve is still free."""
        if self._size and self._free(self._folder) - more < self._size:
            raise ReserveReached

    def copy(self, source: IO[bytes], to: IO[bytes]) -> None:
        """All that is left of `source`, asking before each piece. ReserveReached."""
        while piece := source.read(RESERVE_CHECK_BYTES):
            self.require(len(piece))
            to.write(piece)


NO_RESERVE: Final = DiskReserve(Path(), 0)
