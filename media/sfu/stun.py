"""The part of STUN (RFC 8489) that ICE needs: whose check it is, verifying and answering it, and making our own."""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from aioice import stun

BINDING_REQUEST = b"\x00\x01"
MAGIC_COOKIE = b"\x21\x12\xa4\x42"
USERNAME = 0x0006
MAX_ATTRIBUTES = 32
Address = tuple[Any, ...]  # (host, port), or the four values of an IPv6 address

PRIORITY = 0x7E00FFFF  # of a host candidate, should the client take our check for a new path


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """One generation of ICE credentials (hex digits are a subset of ice-char)."""

    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    password: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class ConnectivityCheck:
    """A connectivity check whose MESSAGE-INTEGRITY matched our password."""

    transaction: bytes
    nominated: bool
    client: str = ""  # the client's ufrag: the second half of USERNAME


def local_ufrag(data: bytes) -> str:
    """Return our half of USERNAME in a well-formed binding request, else "".

    This runs on datagrams from anybody, so it reads no more than it needs.
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


def verify(data: bytes, credentials: IceCredentials) -> ConnectivityCheck | None:
    """Read a check; None if it is malformed or has no valid MESSAGE-INTEGRITY."""
    try:
        request = stun.parse_message(data)
        if not request.check_message_integrity(credentials.password.encode()):
            return None
    except Exception:
        # aioice raises ValueError, struct.error, IndexError and Unicode errors on foreign bytes: no check in any case.
        return None
    client = str(request.attributes.get("USERNAME", "")).partition(":")[2]
    return ConnectivityCheck(request.transaction_id, "USE-CANDIDATE" in request.attributes, client)


def request(username: str, password: str, tie_breaker: int) -> stun.Message:
    """Make a check of our own, with MESSAGE-INTEGRITY and FINGERPRINT. `username`: their ufrag, a colon, ours."""
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        secrets.token_bytes(12),
        {"USERNAME": username, "PRIORITY": PRIORITY, "ICE-CONTROLLED": tie_breaker},
    )
    message.add_message_integrity(password.encode())  # adds FINGERPRINT as well
    return message


def response(check: ConnectivityCheck, credentials: IceCredentials, address: tuple[Any, ...]) -> bytes:
    """Make a success response with the client's reflexive address, MESSAGE-INTEGRITY and FINGERPRINT."""
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        check.transaction,
        {"XOR-MAPPED-ADDRESS": address[:2]},
    )
    message.add_message_integrity(credentials.password.encode())  # adds FINGERPRINT as well
    return bytes(message)


MAX_ANSWERS_PER_SECOND = 200.0  # more than many phones at once send, and the most a flood can cost


class StunProbe:
    """Answers checks of clients that are not admitted, so that they learn whether UDP reaches us and comes back.

    Has one set of credentials, valid for the worker's life. No address becomes known by it, and no answer is longer
    than its check, so that nothing is gained by checking with a spoofed address.
    """

    def __init__(self) -> None:
        self.credentials = IceCredentials()
        self._tokens = MAX_ANSWERS_PER_SECOND
        self._updated_at = 0.0

    def answer(self, data: bytes, address: tuple[Any, ...], now: float) -> bytes | None:
        """Answer a check for our ufrag. `now`: seconds.

        None if the password is wrong, the check is shorter than the answer (a browser's is not) or there are too many.
        """
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


def sockaddr(addr: Address) -> bytes:
    """Pack an address as `struct sockaddr` in the machine's own layout."""
    if len(addr) == 2:
        where = struct.pack("!H4s8x", addr[1], socket.inet_pton(socket.AF_INET, addr[0]))
        return struct.pack("=H", socket.AF_INET) + where
    host, port, flow, scope = addr
    packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16s", port, flow, packed) + struct.pack("=I", scope)


def parse_sockaddr(where: bytes) -> Address:
    """Unpack a `struct sockaddr` into an address as `recvfrom` returns it."""
    (family,) = struct.unpack_from("=H", where)
    if family == socket.AF_INET:
        port, host = struct.unpack_from("!H4s", where, 2)
        return socket.inet_ntop(socket.AF_INET, host), port
    port, flow, host = struct.unpack_from("!HI16s", where, 2)
    (scope,) = struct.unpack_from("=I", where, 24)
    return socket.inet_ntop(socket.AF_INET6, host), port, flow, scope
