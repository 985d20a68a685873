"""Who somebody is: officers, join links, one-time codes, devices. Here is the installation's key and what is kept under
it (phone numbers, link secrets, second factors), and reading secrets that operators keep in files, so that neither the
list of processes nor a shell's history shows them.

Owns `<data>/keys/seal.key`: 32 random bytes made at the first start, readable by its owner alone. Whoever copies the
database without this file gets no phone number, no link and no code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recordings.files import write_once
from recordings.files.keys import ValueCipher

TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO  # the owner's, readable for a group at most


def read_secret(path: Path) -> str:
    """Without the line's end. ValueError, fit for the person at the terminal, when it cannot or must not be used."""
    try:
        with path.open() as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = file.read(4096).strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"the secret in {path} cannot be read: {getattr(fault, 'strerror', '') or fault}") from None
    if mode & TOO_OPEN:
        raise ValueError(f"the secret in {path} is open to others (mode {mode:03o}): chmod 600 it, or 640 for a group")
    if not text or len(text.split()) != 1:
        raise ValueError(f"{path} must hold one secret on one line")
    return text


KEY_BYTES = 32


class SealBroken(Exception):
    """A sealed text was made with another key, for another purpose, or has been changed."""

    code = "seal_broken"


class Seal:
    """AES-256-GCM or SM4-GCM for what must be read again, HMAC-SHA256 for what must only be recognised.

    `purpose` is bound into both: a sealed phone number does not open as a link secret.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key has {len(key)} bytes instead of {KEY_BYTES}")
        self._values = ValueCipher(_derived(key, b"yuntiao/seal"))
        self._mac = hmac.new(_derived(key, b"yuntiao/hash"), digestmod=hashlib.sha256)

    def seal(self, text: str, purpose: str) -> str:
        """URL-safe text; sealing twice gives two different texts."""
        return base64.urlsafe_b64encode(self.seal_bytes(text.encode(), purpose)).decode()

    def open(self, sealed: str, purpose: str) -> str:
        try:
            return self.open_bytes(base64.urlsafe_b64decode(sealed.encode()), purpose).decode()
        except ValueError as fault:
            raise SealBroken(purpose) from fault

    def seal_bytes(self, content: bytes, purpose: str) -> bytes:
        return self._values.seal(content, purpose.encode())

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        try:
            return self._values.open(sealed, purpose.encode())
        except (InvalidTag, ValueError) as fault:
            raise SealBroken(purpose) from fault

    def hash(self, text: str, purpose: str) -> str:
        """Lower-case hex. Keyed, so that six digits cannot be found from a stolen table by trying them all."""
        mac = self._mac.copy()
        mac.update(f"{purpose}\n{text}".encode())
        return mac.hexdigest()


def installation_seal(data: Path) -> Seal:
    """The seal of the installation in this data folder; its key is made when there is none yet."""
    path = data / "keys" / "seal.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_once(path, os.urandom(KEY_BYTES))
    return Seal(path.read_bytes())


def _derived(key: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(key)


# Bearer tokens: made here, given away once, kept only as digests.


TOKEN_BYTES = 32
LINK_BYTES = 18  # 144 bits in 24 characters: a link stands in a text message, and people pass it on by hand


def fresh_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def link_secret() -> str:
    return secrets.token_urlsafe(LINK_BYTES)


def digest(token: str) -> str:
    """Plain SHA-256 suffices: unlike a password, a token has 144 bits or more, which nobody can try through."""
    return hashlib.sha256(token.encode()).hexdigest()
