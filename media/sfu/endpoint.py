"""The one UDP port of a worker, on every address it listens on: which peers there are, and where they are.

ICE-lite (RFC 8445 2.5): clients check, the server answers, and asks back (`media.sfu.pair`). Peers are shared by all
doors, so a client that comes over IPv6 and one over IPv4 sit in the same room, and one that changes between them keeps
its connection.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from media.sfu.door import Door, open_socket
from media.sfu.fanout import FanOut
from media.sfu.limits import MOST_BITRATE
from media.sfu.pair import Pair
from media.sfu.peer import Address, Peer
from media.sfu.srtp import Outgoing
from media.sfu.stun import Credentials
from media.sfu.trial import Trial

if TYPE_CHECKING:
    from media.sfu.fanout import MakeFanOut
    from media.sfu.native.fanout import Native
    from media.sfu.native.wayin import WayIn

PORT_TRIES = 16  # for a port that is free on every address, when any will do


class Endpoint:
    def __init__(
        self, sockets: Sequence[socket.socket], bitrate: int = MOST_BITRATE, native: Native | None = None
    ) -> None:
        """`native`: packets go through C, where there is nothing to decide about them."""
        self.clock: Callable[[], float] = time.monotonic  # of checks and consent
        self.bitrate = bitrate  # that each client may send
        self.out = Outgoing()
        self.fan_out: MakeFanOut = native or FanOut
        self.drops: Counter[str] = Counter()
        self.peers: set[Peer] = set()
        self.by_address: dict[Address, Peer] = {}  # proven ones
        self.asked: dict[bytes, Pair] = {}  # transactions of our own checks
        self.by_ufrag: dict[str, tuple[Peer, Credentials]] = {}
        self.trial = Trial()
        self.sent = 0  # media packets; counted by whoever sends them
        self.way_in: WayIn | None = native.way_in(self) if native is not None else None
        self.doors = [Door(self, sock) if self.way_in is None else self.way_in.door(sock) for sock in sockets]

    @classmethod
    async def bind(
        cls, host: str | Sequence[str], port: int, bitrate: int = MOST_BITRATE, native: Native | None = None
    ) -> Endpoint:
        """Listen on one port of every given address; "::" is every address of both families. 0: any free port."""
        hosts = expanded([host] if isinstance(host, str) else host)
        endpoint = cls(open_sockets(hosts, port), bitrate, native)
        try:
            for door in endpoint.doors:
                await door.open()
        except OSError:
            endpoint.close()
            raise
        return endpoint

    @property
    def port(self) -> int:
        return self.doors[0].port

    @property
    def received(self) -> int:
        return sum(door.received for door in self.doors)

    @property
    def buffered(self) -> int:
        """Bytes the kernel keeps for us while we are busy, on the socket with the least (it doubles what is asked)."""
        sizes = [door.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for door in self.doors]
        return min(sizes) // 2

    def serves(self, address: str) -> bool:
        """Whether a client can reach us at an announced address of this family."""
        return any((":" in address) == (":" in door.host) for door in self.doors)

    def close(self) -> None:
        for peer in list(self.peers):
            peer.close()
        for door in self.doors:
            door.close()

    def add_peer(self) -> Peer:
        peer = Peer(self)
        self.peers.add(peer)
        self.register(peer)
        return peer

    def register(self, peer: Peer) -> None:
        self.by_ufrag[peer.credentials.ufrag] = (peer, peer.credentials)

    def unregister(self, credentials: Credentials) -> None:
        self.by_ufrag.pop(credentials.ufrag, None)

    def forget(self, peer: Peer) -> None:
        self.peers.discard(peer)
        for credentials in peer.generations:
            self.unregister(credentials)

    def learn(self, peer: Peer, addr: Address) -> None:
        """The peer has proven that it is at this address."""
        owner = self.by_address.get(addr)
        if owner is peer:
            return
        if owner is not None:  # the client gave this port to another connection
            owner.cede(addr)
        self.by_address[addr] = peer
        if self.way_in is not None:
            self.way_in.place(addr, peer)

    def leave(self, peer: Peer, addr: Address) -> None:
        """The peer is at this address no longer."""
        if self.by_address.get(addr) is peer:
            del self.by_address[addr]
            if self.way_in is not None:
                self.way_in.leave(addr)


def expanded(hosts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for host in hosts for each in (("0.0.0.0", "::") if host == "::" else (host,))))  # noqa: S104


def open_sockets(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """A socket for each address, all on one port."""
    for _ in range(PORT_TRIES):
        sockets: list[socket.socket] = []
        try:
            for host in hosts:
                sockets.append(open_socket(host, port or (sockets[0].getsockname()[1] if sockets else 0)))
        except OSError as error:
            for sock in sockets:
                sock.close()
            # The port that was free on the first address may be taken on the next.
            if port or not sockets or error.errno != errno.EADDRINUSE:
                raise
        else:
            return sockets
    raise OSError(errno.EADDRINUSE, "no port is free on every address")
