"""Keys of cases for tests: made from the case's name, kept nowhere."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from recordings import KeyDestroyed, KeyMissing
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys, State


class Keyring(Keys):
    def __init__(self) -> None:
        self._made: set[str] = set()
        self._destroyed: set[str] = set()

    def key(self, case: str) -> bytes:
        self._made.add(case)
        return self.existing(case)

    def existing(self, case: str) -> bytes:
        if case in self._destroyed:
            raise KeyDestroyed(case)
        if case not in self._made:
            raise KeyMissing(case)
        return hashlib.sha256(case.encode()).digest()

    def destroy(self, case: str, note: str = "") -> None:
        self._destroyed.add(case)

    def state(self, case: str) -> State:
        return "destroyed" if case in self._destroyed else "there" if case in self._made else "none"


class AnyKey(Keyring):
    """Has every key from the start: what another process made, opens here."""

    def existing(self, case: str) -> bytes:
        self._made.add(case)
        return super().existing(case)


def plain(path: Path) -> BinaryIO:
    """A recording `<folder>/<session>/<seat>/<name>` opened, if it is sealed."""
    folder = path.parents[2]
    return file_store(folder).open(path.parents[1].name, path.relative_to(folder).as_posix())


def file_store(folder: Path) -> EncryptedFileStore:
    return EncryptedFileStore(folder, AnyKey())
