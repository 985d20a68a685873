"""A stranger on the network: sends datagrams that are nobody's to a worker's port, of one kind at a time.

Started as `python -m tests.tools.bench.media.flooder`: one JSON order a line on standard input, each answered by a line
when done.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from aioice import stun

SOCKETS = 8
SHAPES = 64  # different datagrams of a kind
BURST = 0.002  # seconds

CLIENT_HELLO = b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", 300) + b"\x01"


def check(ufrag: str) -> bytes:
    """A well-formed check with a password that is not ours."""
    request = stun.Message(
        stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{ufrag}:abcd", "USE-CANDIDATE": None}
    )
    request.add_message_integrity(secrets.token_bytes(16))
    return bytes(request)


def forged_media(_: Sequence[str] = ()) -> bytes:
    return b"\x80\x60" + os.urandom(1000)


KINDS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "empty": lambda _: b"",
    "random": lambda _: os.urandom(200),
    "client_hello": lambda _: CLIENT_HELLO + os.urandom(299),
    "stun_unknown": lambda _: check(secrets.token_hex(4)),
    "stun_wrong_password": lambda ufrags: check(secrets.choice(ufrags)),
    "media": forged_media,
}


def flood(order: dict[str, Any]) -> None:
    """Send `count` datagrams of `kind` at about `rate` a second."""
    make, count, rate = KINDS[order["kind"]], int(order["count"]), float(order["rate"])
    shapes = [make(order["ufrags"]) for _ in range(SHAPES)]
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    try:
        for each in sockets:
            each.connect(tuple(order["server"]))
        began, sent, each_burst = time.perf_counter(), 0, max(1, int(rate * BURST))
        while sent < count:
            send = sockets[sent // each_burst % SOCKETS].send
            for n in range(min(each_burst, count - sent)):
                with contextlib.suppress(OSError):  # a full buffer: sent again by a later order
                    send(shapes[n % SHAPES])
            sent += each_burst
            ahead = began + sent / rate - time.perf_counter()
            if ahead > 0:
                time.sleep(ahead)
    finally:
        for each in sockets:
            each.close()


if __name__ == "__main__":
    for line in sys.stdin:
        flood(json.loads(line))
        sys.stdout.write("done\n")
        sys.stdout.flush()
