"""What can go wrong with packages.

EvidenceError
├── NotAnArchive   not a ZIP, or not of the one form
├── Unsound        an entry that should be read has another form than docs/evidence.md says
└── Changed        a file is not what the journal says was recorded, found while it was being packed
"""

from __future__ import annotations

from recordings.errors import RecordingsError


class EvidenceError(RecordingsError):
    code = "evidence"


class NotAnArchive(EvidenceError):
    code = "zip"


class Unsound(EvidenceError):
    code = "manifest"


class Changed(EvidenceError):
    code = "segment_hash"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
