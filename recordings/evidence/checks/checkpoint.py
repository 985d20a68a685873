"""The signed head of the log, as a package carries it (docs/evidence.md, section 4)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recordings.evidence import form, notes

_CHECKPOINT = re.compile(r"(yuntiao/[^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\S{27})\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    note: notes.Note
    origin: str
    size: int
    root: bytes
    at: datetime

    def first(self, own: Sequence[notes.Signature]) -> bytes:
        """The note as the log first signed it: what is stamped."""
        mark = own[0] if own else self.note.signatures[0]
        line = f"— {mark.name} {form.base64_of(mark.key_id + mark.signature)}\n"
        return f"{self.note.text}\n{line}".encode()


def checkpoint(raw: bytes | None) -> Checkpoint | None:
    note = notes.parse(raw or b"")
    found = _CHECKPOINT.fullmatch(note.text) if note else None
    if note is None or found is None:
        return None
    try:
        root, at = base64.b64decode(found[3], validate=True), datetime.fromisoformat(found[4])
    except ValueError:
        return None
    return Checkpoint(note, found[1], int(found[2]), root, at) if at.tzinfo and len(root) == 32 else None
