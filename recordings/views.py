"""A session's whole record, its composed recording, copies and exports that leave the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from journal import Event
from rooms.session import Session
from rooms.timing import Timing
from rooms.views import ComplaintPage, SessionRow


@dataclass(frozen=True, slots=True)
class RecordingState:
    """The composed recording of a session, or how far it is. `file` is None until state is ready; where it lies in the
    archive by then, the shelf opens it all the same."""

    state: Literal["none", "queued", "composing", "ready", "failed", "erased"]
    progress: float  # 0…1
    file: Path | None
    duration_ms: int = 0
    origin: datetime | None = None  # wall clock of the first frame


@dataclass(frozen=True, slots=True)
class FileKeeping:
    """Of a session's files: how many there are, how many lie in the archive, how many could not be put there."""

    files: int = 0
    archived: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class AuditPage:
    session: Session
    row: SessionRow
    complaint: ComplaintPage
    events: Sequence[Event]
    timing: Timing
    recording: RecordingState
    keeping: FileKeeping = FileKeeping()


@dataclass(frozen=True, slots=True)
class VideoCopy:
    """An officer's own. It can be taken until `until`, once state is ready."""

    id: str
    state: Literal["queued", "making", "ready", "failed"]
    progress: float  # 0…1
    words: str  # as they stand in the picture
    asked: datetime
    until: datetime
    size: int = 0  # bytes


ExportKind = Literal["package", "masked"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`sha256` and `size` once it is ready; `error` when it failed."""

    id: str
    kind: ExportKind
    state: Literal["queued", "working", "ready", "failed"]
    progress: float
    asked: datetime
    by: str
    until: datetime  # then it is deleted
    size: int = 0
    sha256: str = ""
    error: str = ""
