"""A new master key in place of the old one, beside a running server; cut off anywhere, it is finished by the next call.

The successor lies beside the master key as `<name>.next` from before the first key is moved until after the last: as
long as it is there, `recordings.files.keys` tries both. Each key is wrapped anew in one renaming, and only when all are
does the successor take the master key's name. What it seals is not touched: keys of cases stay what they are.

Makers and destroyers of keys share a lock on the keys' folder; a key that moves, and the last step, have it alone. So
no key is made under a master key that is about to go, and none comes back that was destroyed.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.errors import BadMaster, Damaged
from recordings.files.durable import locked, overwrite, shred, sync_folder, write_once
from recordings.files.keys import (
    KEY_BYTES,
    WRAPPED_KEY_BYTES,
    FileKeys,
    make_master,
    next_master,
    read_master,
    unwrap,
    wrap,
)

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
        moving = _Moving(folder, AESGCM(old), AESGCM(new))
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
    def __init__(self, folder: Path, old: AESGCM, new: AESGCM) -> None:
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
