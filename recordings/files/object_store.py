"""Stores that finished recording files are moved to: named bytes, written once and never changed.

`LocalBlobs` is a folder: a second disk, or a share that is mounted. Beside every blob lies its hash, as
`.<name>.sha256` in the form that `sha256sum --check` reads. The file system has to have hard links: they are what makes
a name appear once and whole. `recordings.files.s3` is an S3 bucket.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from recordings import AlreadyThere, BadName, NotThere, SourceChanged, StoreUnreachable
from recordings.files import NO_RESERVE, FreeSpace, sync_folder

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

    def folders(self, folder: str) -> Iterator[str]:
        """Names of what lies next below the folder and has something below it."""


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


_COPIED = 1 << 20


class LocalBlobs:
    def __init__(self, folder: Path, check: Callable[[], None] | None = None, reserve: FreeSpace = NO_RESERVE) -> None:
        """What `check` raises ends long work between its steps."""
        self._folder, self._check, self._reserve = folder.resolve(), check or never_cancelled, reserve

    @property
    def address(self) -> str:
        return self._folder.as_uri()

    def put(self, name: str, source: Path, sha256: str) -> None:
        target = self._file(name)
        checked_sha256(sha256)
        with source.open("rb") as content, self._reported():
            if not target.exists():
                _make_folder(target.parent, self._folder)
                part = _beside(target)
                try:
                    self._copy(content, part, sha256)
                    with contextlib.suppress(FileExistsError):
                        os.link(part, target)
                finally:
                    part.unlink(missing_ok=True)
                sync_folder(target.parent)
        if self.stat(name).sha256 != sha256:
            raise AlreadyThere(name)

    def open(self, name: str) -> BinaryIO:
        file = self._file(name)
        with self._reported(name):
            return file.open("rb")

    def stat(self, name: str) -> BlobStat:
        """The first to ask notes the hash: whoever put the blob may have died before."""
        file = self._file(name)
        with self._reported(name):
            size = file.stat().st_size
            noted = file.with_name(f".{file.name}.sha256")
            try:
                return BlobStat(size, checked_sha256(noted.read_text("ascii").partition(" ")[0]))
            except (FileNotFoundError, ValueError):
                digest = sha256_of(file)
                self._note(noted, f"{digest}  {file.name}\n")
                return BlobStat(size, digest)

    def verify(self, name: str, sha256: str) -> bool:
        with self._reported(name):
            with self._file(name).open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(_COPIED):
                    self._check()
                    digest.update(piece)
            return digest.hexdigest() == sha256

    def delete(self, name: str) -> None:
        file = self._file(name)
        with self._reported():
            if file.is_dir():
                return  # what lay below it has names of its own
            file.unlink(missing_ok=True)
            file.with_name(f".{file.name}.sha256").unlink(missing_ok=True)
            if file.parent.exists():
                sync_folder(file.parent)

    def names(self, folder: str = "") -> Iterator[str]:
        below = self._file(folder) if folder else self._folder
        with self._reported():
            self._require()
            found = [file for file in below.rglob("*") if file.is_file() and not file.name.startswith(".")]
        yield from sorted(file.relative_to(self._folder).as_posix() for file in found)

    def folders(self, folder: str) -> Iterator[str]:
        below = self._file(folder)
        with self._reported():
            self._require()
            for one in sorted(below.iterdir()) if below.is_dir() else ():
                if any(file.is_file() and not file.name.startswith(".") for file in one.rglob("*")):
                    yield one.name

    def _require(self) -> None:
        """A mount that is not there is no empty store."""
        if not self._folder.is_dir():
            raise FileNotFoundError(f"{self._folder} is not there")

    def _note(self, noted: Path, line: str) -> None:
        fresh = _beside(noted)
        try:
            with fresh.open("x", encoding="ascii") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(noted)
        finally:
            fresh.unlink(missing_ok=True)
        sync_folder(noted.parent)

    def _copy(self, content: BinaryIO, part: Path, sha256: str) -> None:
        digest = hashlib.sha256()
        with part.open("xb") as file:
            while piece := content.read(_COPIED):
                self._check()
                digest.update(piece)
                self._reserve.require(len(piece))
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise SourceChanged(part.name)

    def _file(self, name: str) -> Path:
        return self._folder / checked_name(name)

    @contextlib.contextmanager
    def _reported(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as fault:
            if name and self._folder.is_dir():
                raise NotThere(name) from None
            raise StoreUnreachable(str(fault)) from fault
        except OSError as fault:
            raise StoreUnreachable(str(fault)) from fault


def _beside(file: Path) -> Path:
    """A hidden name nobody else has."""
    return file.with_name(f".{file.name.lstrip('.')}.{os.urandom(8).hex()}.part")


def _make_folder(folder: Path, root: Path) -> None:
    """The root is somebody's mount: without it there is no store, and no folder is made in its place."""
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is not there")
    folder.mkdir(parents=True, exist_ok=True)
    while folder != root:
        folder = folder.parent
        sync_folder(folder)
