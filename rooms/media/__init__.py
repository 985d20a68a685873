"""A session's sound and pictures: who receives whom, what is recorded, what the engine reports.

Here are the commands and events of connections, tracks and recordings, and of who received whom meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rooms.vocabulary import ANYBODY, MEDIATOR, SYSTEM, command


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NotePictures:
    """`way`: "to" or "from" the seat."""

    seat: str
    way: str
    paused: bool


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteQuality:
    seat: str
    level: int


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteMediaAwaited:
    """As `rooms.events.MediaAwaited`."""

    seat: str
    since: datetime
    cause: str


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteMediaConnected:
    seat: str


NetworkCommand = NotePictures | NoteQuality | NoteMediaAwaited | NoteMediaConnected


# ------------------------------------------------------------ captions


@command(MEDIATOR, "set_captions", in_room=True)
@dataclass(frozen=True, slots=True)
class SetCaptions:
    """Whether there are captions in this room for whoever asks to see them. There are, until the mediator says no."""

    on: bool


@command(ANYBODY, "ask_captions", in_room=True)
@dataclass(frozen=True, slots=True)
class AskCaptions:
    """Whether one sees captions oneself. While nobody does, nothing becomes text."""

    on: bool


CaptionsCommand = SetCaptions | AskCaptions


@dataclass(frozen=True, slots=True)
class CaptionsSet:
    """There are captions for whoever asks to see them, or there are none."""

    on: bool


@dataclass(frozen=True, slots=True)
class CaptionsAsked:
    seat: str
    on: bool


CaptionsEvent = CaptionsSet | CaptionsAsked


# ------------------------------------------------------------ events of connections


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
class MediaAwaited:
    """Since `since` the seat is in the room, and what its person says and shows does not reach the server.

    `cause`: "connection" that is not up, "nothing" was offered by their device, "full": the server had no room for it,
    "server": a part of it was lost, with what it knew.
    """

    seat: str
    since: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class MediaConnected:
    """What was awaited is there."""

    seat: str


NetworkEvent = PicturesPaused | PicturesResumed | QualityChanged | MediaAwaited | MediaConnected


# ------------------------------------------------------------ commands about recordings


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteRecording:
    fact: (
        RecordingStarted
        | RecordingStopped
        | SegmentSealed
        | NothingRecorded
        | RecordingFailed
        | RecordingComposed
        | CompositionFailed
        | TranscriptMade
        | TranscriptFailed
        | Archived
    )


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class Resume:
    """After a server restart: whoever was present is reconnecting, running recordings stopped."""


RecordingCommand = NoteRecording | Resume


# ------------------------------------------------------------ events of tracks, recordings and films


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """Bytes of this seat are on disk."""

    seat: str


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """`cause`: consent, left, disconnected, recess, closed, disk, server, caucus or consulting."""

    seat: str
    cause: str


@dataclass(frozen=True, slots=True)
class Hole:
    """Inside a file no packet of this source was written for a second or more, though it was being recorded."""

    source: str  # "mic" | "camera" | "screen"
    started: datetime
    ended: datetime
    # "loss" | "late" | "queue": the disk was too slow | "silent": the sender sent nothing | "unbegun": not once yet
    cause: str


@dataclass(frozen=True, slots=True)
class SegmentSealed:
    """One finished recording file. `path` is relative to the data folder's recordings/; times are UTC.

    Hashes are lower-case hex; those without `stored_` and `size` are of the WebM file, the others of the encrypted one
    that lies there (size 0: it lies there as it is; hash "": found when it is archived, `Archived`). `sm3` is "" where
    the installation does not make it.
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
class NothingRecorded:
    """The recorder was ready for this seat from `started` to `ended`: what of it is in no file, and why."""

    seat: str
    started: datetime
    ended: datetime
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    cause: str  # "disk_full" | "disk_reserve" | "io"
    seat: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """Who can hear and see whom from now on: seat -> seats it receives. `captioned`: whose words become text."""

    hears: dict[str, tuple[str, ...]]
    sees: dict[str, tuple[str, ...]]
    recorded: tuple[str, ...]
    captioned: tuple[str, ...] = ()


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
class TranscriptMade:
    """What a machine heard on the tracks: `path` relative to recordings/; hashes as of a segment.

    `kind`, `model` and `digest` say which model, by `recordings.speech.ModelIdentity`; `lines`: how many there are.
    """

    path: str
    sha256: str
    size: int
    lines: int
    kind: str
    model: str
    digest: str
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    cause: str  # a code of `recordings.speech.SpeechError` or `recordings.CompositionError`


@dataclass(frozen=True, slots=True)
class Archived:
    """A file lies in the archive too, and was read back from there; after this the local copy may go.

    `store` is the archive's address; `stored_sha256` is of the bytes as they are kept, sealed or not.
    """

    path: str
    store: str
    stored_sha256: str


RecordingEvent = (
    RecordingStarted
    | RecordingStopped
    | SegmentSealed
    | NothingRecorded
    | RecordingFailed
    | Routed
    | RecordingComposed
    | CompositionFailed
    | TranscriptMade
    | TranscriptFailed
    | Archived
)
