"""The media engine as the rest of the program sees it: admissions, routes and a stream of events.

Owns no state; `media.sfu` is the embedded implementation, an external distributed engine may be another.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Source = Literal["mic", "camera", "screen"]
GapCause = Literal["loss", "silent", "late", "queue", "unbegun"]
SendingState = Literal["nothing", "connecting", "connected"]


class MediaError(Exception):
    """Base of media faults: `code` is stable, the text is for the log."""

    code = "media"


class BadDescription(MediaError):
    """A session description that is too large, malformed or offers nothing we can use."""

    code = "bad_description"


class WorkerFull(MediaError):
    """Every worker is at its packet-rate or loop-lag limit."""

    code = "worker_full"


class TooFast(MediaError):
    """More offers and answers than a person's page can need: this one was not looked at."""

    code = "too_fast"


class NotAdmitted(MediaError):
    """The participant is not (or no longer) in that room."""

    code = "not_admitted"


@dataclass(frozen=True, slots=True)
class Negotiated:
    """An admission to negotiate with us: the client publishes, we offer what it may receive."""


@dataclass(frozen=True, slots=True)
class External:
    """An admission to somebody else's engine."""

    url: str
    token: str


Admission = Negotiated | External


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who receives whom, by participant id. Whoever is absent from a mapping receives nothing.

    `hears` routes mic, `sees` routes camera and screen, `recorded` names whose streams are written.
    """

    hears: Mapping[str, frozenset[str]]
    sees: Mapping[str, frozenset[str]]
    recorded: frozenset[str]


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """An m-line of an offer to a subscriber: whose stream of which source it carries."""

    mid: str
    participant: str
    source: Source
    active: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """To be sent to `participant`, who answers with `MediaEngine.answer`."""

    room: str
    participant: str
    sdp: str
    tracks: tuple[OfferedTrack, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """The transport of a participant changed state: DTLS up, silent for 3 s, gone for 15 s."""

    room: str
    participant: str
    state: Literal["connected", "disconnected", "failed"]


@dataclass(frozen=True, slots=True)
class Sending:
    """What there is of the connection on which a participant sends: "nothing" was offered (as after each admission),
    it is "connecting", or "connected"."""

    room: str
    participant: str
    state: SendingState


@dataclass(frozen=True, slots=True)
class Speaking:
    room: str
    participant: str
    speaking: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """Connection quality 1 (bad) to 4 (very good), from loss, round-trip time and the estimate."""

    room: str
    participant: str
    level: int


@dataclass(frozen=True, slots=True)
class PicturesPaused:
    """Sound first: the network is too weak for pictures `to` or `from` the participant, or it no longer is."""

    room: str
    participant: str
    way: Literal["to", "from"]
    paused: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """The recorder's first byte of a participant is on disk, or it stopped (`cause` says why)."""

    room: str
    participant: str
    on: bool
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Inside a file no packet of this source was written for a second or more, though it was being recorded.

    "loss": packets did not arrive; "late": they came when their place was given up; "queue": writing was too slow;
    "silent": the sender sent nothing; "unbegun": nor had it sent anything since the recorder was ready for it.
    """

    source: Source
    started: datetime
    ended: datetime
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished file. `path` relative to the recordings folder, hashes lower-case hex, UTC wall clock.

    `sha256`, `sm3` ("": not wanted) and `size` are of the WebM file, `stored_…` of the encrypted one that lies there
    (its hash "": not made while it was written).
    `clock_ms`: how far the sender's clock is ahead of ours, when it said.
    """

    room: str
    participant: str
    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    width: int
    height: int
    source: Literal["camera", "screen"] = "camera"  # "camera" carries the microphone too
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""
    gaps: tuple[Gap, ...] = ()
    clock_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The recorder was ready for a participant from `started` to `ended`, UTC: what of it is in no file, and why."""

    room: str
    participant: str
    started: datetime
    ended: datetime
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class RecordingAlarm:
    """Writing fails or the disk reserve is reached: nothing more is recorded until it clears."""

    room: str
    cause: Literal["disk_full", "disk_reserve", "io"]
    participant: str = ""


@dataclass(frozen=True, slots=True)
class RoomLost:
    """The room's worker died; it is being replaced. Clients must be admitted and negotiate again."""

    room: str


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The last of a room: what was said of it by the time `close_room` had done its work came before this."""

    room: str


MediaEvent = (
    Offer
    | Connection
    | Sending
    | Speaking
    | Quality
    | PicturesPaused
    | Recording
    | Segment
    | Unrecorded
    | RecordingAlarm
    | RoomLost
    | RoomClosed
)


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """Where ICE checks are answered before anybody is admitted: for trying whether a network lets media through."""

    addresses: tuple[str, ...]
    port: int
    ufrag: str
    password: str = field(repr=False)


class MediaEngine(Protocol):
    """One screen: everything the program asks of media."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def probe_target(self) -> ProbeTarget | None:
        """None when the engine cannot say."""
        return None

    async def admit(self, room: str, participant: str) -> Admission:
        """Let a participant negotiate; again after RoomLost. WorkerFull when there is no capacity."""
        ...

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        """Take the client's offer (`sources`: mid -> what it carries) and return our answer.

        A changed ICE ufrag in a later offer is an ICE restart. BadDescription, NotAdmitted.
        """
        ...

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        """The client's answer to our last Offer. BadDescription, NotAdmitted."""
        ...

    async def restart(self, room: str, participant: str) -> None:
        """Offer again with fresh ICE credentials: the client's network changed. NotAdmitted."""
        ...

    async def route(self, room: str, matrix: Matrix) -> None:
        """Set who hears, sees and is recorded; idempotent, replaces the previous matrix."""
        ...

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        """Whom the participant's page shows large ("": nobody): they get the better picture first. NotAdmitted."""
        ...

    async def remove(self, room: str, participant: str) -> None: ...

    async def close_room(self, room: str) -> None:
        """Forget the room; finishes its recordings first. Then the room's RoomClosed is told, behind their Segments,
        whatever became of its worker; a room that never had media is closed too."""
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """Everything that happens, in order; one consumer."""
        ...
