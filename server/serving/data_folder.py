"""A data folder: whether it is an installation, and its locks.

Whoever serves it holds one lock, whoever takes in its mail another, and a third whoever does jobs in it for servers
elsewhere. They go with the process that holds them.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.serving.settings import Settings

_NAME: Final = "lock"
_MAIL: Final = "mail.lock"
VISITED: Final = "work.lock"
_LOOK_SECONDS: Final = 0.2

log = logging.getLogger(__name__)


@contextlib.contextmanager
def locked(data: Path, otherwise: Exception, name: str = _NAME) -> Iterator[None]:
    """Nobody else serves this folder meanwhile, or does jobs in it (`VISITED`). Raises `otherwise` if somebody does."""
    with (data / name).open("w") as lock:
        if not _take(lock):
            raise otherwise
        yield


@contextlib.contextmanager
def alone_with_mail(data: Path, stopped: threading.Event) -> Iterator[bool]:
    """Nobody else takes in this folder's mail meanwhile: it is waited for. False when `stopped` is set before."""
    with (data / _MAIL).open("w") as lock:
        mine = _take(lock)
        if not mine:
            log.info("Another job process is about to end: the mail is taken in then")
        while not mine and not stopped.wait(_LOOK_SECONDS):
            mine = _take(lock)
        yield mine


def _take(lock: IO[str]) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def is_locked(data: Path) -> bool:
    """Whether anybody serves it, this process too."""
    try:
        with (data / _NAME).open("r") as lock:
            return not _take(lock)
    except FileNotFoundError:
        return False


def installation_absent(settings: Settings) -> str:
    """Say that there is no installation, to the person at the terminal; "" when there is one. Looking makes none."""
    data, database = settings.data, settings.database_url.get_secret_value()
    there = (data / "keys").is_dir() if database else (data / "yuntiao.db").is_file()
    if there:
        return ""
    return (
        f"there is no installation in {data.resolve()}, and none was made: "
        "name its folder with --data or YUNTIAO_DATA; `yuntiao serve` makes a new one"
    )
