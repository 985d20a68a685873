"""The lock on a data folder: whoever serves it holds it, and it goes when the process does."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAME: Final = "lock"


@contextlib.contextmanager
def held(data: Path, otherwise: Exception) -> Iterator[None]:
    """Nobody else serves this folder meanwhile. Raises `otherwise` when somebody does."""
    with (data / _NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise otherwise from None
        yield


def is_held(data: Path) -> bool:
    """By anybody, this process too."""
    try:
        with (data / _NAME).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
