"""One remote client under ICE-lite: its credentials, its candidate pairs and the inbox of its DTLS transport.

An address becomes known only through integrity-checked STUN exchanges both ways (ASVS 17.2.3, RFC 7675); a later
nominated one moves the peer (a phone changes network) without a new handshake, one round trip after its check.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from media.sfu.limits import Allowance
from media.sfu.pair import AGAIN, Pair
from media.sfu.stun import Check, Credentials

if TYPE_CHECKING:
    from media.sfu.door import Door
    from media.sfu.endpoint import Endpoint

Address = tuple[Any, ...]  # (host, port) or IPv6's four

MAX_PAIRS = 8  # kept, proven or not
MAX_LOST = 64  # pairs whose consent has run out, of each peer
CLIENTS = 2  # credentials of the client's: during an ICE restart its old paths still answer under the old ones
ASK_EVERY = 0.3  # seconds: six questions before somebody counts as gone: all lost once in 500 at 20 % loss both ways
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
        self.endpoint = endpoint
        self.credentials = Credentials()
        self.generations = [self.credentials]  # oldest first; more than one during a restart
        self.clients: dict[str, str] = {}  # the client's ufrags and passwords, the newest last
        self.pairs: dict[tuple[Address, Door], Pair] = {}  # oldest first
        self.selected: Pair | None = None  # the nominated one, which consents: where we send
        self.remote: Address | None = None  # its address
        self.sendto: Callable[..., int] = nowhere  # of its socket; for the fast path
        self.target = bytearray(NOWHERE)  # the same two for C, changed in place: see `target`
        self.heard = 0  # authenticated datagrams; whoever authenticates one counts it
        self.moves = 0
        self.closed = False
        self.on_media: Callable[[bytes], None] | None = None
        self.entry: Any = None  # who it is to the compiled way in, if there is one and it sends media
        self.shaking = True  # until the DTLS handshake is done
        self.on_other_hello: Callable[[], None] | None = None  # a ClientHello unlike the one being served
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(MAX_INBOX)
        self._hello = b""
        self._transactions: dict[bytes, Address] = {}
        self._lost: dict[tuple[Address, Door, Credentials], None] = {}
        self._checks = Allowance(CHECKS, 2 * CHECKS, endpoint.clock())

    def restart(self) -> None:
        """Start an ICE restart; the old credentials work until the new ones are used."""
        self.credentials = Credentials()
        self.generations.append(self.credentials)
        self.endpoint.register(self)
        while len(self.generations) > 3:  # restarts nobody followed
            self.endpoint.unregister(self.generations.pop(0))

    def know(self, ufrag: str, password: str) -> None:
        """The client's own credentials, from its description; whoever has come before is asked now."""
        self.clients.pop(ufrag, None)
        self.clients[ufrag] = password
        while len(self.clients) > CLIENTS:
            del self.clients[next(iter(self.clients))]
        now = self.endpoint.clock()
        for pair in self.pairs.values():
            if not pair.client[0]:
                pair.client = ufrag, password
                pair.ask(now, AGAIN)

    def close(self) -> None:
        """Forget this peer; a task waiting in `_recv` gets ConnectionError."""
        if self.closed:
            return
        self.closed = True
        self.on_media = None
        for pair in list(self.pairs.values()):
            self._drop(pair)
        self.endpoint.forget(self)
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
        self.send(data)

    def send(self, data: bytes | memoryview) -> bool:
        """Send now or drop: media that waits in a user-space queue is worthless."""
        if self.remote is None:
            return False
        try:
            self.sendto(data, self.remote)
        except OSError:  # a full socket buffer, or an ICMP error of some other peer
            self.endpoint.drops["send"] += 1
            return False
        return True

    # ------------------------------------------------------------ where the client is

    def on_check(self, door: Door, addr: Address, check: Check, ours: Credentials, size: int, now: float) -> bool:
        """A check of `size` bytes with our password; false when consent has run out there under these credentials."""
        if (addr, door, ours) in self._lost:  # RFC 7675 5.1: never again without an ICE restart
            return False
        self.heard += 1
        pair = self.pairs.get((addr, door)) or self._add(door, addr)
        if check.client in self.clients:
            pair.client = check.client, self.clients[check.client]
        elif self.clients and not pair.client[0]:
            pair.client = next(reversed(self.clients.items()))
        pair.heard(check, ours, size)
        if pair.consents(now):
            pair.respond(now)
            self._select(pair)
        elif not pair.ask(now, AGAIN) and pair.client[0]:
            # Whoever is answered shakes hands, which takes a proven address: so not before we could ask for proof.
            pair.respond(now)
        return True

    def on_answer(self, pair: Pair, data: bytes) -> bool:
        """A STUN response to a check of ours, from where it was sent to; false when it is not the client's."""
        now = self.endpoint.clock()
        said = pair.take(data, now)
        if said == "answered":
            self.heard += 1
            self.endpoint.learn(self, pair.addr)
            pair.respond(now)
            self._select(pair)
        elif said == "forbidden":
            self._lose(pair)
        return said != ""

    @property
    def due(self) -> float:
        """When to `refresh`."""
        return self.selected.due if self.selected is not None else float("inf")

    def refresh(self, now: float) -> None:
        """Ask for consent again where we send, and send no more where it has run out (RFC 7675 5.1)."""
        for pair in list(self.pairs.values()):
            if pair is self.selected:
                if not pair.consents(now):
                    self._lose(pair)
                elif now >= pair.due:
                    pair.ask(now)
            elif not pair.consents(now) and pair.answered_at > float("-inf"):
                self._drop(pair)  # nobody was asked: proven again by its next check

    def ask(self, now: float) -> None:
        """Ask a silent client whether it is there; as often as it makes sense, however often this is called."""
        if self.selected is not None:
            self.selected.ask(now, ASK_EVERY)

    def revoke(self) -> None:
        """The client has closed the connection, authentically: nothing more is sent (RFC 7675 5.2)."""
        for pair in list(self.pairs.values()):
            self._lose(pair)

    def cede(self, addr: Address) -> None:
        """Another peer has proven that it is there."""
        for pair in [pair for pair in self.pairs.values() if pair.addr == addr]:
            self._drop(pair)

    def _add(self, door: Door, addr: Address) -> Pair:
        if len(self.pairs) >= MAX_PAIRS:
            # What was never proven goes first, and then the oldest.
            others = (pair for pair in self.pairs.values() if pair is not self.selected)
            self._drop(min(others, key=lambda pair: pair.answered_at > float("-inf")))
        pair = self.pairs[addr, door] = Pair(self, door, addr)
        return pair

    def _select(self, pair: Pair) -> None:
        nominated, pair.nominated = pair.nominated, False
        before = self.selected
        if before is None or (nominated and pair is not before):
            self.moves += before is not None and pair.addr != before.addr
            self.selected, self.remote, self.sendto = pair, pair.addr, pair.door.socket.sendto
            self.target[:] = target(pair.door.socket.fileno(), pair.addr)

    def _lose(self, pair: Pair) -> None:
        for ours in self.generations:
            self._lost[pair.addr, pair.door, ours] = None
        while len(self._lost) > MAX_LOST:
            del self._lost[next(iter(self._lost))]
        self._drop(pair)

    def _drop(self, pair: Pair) -> None:
        del self.pairs[pair.addr, pair.door]
        pair.forget()
        if pair is self.selected:
            self.selected, self.remote, self.sendto = None, None, nowhere
            self.target[:] = NOWHERE
        if not any(other.addr == pair.addr and other.answered_at > float("-inf") for other in self.pairs.values()):
            self.endpoint.leave(self, pair.addr)

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


def nowhere(data: bytes, addr: Address) -> int:
    """In place of a socket's `sendto` where nobody has consented."""
    raise OSError("no consent to send")


def target(descriptor: int, addr: Address) -> bytes:
    """File descriptor, length and address: what C needs to send."""
    where = sockaddr(addr)
    return struct.pack(f"=ii{TARGET_SIZE - 8}s", descriptor, len(where), where)


NOWHERE = struct.pack(f"=ii{TARGET_SIZE - 8}x", -1, 0)  # a target that C sends nothing to


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
