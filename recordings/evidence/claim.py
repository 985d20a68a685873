"""What every check looks at: the package, opened and held against nothing yet.

The signed head of the log, as a package carries it (docs/evidence.md, section 4).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509

from recordings.evidence import form, lines, notes
from recordings.evidence.contents import Contents, EntryContent
from recordings.evidence.errors import Unsound
from recordings.evidence.form import Manifest
from recordings.evidence.lines import JournalLine

_CHECKPOINT = re.compile(r"(yuntiao/[^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\S{27})\n")


@dataclass(frozen=True, slots=True)
class ClaimedCheckpoint:
    note: notes.Note
    origin: str
    size: int
    root: bytes
    at: datetime

    def first(self, own: Sequence[notes.ReadSignature]) -> bytes:
        """The note as the log first signed it: what is stamped."""
        mark = own[0] if own else self.note.signatures[0]
        line = f"— {mark.name} {form.base64_of(mark.key_id + mark.signature)}\n"
        return f"{self.note.text}\n{line}".encode()


def checkpoint(raw: bytes | None) -> ClaimedCheckpoint | None:
    note = notes.parse(raw or b"")
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
        self.session, self.complaint = self._lines(form.SESSION), self._lines(form.COMPLAINT)
        self.checkpoint = checkpoint(self.text(form.CHECKPOINT))

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


def own_signatures(claim: PackageClaim) -> list[notes.ReadSignature]:
    """Those under the checkpoint that claim to be by the manifest's key."""
    assert claim.checkpoint is not None
    own = notes.key_id(claim.manifest.key_name, claim.manifest.key)
    return [s for s in claim.checkpoint.note.signatures if (s.name, s.key_id) == (claim.manifest.key_name, own)]


def note_faults(claim: PackageClaim, name: str, wanted: str) -> Iterable[str]:
    """Whether file `name` is the text `wanted`, signed by the manifest's key and by nobody else."""
    raw = claim.contents.text(name, form.MOST_NOTE)
    note = notes.parse(raw) if raw is not None else None
    if note is None:
        yield f"{name} is missing" if raw is None else f"{name} is no note"
    elif note.text != wanted:
        yield f"{name} is of something else"
    elif len(note.signatures) != 1 or not notes.holds(
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
