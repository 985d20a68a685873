"""Reading signed texts: C2SP signed-note with Ed25519, as checkpoints of transparency logs have it.

Apart from `journal.notes`, which writes them, as the other checks are apart from what they check.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519, COSIGNATURE = 0x01, 0x04
_DASH = "— "


@dataclass(frozen=True, slots=True)
class ReadSignature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """`text` with its last line end, as it is signed."""

    text: str
    signatures: tuple[ReadSignature, ...]


def key_id(name: str, public: bytes, kind: int = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def parse(raw: bytes) -> Note | None:
    """None when it is no note."""
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        return None
    found = [signature_line(line) for line in rest[:-1].split("\n")]
    signatures = tuple(signature for signature in found if signature is not None)
    return Note(text + "\n", signatures) if signatures and len(signatures) == len(found) else None


def signature_line(line: str) -> ReadSignature | None:
    name, space, mark = line.removeprefix(_DASH).rpartition(" ")
    if not line.startswith(_DASH) or not space or not name or " " in name:
        return None
    try:
        raw = base64.b64decode(mark, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 5 or base64.b64encode(raw).decode() != mark:  # spare bits must be none
        return None
    return ReadSignature(name, raw[:4], raw[4:])


def holds(text: str, signature: ReadSignature, name: str, public: bytes) -> bool:
    """Whether it is a plain signature over the text by this key under this name."""
    return (
        signature.name == name
        and signature.key_id == key_id(name, public)
        and verifies(public, signature.signature, text.encode())
    )


def cosigned(text: str, signature: ReadSignature, name: str, public: bytes) -> bool:
    """A countersignature: plain, or C2SP cosignature/v1 with its own time."""
    if holds(text, signature, name, public):
        return True
    if (
        signature.name != name
        or signature.key_id != key_id(name, public, COSIGNATURE)
        or len(signature.signature) != 72
    ):
        return False
    seconds = int.from_bytes(signature.signature[:8], "big")
    return verifies(public, signature.signature[8:], f"cosignature/v1\ntime {seconds}\n{text}".encode())


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
