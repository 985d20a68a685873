"""How far a session's film, and copies of it with somebody's name on them, are; written by one process, read by others.

`<session>/composition.json`: until `ready` or `failed` the job process writes it; afterwards the web process marks it
as `noted` once the journal has the fact. `<session>/copies/<id>.json` says how far a copy is, and for whom it was made;
the file beside it is kept for a week. The job process writes until a copy is ready or given up.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from recordings.files.durable import safe_id, sync_folder

CompositionState = Literal["queued", "composing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class FilmProgress:
    """`progress` 0…1; `error` a code of `recordings.errors.CompositionError`; the rest once it is ready."""

    state: CompositionState
    progress: float = 0.0
    error: str = ""
    tries: int = 0
    noted: bool = False
    path: str = ""  # relative to the recordings folder
    sha256: str = ""
    size: int = 0
    duration_ms: int = 0
    origin: datetime | None = None
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


_PROGRESS = TypeAdapter(FilmProgress)


def progress_file(recordings: Path, session: str) -> Path:
    return recordings / safe_id(session) / "composition.json"


def plan_file(recordings: Path, session: str) -> Path:
    """Where the plan of the composition lies."""
    return recordings / safe_id(session) / "plan.json"


def read_progress(recordings: Path, session: str) -> FilmProgress | None:
    """None when nothing was begun, or when the file is not ours."""
    try:
        return _PROGRESS.validate_json(progress_file(recordings, session).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_progress(recordings: Path, session: str, progress: FilmProgress) -> None:
    replace_file(progress_file(recordings, session), _PROGRESS.dump_json(progress))


def replace_file(file: Path, content: bytes) -> None:
    """Readers see the old content or the new, also after a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    with fresh.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
    sync_folder(file.parent)


def sessions(recordings: Path) -> list[str]:
    """Ids of all sessions a composition was asked for."""
    return sorted(file.parent.name for file in recordings.glob("*/composition.json"))


COPIES_KEPT = timedelta(days=7)

State = Literal["queued", "making", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Copy:
    """`film` is the path of the video it is made of, `words` stand in its picture, `officer` may take it. `error` as in
    `Progress`; hash and size are of the finished copy, as it is taken."""

    id: str
    session: str
    officer: str
    film: str
    words: str
    asked: datetime
    state: State = "queued"
    progress: float = 0.0
    error: str = ""
    tries: int = 0
    sha256: str = ""
    size: int = 0

    @property
    def path(self) -> str:
        """Relative to the recordings folder."""
        return f"{self.session}/copies/{self.id}.copy"

    def expired(self, now: datetime) -> bool:
        return now - self.asked >= COPIES_KEPT


_COPY = TypeAdapter(Copy)


def new_copy_id() -> str:
    return secrets.token_hex(12)


def read_copy(recordings: Path, session: str, copy: str) -> Copy | None:
    """None when there is none, or when the file is not ours."""
    try:
        return _COPY.validate_json(_file(recordings, session, copy).read_bytes())
    except (OSError, ValidationError):
        return None


def write_copy(recordings: Path, copy: Copy) -> None:
    replace_file(_file(recordings, copy.session, copy.id), _COPY.dump_json(copy))


def copies_of(recordings: Path, session: str) -> list[Copy]:
    """All copies of a session's video, the newest first."""
    files = (recordings / safe_id(session) / "copies").glob("*.json")
    found = (read_copy(recordings, session, file.stem) for file in files)
    return sorted((copy for copy in found if copy is not None), key=lambda copy: copy.asked, reverse=True)


def all_copies(recordings: Path) -> list[Copy]:
    return [copy for folder in recordings.glob("*/copies") for copy in copies_of(recordings, folder.parent.name)]


def forget_copy(recordings: Path, copy: Copy) -> None:
    (recordings / copy.path).unlink(missing_ok=True)
    _file(recordings, copy.session, copy.id).unlink(missing_ok=True)


def _file(recordings: Path, session: str, copy: str) -> Path:
    return recordings / safe_id(session) / "copies" / f"{safe_id(copy)}.json"
