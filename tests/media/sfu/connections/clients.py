"""A client's end of a connection: one real socket and its own credentials, which answers the server's checks or not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from media.sfu.ice import IcePeer
from media.sfu.stun import Address, IceCredentials
from media.sfu.udp_mux import UdpMux, UdpSocket
from tests.tools.bench.media import ice


class Client:
    """What it sends has arrived when a call returns; what was sent to it stands in `inbox`, the server's checks too."""

    def __init__(self, mux: UdpMux, peer: IcePeer, udp_socket: UdpSocket | None = None) -> None:
        """It is the client of `peer`, which knows its credentials; it sends to `udp_socket`."""
        self.peer, self.udp_socket = peer, udp_socket or mux.sockets[0]
        known = next(reversed(peer.remote_credentials.items()), None)
        self.credentials = IceCredentials(*known) if known is not None else IceCredentials()
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in self.udp_socket.host else socket.AF_INET, socket.SOCK_DGRAM
        )
        self.socket.bind((self.udp_socket.host, 0))
        self.socket.setblocking(False)
        self.addr: Address = self.socket.getsockname()
        self.inbox: list[bytes] = []
        self.sent = 0  # bytes
        peer.set_remote_credentials(self.credentials.ufrag, self.credentials.password)

    def send(self, data: bytes) -> None:
        self.sent += len(data)
        self.udp_socket.datagram_received(data, self.addr)

    def check(self, nominated: bool = True, server: IceCredentials | None = None) -> bytes:
        data = ice.check(server or self.peer.credentials, self.credentials, nominated)
        self.send(data)
        return data

    def look(self) -> list[bytes]:
        """Everything that has arrived and was not looked at."""
        fresh: list[bytes] = []
        with suppress(BlockingIOError):
            while True:
                fresh.append(self.socket.recv(2048))
        self.inbox += fresh
        return fresh

    def asked(self) -> list[bytes]:
        """The server's checks among what has arrived and was not looked at."""
        return [data for data in self.look() if data[:2] == b"\0\1"]

    def answer(self) -> int:
        """Every check of the server's that has arrived; how many."""
        answers = [ice.answer(data, self.credentials) for data in self.asked()]
        for data in answers:
            self.send(data)
        return len(answers)

    def arrive(self, nominated: bool = True, server: IceCredentials | None = None) -> Client:
        """Check, and answer."""
        self.check(nominated, server)
        self.answer()
        return self

    @property
    def received(self) -> int:
        """Bytes that came, whatever they are."""
        self.look()
        return sum(map(len, self.inbox))


@contextmanager
def clients(mux: UdpMux, *peers: IcePeer, udp_socket: UdpSocket | None = None) -> Iterator[list[Client]]:
    made = [Client(mux, peer, udp_socket) for peer in peers]
    try:
        yield made
    finally:
        for client in made:
            client.socket.close()
