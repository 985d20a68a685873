"""Where files of cases lie: opened as what they hold, sealed or from before there was sealing; and those nobody knows
of.

Paths are relative to the folder. Orphans, which a process left that died before it or the journal had finished, are
found when the server starts and when a media worker was lost. They are hashed, measured and kept as they are; only
where something in one does not verify, what comes before that is kept in its place (`EncryptedFileStore.salvage`).
Everything here blocks; call it from a thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from recordings import BadName, Damaged, FileMissing, KeyDestroyed, NotThere, webm
from recordings.files import (
    ANSWER,
    NO_RESERVE,
    PART,
    RESERVE_CHECK_BYTES,
    FreeSpace,
    Kind,
    opened_alone,
    parse_name,
    sync_folder,
)
from recordings.files.encrypted_file import (
    HEADER,
    MAGIC_BYTES,
    STRIDE,
    Digest,
    SealedReader,
    SealedWriter,
    StoredDigest,
    begins_sealed,
)
from recordings.files.keys import Keys
from recordings.files.object_store import sha256_of
from recordings.files.remote_files import RemoteFiles
from recordings.segment import SealedFile, keep

DAMAGED = ".damaged"
_SEALING = ".sealing"
_PIECE = 1 << 20


class EncryptedFileStore:
    """`sm3`: hash with SM3 as well. `remote` opens what lies here no more
    (`recordings.files.object_store.BlobStore.open`), `away` has the home of what lies here. `filed`: where what
    outlives its record lies, each case's under the key that `file_case` names."""

    def __init__(
        self,
        folder: Path,
        keys: Keys,
        sm3: bool = False,
        remote: Callable[[str], BinaryIO] | None = None,
        reserve: FreeSpace = NO_RESERVE,
        filed: EncryptedFileStore | None = None,
        away: RemoteFiles | None = None,
    ) -> None:
        self.folder, self.keys, self.sm3, self._remote, self.reserve = folder, keys, sm3, remote, reserve
        self.filed, self.away = filed, away

    def open(self, case: str, path: str) -> BinaryIO:
        """The plaintext, seekable. Missing, Damaged (also while reading), KeyMissing, KeyDestroyed; of what lies in the
        archive StoreUnreachable and StoreRefuses (also while reading)."""
        if self.filed is not None and self.keys.state(case) == "destroyed":
            try:
                return self.filed.open(file_case(case), path)
            except FileMissing:
                raise KeyDestroyed(case) from None
        fetched = self.away is not None and not self._place(path).is_file()
        if fetched:
            self._not_destroyed(case)
        file = self._opened(path)
        try:
            if fetched:
                self._not_destroyed(case, path)
            if not _is_sealed(file):
                return file
            return io.BufferedReader(SealedReader(file, self.keys.existing(case)), STRIDE)
        except BaseException:
            file.close()
            raise

    def _not_destroyed(self, case: str, path: str = "") -> None:
        """KeyDestroyed, and what was just brought or made here goes again: the case was erased meanwhile."""
        if self.keys.state(case) == "destroyed":
            if path:
                self._place(path).unlink(missing_ok=True)
            raise KeyDestroyed(case)

    def size(self, case: str, path: str) -> int:
        """Bytes of plaintext."""
        with self.open(case, path) as file:
            return file.seek(0, os.SEEK_END)

    def stored(self, path: str) -> Path:
        """The file as it lies here, brought back if its home has it. Missing, StoreUnreachable, StoreRefuses."""
        file = self._place(path)
        if not file.is_file():
            if self.away is None:
                raise FileMissing(path)
            try:
                self.away.fetch(file)
            except (NotThere, BadName) as fault:
                raise FileMissing(path) from fault
        return file

    def remove(self, path: str) -> None:
        """A file, or what is left of a folder, wherever it lies but in an archive. OSError."""
        if (place := self._place(path)).is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        if self.away is not None:
            self.away.removed(place)

    def forget_answers(self, session: str, known: Set[str], before: float) -> list[str]:
        """Remove what was said on the telephone where no answer was noted, because the process died in between; of what
        is newer than `before` (seconds since the epoch) that may still come. Paths. OSError."""
        loose = [
            file
            for file in self.folder.glob(f"{session}/*/*{ANSWER}*")
            if file.relative_to(self.folder).as_posix() not in known and file.stat().st_mtime < before
        ]
        for file in loose:
            if file.name.endswith(_SEALING):
                file.unlink()
            else:
                self.remove(file.relative_to(self.folder).as_posix())
        return [file.relative_to(self.folder).as_posix() for file in loose]

    def names_away(self, folder: str, prefix: str = "") -> set[str]:
        """Names of files in a folder of the store that begin so. StoreUnreachable, StoreRefuses."""
        if self.away is None:
            return set()
        found = (name.rpartition("/")[2] for name in self.away.store.names(self.away.name(self._place(folder))))
        return {name for name in found if name.startswith(prefix)}

    def stray(self, session: str, known: Set[str], loose: bool) -> set[str]:
        """Bring back recordings of a session that no journal knows, as far as they came to their home before this disk
        lost them; paths of known ones that are nowhere. Unless it may be `loose`, only where one of those is not here.
        StoreUnreachable, StoreRefuses, OSError."""
        if self.away is None or not (loose or any(not self._place(path).is_file() for path in known)):
            return set()
        lost = self.away.stray(session, sorted(known))
        return {path for path in lost if self._remote is None or not self._is_archived(path)}

    def _is_archived(self, path: str) -> bool:
        assert self._remote is not None
        try:
            self._remote(path).close()
        except (NotThere, BadName):
            return False
        return True

    def require(self, path: str) -> None:
        """Missing when it lies neither here nor in the archive; StoreUnreachable and StoreRefuses as with `open`."""
        self._opened(path).close()

    def identify(self, case: str, path: str, holds: str) -> str:
        """SHA-256 of the file as it lies here, once what it holds has the hash `holds`. Missing, Damaged when it has
        another, KeyMissing, KeyDestroyed."""
        own = sha256_of(self.stored(path))  # first: what is named is what was opened
        digest = hashlib.sha256()
        with self.open(case, path) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        if digest.hexdigest() != holds:
            raise Damaged(path)
        return own

    def salvage(self, case: str, path: str) -> bool:
        """Keep what is good of a file whose writing was cut off; False (and the file is gone) when it holds nothing.

        A power cut may leave some blocks of the last write and not others. Where something does not verify, what comes
        before it gets the file's name, and the file as it was found stays beside it, with `.damaged` behind its name.
        Missing; Damaged when its header does not verify; KeyMissing, KeyDestroyed; OSError.
        """
        place = self.stored(path)
        with place.open("rb") as file:
            if _holds_nothing(file):
                place.unlink()
                return False
            if not _is_sealed(file):
                return True
            with SealedReader(file, self.keys.existing(case), torn=True) as sealed:
                good = sealed.extent()
                if good == file.seek(0, os.SEEK_END):
                    return True
                self._set_aside(place, file, good)
        return True

    def _set_aside(self, place: Path, file: BinaryIO, good: int) -> None:
        fresh, beside = place.with_name(f".{place.name}{_SEALING}"), place.with_name(f"{place.name}{DAMAGED}")
        file.seek(0)
        with opened_alone(fresh) as made:
            while good and (piece := file.read(min(good, _PIECE))):
                good -= made.write(piece)
            made.flush()
            os.fsync(made.fileno())
            with contextlib.suppress(FileExistsError):  # by somebody who was killed before the next line
                os.link(place, beside)
            fresh.replace(place)
        sync_folder(place.parent)

    def put(self, case: str, path: str, source: BinaryIO | Path) -> StoredDigest:
        """Seal a finished file; it appears under its name when it is whole and durable. OSError, among them
        ReserveReached before the disk's reserve is touched; KeyDestroyed."""
        if isinstance(source, Path):
            with source.open("rb") as opened:
                return self.put(case, path, opened)
        target = self._place(path)
        with self._sealing(case, target, source) as (fresh, stored):
            fresh.replace(target)
        sync_folder(target.parent)
        if self.away is not None:
            self._not_destroyed(case, path)
            self.away.written(target)
        return stored

    def put_at_home(self, case: str, path: str, source: BinaryIO) -> StoredDigest:
        """As `put`. Where its home is a store it is there when this returns, and here is nothing that could go there
        later: for what may turn out unwanted, and whose maker may be killed. Also StoreUnreachable, StoreRefuses."""
        if self.away is None:
            return self.put(case, path, source)
        target = self._place(path)
        with self._sealing(case, target, source) as (fresh, stored):
            self.away.send(fresh, target)
        try:
            self._not_destroyed(case)
        except KeyDestroyed:
            self.away.store.delete(self.away.name(target))
            raise
        return stored

    @contextlib.contextmanager
    def _sealing(self, case: str, target: Path, source: BinaryIO) -> Iterator[tuple[Path, StoredDigest]]:
        """It sealed, whole and durable, under a hidden name beside its own; what is left under that goes again."""
        self.reserve.require(RESERVE_CHECK_BYTES)
        key = self.keys.key(case)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}{_SEALING}")
        with opened_alone(fresh, buffering=0) as file:  # two who put the same file, in one process or in several
            writer = SealedWriter(file.write, key, stride=STRIDE, sm3=self.sm3)
            while piece := source.read(STRIDE):
                self.reserve.require(len(piece))
                writer.append(piece)
                writer.flush()
            writer.finish()
            os.fsync(file.fileno())
            yield fresh, writer.stored

    def _opened(self, path: str) -> BinaryIO:
        place = self._place(path)
        try:
            with contextlib.suppress(FileNotFoundError):
                return place.open("rb")
            if self.away is None:
                raise FileMissing(path)
            return self.away.open(place)
        except (FileMissing, NotThere, BadName, OSError) as fault:
            if self._remote is None:
                raise FileMissing(path) from fault
        try:
            return self._remote(path)
        except (NotThere, BadName) as fault:
            raise FileMissing(path) from fault

    def _place(self, path: str) -> Path:
        place = (self.folder / path).resolve()
        if not place.is_relative_to(self.folder.resolve()):
            raise FileMissing(path)
        return place


def file_case(case: str) -> str:
    """Whose key seals what a case leaves to the file when its record is erased."""
    return f"file-{case}"


def _is_sealed(file: BinaryIO) -> bool:
    """By its first bytes; also of a file whose header was cut off."""
    head = file.read(MAGIC_BYTES)
    rest = file.seek(0, os.SEEK_END)
    file.seek(0)
    return begins_sealed(head) and (len(head) == MAGIC_BYTES or 0 < rest < HEADER)


def _holds_nothing(file: BinaryIO) -> bool:
    """Nothing but zeros: its size was set, and then nothing was written any more."""
    nothing = True
    while nothing and (piece := file.read(_PIECE)):
        nothing = piece.count(0) == len(piece)
    file.seek(0)
    return nothing


@dataclass(frozen=True, slots=True)
class Orphan:
    """`path` is relative to the recordings folder, as it will be when finished."""

    folder: Path
    session: str
    seat: str
    path: str
    started: datetime
    kind: Kind
    sealed: bool

    @property
    def lies(self) -> str:
        """Where it is now."""
        return self.path if self.sealed else self.path + PART

    @property
    def file(self) -> Path:
        return self.folder / self.lies


def find_orphans(folder: Path, known: Set[str], session: str = "") -> list[Orphan]:
    """Files (of one session, or of all) whose path is not `known` to the journal and that nobody is writing."""
    return list(_orphans(folder, known, session or "*"))


def _orphans(folder: Path, known: Set[str], session: str) -> Iterator[Orphan]:
    for file in sorted(folder.glob(f"{session}/*/*.webm*")):
        named = parse_name(file.name)
        if named is None or not file.is_file() or file.is_symlink():
            continue
        path = file.relative_to(folder).as_posix().removesuffix(PART)
        if path in known or _written_to(file):
            continue
        seat, started, kind = file.parent.name, *named
        yield Orphan(folder, file.parent.parent.name, seat, path, started, kind, not file.name.endswith(PART))


def seal_orphan(orphan: Orphan, files: EncryptedFileStore) -> SealedFile | None:
    """Account for what is there; None (and the file is gone) when it never held anything.

    What can be read of it is what counts: up to where its writing was cut off, or to the first piece that was changed.
    VaultError when it cannot be opened at all.
    """
    file = orphan.file
    if not files.salvage(orphan.session, orphan.lies):
        return None
    with files.open(orphan.session, orphan.lies) as plain:
        digest = Digest(files.sm3)
        while piece := plain.read(STRIDE):
            digest.update(piece)
        plain.seek(0)
        seconds, width, height = _measure(plain)
    if not digest.size:
        file.unlink()
        return None
    keep(file, orphan.folder / orphan.path)
    with files.stored(orphan.path).open("rb") as stored:
        stored_sha256, stored_size = hashlib.file_digest(stored, "sha256").hexdigest(), stored.tell()
    ended = orphan.started + timedelta(milliseconds=round(seconds * 1000))
    return SealedFile(
        orphan.path,
        digest.sha256,
        digest.size,
        orphan.started,
        ended,
        width,
        height,
        orphan.kind,
        stored_sha256,
        stored_size,
        digest.sm3,
    )


def _written_to(file: Path) -> bool:
    """A recorder holds a lock on its file for as long as it lives."""
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _measure(plain: BinaryIO) -> tuple[float, int, int]:
    """Seconds until the end of the last whole block, and the picture's size."""
    import av  # libav, which a server that was stopped in order has no need of
    import av.error

    last, width, height = 0.0, 0, 0
    try:
        with av.open(plain, "r") as container:
            for stream in container.streams.video:
                width, height = stream.width, stream.height
            for packet in container.demux():
                if packet.pts is None or packet.time_base is None or packet.is_corrupt:
                    continue
                length = webm.opus_duration_ms(bytes(packet)) / 1000 if packet.stream.type == "audio" else 0.033
                last = max(last, float(packet.pts * packet.time_base) + length)
    except av.error.FFmpegError:  # it ends in the middle of something: what came before counts
        pass
    return last, width, height
