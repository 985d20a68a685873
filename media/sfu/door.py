"""One UDP socket of a worker: tells whose datagram it is, answers checks, drops everything foreign.

A worker has a door per address it listens on (IPv4, IPv6, several interfaces); what is known of peers is the
endpoint's and shared by all of them. A datagram finds its peer by the ufrag in a STUN request, by the transaction of a
check of ours in an answer, and by a proven source address otherwise (`media.sfu.pair`); all others are counted and
dropped before anything is stored.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

from media.sfu import stun
from media.sfu.peer import Address

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint

log = logging.getLogger(__name__)

SOCKET_BUFFER = 4 << 20
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3  # linux/in.h, in6.h; Python names none of them


class Door(asyncio.DatagramProtocol):
    def __init__(self, endpoint: Endpoint, sock: socket.socket) -> None:
        self.socket = sock
        self.received = 0
        self._endpoint = endpoint
        self._by_address = endpoint.by_address
        self._drops = endpoint.drops
        self._transport: asyncio.BaseTransport | None = None

    @property
    def host(self) -> str:
        return str(self.socket.getsockname()[0])

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    async def open(self) -> None:
        """Serve the socket with the running loop's datagram transport."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=self.socket)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        else:
            self.socket.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received += 1
        self.sort(data, addr)

    def sort(self, data: bytes, addr: Address) -> None:
        """Give a datagram to whom it belongs, or drop it."""
        if not data:
            self._drops["empty"] += 1
            return
        first = data[0]
        peer = self._by_address.get(addr)
        if 127 < first < 192:
            if peer is not None and peer.on_media is not None:
                try:
                    peer.on_media(data)
                except Exception:
                    # One peer's packet must never end the socket of all.
                    if not self._drops["handler"]:
                        log.exception("A media handler failed; further failures are only counted")
                    self._drops["handler"] += 1
            else:
                self._drops["media"] += 1
        elif first == 0:
            self._on_check(data, addr)
        elif first == 1:
            self._on_answer(data, addr)
        elif not (peer is not None and 19 < first < 64 and peer.on_dtls(data)):
            self._drops["dtls" if 19 < first < 64 else "unknown"] += 1

    def error_received(self, exc: Exception) -> None:
        self._drops["icmp"] += 1

    def _on_check(self, data: bytes, addr: Address) -> None:
        endpoint = self._endpoint
        ufrag = stun.local_ufrag(data)
        peer, credentials = endpoint.by_ufrag.get(ufrag, (None, None))
        now = endpoint.clock()
        if peer is None or credentials is None:
            if ufrag != endpoint.trial.credentials.ufrag:
                self._drops["stun"] += 1
            elif (answer := endpoint.trial.answer(data, addr, now)) is not None:
                self.send(answer, addr)
            else:
                self._drops["trial"] += 1
            return
        check = stun.verify(data, credentials)
        if check is None:
            self._drops["integrity"] += 1
            return
        if peer.replayed(check, addr):
            self._drops["replay"] += 1
            return
        if peer.hurried(now):
            self._drops["checks"] += 1
            return
        if credentials is peer.credentials:
            while len(peer.generations) > 1:
                endpoint.unregister(peer.generations.pop(0))
        if not peer.on_check(self, addr, check, credentials, len(data), now):
            self._drops["consent"] += 1

    def _on_answer(self, data: bytes, addr: Address) -> None:
        """By its transaction, not by its source: somebody else may be known at this address until now."""
        pair = self._endpoint.asked.get(data[8:20])
        if pair is None or pair.door is not self or pair.addr != addr or not pair.peer.on_answer(pair, data):
            self._drops["stun"] += 1

    def send(self, data: bytes, addr: Address) -> None:
        """A check, or the answer to one."""
        try:
            self.socket.sendto(data, addr)
        except OSError:  # the next check comes anyway
            self._drops["send"] += 1


def open_socket(host: str, port: int) -> socket.socket:
    """A non-blocking UDP socket with buffers large enough for a burst of key frames."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        # Don't fragment; over IPv4 also no identifier, whose generator in the kernel is 4 % of our time.
        if family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE)
            # IPv4 has a socket of its own: its clients keep their own addresses instead of mapped ones.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
