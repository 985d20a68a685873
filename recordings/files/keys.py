"""A key for every case, each in a file of its own under the installation's master key; what is sealed with them; and a
new master key in place of the old one.

Destroying a case's key erases what it sealed. Owns `<folder>/<case>.key` (the wrapped key) and
`<folder>/<case>.destroyed`, which stays for good: a case that was erased never gets another key. Several processes
may ask for the same key at once; they all get the same one. The master key is 64 hexadecimal digits in a file that
only its owner, or one group, can read.

It is replaced beside a running server; cut off anywhere, that is finished by the next call. The successor lies beside
the master key as `<name>.next` from before the first key is moved until after the last: as long as it is there, both
are tried. Each key is wrapped anew in one renaming, and only when all are does the successor take the master key's
name. What it seals is not touched: keys of cases stay what they are. Makers and destroyers of keys share a lock on the
keys' folder; a key that moves, and the last step, have it alone. So no key is made under a master key that is about to
go, and none comes back that was destroyed.

The cipher is AES-256-GCM, or SM4-GCM (GB/T 32907) where YUNTIAO_CIPHER says `sm4`, which counts for what is sealed from
now on. What was sealed says by its first bytes with which, so both lie side by side and stay readable. Both are
OpenSSL's, by way of `cryptography`. Keys have 32 bytes in either case: SM4, whose keys have 16, gets one made of them
by HKDF with SM3, so no key is ever used by both.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Mode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recordings import BadMaster, Damaged, KeyDestroyed, KeyMissing
from recordings.files import locked, overwrite, safe_id, shred, sync_folder, write_once

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


KEY_BYTES = 32
# Written by a group, or anything by everybody.
TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO


def read_master(path: Path) -> bytes:
    """BadMaster when it is not there, open to others, or no key."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_bytes()[:4096].decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise BadMaster(
            f"the master key {path} cannot be read: {getattr(fault, 'strerror', '') or 'no text'}"
        ) from None
    if mode & TOO_OPEN:
        raise BadMaster(f"the master key {path} is open to others (mode {mode:03o}): chmod 600 it, or 640 for a group")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadMaster(f"the master key {path} must hold {2 * KEY_BYTES} hexadecimal digits (openssl rand -hex 32)")
    return key


def next_master(path: Path) -> Path:
    """Where the successor of this key lies while keys are being moved to it (`recordings.files.keys`)."""
    return path.with_name(f"{path.name}.next")


def make_master(path: Path) -> None:
    """Once: whoever comes second keeps the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(path, os.urandom(KEY_BYTES).hex().encode() + b"\n")


State = Literal["none", "there", "destroyed"]

_MAGICS: Final[Mapping[CipherName, bytes]] = {"aes": b"YTK1", "sm4": b"YTK2"}
_MAGIC_BYTES = 4
_NONCE_BYTES = 12
WRAPPED_KEY_BYTES = _MAGIC_BYTES + _NONCE_BYTES + KEY_BYTES + 16


class Keys(Protocol):
    """32 bytes per case. Blocking."""

    def key(self, case: str) -> bytes:
        """Made when there is none yet; KeyDestroyed when there was."""
        ...

    def existing(self, case: str) -> bytes:
        """KeyMissing, KeyDestroyed."""
        ...

    def destroy(self, case: str, note: str = "") -> None:
        """For good, also when there was none; again is fine. `note` stays beside the grave: nothing personal in it."""
        ...

    def state(self, case: str) -> State: ...


class KeyStore(Keys, Protocol):
    """Where keys lie, for whoever looks after them. Every method of a store that is elsewhere may raise KeysAway."""

    def check(self) -> None:
        """Before the first key is asked for. BadMaster when those that are there cannot be opened."""
        ...

    def all(self) -> Iterator[tuple[str, str | None]]:
        """Every case that has or had a key; the note on the grave of one that was destroyed."""
        ...

    def adopt(self, case: str, key: bytes) -> None:
        """A key made in another store; again is fine. Damaged when the case has another, KeyDestroyed."""
        ...


def move_keys(source: KeyStore, target: KeyStore) -> tuple[int, int]:
    """Every key and every grave, each read back from its new place; how many of each. Doing it again is fine.
    VaultError as of either; what was moved before is in both then."""
    moved = graves = 0
    for case, note in source.all():
        if note is not None:
            target.destroy(case, note)
            graves += 1
            continue
        key = source.existing(case)
        target.adopt(case, key)
        if target.existing(case) != key:
            raise Damaged(f"the key of {case} came back otherwise")
        moved += 1
    return moved, graves


class FileKeys:
    """Implements `KeyStore`. The master key is read when it is first needed, and made while no key exists yet."""

    def __init__(self, folder: Path, master: Path) -> None:
        self._folder, self._master_path = folder, master
        self._masters: list[bytes] = []  # the master key, and its successor while keys move to that

    def check(self) -> None:
        """Make the master key at the first start; BadMaster when it is not the one the keys here were made with."""
        some = next(iter(sorted(self._folder.glob("*.key"))), None)
        if not self._master_path.exists():
            if some is not None:
                raise BadMaster(
                    f"the master key {self._master_path} is missing, but {self._folder} holds keys under it"
                )
            try:
                make_master(self._master_path)
            except OSError as fault:
                raise BadMaster(f"no master key can be made at {self._master_path}: {fault.strerror}") from None
        read_master(self._master_path)
        if some is not None:
            try:
                self._unwrap(some.stem, some.read_bytes())
            except Damaged:
                raise BadMaster(
                    f"the master key {self._master_path} is not the one that the keys in {self._folder} were made with"
                ) from None

    def key(self, case: str) -> bytes:
        while True:
            try:
                return self.existing(case)
            except KeyMissing:
                self._make(case)

    def existing(self, case: str) -> bytes:
        if self._grave(case).exists():
            raise KeyDestroyed(case)
        try:
            wrapped = self._file(case).read_bytes()
            try:
                return self._unwrap(case, wrapped)
            except Damaged:
                again = self._file(case).read_bytes()
                if again == wrapped:
                    raise
                return self._unwrap(case, again)  # it was moved to a new master key meanwhile
        except FileNotFoundError:
            raise KeyMissing(case) from None

    def destroy(self, case: str, note: str = "") -> None:
        file = self._file(case)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._folder, alone=False):
            # The grave first: whoever makes a key at this moment looks for it afterwards.
            write_once(self._grave(case), note.encode() + b"\n")
            with contextlib.suppress(FileNotFoundError):
                shred(file, WRAPPED_KEY_BYTES)
            sync_folder(self._folder)

    def state(self, case: str) -> State:
        if self._grave(case).exists():
            return "destroyed"
        return "there" if self._file(case).exists() else "none"

    def all(self) -> Iterator[tuple[str, str | None]]:
        for file in sorted(self._folder.glob("*.key")):
            if not self._grave(file.stem).exists():
                yield file.stem, None
        for grave in sorted(self._folder.glob("*.destroyed")):
            yield grave.stem, grave.read_text().strip()

    def adopt(self, case: str, key: bytes) -> None:
        if self.state(case) == "none":
            self._make(case, key)
        if self.existing(case) != key:
            raise Damaged(f"{case} has another key already")

    def _make(self, case: str, key: bytes = b"") -> None:
        file, grave, key = self._file(case), self._grave(case), key or os.urandom(KEY_BYTES)
        if not self._master_path.exists():
            self.check()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._folder, alone=False):
            # Read anew: a rotation may have ended since, and nothing may be wrapped with a key that is gone.
            write_once(file, wrap(self._read()[0], case, key))
        if grave.exists():
            file.unlink(missing_ok=True)

    def _unwrap(self, case: str, wrapped: bytes) -> bytes:
        for masters in (self._masters, None):
            for master in self._read() if masters is None else masters:
                key = unwrap(master, case, wrapped)
                if key is not None:
                    return key
        raise Damaged(f"the key of {case}")

    def _read(self) -> list[bytes]:
        """The master key as it is now; it changes while we run only when it is rotated."""
        after: list[bytes] = []
        successor = next_master(self._master_path)
        if successor.exists():  # looked at first: it may take the other's place at any moment
            with contextlib.suppress(BadMaster):
                after.append(read_master(successor))
        self._masters = [read_master(self._master_path), *after]
        return self._masters

    def _file(self, case: str) -> Path:
        return self._folder / f"{safe_id(case)}.key"

    def _grave(self, case: str) -> Path:
        return self._folder / f"{safe_id(case)}.destroyed"


def wrap(master: bytes, case: str, key: bytes) -> bytes:
    """What a key file holds: four bytes that say with which cipher, nonce, ciphertext and tag."""
    nonce, name = os.urandom(_NONCE_BYTES), in_force()
    return _MAGICS[name] + nonce + cipher_of(name, master).encrypt(nonce, key, bound(case))


def unwrap(master: bytes, case: str, wrapped: bytes) -> bytes | None:
    """None when this master key did not wrap it for this case."""
    magic, rest = wrapped[:_MAGIC_BYTES], wrapped[_MAGIC_BYTES:]
    name = next((name for name, sign in _MAGICS.items() if sign == magic), None)
    if name is None:
        return None
    try:
        return cipher_of(name, master).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], bound(case))
    except (InvalidTag, ValueError):  # ValueError: too short to be anything
        return None


def case_keys(data: Path, master: Path | None = None) -> FileKeys:
    """Where an installation keeps them; the master key may lie elsewhere."""
    return FileKeys(data / "keys" / "cases", master or data / "keys" / "master.key")


def bound(case: str) -> bytes:
    """A key given another case's name does not open."""
    return b"yuntiao/case-key\n" + case.encode()


_LEFT = re.compile(r"\..+\.key(\.[0-9]+\.[0-9a-f]{8}){1,2}")  # by a call that was cut off


@dataclass(frozen=True, slots=True)
class KeyRotation:
    keys: int  # that are under the new master key now
    moved: int  # by this call
    resumed: bool  # an earlier call had begun


def rotate(folder: Path, master: Path, keep: Path | None = None) -> KeyRotation:
    """`folder` has the keys of cases. `keep`: where the old master key is written to, for backups made under it.

    BadMaster, also when the successor cannot be written; Damaged names a key that neither opens: nothing is lost then,
    the two master keys stay side by side. OSError.
    """
    FileKeys(folder, master).check()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    successor = next_master(master)
    resumed = successor.exists()
    try:
        make_master(successor)
        seen = master.stat()
        successor.chmod(stat.S_IMODE(seen.st_mode))
        if os.geteuid() == 0:
            os.chown(successor, seen.st_uid, seen.st_gid)
    except OSError as fault:
        raise BadMaster(f"no master key can be made at {successor}: {fault.strerror}") from None
    with _alone(successor):
        old, new = read_master(master), read_master(successor)
        if keep is not None:
            _keep(keep, old)
        moving = _Moving(folder, old, new)
        moved = moving.all()  # most of them while the server works on
        with locked(folder, alone=True):
            moved += moving.all(held=True)
            sync_folder(folder)
            with master.open("r+b") as file:
                successor.replace(master)
                sync_folder(master.parent)
                overwrite(file.fileno(), 2 * KEY_BYTES)
        return KeyRotation(len(list(folder.glob("*.key"))), moved, resumed)


@contextmanager
def _alone(successor: Path) -> Iterator[None]:
    with successor.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadMaster("the master key is being rotated by another process") from None
        if not successor.exists() or not os.path.samestat(os.fstat(file.fileno()), successor.stat()):
            raise BadMaster("the master key has just been rotated by another process")
        yield


def _keep(path: Path, old: bytes) -> None:
    """BadMaster when something else is there already."""
    try:
        if not write_once(path, old.hex().encode() + b"\n") and read_master(path) != old:
            raise BadMaster(f"{path} holds something else: choose another file for the old master key")
    except OSError as fault:
        raise BadMaster(f"the old master key cannot be kept at {path}: {fault.strerror}") from None


class _Moving:
    def __init__(self, folder: Path, old: bytes, new: bytes) -> None:
        self._folder, self._old, self._new = folder, old, new

    def all(self, held: bool = False) -> int:
        """How many were moved. `held`: the lock is ours already."""
        moved = 0
        for file in sorted(self._folder.glob("*.key")):
            if held:
                moved += self._move(file)
            else:
                with locked(self._folder, alone=True):
                    moved += self._move(file)
        if held:
            for left in self._folder.iterdir():
                if _LEFT.fullmatch(left.name):
                    shred(left, WRAPPED_KEY_BYTES)
        return moved

    def _move(self, file: Path) -> bool:
        with suppress(FileNotFoundError), file.open("r+b") as opened:  # else it was destroyed meanwhile
            wrapped = opened.read(WRAPPED_KEY_BYTES + 1)
            if unwrap(self._new, file.stem, wrapped) is not None:
                return False
            key = unwrap(self._old, file.stem, wrapped)
            if key is None:
                raise Damaged(f"the key of {file.stem}")
            fresh = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
            write_once(fresh, wrap(self._new, file.stem, key))
            fresh.replace(file)
            overwrite(opened.fileno(), WRAPPED_KEY_BYTES)  # what the old master key opened is nowhere any more
            return True
        return False
