"""A store in a folder: a second disk, or a share that is mounted.

Beside every blob lies its hash, as `.<name>.sha256` in the form that `sha256sum --check` reads. The file system has to
have hard links: they are what makes a name appear once and whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from recordings.blobs import BlobStat, checked_name, checked_sha256, never_cancelled, sha256_of
from recordings.durable import sync_folder
from recordings.errors import AlreadyThere, NotThere, SourceChanged, StoreUnreachable
from recordings.reserve import NO_RESERVE, DiskReserve

_COPIED = 1 << 20


class LocalBlobs:
    def __init__(
        self, folder: Path, check: Callable[[], None] | None = None, reserve: DiskReserve = NO_RESERVE
    ) -> None:
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
            file.unlink(missing_ok=True)
            file.with_name(f".{file.name}.sha256").unlink(missing_ok=True)
            if file.parent.exists():
                sync_folder(file.parent)

    def names(self, folder: str = "") -> Iterator[str]:
        below = self._file(folder) if folder else self._folder
        with self._reported():
            found = [file for file in below.rglob("*") if file.is_file() and not file.name.startswith(".")]
        yield from sorted(file.relative_to(self._folder).as_posix() for file in found)

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
