"""What every check looks at: the package opened, each entry hashed once, the signed head of the log it carries.

Nothing is held against anything yet (docs/evidence.md, section 4). Hashing uses all cores; what is text is kept to
be read.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from recordings import evidence
from recordings.evidence import MOST_TEXT, ArchiveEntry, Manifest, Unsound, lines, read, stamps
from recordings.evidence.lines import JournalLine

PIECE: Final = 1 << 20
MEDIA: Final = (
    "media/", "video/", "exhibits/", "documents/", "signed/", "handwriting/", "attachments/", "transcript/", "spoken/",
)  # fmt: skip
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


_CHECKPOINT = re.compile(r"(yuntiao/[^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\S{27})\n")


@dataclass(frozen=True, slots=True)
class ClaimedCheckpoint:
    note: stamps.Note
    origin: str
    size: int
    root: bytes
    at: datetime

    def first(self, own: Sequence[stamps.ReadSignature]) -> bytes:
        """The note as the log first signed it: what is stamped."""
        mark = own[0] if own else self.note.signatures[0]
        line = f"— {mark.name} {evidence.base64_of(mark.key_id + mark.signature)}\n"
        return f"{self.note.text}\n{line}".encode()


def checkpoint(raw: bytes | None) -> ClaimedCheckpoint | None:
    note = stamps.parse(raw or b"")
    found = _CHECKPOINT.fullmatch(note.text) if note else None
    if note is None or found is None:
        return None
    try:
        root, at = base64.b64decode(found[3], validate=True), datetime.fromisoformat(found[4])
    except ValueError:
        return None
    return ClaimedCheckpoint(note, found[1], int(found[2]), root, at) if at.tzinfo and len(root) == 32 else None


Texts = Callable[[str], bytes | None]
"""The program's own text for a path such as `texts/2026-11-25.3/notice.zh.txt`; None for a version it does not know."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What whoever asks knows from elsewhere. `key`: raw Ed25519; `authorities`: whose time stamps they believe;
    `witnesses`: names and raw keys of those who have to have countersigned."""

    key: bytes | None = None
    authorities: Sequence[x509.Certificate] = ()
    witnesses: Sequence[tuple[str, bytes]] = ()


@dataclass
class PackageClaim:
    """A package opened: what it says of itself and what lies in it. `exported` is told by its own check."""

    contents: Contents
    raw: bytes  # of the manifest
    manifest: Manifest
    expected: Expected
    texts: Texts
    held: dict[str, EntryContent] = field(default_factory=dict)
    session: list[JournalLine] = field(default_factory=list)
    complaint: list[JournalLine] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # journals that are not canonical lines
    checkpoint: ClaimedCheckpoint | None = None
    exported: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        with_sm3 = frozenset(item.path for item in self.manifest.items if item.sm3 and _knows_sm3())
        self.held = self.contents.hold(with_sm3)
        self.session, self.complaint = self._lines(evidence.SESSION), self._lines(evidence.COMPLAINT)
        self.checkpoint = checkpoint(self.text(evidence.CHECKPOINT))

    @property
    def events(self) -> list[JournalLine]:
        return [*self.session, *self.complaint]

    def text(self, name: str) -> bytes | None:
        found = self.held.get(name)
        return found.text if found else None

    def _lines(self, name: str) -> list[JournalLine]:
        try:
            return lines.from_text(self.text(name) or b"")
        except Unsound as fault:
            self.unread.append(f"{name}: {fault}")
            return []


def own_signatures(claim: PackageClaim) -> list[stamps.ReadSignature]:
    """Those under the checkpoint that claim to be by the manifest's key."""
    assert claim.checkpoint is not None
    own = stamps.key_id(claim.manifest.key_name, claim.manifest.key)
    return [s for s in claim.checkpoint.note.signatures if (s.name, s.key_id) == (claim.manifest.key_name, own)]


def note_faults(claim: PackageClaim, name: str, wanted: str) -> Iterable[str]:
    """Whether file `name` is the text `wanted`, signed by the manifest's key and by nobody else."""
    raw = claim.contents.text(name, evidence.MOST_NOTE)
    note = stamps.parse(raw) if raw is not None else None
    if note is None:
        yield f"{name} is missing" if raw is None else f"{name} is no note"
    elif note.text != wanted:
        yield f"{name} is of something else"
    elif len(note.signatures) != 1 or not stamps.holds(
        note.text, note.signatures[0], claim.manifest.key_name, claim.manifest.key
    ):
        yield f"{name} is not signed by this key"


def withheld(line: JournalLine) -> bool:
    """Said in confidence: it is in no package, and nothing need account for that."""
    return line.erased and line.type in lines.WITHHOLDABLE and line.stream.startswith("session/")


def _knows_sm3() -> bool:
    return "sm3" in hashlib.algorithms_available


def sha256_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def edition_in(raw: bytes) -> int:
    """0 when it is no sheet at all."""
    try:
        told = evidence.parsed(raw)["edition"]
    except (Unsound, KeyError, TypeError):
        return 0
    return told if type(told) is int else 0
