"""Stores that finished recording files are moved to: named bytes, written once and never changed.

Owns what every store promises (held by tests/contracts/blob_store_contract.py), which names there are, and the file
object that reads a remote one. Everything here blocks; call it from a thread.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from recordings.errors import BadName

BLOCK = 1 << 20  # bytes fetched at once
KEPT = 16  # blocks of an open file: all of an ordinary segment
_AHEAD = 1 << 16
_PIECE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_MOST_PIECES = 8
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BlobStat:
    """`size` in bytes; `sha256` as it was given when the blob was put, "" when somebody else put it."""

    size: int
    sha256: str


class BlobStore(Protocol):
    """Every method may raise `StoreUnreachable` (trying again may help) and `StoreRefuses` (it will not)."""

    @property
    def address(self) -> str:
        """Names the store in a journal; holds no secret."""

    def put(self, name: str, source: Path, sha256: str) -> None:
        """Durable when it returns. The same content again is fine; `AlreadyThere` when the name has other content,
        `SourceChanged` when the file is not what `sha256` says. Broken off, the next call goes on where it ended."""

    def open(self, name: str) -> BinaryIO:
        """Seekable; fetches what is read. `NotThere`."""

    def stat(self, name: str) -> BlobStat:
        """`NotThere`."""

    def verify(self, name: str, sha256: str) -> bool:
        """Read the stored bytes, all of them, and compare. `NotThere`."""

    def delete(self, name: str) -> None:
        """Also when it is not there."""

    def names(self, folder: str = "") -> Iterator[str]:
        """Of everything below the folder, in order."""


def never_cancelled() -> None:
    """Called between the steps of long work unless something else is given; whatever that raises ends the work."""


def checked_name(name: str) -> str:
    """A path of plain pieces: no `..`, nothing hidden, nothing a file system or an address reads in its own way."""
    pieces = name.split("/")
    if len(pieces) > _MOST_PIECES or not all(_PIECE.fullmatch(piece) for piece in pieces):
        raise BadName(repr(name[:80]))
    return name


def checked_sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise ValueError("a SHA-256 is 64 digits of lower-case hexadecimal")
    return text


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class _Fetched(io.RawIOBase):
    def __init__(self, size: int, fetch: Callable[[int, int], bytes], block: int, kept: int) -> None:
        self._size, self._fetch, self._block, self._kept = size, fetch, block, kept
        self._at = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the file's beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size or not len(buffer):
            return 0
        number, inside = divmod(self._at, self._block)
        piece = self._of(number)[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _of(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        start = number * self._block
        block = self._fetch(start, min(start + self._block, self._size))
        self._blocks[number] = block
        if len(self._blocks) > self._kept:
            self._blocks.popitem(last=False)
        return block


def ranged_reader(size: int, fetch: Callable[[int, int], bytes], block: int = BLOCK, kept: int = KEPT) -> BinaryIO:
    """A file of `size` bytes over `fetch(start, end)`, which gives exactly these bytes. Keeps the newest blocks."""
    return cast(BinaryIO, io.BufferedReader(_Fetched(size, fetch, block, kept), min(block, _AHEAD)))
