"""The one UDP socket of a worker: tells whose datagram it is, answers checks, drops everything foreign.

ICE-lite (RFC 8445 2.5): the server never sends checks, it answers them. A datagram finds its peer by the ufrag in a
STUN request and by source address otherwise; all others are counted and dropped before anything is stored.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter

from media.sfu import stun
from media.sfu.peer import MAX_ADDRESSES, Address, Peer
from media.sfu.stun import Credentials

log = logging.getLogger(__name__)

SOCKET_BUFFER = 4 << 20
IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3  # linux/in.h; Python names neither


class Endpoint(asyncio.DatagramProtocol):
    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.drops: Counter[str] = Counter()
        self.peers: set[Peer] = set()
        self.by_address: dict[Address, Peer] = {}
        self.received = 0
        self.sent = 0  # counted by whoever sends past `send`
        self._by_ufrag: dict[str, tuple[Peer, Credentials]] = {}
        self._transport: asyncio.BaseTransport | None = None

    @classmethod
    async def bind(cls, host: str, port: int) -> Endpoint:
        """Open the socket and serve it with the running loop's datagram transport."""
        endpoint = cls(open_socket(host, port))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: endpoint, sock=endpoint.socket)
        return endpoint

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def close(self) -> None:
        for peer in list(self.peers):
            peer.close()
        if self._transport is not None:
            self._transport.close()

    def add_peer(self) -> Peer:
        peer = Peer(self)
        self.peers.add(peer)
        self.register(peer)
        return peer

    def register(self, peer: Peer) -> None:
        self._by_ufrag[peer.credentials.ufrag] = (peer, peer.credentials)

    def unregister(self, credentials: Credentials) -> None:
        self._by_ufrag.pop(credentials.ufrag, None)

    def forget(self, peer: Peer) -> None:
        self.peers.discard(peer)
        for addr in peer.addresses:
            self.by_address.pop(addr, None)
        for credentials in peer.generations:
            self.unregister(credentials)

    def send(self, data: bytes | memoryview, addr: Address) -> bool:
        """Send now or drop: media that waits in a user-space queue is worthless."""
        try:
            self.socket.sendto(data, addr)
        except OSError:  # a full socket buffer, or an ICMP error of some other peer
            self.drops["send"] += 1
            return False
        return True

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received += 1
        if not data:
            self.drops["empty"] += 1
            return
        first = data[0]
        peer = self.by_address.get(addr)
        if 127 < first < 192:
            if peer is not None and peer.on_media is not None:
                try:
                    peer.on_media(data)
                except Exception:
                    # One peer's packet must never end the socket of all.
                    if not self.drops["handler"]:
                        log.exception("A media handler failed; further failures are only counted")
                    self.drops["handler"] += 1
            else:
                self.drops["media"] += 1
        elif first < 2:
            self._on_stun(data, addr)
        elif not (peer is not None and 19 < first < 64 and peer.on_dtls(data)):
            self.drops["dtls" if 19 < first < 64 else "unknown"] += 1

    def error_received(self, exc: Exception) -> None:
        self.drops["icmp"] += 1

    def _on_stun(self, data: bytes, addr: Address) -> None:
        peer, credentials = self._by_ufrag.get(stun.local_ufrag(data), (None, None))
        if peer is None or credentials is None:
            self.drops["stun"] += 1
            return
        check = stun.verify(data, credentials)
        if check is None:
            self.drops["integrity"] += 1
            return
        if peer.replayed(check, addr):
            self.drops["replay"] += 1
            return
        if credentials is peer.credentials:
            while len(peer.generations) > 1:
                self.unregister(peer.generations.pop(0))
        self._learn(peer, addr)
        peer.on_check(addr, check.nominated)
        self.send(stun.response(check, credentials, addr), addr)

    def _learn(self, peer: Peer, addr: Address) -> None:
        owner = self.by_address.get(addr)
        if owner is peer:
            return
        if owner is not None:  # the client gave this port to another connection
            owner.addresses.pop(addr, None)
        if len(peer.addresses) >= MAX_ADDRESSES:
            oldest = next(a for a in peer.addresses if a != peer.remote)
            del peer.addresses[oldest], self.by_address[oldest]
        peer.addresses[addr] = None
        self.by_address[addr] = peer


def open_socket(host: str, port: int) -> socket.socket:
    """A non-blocking UDP socket with buffers large enough for a burst of key frames."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        if family == socket.AF_INET:
            # Don't fragment, and no IP identifier: the kernel's generator for it is 4 % of our time.
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
