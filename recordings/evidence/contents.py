"""An archive opened for checking: every entry hashed once, on all cores, and what is text kept to be read."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recordings.evidence.archive import ArchiveEntry, read
from recordings.evidence.form import MOST_TEXT

PIECE: Final = 1 << 20
MEDIA: Final = ("media/", "video/", "exhibits/", "documents/", "signed/", "handwriting/", "attachments/")
AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class EntryContent:
    """`text`: the whole content, of what is neither media nor too much to be read; `sm3` when it was asked for."""

    entry: ArchiveEntry
    sha256: str
    whole: bool  # size and CRC are what the directory says
    text: bytes | None = None
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    path: Path
    entries: Sequence[ArchiveEntry]

    def text(self, name: str, most: int) -> bytes | None:
        """None when there is no such entry or it is larger."""
        entry = next((one for one in self.entries if one.name == name), None)
        if entry is None or entry.size > most:
            return None
        with self.path.open("rb") as file:
            file.seek(entry.start)
            return file.read(entry.size)

    def hold(self, with_sm3: frozenset[str] = frozenset()) -> dict[str, EntryContent]:
        """Everything read once; of texts so many are kept that all together are no larger than one may be."""
        kept, left = set(), MOST_TEXT
        for entry in self.entries:
            if not entry.name.startswith(MEDIA) and entry.size <= left:
                kept.add(entry.name)
                left -= entry.size
        with self.path.open("rb") as file, ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as threads:
            # The largest first: a thread that gets one last would work alone.
            ordered = sorted(self.entries, key=lambda entry: -entry.size)
            held = threads.map(
                lambda entry: _held(file.fileno(), entry, entry.name in kept, entry.name in with_sm3), ordered
            )
            return {one.entry.name: one for one in held}


def opened(path: Path) -> Contents:
    """NotAnArchive, OSError."""
    with path.open("rb") as file:
        return Contents(path, read(file))


def _held(file: int, entry: ArchiveEntry, text: bool, sm3: bool) -> EntryContent:
    kept: list[bytes] | None = [] if text else None
    digest, second, crc, at = hashlib.sha256(), hashlib.new("sm3") if sm3 else None, 0, entry.start
    while at < entry.end and (piece := os.pread(file, min(PIECE, entry.end - at), at)):
        digest.update(piece)
        crc = zlib.crc32(piece, crc)
        if second is not None:
            second.update(piece)
        if kept is not None:
            kept.append(piece)
        at += len(piece)
    return EntryContent(
        entry,
        digest.hexdigest(),
        at == entry.end and crc == entry.crc,
        None if kept is None else b"".join(kept),
        second.hexdigest() if second is not None else "",
    )
