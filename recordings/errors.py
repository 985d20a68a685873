"""What can go wrong with recordings.

RecordingsError
├── BadName           a room or participant id that cannot be a folder name
└── CompositionError  no video could be made; `code` says why
"""

from __future__ import annotations

from typing import Literal

CompositionFault = Literal[
    "nothing_recorded", "too_long", "source_missing", "source_changed", "encoder", "disk_full", "io", "bad_plan"
]


class RecordingsError(Exception):
    """Base of recording faults: `code` is stable, the text is for the log."""

    code: str = "recordings"


class BadName(RecordingsError):
    """An id that is not made of letters, digits, `-` and `_`."""

    code = "bad_name"


class CompositionError(RecordingsError):
    """The composition was given up. Trying again may help for `io`, `disk_full` and `encoder`."""

    def __init__(self, code: CompositionFault, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: CompositionFault = code
        self.detail = detail
