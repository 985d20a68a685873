"""What can have happened in a session: past-tense facts, as the journal keeps them.

Owns the mapping between typed events and the journal's JSON. The union `SessionEvent` is complete:
`evolve` matches over it exhaustively.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rooms.vocabulary import Consent, Opening, Outcome, Phase, Seat


@dataclass(frozen=True, slots=True)
class SessionScheduled:
    complaint: str  # complaint id
    number: str  # complaint number as printed
    office: str  # office id
    ordinal: int  # 1: first mediation of this complaint
    title: str
    starts: datetime
    seats: tuple[Seat, ...]  # the mediator's is among them
    mediator: str  # user id
    order: str = "121"  # or "20": whose grounds end it; sessions from before this was noted get the longer list


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    reason: str


@dataclass(frozen=True, slots=True)
class SeatAdded:
    seat: Seat


@dataclass(frozen=True, slots=True)
class LinkIssued:
    seat: str
    link: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class LinkRevoked:
    seat: str
    link: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """Somebody tapped 'start' on the invitation (a mere GET is not an opening)."""

    seat: str
    link: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    seat: str
    kind: Consent
    text: str  # version of the text shown


@dataclass(frozen=True, slots=True)
class ConsentRefused:
    seat: str
    kind: Consent
    text: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    seat: str
    kind: Consent


@dataclass(frozen=True, slots=True)
class OtherTimeAsked:
    seat: str
    wish: str


@dataclass(frozen=True, slots=True)
class CodeSent:
    seat: str


@dataclass(frozen=True, slots=True)
class IdentityConfirmed:
    seat: str
    method: str  # "code" | "officer"


@dataclass(frozen=True, slots=True)
class NameChosen:
    seat: str
    name: str


@dataclass(frozen=True, slots=True)
class DeviceChecked:
    seat: str
    mode: str  # "video" | "audio" | "text"
    findings: tuple[str, ...] = ()  # e.g. "camera:denied", "network:3"


@dataclass(frozen=True, slots=True)
class Arrived:
    """Into the waiting room."""

    seat: str


@dataclass(frozen=True, slots=True)
class Admitted:
    seat: str


@dataclass(frozen=True, slots=True)
class SentBack:
    seat: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    seat: str
    cause: str  # "socket" | "media" | "server"


@dataclass(frozen=True, slots=True)
class Reconnected:
    seat: str


@dataclass(frozen=True, slots=True)
class Left:
    seat: str


@dataclass(frozen=True, slots=True)
class Removed:
    seat: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The mediator entered: the session is live, in phase opening."""


@dataclass(frozen=True, slots=True)
class OpeningCovered:
    item: Opening
    done: bool = True


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    phase: Phase


@dataclass(frozen=True, slots=True)
class RecessStarted:
    pass


@dataclass(frozen=True, slots=True)
class RecessEnded:
    pass


@dataclass(frozen=True, slots=True)
class DoorLocked:
    pass


@dataclass(frozen=True, slots=True)
class DoorUnlocked:
    pass


@dataclass(frozen=True, slots=True)
class Muted:
    seat: str
    by: str  # seat id: their own, or the mediator's


@dataclass(frozen=True, slots=True)
class Unmuted:
    seat: str


@dataclass(frozen=True, slots=True)
class UnmuteAsked:
    seat: str


@dataclass(frozen=True, slots=True)
class HandRaised:
    seat: str


@dataclass(frozen=True, slots=True)
class HandLowered:
    seat: str


@dataclass(frozen=True, slots=True)
class CameraSet:
    seat: str
    on: bool


@dataclass(frozen=True, slots=True)
class ScreenShared:
    seat: str


@dataclass(frozen=True, slots=True)
class ScreenStopped:
    seat: str


@dataclass(frozen=True, slots=True)
class SpeakingStarted:
    seat: str


@dataclass(frozen=True, slots=True)
class SpeakingStopped:
    seat: str


@dataclass(frozen=True, slots=True)
class PicturesPaused:
    """The seat's network is too weak: sound goes on, pictures rest."""

    seat: str
    way: str  # "to": they see nobody; "from": nobody sees them


@dataclass(frozen=True, slots=True)
class PicturesResumed:
    seat: str
    way: str


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """Of a seat's connection, once it has settled: 1 (bad) to 4 (very good), which is also what it begins with."""

    seat: str
    level: int


@dataclass(frozen=True, slots=True)
class Said:
    """A chat message; `to` is a seat id or "" for everybody."""

    seat: str
    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """Bytes of this seat are on disk."""

    seat: str


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    seat: str
    cause: str  # "consent" | "left" | "disconnected" | "recess" | "closed" | "disk" | "server"


@dataclass(frozen=True, slots=True)
class Hole:
    """Inside a file no packet of this source was written for a second or more, though it was being recorded."""

    source: str  # "mic" | "camera" | "screen"
    started: datetime
    ended: datetime
    cause: str  # "loss" | "silent": the sender sent nothing | "late" | "queue": the disk was too slow


@dataclass(frozen=True, slots=True)
class SegmentSealed:
    """One finished recording file. `path` is relative to the data folder's recordings/; times are UTC.

    Hashes are lower-case hex; those without `stored_` and `size` are of the WebM file, the others of the encrypted one
    that lies there ("", 0: it lies there as it is). `sm3` is "" where the installation does not make it.
    """

    seat: str
    path: str
    sha256: str
    size: int  # bytes
    started: datetime
    ended: datetime
    width: int = 0  # 0: sound only
    height: int = 0
    source: str = "camera"  # "camera": with the microphone; "screen"
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""
    holes: tuple[Hole, ...] = ()
    clock_ms: int | None = None  # the sender's clock minus ours, as its sender reports had it


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    cause: str  # "disk_full" | "disk_reserve" | "io"
    seat: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """Who can hear and see whom from now on: seat -> seats it receives."""

    hears: dict[str, tuple[str, ...]]
    sees: dict[str, tuple[str, ...]]
    recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeProposed:
    """Shown to both parties; the room closes after."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OutcomeTakenBack:
    pass


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    seat: str


@dataclass(frozen=True, slots=True)
class SessionClosed:
    outcome: Outcome
    anyway: str = ""  # why it was closed though not everybody present had seen the outcome


@dataclass(frozen=True, slots=True)
class Corrected:
    """A further entry to a closed session; nothing before it changes."""

    text: str


@dataclass(frozen=True, slots=True)
class RecordingComposed:
    """`path` relative to recordings/; `origin` is the wall-clock time of the video's first frame."""

    path: str
    sha256: str
    size: int
    duration_ms: int
    origin: datetime
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class CompositionFailed:
    cause: str


@dataclass(frozen=True, slots=True)
class Archived:
    """A file lies in the archive too, and was read back from there; after this the local copy may go.

    `store` is the archive's address; `stored_sha256` is of the bytes as they are kept, sealed or not.
    """

    path: str
    store: str
    stored_sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An officer has made a file of the record, to take it along. Hash and size are of that file."""

    kind: str  # "package" | "masked" | "video": a copy with their name in it, noted whenever it is taken
    export: str  # its id
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Viewed:
    """A supervisor (or other officer) looked at the record."""

    part: str  # "record" | "recording" | "journal" | "track:<seat>"


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """What a supervisor says about a moment of the session; no party ever sees it, and nothing takes it back."""

    text: str
    at_ms: int | None = None  # since the session was opened; None: of the whole
    corrects: int = 0  # version of the note that this one replaces; that one stays readable


@dataclass(frozen=True, slots=True)
class ContentErased:
    """What these entries of the session said was wiped; that they were made, when and of what kind stays."""

    versions: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """The record is kept beyond its time, until the hold is lifted; nobody can erase it meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted:
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureOrdered:
    """From here on nobody opens the record. `due`: because its time had come, not because somebody asked."""

    reason: str
    due: bool = False


@dataclass(frozen=True, slots=True)
class RecordErased:
    """Done: the session's key is destroyed, with it every copy of its files; those that lay here are removed."""

    files: int
    bytes: int
    entries: int = 0  # of this journal whose content was erased


SessionEvent = (
    SessionScheduled
    | SessionCancelled
    | SeatAdded
    | LinkIssued
    | LinkRevoked
    | LinkOpened
    | ConsentGiven
    | ConsentRefused
    | ConsentWithdrawn
    | OtherTimeAsked
    | CodeSent
    | IdentityConfirmed
    | NameChosen
    | DeviceChecked
    | Arrived
    | Admitted
    | SentBack
    | Disconnected
    | Reconnected
    | Left
    | Removed
    | SessionOpened
    | OpeningCovered
    | PhaseEntered
    | RecessStarted
    | RecessEnded
    | DoorLocked
    | DoorUnlocked
    | Muted
    | Unmuted
    | UnmuteAsked
    | HandRaised
    | HandLowered
    | CameraSet
    | ScreenShared
    | ScreenStopped
    | SpeakingStarted
    | SpeakingStopped
    | PicturesPaused
    | PicturesResumed
    | QualityChanged
    | Said
    | RecordingStarted
    | RecordingStopped
    | SegmentSealed
    | RecordingFailed
    | Routed
    | OutcomeProposed
    | OutcomeTakenBack
    | OutcomeSeen
    | SessionClosed
    | Corrected
    | RecordingComposed
    | CompositionFailed
    | Archived
    | Exported
    | Viewed
    | NoteAdded
    | ContentErased
    | HoldPlaced
    | HoldLifted
    | ErasureOrdered
    | RecordErased
)
