"""The part of STUN (RFC 8489) that ICE needs: whose check it is, verifying and answering it, and making our own."""

from __future__ import annotations

import hmac
import secrets
import socket
import struct
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

BINDING_REQUEST, BINDING_SUCCESS, BINDING_ERROR = b"\x00\x01", b"\x01\x01", b"\x01\x11"
MAGIC_COOKIE = b"\x21\x12\xa4\x42"
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0009, 0x0020
PRIORITY_OF_CHECK, USE_CANDIDATE, FINGERPRINT, ICE_CONTROLLED = 0x0024, 0x0025, 0x8028, 0x8029
FINGERPRINT_XOR = 0x5354554E
INTEGRITY_SIZE, FINGERPRINT_SIZE = 24, 8  # bytes, with their headers
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


def read_attributes(data: bytes, password: str) -> dict[int, bytes] | None:
    """Return the attributes that MESSAGE-INTEGRITY covers; None if it is missing, does not match, or is malformed.

    A FINGERPRINT need not be there, but must be right. What else follows the integrity is ignored (RFC 8489 14.5).
    """
    size = len(data)
    if size < 20 or 20 + int.from_bytes(data[2:4]) != size:
        return None
    attributes: dict[int, bytes] = {}
    genuine, pos = False, 20
    while pos + 4 <= size:
        kind, length = int.from_bytes(data[pos : pos + 2]), int.from_bytes(data[pos + 2 : pos + 4])
        value = data[pos + 4 : pos + 4 + length]
        if kind == FINGERPRINT:
            if value != _fingerprint(data[:pos]):
                return None
        elif not genuine:
            attributes[kind] = value
            if kind == MESSAGE_INTEGRITY:
                if not hmac.compare_digest(value, _integrity(data[:pos], password)):
                    return None
                genuine = True
        pos += 4 + length + (-length & 3)
    return attributes if genuine else None


def verify(data: bytes, credentials: IceCredentials) -> ConnectivityCheck | None:
    """Read a check; None if it is malformed or has no valid MESSAGE-INTEGRITY."""
    attributes = read_attributes(data, credentials.password)
    if attributes is None or data[:2] != BINDING_REQUEST:
        return None
    try:
        client = attributes.get(USERNAME, b"").decode().partition(":")[2]
    except UnicodeDecodeError:
        return None
    return ConnectivityCheck(data[8:20], USE_CANDIDATE in attributes, client)


def read_response(data: bytes, password: str) -> int | None:
    """Return 0 for an answer to a check of ours, the code of a refusal (RFC 8489 14.8), None for what is forged."""
    attributes = read_attributes(data, password)
    if attributes is None or data[:2] not in (BINDING_SUCCESS, BINDING_ERROR):
        return None
    if data[:2] == BINDING_SUCCESS:
        return 0
    code = attributes.get(ERROR_CODE, b"")
    return code[2] * 100 + code[3] if len(code) >= 4 else None


def request(username: str, password: str, tie_breaker: int) -> tuple[bytes, bytes]:
    """Make a check of our own, and return it and its transaction. `username`: their ufrag, a colon, ours."""
    transaction, name = secrets.token_bytes(12), username.encode()
    attributes = (
        _attribute(USERNAME, name)
        + struct.pack("!HHI", PRIORITY_OF_CHECK, 4, PRIORITY)
        + struct.pack("!HHQ", ICE_CONTROLLED, 8, tie_breaker)
    )
    return _signed(BINDING_REQUEST, transaction, attributes, password), transaction


def response(check: ConnectivityCheck, credentials: IceCredentials, address: tuple[Any, ...]) -> bytes:
    """Make a success response with the client's reflexive address, MESSAGE-INTEGRITY and FINGERPRINT."""
    host, port = address[:2]
    family, mask = (
        (socket.AF_INET6, MAGIC_COOKIE + check.transaction) if ":" in host else (socket.AF_INET, MAGIC_COOKIE)
    )
    packed = socket.inet_pton(family, host.partition("%")[0])
    hidden = (int.from_bytes(packed) ^ int.from_bytes(mask)).to_bytes(len(packed))
    where = struct.pack("!xBH", 2 if family == socket.AF_INET6 else 1, port ^ 0x2112) + hidden
    return _signed(BINDING_SUCCESS, check.transaction, _attribute(XOR_MAPPED_ADDRESS, where), credentials.password)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) & 3)


def _signed(kind: bytes, transaction: bytes, attributes: bytes, password: str) -> bytes:
    """Make a message with MESSAGE-INTEGRITY and FINGERPRINT."""
    size = struct.pack("!H", len(attributes) + INTEGRITY_SIZE + FINGERPRINT_SIZE)
    message = kind + size + MAGIC_COOKIE + transaction + attributes
    message += _attribute(MESSAGE_INTEGRITY, _integrity(message, password))
    return message + _attribute(FINGERPRINT, _fingerprint(message))


def _integrity(before: bytes, password: str) -> bytes:
    """Return the HMAC of a message up to MESSAGE-INTEGRITY (RFC 8489 14.5), whose length counts as ending with that."""
    size = struct.pack("!H", len(before) - 20 + INTEGRITY_SIZE)
    return hmac.digest(password.encode(), before[:2] + size + before[4:], "sha1")


def _fingerprint(before: bytes) -> bytes:
    """Likewise the FINGERPRINT (RFC 8489 14.7)."""
    size = struct.pack("!H", len(before) - 20 + FINGERPRINT_SIZE)
    return struct.pack("!I", crc32(before[:2] + size + before[4:]) ^ FINGERPRINT_XOR)


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
