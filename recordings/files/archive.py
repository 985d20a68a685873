"""How far a closed case's files are on their way into the archive: `<session>/archive.json`; and the single steps.

One process at a time owns the file: the job process while it is `queued`, `moving` or `noted`, the web process while it
is `moved`. A local file goes only when its item is `there`, which is written down after the store's bytes were read
back and had the journal's hash, and when the journal says so too, which is what `noted` means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from recordings import (
    AlreadyThere,
    BadName,
    Damaged,
    FileMissing,
    KeyDestroyed,
    KeyMissing,
    NotThere,
    SourceChanged,
    composing,
)
from recordings.files import safe_id, sync_folder
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.object_store import BlobStat, BlobStore, checked_name

MoveState = Literal["queued", "moving", "moved", "noted", "done"]
Place = Literal["recordings", "documents", "attachments", "lead-files"]
"""Folders of the data folder that files come from; each has a session's, a complaint's or a lead's below it."""
Step = Literal["here", "there", "gone"]
_MEDIA = (".webm", ".mp4")


@dataclass(frozen=True, slots=True)
class MoveItem:
    """A file as it lies on the disk. `error` says why it stays: "source_missing", "source_changed", "already_there",
    "differs" (what was read back is not what was sent), "bad_name", "key_missing" or "key_destroyed"."""

    path: str  # relative to the folder it is in, and its name in the store
    sha256: str  # "": found by `identify_item`
    size: int = 0  # bytes, once it was found
    step: Step = "here"
    error: str = ""
    place: Place = "recordings"
    holds: str = ""  # SHA-256 of what it holds, where its own is not known


@dataclass(frozen=True, slots=True)
class ArchiveMove:
    """Of all files of one case. `error` is what it waits for: "store_unreachable" or "store_refuses"."""

    state: MoveState
    store: str
    items: tuple[MoveItem, ...]
    error: str = ""
    tries: int = 0  # since something was last achieved

    @property
    def failed(self) -> tuple[MoveItem, ...]:
        return tuple(item for item in self.items if item.error)


_MOVE = TypeAdapter(ArchiveMove)


def move_file(recordings: Path, session: str) -> Path:
    return recordings / safe_id(session) / "archive.json"


def read_move(recordings: Path, session: str) -> ArchiveMove | None:
    """None when nothing was begun, or when the file is not ours."""
    try:
        return _MOVE.validate_json(move_file(recordings, session).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_move(recordings: Path, session: str, move: ArchiveMove) -> None:
    composing.replace_file(move_file(recordings, session), _MOVE.dump_json(move))


def all_moves(recordings: Path) -> Iterable[tuple[str, ArchiveMove]]:
    """Of every case that was ever asked for."""
    for file in sorted(recordings.glob("*/archive.json")):
        move = read_move(recordings, file.parent.name)
        if move is not None:
            yield file.parent.name, move


def has_files(recordings: Path, session: str) -> bool:
    """Whether media, exhibits or documents of the case lie on this disk."""
    folder = recordings / safe_id(session)
    if holds_files(recordings.parent / "documents", session):
        return True
    if any(file.is_file() for file in folder.glob("exhibits/*/*")):
        return True
    return any(file.suffix in _MEDIA for pattern in ("*", "*/*") for file in folder.glob(pattern))


def holds_files(place: Path, case: str) -> bool:
    return any(file.is_file() for file in (place / safe_id(case)).rglob("*"))


def local_path(recordings: Path, item: MoveItem) -> Path:
    """Where the file lies, or lay. BadName."""
    return recordings.parent / item.place / checked_name(item.path)


# ---------------------------------------------------------------- the steps, which block


def identify_item(session: str, item: MoveItem, files: EncryptedFileStore) -> MoveItem:
    """Find the file's own hash, once it holds what the journal says: of a recording nobody has made one yet."""
    if item.sha256:
        return item
    try:
        return replace(item, sha256=files.identify(session, item.path, item.holds), error="")
    except (FileMissing, FileNotFoundError):
        return replace(item, error="source_missing")
    except Damaged:
        return replace(item, error="source_changed")
    except (KeyMissing, KeyDestroyed) as fault:
        return replace(item, error=fault.code)


def copy_to_store(recordings: Path, item: MoveItem, store: BlobStore) -> MoveItem:
    """Into the store, and read back from it. Doing it again is cheap as far as it was done."""
    try:
        file = local_path(recordings, item)
    except BadName:
        return replace(item, error="bad_name")
    if file.is_file() and not file.is_symlink():
        item = replace(item, size=file.stat().st_size, error="")
        try:
            store.put(item.path, file, item.sha256)
        except AlreadyThere:
            return replace(item, error="already_there")
        except SourceChanged:
            return replace(item, error="source_changed")
    try:
        verified = store.verify(item.path, item.sha256)
        size = store.stat(item.path).size
    except NotThere:
        return replace(item, error="source_missing")
    return replace(item, step="there", size=size, error="") if verified else replace(item, error="differs")


def remove_local(recordings: Path, item: MoveItem, store: BlobStore) -> MoveItem:
    """Remove the local copy of what is `there`, if it still is. What is not stays."""
    if item.step != "there" or item.error:
        return item
    file = local_path(recordings, item)
    if file.is_file():
        try:
            same = store.stat(item.path) == BlobStat(item.size, item.sha256)
        except NotThere:
            same = False
        if not same:
            return replace(item, step="here", error="differs")
        file.unlink()
        sync_folder(file.parent)
    return replace(item, step="gone")
