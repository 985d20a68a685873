"""A bad network on loopback, in front of a server's UDP port: delay, jitter, loss in any pattern, a narrow line.

One `Network` is one person's line: whatever of theirs goes through it, both connections alike, shares its width.
Packets keep their order, as in a queue; the kernel's own tools for this need rights that a benchmark does not have.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

Address = tuple[str, int]

MOST_CLIENTS = 16
FRAME_BYTES = 28  # IP and UDP: they take up the line too


@dataclass(frozen=True, slots=True)
class Condition:
    """One direction of a line. Loss has two states (Gilbert): `burst` is the mean number of packets lost in a row."""

    delay: float = 0.0  # seconds
    jitter: float = 0.0  # up to so many seconds more
    loss: float = 0.0  # share of packets, 0-1
    burst: float = 1.0
    rate: int = 0  # bit/s; 0: as wide as need be
    queue: float = 0.3  # seconds of waiting before the line drops what comes


@dataclass(slots=True)
class Count:
    packets: int = 0
    octets: int = 0
    lost: int = 0  # by chance
    dropped: int = 0  # by a full queue


class Line:
    """One direction: what is pushed comes out of `send` later, or never."""

    def __init__(self, condition: Condition, chance: random.Random) -> None:
        self.condition = condition
        self.count = Count()
        self._chance = chance
        self._losing = False
        self._free_at = 0.0
        self._last = 0.0

    def due(self, size: int, now: float) -> float | None:
        """When a datagram of so many bytes arrives; None: it is lost."""
        c = self.condition
        self.count.packets += 1
        self.count.octets += size
        # With loss p and bursts of b on average: out of the bad state by 1/b, into it so that p of all is spent there.
        out = 1 / max(1.0, c.burst)
        into = min(1.0, c.loss * out / max(1e-9, 1 - c.loss))
        if c.burst <= 1:
            self._losing = self._chance.random() < c.loss
        elif self._losing:
            self._losing = self._chance.random() >= out
        else:
            self._losing = self._chance.random() < into
        if self._losing:
            self.count.lost += 1
            return None
        leaves = now
        if c.rate:
            begins = max(now, self._free_at)
            if begins - now > c.queue:
                self.count.dropped += 1
                return None
            leaves = self._free_at = begins + (size + FRAME_BYTES) * 8 / c.rate
        self._last = max(self._last, leaves + c.delay + self._chance.random() * c.jitter)
        return self._last


class Network(asyncio.DatagramProtocol):
    def __init__(self, up: Condition, down: Condition, chance: random.Random) -> None:
        self.up, self.down = Line(up, chance), Line(down, chance)
        self.port = 0
        self._leading = asyncio.Lock()
        self._server: Address = ("127.0.0.1", 0)
        self._inside: asyncio.DatagramTransport | None = None
        self._outside: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: dict[Address, asyncio.Task[None]] = {}

    async def lead_to(self, port: int) -> None:
        """Open, once, in front of the server's port, however many ask at the same time."""
        async with self._leading:
            if self._inside is None:
                self._server = ("127.0.0.1", port)
                loop = asyncio.get_running_loop()
                self._inside, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
                self.port = self._inside.get_extra_info("sockname")[1]

    def become(self, up: Condition, down: Condition) -> None:
        self.up.condition, self.down.condition = up, down

    async def close(self) -> None:
        for task in self._opening.values():
            task.cancel()
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        for transport in self._outside.values():
            transport.close()
        self._outside.clear()
        if self._inside is not None:
            self._inside.close()
            self._inside = None

    def datagram_received(self, data: bytes, addr: Address) -> None:
        outside = self._outside.get(addr)
        if outside is not None:
            self._carry(self.up, data, lambda: outside.sendto(data))
        elif addr not in self._opening and len(self._outside) < MOST_CLIENTS:
            self._opening[addr] = asyncio.get_running_loop().create_task(self._open(addr))

    def to_client(self, data: bytes, client: Address) -> None:
        inside = self._inside
        if inside is not None:
            self._carry(self.down, data, lambda: inside.sendto(data, client))

    def _carry(self, line: Line, data: bytes, send: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        due = line.due(len(data), now)
        if due is None:
            return
        if due <= now:
            send()
        else:
            loop.call_at(due, self._still, send)

    def _still(self, send: Callable[[], None]) -> None:
        if self._inside is not None:
            send()

    async def _open(self, client: Address) -> None:
        loop = asyncio.get_running_loop()
        try:
            outside, _ = await loop.create_datagram_endpoint(lambda: _Outside(self, client), remote_addr=self._server)
            self._outside[client] = outside
        finally:
            del self._opening[client]


class _Outside(asyncio.DatagramProtocol):
    def __init__(self, network: Network, client: Address) -> None:
        self._network = network
        self._client = client

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._network.to_client(data, self._client)
