"""Debian's coturn on loopback with the configuration we print, and a client that says what it was answered.

Everything has an address of its own: media is at 127.0.0.1, coturn listens at 127.0.0.2 and relays from 127.0.0.3.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import secrets
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from media.engine import Turn, TurnUrl
from server.rooms.coturn import CERTIFICATE, KEY, configuration
from server.serving.addresses import self_signed

MEDIA, LISTENING, RELAYING = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SECRET = "0123456789abcdef" * 2
STARTS_WITHIN = 20.0
IPV4, IPV6 = 1, 2  # RFC 8656 18.8

ALLOCATE, CREATE_PERMISSION, ERROR = 0x0003, 0x0008, 0x0110
USERNAME, INTEGRITY, ERROR_CODE, XOR_PEER, REALM, NONCE = 0x0006, 0x0008, 0x0009, 0x0012, 0x0014, 0x0015
REQUESTED_FAMILY, REQUESTED_TRANSPORT = 0x0017, 0x0019
COOKIE = 0x2112A442


@dataclass
class Coturn:
    port: int
    tls_port: int
    certificate: Path
    log: Path

    def turn(self, *transports: str) -> Turn:
        """As the program would hold it."""
        urls = [TurnUrl.parse(f"turn:{LISTENING}:{self.port}?transport={name}") for name in transports or ("udp",)]
        return Turn(tuple(urls), SECRET, timedelta(hours=1))


@contextlib.contextmanager
def coturn(folder: Path, media: Sequence[str] = (MEDIA,), only_us: bool = True) -> Iterator[Coturn]:
    """Running for as long as the block; UDP and TCP on one port."""
    port, tls_port = _free_port(), _free_port()
    urls = [TurnUrl.parse(f"turn:{LISTENING}:{port}?transport={name}") for name in ("udp", "tcp")]
    urls.append(TurnUrl.parse(f"turns:{LISTENING}:{tls_port}"))
    text = configuration(urls, media, SECRET, only_us=only_us)
    certificate, key = self_signed(folder, [LISTENING], datetime.now(UTC))
    text = text.replace(CERTIFICATE, str(certificate)).replace(KEY, str(key))
    text += f"listening-ip={LISTENING}\nrelay-ip={RELAYING}\n"
    if _speaks_ipv6():
        text += "relay-ip=::1\n"
    path, log = folder / "turnserver.conf", folder / "log"
    path.write_text(text + f"pidfile={folder / 'pid'}\nuserdb={folder / 'users'}\nverbose\n")
    program = shutil.which("turnserver")
    assert program is not None
    with log.open("wb") as out, subprocess.Popen([program, "-c", str(path)], stdout=out, stderr=out) as process:
        try:
            _answers(port, process, log)
            yield Coturn(port, tls_port, certificate, log)
        finally:
            process.terminate()
            process.wait(20)


def _answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """It listens once a request without credentials is refused properly; nothing else would tell us."""
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), contextlib.closing(Guest(port, "", "", patience=0.2)) as stranger:
            assert stranger.allocate() == 401
            return
        time.sleep(0.02)
    raise AssertionError(log.read_text())


class Guest:
    """A TURN client by hand: methods return the error code of the answer, 0 when it was a success."""

    def __init__(self, port: int, username: str, password: str, patience: float = 5.0) -> None:
        self._username, self._password = username.encode(), password
        self._realm = self._nonce = b""
        self._socket = _connected(port)
        self._socket.settimeout(patience)

    def close(self) -> None:
        self._socket.close()

    def allocate(self, family: int = IPV4) -> int:
        body = _attribute(REQUESTED_TRANSPORT, b"\x11\0\0\0")
        if family != IPV4:
            body += _attribute(REQUESTED_FAMILY, bytes([family, 0, 0, 0]))
        return self._ask(ALLOCATE, body)

    def permit(self, peer: str) -> int:
        """Ask that it may send to this address and receive from it."""
        address = ipaddress.ip_address(peer)
        # The transaction id is part of an IPv6 address on the wire, so the attribute is made per request.
        return self._ask(CREATE_PERMISSION, b"", address)

    def _ask(self, method: int, body: bytes, peer: ipaddress.IPv4Address | ipaddress.IPv6Address | None = None) -> int:
        for _ in range(3):  # 401 brings the realm, 438 a new nonce
            transaction = secrets.token_bytes(12)
            attributes = body + (b"" if peer is None else _attribute(XOR_PEER, _mixed(peer, transaction)))
            code, answer = self._exchange(method, attributes, transaction)
            if code not in (401, 438) or not self._username or (code == 401 and self._realm):
                return code
            self._realm, self._nonce = answer[REALM], answer[NONCE]
        return code

    def _exchange(self, method: int, attributes: bytes, transaction: bytes) -> tuple[int, dict[int, bytes]]:
        if self._realm:
            attributes += _attribute(USERNAME, self._username)
            attributes += _attribute(REALM, self._realm) + _attribute(NONCE, self._nonce)
            key = hashlib.md5(b":".join([self._username, self._realm, self._password.encode()])).digest()
            signed = _header(method, len(attributes) + 24, transaction) + attributes
            attributes += _attribute(INTEGRITY, hmac.new(key, signed, hashlib.sha1).digest())
        self._socket.send(_header(method, len(attributes), transaction) + attributes)
        while (answer := self._socket.recv(2048))[8:20] != transaction:
            pass  # a late answer to an earlier question
        found = _attributes(answer)
        code = found.get(ERROR_CODE, b"\0\0\0\0")
        failed = struct.unpack_from("!H", answer)[0] & ERROR == ERROR
        return (code[2] * 100 + code[3] if failed else 0), found


def allocation() -> bytes:
    """A stranger's first question, as bytes."""
    body = _attribute(REQUESTED_TRANSPORT, b"\x11\0\0\0")
    return _header(ALLOCATE, len(body), secrets.token_bytes(12)) + body


def guest(running: Coturn, now: datetime, secret: str = SECRET) -> Guest:
    """Somebody with the credentials our server would give out at that time."""
    turn = running.turn()
    given = Turn(turn.urls, secret, turn.ttl).grant("session", "seat", now)
    return Guest(running.port, given.username, given.credential)


_had: set[tuple[int, int]] = set()  # a relay's port, and one somebody asked it from


def _connected(port: int) -> socket.socket:
    """From a port nobody asked this relay from: an allocation outlives its socket, and the next one there gets 437."""
    passed_over = []
    try:
        while True:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.connect((LISTENING, port))
            if (pair := (port, one.getsockname()[1])) not in _had:
                _had.add(pair)
                return one
            passed_over.append(one)  # held, so that the next one is another
    finally:
        for one in passed_over:
            one.close()


def _header(method: int, size: int, transaction: bytes) -> bytes:
    return struct.pack("!HHI", method, size, COOKIE) + transaction


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(answer: bytes) -> dict[int, bytes]:
    found, at = {}, 20
    while at + 4 <= len(answer):
        kind, size = struct.unpack_from("!HH", answer, at)
        found[kind] = answer[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
    return found


def _mixed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, transaction: bytes, port: int = 9) -> bytes:
    """XOR-PEER-ADDRESS (RFC 8489 14.2)."""
    mask = struct.pack("!I", COOKIE) + transaction
    mixed = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, IPV4 if address.version == 4 else IPV6, port ^ (COOKIE >> 16)) + mixed


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind((LISTENING, 0))
        port = int(udp.getsockname()[1])
        tcp.bind((LISTENING, port))
        return port


def _speaks_ipv6() -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
        return True
