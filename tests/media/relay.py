"""A network of our own on loopback: it can lose packets, block, and give a client another outside address.

Stands in for a phone on the move: the client notices nothing, the server sees the same client elsewhere.
"""

from __future__ import annotations

import asyncio
import random

Address = tuple[str, int]


class Relay(asyncio.DatagramProtocol):
    def __init__(self, chance: random.Random | None = None) -> None:
        self.loss = 0.0
        self.blocked = False
        self.lost = 0
        self.port = 0
        self._chance = chance or random.Random(7)
        self._leading = asyncio.Lock()
        self._server: Address = ("127.0.0.1", 0)
        self._inside: asyncio.DatagramTransport | None = None
        self._outside: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: dict[Address, asyncio.Task[None]] = {}

    async def lead_to(self, port: int, at: Address = ("127.0.0.1", 0)) -> None:
        """Open, once, in front of the server's port, however many ask at the same time; clients send to `at`."""
        async with self._leading:
            if self._inside is None:
                self._server = ("127.0.0.1", port)
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=at)
                self._inside = transport
                self.port = transport.get_extra_info("sockname")[1]

    @property
    def clients(self) -> set[Address]:
        return set(self._outside)

    def move(self) -> None:
        """Give every client a new outside address."""
        for transport in self._outside.values():
            transport.close()
        self._outside.clear()

    def close(self) -> None:
        self.move()
        if self._inside is not None:
            self._inside.close()

    def lets_through(self) -> bool:
        if self.blocked or self._chance.random() < self.loss:
            self.lost += 1
            return False
        return True

    def datagram_received(self, data: bytes, addr: Address) -> None:
        outside = self._outside.get(addr)
        if outside is not None:
            if self.lets_through():
                outside.sendto(data)
        elif addr not in self._opening:
            self._opening[addr] = asyncio.get_running_loop().create_task(self._open(addr))

    def to_client(self, data: bytes, client: Address) -> None:
        if self._inside is not None and self.lets_through():
            self._inside.sendto(data, client)

    async def _open(self, client: Address) -> None:
        loop = asyncio.get_running_loop()
        outside, _ = await loop.create_datagram_endpoint(lambda: _Outside(self, client), remote_addr=self._server)
        self._outside[client] = outside
        del self._opening[client]


class _Outside(asyncio.DatagramProtocol):
    def __init__(self, relay: Relay, client: Address) -> None:
        self._relay = relay
        self._client = client

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._relay.to_client(data, self._client)
