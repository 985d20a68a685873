"""`yuntiao health`: whether the server of a data folder is ready.

Docker and systemd ask every few seconds, so little is loaded: not even what the standard library has for HTTP.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 3.0
RUNNING: Final = "running.json"
"""In the data folder: where its server is reached."""
_MOST: Final = 65_536


def main(data: Path | None, as_json: bool) -> int:
    """Says it. 0 when ready, 1 when not."""
    ready, checks = ask(data or Path(os.environ.get("YUNTIAO_DATA", "data")))
    said = json.dumps({"ready": ready, "checks": checks}) if as_json else "ready" if ready else "not ready"
    sys.stdout.write(f"{said}\n")
    return 0 if ready else 1


def ask(data: Path) -> tuple[bool, dict[str, Any]]:
    """What `/readyz` of this folder's server says; not ready when there is none."""
    try:
        scheme, _, address = json.loads((data / RUNNING).read_text())["url"].partition("://")
        host, _, port = address.rstrip("/").rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as connection:
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
