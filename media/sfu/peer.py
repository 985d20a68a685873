"""One remote client under ICE-lite: its credentials, validated addresses and the inbox of its DTLS transport.

An address becomes known only through an integrity-checked STUN exchange (ASVS 17.2.3); a later nominated address
moves the peer (a phone changes network) without a new handshake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from media.sfu.stun import Check, Credentials

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint

Address = tuple[Any, ...]  # (host, port) or IPv6's four

MAX_ADDRESSES = 8  # validated addresses kept
MAX_INBOX = 64  # DTLS datagrams waiting for the handshake task
MAX_TRANSACTIONS = 1024  # checks remembered against replay: more than half an hour of them
ALERT, HANDSHAKE, CLIENT_HELLO = 21, 22, 1


class Peer:
    """The `transport` under an aiortc RTCDtlsTransport, which uses only `role`, `_recv()` and `_send()`.

    SRTP and SRTCP go straight to `on_media`, past the inbox, which carries DTLS alone.
    """

    role = "controlled"

    def __init__(self, endpoint: Endpoint) -> None:
        self.credentials = Credentials()
        self.generations = [self.credentials]  # oldest first; more than one during a restart
        self.remote: Address | None = None  # the nominated address: where we send
        self.addresses: dict[Address, None] = {}  # validated, oldest first
        self.heard = 0  # authenticated datagrams; whoever authenticates one counts it
        self.moves = 0
        self.closed = False
        self.on_media: Callable[[bytes], None] | None = None
        self.on_other_hello: Callable[[], None] | None = None
        self._endpoint = endpoint
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(MAX_INBOX)
        self._hello = b""
        self._transactions: dict[bytes, Address] = {}

    def restart(self) -> None:
        """Start an ICE restart; the old credentials work until the new ones are used."""
        self.credentials = Credentials()
        self.generations.append(self.credentials)
        self._endpoint.register(self)
        while len(self.generations) > 3:  # restarts nobody followed
            self._endpoint.unregister(self.generations.pop(0))

    def close(self) -> None:
        """Forget this peer; a task waiting in `_recv` gets ConnectionError."""
        if self.closed:
            return
        self.closed = True
        self.on_media = None
        self._endpoint.forget(self)
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self._inbox.put_nowait(b"")

    async def _recv(self) -> bytes:
        if self.closed and self._inbox.empty():
            raise ConnectionError("peer closed")
        data = await self._inbox.get()
        if not data:
            raise ConnectionError("peer closed")
        return data

    async def _send(self, data: bytes) -> None:
        if self.remote is None:
            raise ConnectionError("no nominated address")
        self._endpoint.send(data, self.remote)

    def begin_handshake(self, on_other_hello: Callable[[], None] | None) -> None:
        """Watch for a ClientHello other than the one now being served; None when the handshake is over."""
        self.on_other_hello = on_other_hello
        if on_other_hello is None:
            self._hello = b""

    def on_dtls(self, data: bytes) -> bool:
        """Take a DTLS datagram from a validated address; false when it is dropped."""
        if len(data) < 13 or self._inbox.full():
            return False
        if data[3:5] == b"\0\0":
            # A plaintext alert can be forged by anybody who can write the sender's address (RFC 9147 4.5.2
            # lets us drop it); a genuine one only announces what silence will show as well.
            if data[0] == ALERT:
                return False
            random = hello_random(data)
            if random and self.on_other_hello is not None:
                if self._hello and random != self._hello:
                    # The handshake in progress belongs to another hello, perhaps a forged one: begin again.
                    while not self._inbox.empty():
                        self._inbox.get_nowait()
                    self.on_other_hello()
                self._hello = random
        self._inbox.put_nowait(data)
        return True

    def replayed(self, check: Check, addr: Address) -> bool:
        """Whether this transaction was already used from another address; remembers it otherwise."""
        first = self._transactions.setdefault(check.transaction, addr)
        if first != addr:
            return True
        if len(self._transactions) > MAX_TRANSACTIONS:
            del self._transactions[next(iter(self._transactions))]
        return False

    def on_check(self, addr: Address, nominated: bool) -> None:
        self.heard += 1
        if self.remote is None:
            self.remote = addr
        elif nominated and addr != self.remote:
            self.remote = addr
            self.moves += 1


def hello_random(data: bytes) -> bytes:
    """The random of a plaintext ClientHello's first fragment, else empty (RFC 6347 4.2.1)."""
    if len(data) < 59 or data[0] != HANDSHAKE or data[13] != CLIENT_HELLO or data[19:22] != b"\0\0\0":
        return b""
    return data[27:59]
