"""How far an export is: `<session>/exports/<export>.json` beside the recordings, written by one process at a time.

The web process writes it when it asks; until `ready` or `failed` the job process does; then the web process notes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from journal import Actor
from recordings import progress
from recordings.durable import safe_id
from server.evidence.order import Kind

FOLDER = "exports"

Stage = Literal["queued", "working", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class State:
    """`progress` 0…1; hash and size of the file once it is ready; `noted`: the journal has it, so it may be taken."""

    session: str
    export: str
    kind: Kind
    asked: datetime
    by: Actor
    state: Stage = "queued"
    progress: float = 0.0
    error: str = ""  # "disk_full" | "erased" | "changed" | "key" | "io"
    tries: int = 0
    sha256: str = ""
    size: int = 0
    noted: bool = False


_STATE = TypeAdapter(State)


def path_of(session: str, export: str, suffix: str = ".json") -> str:
    """Relative to the recordings folder."""
    return f"{safe_id(session)}/{FOLDER}/{safe_id(export)}{suffix}"


def read(folder: Path, session: str, export: str) -> State | None:
    return _read(folder / path_of(session, export))


def _read(file: Path) -> State | None:
    try:
        return _STATE.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def write(folder: Path, state: State) -> None:
    progress.replace_file(folder / path_of(state.session, state.export), _STATE.dump_json(state))


def of(folder: Path, session: str = "*") -> Iterator[State]:
    """Of one session or of all, the newest first."""
    pattern = f"{session if session == '*' else safe_id(session)}/{FOLDER}/*.json"
    found = (_read(file) for file in folder.glob(pattern))
    return iter(sorted((one for one in found if one is not None), key=lambda one: one.asked, reverse=True))
