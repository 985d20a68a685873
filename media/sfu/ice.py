"""The ICE-lite side of a connection (RFC 8445): candidate pairs, consent (RFC 7675) and the peer they belong to.

Clients check and the server answers (RFC 8445 2.5), and it also sends checks of its own, which every agent answers
(RFC 8445 7.3). The source of a datagram is whatever its sender wrote there: a check with a client's credentials proves
who made it, not where it came from. An address is therefore used only after it has answered a check of ours: the
answer repeats a random number that was sent to that address alone and is signed with the client's password. Until then
no more datagrams or bytes go to an address than came from it, so that nobody can be flooded through this server.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from media.sfu import stun
from media.sfu.control import Term, TokenBucket
from media.sfu.rtp import REPAIR_SAVED, REPAIR_SHARE, SendBuffer
from media.sfu.stun import Address, ConnectivityCheck, IceCredentials, sockaddr

CONSENT_INTERVAL, CONSENT_JITTER = 5.0, 0.2  # seconds between our checks, and the share they vary by (RFC 7675 5.1)
CONSENT_TIMEOUT = 30.0  # seconds after the last answer
RECHECK_AFTER = 0.1  # seconds between our checks of an unproven address
MAX_PENDING = 64  # unanswered checks of ours: twenty seconds of asking a silent client
FORBIDDEN = 403

_random = secrets.SystemRandom()


class HostCandidate:
    """A local candidate (RFC 8445 5.1.1): a bound UDP socket. Failures to send are counted in `drops`."""

    def __init__(self, sock: socket.socket, drops: Counter[str]) -> None:
        self.socket = sock
        self._drops = drops

    @property
    def host(self) -> str:
        return str(self.socket.getsockname()[0])

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def send(self, data: bytes, addr: Address) -> None:
        """Send a STUN message, or drop it: the next check comes anyway."""
        try:
            self.socket.sendto(data, addr)
        except OSError:
            self._drops["send"] += 1


class CandidatePair:
    """A candidate pair of `peer` (RFC 8445): a socket of ours, an address of the client's, and its consent (RFC 7675).

    `remote_credentials` are the client's ufrag and password, empty before they are known.
    """

    __slots__ = (
        "_checked_at", "_credit_datagrams", "_credit_octets", "_local_credentials", "_pending",
        "_tie_breaker", "_unanswered", "addr", "consented_at", "local", "next_check_at", "nominated", "peer",
        "remote_credentials", "round_trip",
    )  # fmt: skip

    def __init__(self, peer: IcePeer, local: HostCandidate, addr: Address) -> None:
        self.peer, self.local, self.addr = peer, local, addr
        self.remote_credentials = ("", "")
        self.nominated = False  # by a check since the pair was last selected
        self.consented_at = float("-inf")
        self.next_check_at = float("inf")  # or when consent runs out
        self._local_credentials = peer.credentials
        self._unanswered: ConnectivityCheck | None = None  # the client's latest check
        self._credit_datagrams = self._credit_octets = 0  # received while unproven, less what was sent
        self._checked_at = float("-inf")
        self.round_trip = 0.0  # seconds, of the latest answer
        # Our transactions -> the password that signs the answer, and when the check was sent.
        self._pending: dict[bytes, tuple[str, float]] = {}
        self._tie_breaker = secrets.randbits(64)

    def has_consent(self, now: float) -> bool:
        """True if we may send there (RFC 7675)."""
        return now - self.consented_at < CONSENT_TIMEOUT

    def on_check(self, check: ConnectivityCheck, ours: IceCredentials, size: int) -> None:
        """Note a check of `size` bytes that was made with our credentials `ours`."""
        self._local_credentials, self._unanswered = ours, check
        self.nominated |= check.nominated
        self._credit_datagrams += 1
        self._credit_octets += size

    def send_check(self, now: float, every: float = 0.0) -> bool:
        """Send a check of our own unless the last one is less than `every` seconds old. True if it was sent."""
        return bool(now - self._checked_at >= every and self.ask(now))

    def ask(self, now: float) -> bytes:
        """Send a check of our own, and return its transaction; empty if none could be sent."""
        ufrag, password = self.remote_credentials
        if not password:
            return b""
        check, transaction = stun.request(f"{ufrag}:{self._local_credentials.ufrag}", password, self._tie_breaker)
        if not self._send_within_credit(check, now):
            return b""
        self._checked_at = now
        self.next_check_at = min(
            now + CONSENT_INTERVAL * _random.uniform(1 - CONSENT_JITTER, 1 + CONSENT_JITTER),
            self.consented_at + CONSENT_TIMEOUT,
        )
        self._pending[transaction] = password, now
        self.peer.mux.pending_checks[transaction] = self
        if len(self._pending) > MAX_PENDING:
            self._cancel_check(next(iter(self._pending)))
        return transaction

    def send_response(self, now: float) -> None:
        """Answer the client's latest check, once."""
        if self._unanswered is not None and self._send_within_credit(
            stun.response(self._unanswered, self._local_credentials, self.addr), now
        ):
            self._unanswered = None

    def on_response(self, data: bytes, now: float) -> Literal["answered", "forbidden", ""]:
        """Read the answer to a pending check of ours; "" if it is none or forged. Each counts once."""
        transaction = data[8:20]
        password, sent_at = self._pending.get(transaction, ("", now))
        code = stun.read_response(data, password) if password else None
        if code == 0:
            self._cancel_check(transaction)
            self.consented_at, self.round_trip = now, now - sent_at
            return "answered"
        return "forbidden" if code == FORBIDDEN else ""  # RFC 7675 5.2

    def cancel_checks(self) -> None:
        """Forget all pending checks."""
        for transaction in list(self._pending):
            self._cancel_check(transaction)

    def _cancel_check(self, transaction: bytes) -> None:
        del self._pending[transaction]
        del self.peer.mux.pending_checks[transaction]

    def _send_within_credit(self, data: bytes, now: float) -> bool:
        if not self.has_consent(now):
            if self._credit_datagrams < 1 or self._credit_octets < len(data):
                return False
            self._credit_datagrams -= 1
            self._credit_octets -= len(data)
        self.local.send(data, self.addr)
        return True


MAX_PAIRS = 8  # per peer, proven or not
MAX_REVOKED = 64  # pairs per peer whose consent has run out
MAX_REMOTE_CREDENTIALS = 2  # during an ICE restart the client's old paths still answer with the old credentials
# Seconds: six checks before a client counts as gone. At 20 % loss both ways all are lost once in 500 times.
LIVENESS_INTERVAL = 0.3
MAX_INBOX = 64  # DTLS datagrams waiting for the handshake task
MAX_TRANSACTIONS = 1024  # checks remembered against replay: more than half an hour of them
MAX_CHECKS_PER_SECOND = 50  # browsers send at most 20 per path, on few paths
ALERT, HANDSHAKE, CLIENT_HELLO = 21, 22, 1  # DTLS content and handshake types
EPOCH_ZERO = b"\0\0"  # of plaintext records
DESTINATION_SIZE = 36  # two ints and the larger of the two addresses


class IcePeer:
    """A remote client under ICE-lite: its credentials, its candidate pairs and the inbox of its DTLS transport.

    It is the `transport` of an aiortc RTCDtlsTransport, which uses only `role`, `_recv()` and `_send()`. SRTP and SRTCP
    go to `on_media` directly, not through the inbox. An address becomes known only by integrity-checked STUN exchanges
    in both directions (ASVS 17.2.3, RFC 7675). A later nominated address moves the peer one round trip after its check,
    without a new handshake.
    """

    role = "controlled"

    def __init__(self, mux: MuxState) -> None:
        self.mux = mux
        self.credentials = IceCredentials()
        self.generations = [self.credentials]  # oldest first; more than one during an ICE restart
        self.remote_credentials: dict[str, str] = {}  # the client's ufrag -> password, newest last
        self.pairs: dict[tuple[Address, HostCandidate], CandidatePair] = {}  # oldest first
        self.selected: CandidatePair | None = None  # nominated and with consent: where we send
        self.remote: Address | None = None  # the selected pair's address
        self.sendto: Callable[..., int] = refuse_to_send  # of the selected pair's socket, for the fast path
        self.destination = bytearray(NO_DESTINATION)  # both for C, changed in place (`pack_destination`)
        self.authenticated = 0  # datagrams, counted by whoever authenticates them
        self.address_changes = 0
        self.closed = False
        self.on_media: Callable[[bytes], None] | None = None
        self.on_round_trip: Callable[[bytes, float], None] | None = None  # the transaction of a check, and seconds
        self.native: Any = None  # what the C receiver knows of a publisher (`NativePublisher`)
        self.handshaking = True  # until the DTLS handshake is done
        self.hello_expected = True  # the client begins the handshake, not we
        self.on_new_hello: Callable[[], None] | None = None  # a ClientHello unlike the one being served
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(MAX_INBOX)
        self._hello_random = b""
        self.was_selected = asyncio.Event()  # any pair; or closed
        self._transactions: dict[bytes, Address] = {}
        self._revoked: dict[tuple[Address, HostCandidate, IceCredentials], None] = {}
        self._check_budget = TokenBucket(MAX_CHECKS_PER_SECOND, 2 * MAX_CHECKS_PER_SECOND, mux.clock())

    def restart(self) -> None:
        """Start an ICE restart. The old credentials stay valid until the new ones are used."""
        self.credentials = IceCredentials()
        self.generations.append(self.credentials)
        self.mux.register(self)
        while len(self.generations) > 3:  # restarts that the client did not follow
            self.mux.unregister(self.generations.pop(0))

    def set_remote_credentials(self, ufrag: str, password: str) -> None:
        """Set the client's credentials from its description, and check addresses that sent checks before."""
        self.remote_credentials.pop(ufrag, None)
        self.remote_credentials[ufrag] = password
        while len(self.remote_credentials) > MAX_REMOTE_CREDENTIALS:
            del self.remote_credentials[next(iter(self.remote_credentials))]
        now = self.mux.clock()
        for pair in self.pairs.values():
            if not pair.remote_credentials[0]:
                pair.remote_credentials = ufrag, password
                pair.send_check(now, RECHECK_AFTER)

    def close(self) -> None:
        """Forget this peer. A task that waits in `_recv` gets ConnectionError."""
        if self.closed:
            return
        self.closed = True
        self.on_media = self.on_round_trip = None
        for pair in list(self.pairs.values()):
            self._remove(pair)
        self.mux.remove_peer(self)
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self._inbox.put_nowait(b"")
        self.was_selected.set()

    async def _recv(self) -> bytes:
        data = b"" if self.closed and self._inbox.empty() else await self._inbox.get()
        if not data:
            raise ConnectionError("peer closed")
        return data

    async def _send(self, data: bytes) -> None:
        self.send(data)

    def send(self, data: bytes | memoryview) -> bool:
        """Send now or drop: media that waits in a queue of ours is worthless. True if it was sent."""
        if self.remote is None:
            return False
        try:
            self.sendto(data, self.remote)
        except OSError:  # a full socket buffer, or an ICMP error caused by another peer
            self.mux.drops["send"] += 1
            return False
        return True

    # ------------------------------------------------------------ candidate pairs

    def on_check(
        self, local: HostCandidate, addr: Address, check: ConnectivityCheck, ours: IceCredentials, size: int, now: float
    ) -> bool:
        """Handle a check of `size` bytes made with our password. False if its consent was revoked (RFC 7675 5.1)."""
        if (addr, local, ours) in self._revoked:  # RFC 7675 5.1: never again without an ICE restart
            return False
        self.authenticated += 1
        pair = self.pairs.get((addr, local)) or self._add(local, addr)
        if check.client in self.remote_credentials:
            pair.remote_credentials = check.client, self.remote_credentials[check.client]
        elif self.remote_credentials and not pair.remote_credentials[0]:
            pair.remote_credentials = next(reversed(self.remote_credentials.items()))
        pair.on_check(check, ours, size)
        if pair.has_consent(now):
            pair.send_response(now)
            self._select(pair)
        elif not pair.send_check(now, RECHECK_AFTER) and pair.remote_credentials[0]:
            # An answered client starts the handshake, which needs a proven address: not before we could check it.
            pair.send_response(now)
        return True

    def on_response(self, pair: CandidatePair, data: bytes) -> bool:
        """Handle a response to our check of `pair`, received from its address. False if the client did not make it."""
        now = self.mux.clock()
        said = pair.on_response(data, now)
        if said == "answered":
            self.authenticated += 1
            self.mux.bind_address(self, pair.addr)
            pair.send_response(now)
            self._select(pair)
            if self.on_round_trip is not None and pair is self.selected:
                self.on_round_trip(data[8:20], pair.round_trip)
        elif said == "forbidden":
            self._revoke(pair)
        return said != ""

    @property
    def next_check_at(self) -> float:
        """When to call `maintain_consent`."""
        return self.selected.next_check_at if self.selected is not None else float("inf")

    def maintain_consent(self, now: float) -> None:
        """Renew consent where we send, and stop sending where it has run out (RFC 7675 5.1)."""
        for pair in list(self.pairs.values()):
            if pair is self.selected:
                if not pair.has_consent(now):
                    self._revoke(pair)
                elif now >= pair.next_check_at:
                    pair.send_check(now)
            elif not pair.has_consent(now) and pair.consented_at > float("-inf"):
                self._remove(pair)  # it was not asked, and may prove itself with its next check

    def send_check(self, now: float) -> None:
        """Ask a silent client whether it is there. May be called often; checks are LIVENESS_INTERVAL apart."""
        if self.selected is not None:
            self.selected.send_check(now, LIVENESS_INTERVAL)

    def ask(self) -> bytes:
        """Send a check now, whose answer comes by `on_round_trip`. Returns its transaction; empty if there is none."""
        return self.selected.ask(self.mux.clock()) if self.selected is not None else b""

    def revoke_consent(self) -> None:
        """Send nothing more: the client has closed the connection, and proved that it did (RFC 7675 5.2)."""
        for pair in list(self.pairs.values()):
            self._revoke(pair)

    def release_address(self, addr: Address) -> None:
        """Give up an address that another peer has proven to be at."""
        for pair in [pair for pair in self.pairs.values() if pair.addr == addr]:
            self._remove(pair)

    def _add(self, local: HostCandidate, addr: Address) -> CandidatePair:
        if len(self.pairs) >= MAX_PAIRS:
            # Unproven pairs go first, then the oldest.
            others = (pair for pair in self.pairs.values() if pair is not self.selected)
            self._remove(min(others, key=lambda pair: pair.consented_at > float("-inf")))
        pair = self.pairs[addr, local] = CandidatePair(self, local, addr)
        return pair

    def _select(self, pair: CandidatePair) -> None:
        nominated, pair.nominated = pair.nominated, False
        before = self.selected
        if before is None or (nominated and pair is not before):
            self.address_changes += before is not None and pair.addr != before.addr
            self.selected, self.remote, self.sendto = pair, pair.addr, pair.local.socket.sendto
            self.was_selected.set()
            self.destination[:] = pack_destination(pair.local.socket.fileno(), pair.addr)

    def _revoke(self, pair: CandidatePair) -> None:
        for ours in self.generations:
            self._revoked[pair.addr, pair.local, ours] = None
        while len(self._revoked) > MAX_REVOKED:
            del self._revoked[next(iter(self._revoked))]
        self._remove(pair)

    def _remove(self, pair: CandidatePair) -> None:
        del self.pairs[pair.addr, pair.local]
        pair.cancel_checks()
        if pair is self.selected:
            self.selected, self.remote, self.sendto = None, None, refuse_to_send
            self.destination[:] = NO_DESTINATION
        if not any(other.addr == pair.addr and other.consented_at > float("-inf") for other in self.pairs.values()):
            self.mux.unbind_address(self, pair.addr)

    def on_dtls(self, data: bytes) -> bool:
        """Queue a DTLS datagram from a validated address. False if it was dropped."""
        if len(data) < 13 or self._inbox.full():
            return False
        if self.handshaking and data[3:5] == EPOCH_ZERO and not self._accept_handshake(data):
            return False
        self._inbox.put_nowait(data)
        return True

    def _accept_handshake(self, data: bytes) -> bool:
        """Reject datagrams by which an attacker who spoofs the client's address could spoil the handshake.

        Nothing is accepted before a ClientHello, and the later of two ClientHellos counts, so that a forged one does
        not keep the real one waiting; where we send it ourselves, none is. Plaintext alerts are dropped (RFC 9147
        4.5.2): a genuine one means no more than silence does.
        """
        if data[0] == ALERT:
            return False
        if not self.hello_expected:
            return data[0] != HANDSHAKE or data[13:14] != CLIENT_HELLO.to_bytes()
        random = client_hello_random(data)
        if random and random != self._hello_random:
            while not self._inbox.empty():
                self._inbox.get_nowait()
            if self._hello_random and self.on_new_hello is not None:
                self.on_new_hello()
            self._hello_random = random
        return bool(self._hello_random)

    def exceeds_check_rate(self, now: float) -> bool:
        """True if more genuine checks arrive than a client makes: a captured one is being repeated."""
        return not self._check_budget.take(now)

    def is_replay(self, check: ConnectivityCheck, addr: Address) -> bool:
        """True if this transaction was already used from another address; else remember it."""
        first = self._transactions.setdefault(check.transaction, addr)
        if first != addr:
            return True
        if len(self._transactions) > MAX_TRANSACTIONS:
            del self._transactions[next(iter(self._transactions))]
        return False


def call_later(seconds: float, call: Callable[[], None]) -> None:
    """Call back on the running loop."""
    asyncio.get_running_loop().call_later(seconds, call)


class MuxState(Term):
    """What the sockets, peers and tracks of one UDP mux share: its peers, where they are, and its counters."""

    def __init__(self, bitrate: int) -> None:
        super().__init__()
        self.clock: Callable[[], float] = time.monotonic  # for checks and consent
        self.call_later: Callable[[float, Callable[[], None]], None] = call_later
        self.bitrate = bitrate  # bit/s that each client may send
        self.send_buffer = SendBuffer()
        self.drops: Counter[str] = Counter()  # datagrams by cause
        self.sent = 0  # media packets, counted by their senders
        self.repair_time = TokenBucket(REPAIR_SHARE, REPAIR_SAVED, time.monotonic())  # seconds of the core
        self.peers: set[IcePeer] = set()
        self.by_address: dict[Address, IcePeer] = {}  # proven addresses only
        self.by_ufrag: dict[str, tuple[IcePeer, IceCredentials]] = {}
        self.pending_checks: dict[bytes, CandidatePair] = {}  # by transaction of our own checks

    def add_peer(self) -> IcePeer:
        peer = IcePeer(self)
        self.peers.add(peer)
        self.register(peer)
        return peer

    def remove_peer(self, peer: IcePeer) -> None:
        self.peers.discard(peer)
        for credentials in peer.generations:
            self.unregister(credentials)

    def register(self, peer: IcePeer) -> None:
        self.by_ufrag[peer.credentials.ufrag] = (peer, peer.credentials)

    def unregister(self, credentials: IceCredentials) -> None:
        self.by_ufrag.pop(credentials.ufrag, None)

    def bind_address(self, peer: IcePeer, addr: Address) -> None:
        """Note that the peer has proven to be at this address."""
        owner = self.by_address.get(addr)
        if owner is peer:
            return
        if owner is not None:  # the client gave this port to another connection
            owner.release_address(addr)
        self.by_address[addr] = peer
        self._on_bound(peer, addr)

    def unbind_address(self, peer: IcePeer, addr: Address) -> None:
        """Note that the peer is no longer at this address."""
        if self.by_address.get(addr) is peer:
            del self.by_address[addr]
            self._on_unbound(addr)

    def _on_bound(self, peer: IcePeer, addr: Address) -> None:
        """Called for each new address of a peer."""

    def _on_unbound(self, addr: Address) -> None:
        """Called for each address that is given up."""


def refuse_to_send(data: bytes, addr: Address) -> int:
    """Stand in for a socket's `sendto` where there is no consent. Raises OSError."""
    raise OSError("no consent to send")


def pack_destination(descriptor: int, addr: Address) -> bytes:
    """Pack file descriptor, length and address as `struct destination` of native/media.h."""
    where = sockaddr(addr)
    return struct.pack(f"=ii{DESTINATION_SIZE - 8}s", descriptor, len(where), where)


NO_DESTINATION = struct.pack(f"=ii{DESTINATION_SIZE - 8}x", -1, 0)  # C sends nothing to it


def client_hello_random(data: bytes) -> bytes:
    """Return the random of a plaintext ClientHello's first fragment, else b"" (RFC 6347 4.2.1)."""
    if len(data) < 59 or data[0] != HANDSHAKE or data[13] != CLIENT_HELLO or data[19:22] != b"\0\0\0":
        return b""
    return data[27:59]
