"""What is sealed at rest is sealed with: AES-256-GCM, or SM4-GCM (GB/T 32907) where YUNTIAO_CIPHER says `sm4`.

The setting counts for what is sealed from now on. What was sealed says by its first bytes with which, so both lie side
by side and stay readable. Both are OpenSSL's, by way of `cryptography`. Keys have 32 bytes in either case: SM4, whose
keys have 16, gets one made of them by HKDF with SM3, so no key is ever used by both.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final, Literal, Protocol, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Mode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CipherName = Literal["aes", "sm4"]
CIPHERS: Final[tuple[CipherName, ...]] = get_args(CipherName)
VARIABLE: Final = "YUNTIAO_CIPHER"
_KEY, _TAG = 16, 16  # bytes


class Cipher(Protocol):
    """Authenticated encryption; nonces have 12 bytes. InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def encrypt_into(self, nonce: bytes, data: bytes, associated_data: bytes, buf: memoryview, /) -> int: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


def in_force() -> CipherName:
    """ValueError when the variable says neither."""
    named = os.environ.get(VARIABLE, "").strip() or "aes"
    for name in CIPHERS:
        if named == name:
            return name
    raise ValueError(f"{VARIABLE} is aes or sm4, not {named[:40]}")


def cipher_of(name: CipherName, key: bytes) -> Cipher:
    """`key`: 32 bytes."""
    return Sm4Gcm(sm4_key(key)) if name == "sm4" else AESGCM(key)


def sm4_key(key: bytes) -> bytes:
    return HKDF(SM3(), _KEY, salt=None, info=b"yuntiao/sm4").derive(key)


class Sm4Gcm:
    """As `AESGCM`, which `cryptography` has for AES only."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        made = bytearray(len(data) + _TAG)
        self.encrypt_into(nonce, data, associated_data, memoryview(made))
        return bytes(made)

    def encrypt_into(self, nonce: bytes, data: bytes, associated_data: bytes, buf: memoryview) -> int:
        """`buf` has room for data and tag, and no more."""
        sealing = Mode(self._algorithm, GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        buf[: len(data)] = sealing.update(data) + sealing.finalize()
        buf[len(data) :] = sealing.tag
        return len(buf)

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """InvalidTag; ValueError when it is too short to be anything."""
        opening = Mode(self._algorithm, GCM(nonce, data[-_TAG:])).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-_TAG]) + opening.finalize()


_VALUE: Final = b"YTV2"
_NONCE: Final = 12  # NIST SP 800-38D: the length GCM is made for


class ValueCipher:
    """Values of tables and small files under one key. Sealed with SM4 one begins with `YTV2`, with AES with its nonce,
    as values had no sign of their own before there were two."""

    def __init__(self, key: bytes) -> None:
        self._ciphers: dict[CipherName, Cipher] = {name: cipher_of(name, key) for name in CIPHERS}

    def seal(self, content: bytes, bound: bytes) -> bytes:
        nonce, name = os.urandom(_NONCE), in_force()
        return (_VALUE if name == "sm4" else b"") + nonce + self._ciphers[name].encrypt(nonce, content, bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """InvalidTag, ValueError."""
        if sealed.startswith(_VALUE):
            with suppress(InvalidTag, ValueError):  # one nonce of AES in four thousand million begins so too
                return self._open("sm4", sealed[len(_VALUE) :], bound)
        return self._open("aes", sealed, bound)

    def _open(self, name: CipherName, sealed: bytes, bound: bytes) -> bytes:
        return self._ciphers[name].decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
