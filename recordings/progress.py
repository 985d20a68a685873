"""How far a session's composition is: `<session>/composition.json`, written by one process and read by others.

Until `ready` or `failed` the job process writes it; afterwards the web process marks it as `noted` once the journal
has the fact.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from recordings.durable import sync_folder
from recordings.names import safe_id

CompositionState = Literal["queued", "composing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
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


_PROGRESS = TypeAdapter(Progress)


def progress_file(recordings: Path, session: str) -> Path:
    return recordings / safe_id(session) / "composition.json"


def plan_file(recordings: Path, session: str) -> Path:
    """Where the plan of the composition lies."""
    return recordings / safe_id(session) / "plan.json"


def read_progress(recordings: Path, session: str) -> Progress | None:
    """None when nothing was begun, or when the file is not ours."""
    try:
        return _PROGRESS.validate_json(progress_file(recordings, session).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_progress(recordings: Path, session: str, progress: Progress) -> None:
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
