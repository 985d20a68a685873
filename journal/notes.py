"""Signed notes and the log's checkpoints as text, in the forms of C2SP signed-note and tlog-checkpoint; and Ed25519.

A note is a body of lines, an empty line, and signature lines `— <key name> <base64(key id ‖ signature)>`; what is
signed is the body with its last newline (Ed25519, RFC 8032). A checkpoint's body is origin, size, root in base64, and
our extension line `time <stamp>`: when the signer says it was. Public keys travel as
`<name>+<key id>+<base64(0x01 ‖ key)>`. `LogState` is the public log as it stands: its newest checkpoint and who
confirmed it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import NoteBroken, stamp

ED25519 = b"\x01"  # C2SP's number of the algorithm
COSIGNATURE = b"\x04"  # of a witness that states when it signed (cosignature/v1)
_DASH = "\u2014 "
_ID = 4  # bytes

Verifies = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) -> whether it holds; `journal.notes.verifies`."""


class Signer(Protocol):
    """Holds a private Ed25519 key, in a file or in a device that never gives it away. May block."""

    @property
    def name(self) -> str:
        """Of the key: no spaces, no "+"."""
        ...

    @property
    def public(self) -> bytes:
        """32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The whole log at one moment."""

    origin: str
    size: int
    root: bytes
    made: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {_base64(self.key_id + self.signature)}\n"


def key_id(name: str, public: bytes, algorithm: bytes = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + algorithm + public).digest()[:_ID]


def signed(body: str, signer: Signer) -> str:
    """The note of this body. The body ends with a newline and has no empty line at its end."""
    if not body.endswith("\n") or body.endswith("\n\n"):
        raise ValueError("a note's body ends with exactly one newline")
    made = Signature(signer.name, key_id(signer.name, signer.public), signer.sign(body.encode()))
    return f"{body}\n{made.line}"


def split(note: str) -> tuple[str, list[Signature]]:
    """The body and its signature lines, unchecked. NoteBroken if it is no note."""
    body, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteBroken("a note has a body, an empty line and signatures")
    return f"{body}\n", [signature(line) for line in lines.splitlines()]


def signature(line: str) -> Signature:
    name, space, text = line.removeprefix(_DASH).partition(" ")
    raw = _bytes(text)
    if not line.startswith(_DASH) or not name or not space or len(raw) <= _ID:
        raise NoteBroken("a signature line is a dash, a name and base64")
    return Signature(name, raw[:_ID], raw[_ID:])


def opened(note: str, name: str, public: bytes, verifies: Verifies) -> str:
    """The body of a note this key signed. NoteBroken says whether it is another key's or does not hold."""
    body, signatures = split(note)
    wanted = key_id(name, public)
    mine = [each for each in signatures if each.name == name and each.key_id == wanted]
    if not mine:
        raise NoteBroken("signed by another key", other_key=True)
    if not verifies(public, mine[0].signature, body.encode()):
        raise NoteBroken("the signature does not hold")
    return body


def checkpoint_body(checkpoint: Checkpoint) -> str:
    root = _base64(checkpoint.root)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\ntime {stamp(checkpoint.made)}\n"


def checkpoint_of(body: str) -> Checkpoint:
    """From the body of a note. NoteBroken if it is not one of a checkpoint of ours."""
    try:
        origin, size, root, time = body.splitlines()
        made = datetime.fromisoformat(time.removeprefix("time "))
        checkpoint = Checkpoint(origin, int(size), _bytes(root), made)
    except ValueError as fault:
        raise NoteBroken("not a checkpoint") from fault
    if checkpoint_body(checkpoint) != body:
        raise NoteBroken("not a checkpoint in its one form")
    return checkpoint


def public_key(name: str, public: bytes) -> str:
    """As it is published and compared."""
    return f"{name}+{key_id(name, public).hex()}+{_base64(ED25519 + public)}"


def public_key_of(text: str) -> tuple[str, bytes]:
    """Name and key. NoteBroken when it is none, or its id is not its own."""
    return _key_of(text, (ED25519,))


def witness_key_of(text: str) -> tuple[str, bytes]:
    """Of who countersigns: a plain key, or one of cosignature/v1. NoteBroken."""
    return _key_of(text, (ED25519, COSIGNATURE))


def _key_of(text: str, algorithms: tuple[bytes, ...]) -> tuple[str, bytes]:
    name, _, rest = text.strip().partition("+")
    known, _, encoded = rest.partition("+")
    raw = _bytes(encoded)
    if len(raw) != 33 or raw[:1] not in algorithms or known != key_id(name, raw[1:], raw[:1]).hex() or not name:
        raise NoteBroken("not a public key")
    return name, raw[1:]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NoteBroken("not base64") from fault


@dataclass(frozen=True, slots=True)
class Attested:
    """By somebody outside: the newest checkpoint that they confirmed. `name`: the host that was asked."""

    kind: Literal["timestamp", "witness"]
    name: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LogState:
    """`fault`: why the log is not signed at present, "" when it is: "key", "other_key", "contradiction", "making".

    `size`, `root` (base64) and `made` are the newest checkpoint's; 0 and None before the first.
    `waiting`: hosts whose confirmation of it is still owed.
    """

    origin: str
    key: str  # as it is compared
    size: int
    root: str
    made: datetime | None
    fault: str
    attested: tuple[Attested, ...]
    waiting: tuple[str, ...]


class Ed25519Signer(Signer):
    """A `journal.notes.Signer` whose key is in memory; `seed` is its 32 bytes."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def name(self) -> str:
        return self._name

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
