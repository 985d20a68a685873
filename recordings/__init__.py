"""Recording files: written as packets arrive, sealed with a hash, composed into one video afterwards.

`recorder` is a tap of the media plane and runs in the media worker; `files.orphans` takes stock after a crash;
`composing.planning` plans a composition from the journal and `composing.composition` makes the video in the job
process.

Here is what can go wrong with recordings.

RecordingsError
├── BadName           a room or participant id that cannot be a folder name, or a blob's that is no plain path
├── Unwritten         the compiled writer cannot go on; the text is for the log
├── VaultError        what is kept cannot be read
│   ├── BadMaster     the installation's key cannot or must not be used
│   ├── KeyMissing    no key of that case, though something was sealed with it
│   ├── KeyDestroyed  the case was erased
│   ├── KeysAway      where the keys lie cannot be reached: trying again may help
│   ├── Missing       no such file
│   ├── Damaged       a sealed file was changed, or was sealed with another key
│   └── BlobError     a store of finished files
│       ├── NotThere          nothing has this name
│       ├── AlreadyThere      the name has other content
│       ├── SourceChanged     the file to be stored is not what its hash says
│       ├── StoreRefuses      wrong key or bucket, or a right that is missing: trying again does not help
│       └── StoreUnreachable  trying again may help
└── CompositionError  no video could be made; `code` says why
"""

from __future__ import annotations

from typing import Literal

CompositionFault = Literal[
    "nothing_recorded", "too_long", "source_missing", "source_changed", "encoder", "disk_full", "store_away", "io",
    "bad_plan",
]  # fmt: skip


class RecordingsError(Exception):
    """Base of recording faults: `code` is stable, the text is for the log."""

    code: str = "recordings"


class BadName(RecordingsError):
    """An id that is not made of letters, digits, `-` and `_`."""

    code = "bad_name"


class Unwritten(RecordingsError):
    code = "unwritten"


class VaultError(RecordingsError):
    """Base of what keeps a sealed file from being read or written."""

    code = "vault"


class BadMaster(VaultError):
    """The text is for the person at the terminal."""

    code = "bad_master"


class KeyMissing(VaultError):
    code = "key_missing"


class KeyDestroyed(VaultError):
    code = "key_destroyed"


class KeysAway(VaultError):
    """The text is for the log and the person at the terminal."""

    code = "keys_away"


class FileMissing(VaultError):
    code = "missing"


class Damaged(VaultError):
    code = "damaged"


class BlobError(VaultError):
    code = "blob"


class NotThere(BlobError):
    code = "not_there"


class AlreadyThere(BlobError):
    code = "already_there"


class SourceChanged(BlobError):
    code = "source_changed"


class StoreRefuses(BlobError):
    code = "store_refuses"


class StoreUnreachable(BlobError):
    code = "store_unreachable"


AWAY = (StoreRefuses, StoreUnreachable, KeysAway)
"""Nothing is lost: where a file or its key lies cannot be reached now."""


class CompositionError(RecordingsError):
    """The composition was given up. Trying again may help for `io`, `disk_full`, `store_away` and `encoder`."""

    def __init__(self, code: CompositionFault, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: CompositionFault = code
        self.detail = detail
