"""A session's whole record, its composed recording, copies and exports that leave the house; and what is found of a
sealed file that somebody brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from complaints.views import ComplaintRow
from journal import Event
from journal.refusals import Refused
from recordings import AWAY
from rooms.events import SessionEntry, TranscriptMade
from rooms.media.diagnosis import LineMinute
from rooms.session import Session
from rooms.timing import Timing
from rooms.views import ComplaintParty, SessionRow
from rooms.vocabulary import Role


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
    """Of a session's files: how many there are, how many lie in the archive, how many could not be put there; how many
    lie on this server alone though their home is a store, and whether that store cannot be reached."""

    files: int = 0
    archived: int = 0
    failed: int = 0
    waiting: int = 0
    away: bool = False


@dataclass(frozen=True, slots=True)
class RecordedComplaint:
    """What a record says of the complaint it is about. `order`: "121" or "20"."""

    row: ComplaintRow
    order: str
    request: str
    consumer: ComplaintParty
    business: ComplaintParty


@dataclass(frozen=True, slots=True)
class AuditPage:
    session: Session
    row: SessionRow
    complaint: RecordedComplaint
    events: Sequence[Event]
    timing: Timing
    recording: RecordingState
    keeping: FileKeeping = FileKeeping()


@dataclass(frozen=True, slots=True)
class LineReport:
    """How everybody's connection was in a mediation."""

    row: SessionRow
    session: Session
    history: Sequence[SessionEntry]
    minutes: Sequence[LineMinute]


CopyStage = Literal["queued", "making", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class VideoCopy:
    """An officer's own. It can be taken until `until`, once state is ready."""

    id: str
    state: CopyStage
    progress: float  # 0…1
    words: str  # as they stand in the picture
    asked: datetime
    until: datetime
    size: int = 0  # bytes


TranscriptStage = Literal["none", "unasked", "no_model", "nobody", "queued", "working", "ready", "failed", "erased"]


@dataclass(frozen=True, slots=True)
class TranscriptState:
    """Of one session. "none": it is not over; "unasked": it can be asked for; "nobody": nothing was recorded that may
    be transcribed. `error` as of `rooms.events.TranscriptFailed`."""

    state: TranscriptStage
    progress: float = 0.0
    error: str = ""
    made: TranscriptMade | None = None


@dataclass(frozen=True, slots=True)
class FoundLine:
    """`seconds` into the recording, as its player counts; None where there is none."""

    id: str
    name: str
    role: Role
    text: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TranscriptHit:
    """A session in whose transcript words were found: how often, and the first lines that have them."""

    row: SessionRow
    count: int
    lines: tuple[FoundLine, ...]


@dataclass(frozen=True, slots=True)
class TranscriptHits:
    """The newest first. `after`: the session to go on behind, "" at the end; `unindexed`: transcripts that had to be
    read because the index of words does not have them yet."""

    hits: Sequence[TranscriptHit] = ()
    after: str = ""
    unindexed: int = 0


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


SealResult = Literal["ours", "changed", "unknown_seal", "not_given", "no_seal", "no_pdf"]


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """`result` "ours": sealed here, every byte is as we sealed it. `signed_at` is our own clock's word, `stamped_at`
    an authority's. `subject`: whom the certificate names, also of a seal we do not know. `algorithm` "RSA" | "ECDSA" |
    "SM2". `certifier`: who issued the certificate, or the platform that sealed; of "unified" only that the file is the
    one we gave out is known. "not_given": not one of ours, where platforms seal, whose seals are not read here."""

    result: SealResult
    subject: str = ""
    office: str = ""
    fingerprint: str = ""
    assurance: Literal["own", "provider", "unified"] = "own"
    certifier: str = ""
    algorithm: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    sha256: str = ""


def unread(fault: Exception) -> Refused:
    """What is said to whoever asked for a file that could not be opened."""
    return Refused("archive_away", 503) if isinstance(fault, AWAY) else Refused("unreadable", 500)
