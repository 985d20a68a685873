"""A server on a data folder: its connections, its addresses, its health.

process      `yuntiao serve` from start to stop
settings     everything that can be set, and how much may come in in a day
gate         how many connections there may be, what each is doing, who is cut for standing still, whence a socket opens
listener     accepts, hands over to TLS, and rests when the machine has no more files
addresses    under which the machine is reached, and the certificate for them
health       alive, ready, and what is measured

Here is the data folder: whether it is an installation, and its locks. Whoever serves it holds one, whoever takes in its
mail another, and a third whoever does jobs in it for servers elsewhere. They go with the process that holds them.

And `yuntiao health`, whether the server of a data folder is ready: Docker and systemd ask every few seconds, so little
is loaded, not even what the standard library has for HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from server.serving.settings import Settings


def loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Of the web process and of media workers; None where the faster loop is not to be had."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


# ------------------------------------------------------------ data folder


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


# ------------------------------------------------------------ probe


HEALTH_SECONDS: Final = 3.0
RUNNING: Final = "running.json"
"""In the data folder: where its server is reached."""
_MOST: Final = 65_536


def tell_health(data: Path | None, as_json: bool) -> int:
    """Says it. 0 when ready, 1 when not."""
    ready, checks = ask_health(data or Path(os.environ.get("YUNTIAO_DATA", "data")))
    said = json.dumps({"ready": ready, "checks": checks}) if as_json else "ready" if ready else "not ready"
    sys.stdout.write(f"{said}\n")
    return 0 if ready else 1


def ask_health(data: Path) -> tuple[bool, dict[str, Any]]:
    """What `/readyz` of this folder's server says; not ready when there is none."""
    try:
        scheme, _, address = json.loads((data / RUNNING).read_text())["url"].partition("://")
        host, _, port = address.rstrip("/").rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), HEALTH_SECONDS) as connection:
            status, body = _got(_wrapped(connection) if scheme == "https" else connection, address)
        return status == 200, json.loads(body)["checks"]
    except (OSError, ValueError, KeyError):
        return False, {}


def _wrapped(connection: socket.socket) -> socket.socket:
    import ssl

    # It is our own machine's server, perhaps with a certificate it signed itself.
    return ssl._create_unverified_context().wrap_socket(connection)  # noqa: S323


def _got(connection: socket.socket, host: str) -> tuple[int, bytes]:
    """ValueError when it is no HTTP."""
    connection.sendall(f"GET /readyz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    answer = b""
    while len(answer) < _MOST and (piece := connection.recv(_MOST)):
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head[9:12]), body
