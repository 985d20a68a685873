"""The little of STUN (RFC 8489) we speak: find whose check it is, verify it, answer it, and make our own.

Trying the way to us before anybody is admitted: checks that are answered and leave nothing behind.

A browser with the trial's credentials learns whether its datagrams reach this port and ours come back. No address
becomes known by it, and an answer is never longer than the check: nothing is gained by asking in another's name.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from aioice import stun

BINDING_REQUEST = b"\x00\x01"
MAGIC_COOKIE = b"\x21\x12\xa4\x42"
USERNAME = 0x0006
MAX_ATTRIBUTES = 32
PRIORITY = 0x7E00FFFF  # of a host candidate, in case the client takes a check of ours for a new path


@dataclass(frozen=True, slots=True)
class Credentials:
    """One generation of ICE credentials (hex digits are a subset of ice-char)."""

    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    password: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Check:
    """A connectivity check whose MESSAGE-INTEGRITY matched our password."""

    transaction: bytes
    nominated: bool
    client: str = ""  # the other half of USERNAME


def local_ufrag(data: bytes) -> str:
    """Our half of USERNAME in a well-formed binding request, else an empty string.

    This runs on datagrams of strangers, so it looks at no more than it needs.
    """
    if data[:2] != BINDING_REQUEST or data[4:8] != MAGIC_COOKIE or len(data) < 20:
        return ""
    pos = 20
    for _ in range(MAX_ATTRIBUTES):
        if pos + 4 > len(data):
            break
        kind, size = struct.unpack_from("!HH", data, pos)
        if kind == USERNAME:
            return data[pos + 4 : pos + 4 + size].partition(b":")[0].decode("ascii", "replace")
        pos += 4 + size + (-size % 4)
    return ""


def verify(data: bytes, credentials: Credentials) -> Check | None:
    """Read a check; None when it is malformed or carries no valid MESSAGE-INTEGRITY."""
    try:
        request = stun.parse_message(data)
        if not request.check_message_integrity(credentials.password.encode()):
            return None
    except Exception:
        # aioice lets ValueError, struct.error, IndexError and Unicode errors out of foreign bytes; whatever it
        # is, it is not a check of ours.
        return None
    client = str(request.attributes.get("USERNAME", "")).partition(":")[2]
    return Check(request.transaction_id, "USE-CANDIDATE" in request.attributes, client)


def request(username: str, password: str, tie_breaker: int) -> stun.Message:
    """A check of our own, with integrity and fingerprint. `username`: their ufrag, a colon, ours."""
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        secrets.token_bytes(12),
        {"USERNAME": username, "PRIORITY": PRIORITY, "ICE-CONTROLLED": tie_breaker},
    )
    message.add_message_integrity(password.encode())  # adds FINGERPRINT as well
    return message


def response(check: Check, credentials: Credentials, address: tuple[Any, ...]) -> bytes:
    """A success response with the client's reflexive address, integrity and fingerprint."""
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        check.transaction,
        {"XOR-MAPPED-ADDRESS": address[:2]},
    )
    message.add_message_integrity(credentials.password.encode())  # adds FINGERPRINT as well
    return bytes(message)


MAX_ANSWERS_PER_SECOND = 200.0  # answers a second: many phones at once send fewer, and a flood costs no more than that


class StunProbe:
    """One set of credentials per worker, for as long as it lives."""

    def __init__(self) -> None:
        self.credentials = Credentials()
        self._tokens = MAX_ANSWERS_PER_SECOND
        self._updated_at = 0.0

    def answer(self, data: bytes, address: tuple[Any, ...], now: float) -> bytes | None:
        """To a check under our ufrag; None when its password is not ours, it is shorter than its answer (no browser's
        is) or there are too many. `now`: seconds."""
        self._tokens = min(MAX_ANSWERS_PER_SECOND, self._tokens + (now - self._updated_at) * MAX_ANSWERS_PER_SECOND)
        self._updated_at = now
        if self._tokens < 1:
            return None
        self._tokens -= 1
        check = verify(data, self.credentials)
        if check is None:
            return None
        answer = response(check, self.credentials, address)
        return answer if len(answer) <= len(data) else None
