"""A candidate pair (RFC 8445): a socket of ours, an address of a client's, and whether it may be sent to (RFC 7675).

The source of a datagram is whatever its sender wrote there: a check under a client's credentials says who made it, not
from where it came. An address counts once a check of ours was answered from it: the answer repeats a random number
that was sent to that address alone, and is signed with the client's password. Until then no more goes there than came
from there, in datagrams and in bytes, so that nobody is flooded by way of us who could not be flooded without.

An ICE-lite agent need not ask (RFC 8445 2.5); every agent answers (RFC 8445 7.3), also one that was told of ICE-lite.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

from aioice import stun as codec

from media.sfu import stun
from media.sfu.stun import Check, Credentials

if TYPE_CHECKING:
    from media.sfu.door import Door
    from media.sfu.peer import Address, Peer

EVERY, JITTER = 5.0, 0.2  # seconds between checks of ours while all is well, and the share by which it differs
LASTS = 30.0  # seconds after the last answer
AGAIN = 0.1  # seconds until an unproven address is asked once more, when another check comes from there
MAX_OPEN = 64  # checks of ours whose answer would still count: twenty seconds of asking somebody silent
FORBIDDEN = 403

_chance = secrets.SystemRandom()


class Pair:
    """`peer`'s, between `door` and `addr`. `client`: their ufrag and password, empty before they are known."""

    __slots__ = (
        "_asked_at", "_check", "_datagrams", "_octets", "_open", "_ours", "_tie_breaker", "addr", "answered_at",
        "client", "door", "due", "nominated", "peer",
    )  # fmt: skip

    def __init__(self, peer: Peer, door: Door, addr: Address) -> None:
        self.peer, self.door, self.addr = peer, door, addr
        self.client = ("", "")
        self.nominated = False  # by a check since it was last chosen
        self.answered_at = float("-inf")
        self.due = float("inf")  # when to ask again, or when consent has run out
        self._ours = peer.credentials
        self._check: Check | None = None  # not responded to yet
        self._datagrams = self._octets = 0  # that came while it was unproven, less what went out
        self._asked_at = float("-inf")
        self._open: dict[bytes, str] = {}  # transactions -> the password their answer is signed with
        self._tie_breaker = secrets.randbits(64)

    def consents(self, now: float) -> bool:
        """Whether we may send there."""
        return now - self.answered_at < LASTS

    def heard(self, check: Check, ours: Credentials, size: int) -> None:
        """A check of `size` bytes came, under these credentials of ours."""
        self._ours, self._check = ours, check
        self.nominated |= check.nominated
        self._datagrams += 1
        self._octets += size

    def ask(self, now: float, every: float = 0.0) -> bool:
        """Send a check of our own, if the last is so many seconds ago; whether one was sent."""
        ufrag, password = self.client
        if not password or now - self._asked_at < every:
            return False
        request = stun.request(f"{ufrag}:{self._ours.ufrag}", password, self._tie_breaker)
        if not self._send(bytes(request), now):
            return False
        self._asked_at = now
        self.due = min(now + EVERY * _chance.uniform(1 - JITTER, 1 + JITTER), self.answered_at + LASTS)
        self._open[request.transaction_id] = password
        self.peer.endpoint.asked[request.transaction_id] = self
        if len(self._open) > MAX_OPEN:
            self._close(next(iter(self._open)))
        return True

    def respond(self, now: float) -> None:
        """Answer the client's latest check, if it has none yet."""
        if self._check is not None and self._send(stun.response(self._check, self._ours, self.addr), now):
            self._check = None

    def take(self, data: bytes, now: float) -> Literal["answered", "forbidden", ""]:
        """An answer to an open check of ours; "" when it is none, or forged. Each counts once."""
        transaction = data[8:20]
        try:
            answer = codec.parse_message(data)
            if not answer.check_message_integrity(self._open[transaction].encode()):
                return ""
        except Exception:
            # As in stun.verify: aioice lets many kinds of error out of foreign bytes.
            return ""
        if answer.message_class == codec.Class.RESPONSE:
            self._close(transaction)
            self.answered_at = now
            return "answered"
        if answer.message_class == codec.Class.ERROR and answer.attributes.get("ERROR-CODE", (0,))[0] == FORBIDDEN:
            return "forbidden"  # RFC 7675 5.2
        return ""

    def forget(self) -> None:
        """Nothing is expected any more."""
        for transaction in list(self._open):
            self._close(transaction)

    def _close(self, transaction: bytes) -> None:
        del self._open[transaction]
        del self.peer.endpoint.asked[transaction]

    def _send(self, data: bytes, now: float) -> bool:
        if not self.consents(now):
            if self._datagrams < 1 or self._octets < len(data):
                return False
            self._datagrams -= 1
            self._octets -= len(data)
        self.door.send(data, self.addr)
        return True
