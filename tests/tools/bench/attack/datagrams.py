"""Attacks on the media port by somebody who is in no room: floods, and checks sent in the hope of an answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Final

from tests.tools.bench.attack.connections import SOURCES
from tests.tools.bench.attack.outcome import Outcome, Target
from tests.tools.bench.media.flooder import KINDS

RATE: Final = 5_000  # datagrams a second
BURST: Final = 50
MOST_BACK: Final = 1.0  # bytes that came back for each byte sent


class _Stranger(asyncio.DatagramProtocol):
    """Never answers what it is sent."""

    def __init__(self) -> None:
        self.back = 0  # bytes

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.back += len(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens: the watch says so."""


async def datagrams(target: Target) -> Outcome:
    """Of every kind in turn, from several addresses; what comes back is counted."""
    outcome, loop = Outcome(), asyncio.get_running_loop()
    strangers = [
        await loop.create_datagram_endpoint(_Stranger, local_addr=(source, 0), remote_addr=target.media)
        for source in SOURCES
    ]
    shapes = [make(["nobody"]) for make in KINDS.values() for _ in range(8)]
    sent, began = 0, time.monotonic()
    try:
        for number in itertools.count():
            if time.monotonic() - began >= target.seconds:
                break
            for at in range(BURST):
                data = shapes[(number + at) % len(shapes)]
                strangers[at % len(strangers)][0].sendto(data)
                sent += len(data)
            outcome.sent += BURST
            await asyncio.sleep(max(0.0, began + outcome.sent / RATE - time.monotonic()))
    finally:
        for transport, _ in strangers:
            transport.close()
    back = sum(stranger.back for _, stranger in strangers)
    outcome.answers["bytes back"] = back
    if back > sent * MOST_BACK:
        outcome.served.append(f"{back} bytes came back for {sent}")
    return outcome
