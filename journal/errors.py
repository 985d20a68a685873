"""What can go wrong with a journal.

JournalError
├── Conflict      somebody appended first; reload and decide again
├── StreamBroken  a stream's hash chain does not hold
└── NoteBroken    a signed note or a key is not one, or its signature does not hold
"""

from __future__ import annotations


class JournalError(Exception):
    """Base of every journal fault; `code` is stable."""

    code = "journal"


class Conflict(JournalError):
    """The stream is no longer at the version the writer expected."""

    code = "conflict"

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class StreamBroken(JournalError):
    """An event's hash does not follow from its content and its predecessor."""

    code = "stream_broken"

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"{stream} does not verify at version {version}")
        self.stream, self.version = stream, version


class NoteBroken(JournalError):
    """`other_key`: it may be a good note, but not of the key it was asked about."""

    code = "note_broken"

    def __init__(self, what: str, other_key: bool = False) -> None:
        super().__init__(what)
        self.other_key = other_key
