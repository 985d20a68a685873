"""Recording files nobody accounts for: a process died before it could finish them, or before the journal knew.

They are found when the server starts and when a media worker was lost, and kept as they are: hashed and measured,
never repaired; a file without its end stays without. Only where something in it does not verify, what comes before that
is kept in its place (`Shelf.salvage`). Reading and measuring block; call this from a thread.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from recordings import codecs
from recordings.files.encrypted_file import STRIDE, Digest
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.segment import PART, Kind, SealedFile, keep, parse_name


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
                length = codecs.opus_duration_ms(bytes(packet)) / 1000 if packet.stream.type == "audio" else 0.033
                last = max(last, float(packet.pts * packet.time_base) + length)
    except av.error.FFmpegError:  # it ends in the middle of something: what came before counts
        pass
    return last, width, height
