"""The media engine as the rest of the program uses it: admissions, routes, a stream of events, connection quality,
TURN.

Owns no state. `media.sfu` is the embedded implementation; an external engine may be another. Quality has four levels,
by one rule for the SFU's measurements and for clients' reports. Credentials for a TURN server, which carries media for
networks that let no UDP through, follow the convention known as the TURN REST API: the username is
`<expiry>:<pseudonym>`, the password its HMAC-SHA1 with a secret that only we and that server know. Longer
than other modules: it is one contract.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

Source = Literal["mic", "camera", "screen"]
GapCause = Literal["loss", "silent", "late", "queue", "unbegun"]
SendingState = Literal["nothing", "connecting", "connected"]


class MediaError(Exception):
    """Base of media errors: `code` is stable, the text is for the log."""

    code = "media"

    @property
    def params(self) -> dict[str, str]:
        """What whoever asked is told beside the code."""
        return {}


DescriptionProblem = Literal[
    "bundle", "fingerprint", "ice", "ice_lite", "m_line", "mid", "not_offered", "rtcp_mux", "setup", "simulcast",
    "source", "ssrc", "too_large",
]  # fmt: skip
LINE_TOLD = 120  # characters


class BadDescription(MediaError):
    """A session description is refused. `line`: the line at fault, or how the one that is missing begins."""

    code = "bad_description"

    def __init__(self, problem: DescriptionProblem, line: str = "") -> None:
        self.problem, self.line = problem, line[:LINE_TOLD]
        super().__init__(f"{problem} {self.line!r}")

    @property
    def params(self) -> dict[str, str]:
        return {"problem": self.problem, "line": self.line}


class WorkerFull(MediaError):
    """The server, or every worker, is at its limit."""

    code = "worker_full"


class NegotiatingTooFast(MediaError):
    """A participant negotiates more often than a page needs; the description was not read."""

    code = "too_fast"


class NotAdmitted(MediaError):
    """The participant is not, or no longer, in that room."""

    code = "not_admitted"


@dataclass(frozen=True, slots=True)
class Negotiated:
    """Admission to this engine: the client offers what it publishes, we offer what it may receive."""


@dataclass(frozen=True, slots=True)
class External:
    """Admission to an external engine."""

    url: str
    token: str


Admission = Negotiated | External


@dataclass(frozen=True, slots=True)
class RouteMatrix:
    """Who receives whom, by participant id. Whoever is not in a mapping receives nothing.

    `hears` routes mic, `sees` camera and screen; `recorded` are the participants who are recorded, `captioned` those
    whose words become text; `hot` names and words that may occur in them.
    """

    hears: Mapping[str, frozenset[str]]
    sees: Mapping[str, frozenset[str]]
    recorded: frozenset[str]
    captioned: frozenset[str] = frozenset()
    hot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """An m-line of an offer to a subscriber: the participant and source it carries."""

    mid: str
    participant: str
    source: Source
    active: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to be sent to `participant`, who answers with `MediaEngine.answer`."""

    room: str
    participant: str
    sdp: str
    tracks: tuple[OfferedTrack, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """A participant's connection changed: DTLS is up, silent for 3 s, or for 15 s."""

    room: str
    participant: str
    state: Literal["connected", "disconnected", "failed"]


@dataclass(frozen=True, slots=True)
class PublisherState:
    """The state of the connection on which a participant sends.

    "nothing": not offered yet, as after each admission.
    """

    room: str
    participant: str
    state: SendingState


@dataclass(frozen=True, slots=True)
class Speaking:
    room: str
    participant: str
    speaking: bool


@dataclass(frozen=True, slots=True)
class Echo:
    """Two microphones carry the same voices at the same time, or no longer: they stand in one room.

    `participant` is the one that carries them more softly or later, `of` the other.
    """

    room: str
    participant: str
    of: str
    on: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """Connection quality 1 (bad) to 4 (very good), from loss, round-trip time and the estimate."""

    room: str
    participant: str
    level: int


@dataclass(frozen=True, slots=True)
class PicturesPaused:
    """Video `to` or `from` the participant was paused because the network is too weak for it, or resumed."""

    room: str
    participant: str
    way: Literal["to", "from"]
    paused: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """The first byte of a participant's recording is on disk, or recording stopped (`cause` says why)."""

    room: str
    participant: str
    on: bool
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A second or more within a recording for which no packet of this source was written.

    "loss": packets did not arrive; "late": they arrived after they were given up; "queue": writing was too slow;
    "silent": nothing was sent; "unbegun": nothing had been sent since the recorder was ready.
    """

    source: Source
    started: datetime
    ended: datetime
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished file. `path` is relative to the recordings folder, hashes are lower-case hex, times UTC.

    `sha256`, `sm3` ("": not wanted) and `size` (bytes) are of the WebM file, `stored_…` of the encrypted file at `path`
    (hash "": not made while it was written). `clock_ms`: how far the sender's clock is ahead of ours, if it said so.
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
    """Gaps that are in no file, of a participant for whom the recorder was ready from `started` to `ended` (UTC)."""

    room: str
    participant: str
    started: datetime
    ended: datetime
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class RecordingAlarm:
    """Writing fails or the disk reserve is reached: nothing is recorded until that changes."""

    room: str
    cause: Literal["disk_full", "disk_reserve", "io"]
    participant: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a participant said, as a machine heard it. Kept nowhere."""

    room: str
    participant: str
    text: str
    began: datetime
    ended: datetime


CAPTIONS_LATE: Final = "speech_late"


@dataclass(frozen=True, slots=True)
class CaptionsFault:
    """Why there are no captions in a room just now: a code of recordings.speech; "": there are again.

    `CAPTIONS_LATE`: a sentence is missing, for which there was no time; the next caption ends it.
    """

    room: str
    code: str


@dataclass(frozen=True, slots=True)
class RoomLost:
    """The room's worker died and is being replaced. Clients must be admitted and negotiate again."""

    room: str


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The last event of a room, after all others that `close_room` waited for."""

    room: str


MediaEvent = (
    Offer
    | Connection
    | PublisherState
    | Speaking
    | Echo
    | Quality
    | PicturesPaused
    | Recording
    | Segment
    | Unrecorded
    | RecordingAlarm
    | Heard
    | CaptionsFault
    | RoomLost
    | RoomClosed
)


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """Where ICE checks are answered before anybody is admitted, to test whether a network lets media through."""

    addresses: tuple[str, ...]
    port: int
    ufrag: str
    password: str = field(repr=False)


class MediaEngine(Protocol):
    """Everything the program asks of media."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def probe_target(self) -> ProbeTarget | None:
        """Return where to test the network; None if the engine has no such place."""
        return None

    async def admit(self, room: str, participant: str) -> Admission:
        """Let a participant negotiate, again after RoomLost. Raises WorkerFull."""
        ...

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        """Take the client's offer and return our answer. `sources`: what each mid carries.

        A new ICE ufrag in a later offer is an ICE restart. Raises BadDescription, NotAdmitted, TooFast.
        """
        ...

    async def answer(self, room: str, participant: str, sdp: str) -> None:
        """Take the client's answer to our last Offer. Raises BadDescription, NotAdmitted, TooFast."""
        ...

    async def restart(self, room: str, participant: str) -> None:
        """Offer again with new ICE credentials: the client's network changed. Raises NotAdmitted, TooFast."""
        ...

    async def route(self, room: str, matrix: RouteMatrix) -> None:
        """Set who hears, sees and is recorded. Idempotent; replaces the previous matrix."""
        ...

    async def pin(self, room: str, participant: str, pinned: str) -> None:
        """Set whom the participant's page shows large ("": nobody): their large layer first. Raises NotAdmitted."""
        ...

    async def remove(self, room: str, participant: str) -> None: ...

    async def close_room(self, room: str) -> None:
        """Finish the room's recordings and forget it.

        RoomClosed follows the recordings' Segments, whatever became of the worker, also for a room without media.
        """
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """Yield all events in order, to one consumer."""
        ...


LEVEL_LIMITS = (
    # loss, round trip in seconds, share of concealed audio, share of time that video was frozen
    (4, (0.02, 0.25, 0.03, 0.05)),
    (3, (0.06, 0.5, 0.08, 0.2)),
    (2, (0.15, 1.0, 0.2, 0.5)),
)
"""The most of each for a level; beyond the last, the level is 1. Up to 2 % loss retransmissions are not noticed, at 6 %
they are, at 15 % syllables are missing; above half a second of delay people talk over each other."""


def quality_level(loss: float, rtt: float, concealed: float = 0.0, frozen: float = 0.0) -> int:
    """Return 1 (bad) to 4 (very good), as the worst of the four values allows."""
    measured = (loss, rtt, concealed, frozen)
    for step, most in LEVEL_LIMITS:
        if all(value <= limit for value, limit in zip(measured, most, strict=True)):
            return step
    return 1


CHECK_TTL = timedelta(minutes=5)  # for testing the network before anybody is admitted

_URL = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
_PORTS = {"turn": 3478, "turns": 5349}


@dataclass(frozen=True, slots=True)
class TurnUrl:
    """A TURN server's address as RFC 7065 writes it."""

    text: str
    scheme: str
    host: str  # without brackets
    port: int
    transport: str  # between client and TURN server: udp, tcp or tls

    @classmethod
    def parse(cls, text: str) -> TurnUrl:
        """Parse a URL (RFC 7065). Raises ValueError, which says what is wrong."""
        found = _URL.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is not turn:host, turns:host:port or turn:host:port?transport=tcp")
        scheme, transport = found["scheme"], found["transport"]
        if scheme == "turns" and transport == "udp":
            raise ValueError(f"{text}: browsers speak turns over TCP only")
        port = int(found["port"] or _PORTS[scheme])
        if not 0 < port < 65536:
            raise ValueError(f"{text}: there is no port {port}")
        return cls(text, scheme, found["host"].strip("[]"), port, "tls" if scheme == "turns" else transport or "udp")


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    """Credentials of a browser for the TURN server. They open the relay until they expire: never logged."""

    urls: tuple[str, ...]
    username: str
    credential: str = field(repr=False)
    ttl: int  # seconds

    def body(self) -> dict[str, Any]:
        """Return what is sent to the browser (docs/wire.md, `relay`)."""
        return {"urls": list(self.urls), "username": self.username, "credential": self.credential, "ttl": self.ttl}


@dataclass(frozen=True, slots=True)
class Turn:
    """The TURN servers of one installation and the secret shared with them."""

    urls: tuple[TurnUrl, ...]
    secret: str = field(repr=False)
    ttl: timedelta

    def grant(self, session: str, seat: str, now: datetime, ttl: timedelta | None = None) -> TurnCredentials:
        """Return credentials that are valid from `now` for `ttl`, at most for the usual time."""
        lasts = self.ttl if ttl is None else min(ttl, self.ttl)
        username = f"{int((now + lasts).timestamp())}:{self._pseudonym(session, seat)}"
        return TurnCredentials(
            tuple(url.text for url in self.urls), username, password(self.secret, username), int(lasts.total_seconds())
        )

    def _pseudonym(self, session: str, seat: str) -> str:
        """Return a name that is the same for a seat every time, for the TURN server's quota per user, but no id."""
        known = hmac.new(self.secret.encode(), f"{session}\n{seat}".encode(), hashlib.sha256)
        return known.hexdigest()[:20]


def password(secret: str, username: str) -> str:
    # Every TURN server computes SHA-1 here; an HMAC is not weakened by its collisions.
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a client measured of its own connection in the last seconds, as far as anybody else needs it.

    Shares are 0-1, times seconds, rates kbit/s. `None`: the browser does not say, or nothing flows.
    """

    loss_up: float = 0.0  # of what they send
    loss_down: float = 0.0  # of what they receive
    rtt: float = 0.0
    jitter: float = 0.0
    concealed: float = 0.0  # of the sound they hear, made up by their browser
    frozen: float = 0.0  # of the time, the worst picture they see stood still
    frames: float | None = None  # a second, of the best picture they see
    up: int = 0
    down: int = 0
    available: int | None = None  # what their browser thinks their way out carries
    relayed: bool = False
    over: Literal["", "udp", "tcp", "tls"] = ""  # what carries it to us, or to the relay
    limited: Literal["", "cpu", "bandwidth"] = ""  # why their browser sends less of a picture than it was asked for
    mic: Literal["", "off", "silent", "muted", "gone"] = ""  # muted: by the system; "": it is heard
    camera: Literal["", "off", "still", "muted", "gone"] = ""  # still: on, and no new picture comes out of it
    hidden: bool = False  # a phone's page is behind another, where cameras stop
    battery: bool = False  # nearly empty, and not being charged
    apart: bool = False  # they say that they sit apart from whoever is heard along with them

    @property
    def level(self) -> int:
        return quality_level(max(self.loss_up, self.loss_down), self.rtt, self.concealed, self.frozen)

    def body(self) -> dict[str, Any]:
        return asdict(self)
