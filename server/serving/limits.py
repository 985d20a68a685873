"""How many connections there may be, what each must do in which time, and the open files that allow it."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from typing import Final

MOST: Final = 8192
"""Connections at once where the machine would allow more: each costs memory too."""
MOST_FILES: Final = 65_536
"""Some containers allow a thousand million, and programs we start may go through all of them."""
FEW_FILES: Final = 4096
"""From here down the administrator is told."""
_OURS: Final = 256
"""Files that are not connections: database, recordings, processes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. What moves at all may take as long as it needs: phones on poor networks are slow."""

    most: int = MOST
    most_per_address: int = 512  # of IPv6: per /64; an office behind one address counts as one
    handshake: float = 10.0  # of TLS, from accepting
    headers: float = 10.0  # from accepting, or from a further request's first byte, to the end of its headers
    idle: float = 75.0  # between two requests
    window: float = 30.0  # in each so many seconds…
    fewest: int = 4096  # …so many bytes, of a body we read and of an answer that is read


def open_files() -> int:
    """How many this process may have open, at most `MOST_FILES`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)


def raise_open_files() -> int:
    """Raise the soft limit of open files as far as is sensible; returns what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return open_files()


def most_for(files: int) -> int:
    """Connections that so many open files leave room for: a file each, and some more that its requests open."""
    return max(64, min(MOST, (files - _OURS) * 3 // 4))
