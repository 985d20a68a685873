"""One remote client under ICE-lite: its credentials, validated addresses and the inbox of its DTLS transport.

An address becomes known only through an integrity-checked STUN exchange (ASVS 17.2.3); a later nominated address
moves the peer (a phone changes network) without a new handshake.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from media.sfu.consent import Consent
from media.sfu.limits import Allowance
from media.sfu.stun import Check, Credentials

if TYPE_CHECKING:
    from media.sfu.door import Door
    from media.sfu.endpoint import Endpoint

Address = tuple[Any, ...]  # (host, port) or IPv6's four

MAX_ADDRESSES = 8  # validated addresses kept
MAX_INBOX = 64  # DTLS datagrams waiting for the handshake task
MAX_TRANSACTIONS = 1024  # checks remembered against replay: more than half an hour of them
CHECKS = 50  # a second; browsers make at most 20 of a path, and of few paths
ALERT, HANDSHAKE, CLIENT_HELLO = 21, 22, 1
PLAINTEXT = b"\0\0"  # epoch
TARGET_SIZE = 36  # two ints and the larger of the two addresses


class Peer:
    """The `transport` under an aiortc RTCDtlsTransport, which uses only `role`, `_recv()` and `_send()`.

    SRTP and SRTCP go straight to `on_media`, past the inbox, which carries DTLS alone.
    """

    role = "controlled"

    def __init__(self, endpoint: Endpoint) -> None:
        self.credentials = Credentials()
        self.generations = [self.credentials]  # oldest first; more than one during a restart
        self.remote: Address | None = None  # the nominated address: where we send
        self.sendto = endpoint.doors[0].socket.sendto  # of the socket it was nominated on; for the fast path
        self.target = bytearray(TARGET_SIZE)  # the same two for C, changed in place: see `target`
        self.addresses: dict[Address, None] = {}  # validated, oldest first
        self.heard = 0  # authenticated datagrams; whoever authenticates one counts it
        self.moves = 0
        self.closed = False
        self.on_media: Callable[[bytes], None] | None = None
        self.entry: Any = None  # who it is to the compiled way in, if there is one and it sends media
        self.consent = Consent()
        self.shaking = True  # until the DTLS handshake is done
        self.on_other_hello: Callable[[], None] | None = None  # a ClientHello unlike the one being served
        self._endpoint = endpoint
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(MAX_INBOX)
        self._hello = b""
        self._transactions: dict[bytes, Address] = {}
        self._checks = Allowance(CHECKS, 2 * CHECKS, time.monotonic())

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
        self.send(data)

    def send(self, data: bytes | memoryview) -> bool:
        """Send now or drop: media that waits in a user-space queue is worthless."""
        try:
            self.sendto(data, self.remote)  # type: ignore[arg-type] # the caller knows that there is one
        except OSError:  # a full socket buffer, or an ICMP error of some other peer
            self._endpoint.drops["send"] += 1
            return False
        return True

    def ask(self, now: float) -> None:
        """Ask a silent client whether it is there; as often as it makes sense, however often this is called."""
        if self.remote is not None and not self.closed and (question := self.consent.question(self.credentials, now)):
            self.send(question)

    def on_answer(self, data: bytes) -> bool:
        """A STUN response from a validated address; false when it is no answer of this client's."""
        genuine = self.consent.answered_by(data)
        self.heard += genuine
        return genuine

    def on_dtls(self, data: bytes) -> bool:
        """Take a DTLS datagram from a validated address; false when it is dropped."""
        if len(data) < 13 or self._inbox.full():
            return False
        if self.shaking and data[3:5] == PLAINTEXT and not self._fits_handshake(data):
            return False
        self._inbox.put_nowait(data)
        return True

    def _fits_handshake(self, data: bytes) -> bool:
        """Keep out what whoever can write our client's address could use to spoil the handshake.

        Nothing counts before a ClientHello, and of two hellos the later one: a forged one must not keep the real one
        waiting. A plaintext alert may be dropped (RFC 9147 4.5.2); a genuine one only says what silence says too.
        """
        if data[0] == ALERT:
            return False
        random = hello_random(data)
        if random and random != self._hello:
            while not self._inbox.empty():
                self._inbox.get_nowait()
            if self._hello and self.on_other_hello is not None:
                self.on_other_hello()
            self._hello = random
        return bool(self._hello)

    def hurried(self, now: float) -> bool:
        """Whether more genuine checks come than any client makes: a captured one, sent again and again."""
        return not self._checks.take(now)

    def replayed(self, check: Check, addr: Address) -> bool:
        """Whether this transaction was already used from another address; remembers it otherwise."""
        first = self._transactions.setdefault(check.transaction, addr)
        if first != addr:
            return True
        if len(self._transactions) > MAX_TRANSACTIONS:
            del self._transactions[next(iter(self._transactions))]
        return False

    def on_check(self, door: Door, addr: Address, nominated: bool) -> None:
        self.heard += 1
        if self.remote is None:
            self.move_to(door, addr)
        elif nominated and (addr != self.remote or door.socket.sendto != self.sendto):
            self.moves += addr != self.remote
            self.move_to(door, addr)

    def move_to(self, door: Door, addr: Address) -> None:
        """Send there from now on."""
        self.remote, self.sendto = addr, door.socket.sendto
        self.target[:] = target(door.socket.fileno(), addr)


def target(descriptor: int, addr: Address) -> bytes:
    """File descriptor, length and address: what C needs to send."""
    where = sockaddr(addr)
    return struct.pack(f"=ii{TARGET_SIZE - 8}s", descriptor, len(where), where)


def sockaddr(addr: Address) -> bytes:
    """`struct sockaddr` in the machine's own layout."""
    if len(addr) == 2:
        where = struct.pack("!H4s8x", addr[1], socket.inet_pton(socket.AF_INET, addr[0]))
        return struct.pack("=H", socket.AF_INET) + where
    host, port, flow, scope = addr
    packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16s", port, flow, packed) + struct.pack("=I", scope)


def address(where: bytes) -> Address:
    """The other way round, as a socket's `recvfrom` has it."""
    (family,) = struct.unpack_from("=H", where)
    if family == socket.AF_INET:
        port, host = struct.unpack_from("!H4s", where, 2)
        return socket.inet_ntop(socket.AF_INET, host), port
    port, flow, host = struct.unpack_from("!HI16s", where, 2)
    (scope,) = struct.unpack_from("=I", where, 24)
    return socket.inet_ntop(socket.AF_INET6, host), port, flow, scope


def hello_random(data: bytes) -> bytes:
    """The random of a plaintext ClientHello's first fragment, else empty (RFC 6347 4.2.1)."""
    if len(data) < 59 or data[0] != HANDSHAKE or data[13] != CLIENT_HELLO or data[19:22] != b"\0\0\0":
        return b""
    return data[27:59]
