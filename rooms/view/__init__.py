"""What the server tells a browser in the room: every message's body, and the view of one person with its parts.

`tests.tools.wire` makes the types of `web/frontend/src/room/messages.ts` and the tables of docs/wire.md from these
classes; what stands behind a field here stands behind it there. Absent values are None, money is text, moments are ISO
8601 UTC with `Z`. Of the view what is longer than `MOST_BYTES` travels apart: `rooms.view.parts`.

Longer than other modules, because it is one table that is read, and generated from, as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

from media.engine import Measurement
from rooms.media.diagnosis import Finding
from rooms.vocabulary import (
    Capacity,
    ExhibitKind,
    FloorChannel,
    GapRule,
    MarkShape,
    Opening,
    Outcome,
    Phase,
    Purpose,
    Role,
    SeatStatus,
    Side,
    Status,
    Term,
)

EVERY: Final = object()
"""Of a mapping by an enumeration: there is one of each."""

Mode = Annotated[str, "video", "audio", "text"]
Relation = Annotated[str, "station", "family", "community", "volunteer", "other"]
ArticleStanding = Annotated[str, "in_force", "not_yet", "no_longer"]
Source = Literal["mic", "camera", "screen"]
Words = Mapping[str, str]
"""By language."""
Point = tuple[int, int]
"""Ten thousandths of the page's width and height."""


# ------------------------------------------------------------ seats


class ConsentsView(TypedDict):
    participate: bool | None
    record: bool | None
    transcribe: bool | None


class HelperView(TypedDict):
    """Who sits with them."""

    name: str
    relation: Relation


class DoorPlateView(TypedDict):
    """All of a seat that is seen from the door."""

    id: str
    role: Role
    side: Side | None
    name: str
    status: SeatStatus


class SeatView(DoorPlateView):
    organisation: str
    city: str
    hears: bool  # false: a browser without calls, this person only reads
    mode: Annotated[str, "video", "audio", "text", ""]
    muted: bool
    muted_by: str
    camera: bool
    background: Annotated[str, "none", "blurred", "office"]  # what their browser puts behind them
    screen: bool
    hand: bool
    speaking: bool
    spoke_ms: int
    speaking_since: str | None
    waiting_since: str | None
    away_since: str | None
    away_cause: str  # "" | "connection" | "ended": cannot come back; for the mediator what has ended, as `gone` has it
    recording: bool
    quality: int | None
    paused: Sequence[Annotated[str, "from", "to"]]  # pictures that rest for the sound: theirs, those of others for them
    consents: ConsentsView
    helper: HelperView | None
    call: Annotated[str, "", "calling", "ringing", "asked", "answered"]  # by telephone; asked: for consents
    # how it was made sure; the mediator only
    identity: NotRequired[Annotated[str, "", "code", "voice", "call", "unchecked"]]
    call_ended: NotRequired[str]  # why their last call did: rooms.joining.seat_messages.CAUSES; likewise
    help: NotRequired[Annotated[str, "", "no_code", "other_number"]]  # what they cannot go on without; likewise


class YouView(TypedDict):
    seat: str
    role: Role
    side: Side | None
    mediator: bool
    removed: str  # the reason for which you were asked to leave, else ""


# ------------------------------------------------------------ the room


class SessionView(TypedDict):
    id: str
    number: str
    title: str
    ordinal: int
    office: str
    office_phone: str
    starts: str
    status: Status
    phase: Phase | None
    locked: bool
    opened: str | None
    closed: str | None
    recess_since: str | None
    live: Sequence[Phase]  # the phases in order


class SpeakerView(TypedDict):
    seat: str
    ms: int


class ClockView(TypedDict):
    """At `now` of the message; clients run on."""

    session_ms: int
    phase_ms: int
    phases: Mapping[Phase, int]
    speaker: SpeakerView | None
    caucus_ms: Mapping[Side, int]


class CaucusView(TypedDict):
    """A private talk of the mediator with one side."""

    number: int
    side: Side
    members: Sequence[str]
    since: str
    inside: bool  # whether this viewer is in it


class ConsultingView(TypedDict):
    seats: Sequence[str]  # the two
    since: str


class CirclesView(TypedDict):
    caucus: CaucusView | None
    consulting: Sequence[ConsultingView]  # who whispers with whom


class SlipView(TypedDict):
    number: int
    side: Side
    seat: str
    text: str
    amount: str | None
    may_tell: bool
    at: str
    shown: str | None


class GapResultView(TypedDict):
    meet: bool
    amount: str | None


class GapView(TypedDict):
    """The blind gap: `own` is the figure of this viewer's side, nobody is told the other."""

    number: int
    rule: GapRule
    agreed: Sequence[Side]
    entered: Sequence[Side]
    own: str | None
    result: GapResultView | None


class CaptionsView(TypedDict):
    """`allowed`: the mediator has not said no; `on`: somebody reads along; `seats`: whose words become text now."""

    allowed: bool
    on: bool
    seats: Sequence[str]


class RecordingView(TypedDict):
    on: bool
    seats: Sequence[str]
    refused: Sequence[str]
    failed: str  # "" | "disk_full" | "disk_reserve" | "io"


# ------------------------------------------------------------ parts


class DeadlineView(TypedDict):
    code: Literal["accept", "mediate", "tell_end"]
    due: str  # the day, in the office's calendar
    article: Words


class AttachmentView(TypedDict):
    id: str
    name: str
    kind: str
    about: Annotated[str, "evidence", "performance"]


class CaseView(TypedDict):
    """The complaint, for the mediator only."""

    request: str
    facts: str
    amount: str | None
    consumer: Any
    business: Any
    deadline: Any
    attachments: NotRequired[Sequence[AttachmentView]]
    goods: NotRequired[str]  # what was bought
    industry: str
    problem: str


class AnswerView(TypedDict):
    """One side's answer to the present edition of a clause or fact."""

    seat: str
    agrees: bool
    reason: str  # for everybody
    confided: str  # for the mediator and whoever gave it
    at: str


Answers = Annotated[Mapping[Side, AnswerView | None], EVERY]


class ClauseView(TypedDict):
    id: str
    number: int
    edition: int
    heading: str
    text: str  # Chinese, what is signed
    before: str  # of the edition before
    plain: str  # in everyday words
    gloss: str  # in English
    term: Term | None
    voided: Sequence[Side]  # whose answers the last edit took away
    asked: bool
    queries: Sequence[str]  # seats that asked the mediator about it; to the mediator and whoever asked
    sides: Answers


class RemovedClauseView(TypedDict):
    id: str
    number: int
    text: str


class FactView(TypedDict):
    id: str
    number: int
    edition: int
    text: str
    before: str
    voided: Sequence[Side]
    sides: Answers


class AuthorityView(TypedDict):
    """In what capacity somebody acts, as the mediator has recorded it."""

    capacity: Capacity
    special: bool
    basis: str
    settles: bool


class MissingView(TypedDict):
    clause: str
    side: Side


class DraftView(TypedDict):
    clauses: Sequence[ClauseView]
    removed: Sequence[RemovedClauseView]  # the last 20
    facts: Sequence[FactView]
    claims: Annotated[Mapping[Side, str], EVERY]
    deciders: Annotated[Mapping[Side, str], EVERY]  # seat, or ""
    standing: Literal["decides", "reads", "authority", "principal"]  # what the viewer is to the draft
    authorities: Mapping[str, AuthorityView]  # by seat
    unproven: Sequence[str]  # in the room, and not recorded by what right they act
    agreed: bool
    missing: Sequence[MissingView]
    waived: Sequence[Side]
    at_once: bool
    sealed: bool


class ExhibitAnswerView(TypedDict):
    """What one side says to an exhibit."""

    accepted: bool
    reason: str
    seat: str
    at: str


class ExhibitView(TypedDict):
    id: str
    n: int
    title: str
    kind: ExhibitKind
    purpose: Purpose
    term: int
    state: Literal["ready", "preparing", "unreadable"]
    pages: Sequence[tuple[int, int]]  # width and height of each
    ms: int  # of a film
    size: int
    seat: str
    side: Side | None
    private: bool
    at: str
    answers: Mapping[Side, ExhibitAnswerView]
    withdrawable: bool


class MarkView(TypedDict):
    n: int
    shape: MarkShape
    points: Sequence[Point]
    seat: str


class LookView(TypedDict):
    """Where whoever shows an exhibit looks."""

    exhibit: str
    zoom: int  # in hundredths
    x: int  # the middle of what they see, as in Point
    y: int
    pointer: Point | None
    ms: int | None  # a film's place
    playing: bool
    seat: str


class ShownExhibitView(TypedDict):
    exhibit: str
    page: int
    seat: str
    private: bool
    marks: Sequence[MarkView]
    look: NotRequired[LookView | None]  # not sent: a client puts in what came as `exhibit_look`


class ExhibitsView(TypedDict):
    list: Sequence[ExhibitView]  # those the viewer may see
    shown: ShownExhibitView | None  # where they look comes as `exhibit_look`
    floor: str  # the seat that may show, or ""


class ProofView(TypedDict):
    """That a promise was kept at once."""

    exhibit: str
    title: str
    term: int
    answers: Mapping[Side, ExhibitAnswerView]
    at: str


class ArticleView(TypedDict):
    """An article that everybody in the room looks at."""

    article: str
    citation: Words
    gist: Words
    official: str
    since: str
    until: str
    edition: Words
    on: str
    standing: ArticleStanding
    at: str


class TypicalView(TypedDict):
    """A typical case as it lies on the table."""

    case: str
    number: str
    title: Words
    facts: str
    outcome: str
    articles: Sequence[Words]
    sample: bool
    at: str


class CardView(TypedDict):
    """The script card: `rooms.floor.ScriptCard`."""

    kind: str
    edition: int
    title: Words
    invite: Words
    facts: Sequence[Words]
    consumer: Sequence[Words]
    business: Sequence[Words]
    settle: Sequence[Words]
    law: Sequence[CardArticle]
    clauses: Sequence[ClauseTemplateView]


class ClauseTemplateView(TypedDict):
    """A clause to begin with: a promise, or other words in `text`."""

    zh: str
    en: str
    who: NotRequired[Side]
    action: NotRequired[str]
    amount: NotRequired[Literal["", "asked", "open"]]
    due: NotRequired[str]  # "" on the spot | days | "month": its end
    how: NotRequired[str]
    text: NotRequired[str]


class CardArticle(TypedDict):
    id: str
    zh: str
    en: str


class ObjectionView(TypedDict):
    seat: str
    reason: str


class ProposedView(TypedDict):
    number: int  # counts those that were shown, from 1
    proposed: Outcome
    seen: Sequence[str]
    objections: Sequence[ObjectionView]  # for the mediator; of others one's own


class SignerView(TypedDict):
    seat: str
    side: Side | None
    capacity: str
    basis: str
    read: bool
    electronic: bool
    consented: str
    confirmed: bool
    by_voice: bool  # confirmed by the mediator, who knew the person, and not by a code
    signed: str | None
    how: str  # "drawn" | "typed" | "saved" (the mediator's stored drawing) | ""
    refused: bool
    reason: str  # to the mediator and themselves


class VoidedView(TypedDict):
    reason: str
    seats: Sequence[str]
    at: str
    note: str


class SigningView(TypedDict):
    """Signing one text: who has come how far."""

    text: str  # its hash
    number: str
    kind: str  # "agreement" | "record"
    offered: str
    state: Literal["open", "void", "sealed"]
    next: Literal["parties", "mediator", "seal", ""]
    signers: Sequence[SignerView]
    seal_only: bool  # the mediator does not sign
    voided: VoidedView | None


class DocumentView(TypedDict):
    """A paper under seal."""

    id: str
    kind: str  # "agreement" | "record" | "failure"
    number: str
    at: str
    sha256: str
    level: str  # "B-B" | "B-T" | ""
    assurance: str  # "own" | "provider" | "unified": who vouches for the seal
    certifier: str
    taken: bool


class CorrectionView(TypedDict):
    text: str
    at: str
    by: str


# ------------------------------------------------------------ the view


class LineView(TypedDict):
    """A line of the chat."""

    n: int  # counts the lines this viewer may read
    seat: str
    to: str
    text: str
    at: str
    caucus: NotRequired[int]  # written in, or to, the private talk of this number


class RoomView(TypedDict):
    """The view as a client puts it together: `chat` came as lines, from `case` on as parts."""

    session: SessionView
    you: YouView
    seats: Sequence[SeatView]
    clock: ClockView
    caucus: CaucusView | None
    consulting: Sequence[ConsultingView]
    channel: FloorChannel  # what you listen to where there is an interpreter
    gap: GapView | None
    recording: RecordingView
    captions: CaptionsView
    reads_captions: bool  # you asked to see them
    opening: Annotated[Mapping[Opening, bool], EVERY]
    script: Sequence[str]  # checked items, of the mediator's list and of the card
    chat: Sequence[LineView]
    case: CaseView | None
    draft: DraftView
    slips: Sequence[SlipView]
    exhibits: ExhibitsView
    law: ArticleView | None
    typical: TypicalView | None
    card: CardView | None  # the mediator's
    outcome: ProposedView | None
    signing: SigningView | None
    closed: Outcome | None
    documents: Sequence[DocumentView]
    corrections: Sequence[CorrectionView]  # the last 20
    proofs: Sequence[ProofView]


# ------------------------------------------------------------ messages


class ActorView(TypedDict):
    kind: str
    name: str
    seat: str  # "" of who has none


class AnnouncementView(TypedDict):
    """An event, to be announced and not to be kept: without lists and without long texts."""

    version: int
    type: str  # the class in rooms.events
    at: str
    actor: ActorView
    data: Mapping[str, Any]


class SliceView(TypedDict):
    at: Sequence[str]  # [member], or [path, key, field]
    text: str


class PartMessage(TypedDict):
    """What changed of a part, before the view it belongs to. Until `edition` completes it, the part is as it was."""

    name: str
    members: NotRequired[Mapping[str, Any]]
    items: NotRequired[Mapping[str, Mapping[str, Mapping[str, Any]]]]  # path of a list -> key -> changed fields
    order: NotRequired[Mapping[str, Sequence[str]]]  # path of a list -> its keys
    slice: NotRequired[SliceView]  # of the JSON of a value too long for one message
    edition: NotRequired[int]


class SentView(TypedDict):
    """A view as it is sent: at the door `session`, `you` and `seats` with names and statuses only."""

    parts: Mapping[str, int]  # the edition of each part that belongs to it
    lines: NotRequired[int]  # the number of the newest line of the chat


class ViewMessage(TypedDict):
    """What this viewer may know, on connection and after every change but a line; `events` are what just happened."""

    version: int
    now: str
    view: SentView
    events: Sequence[AnnouncementView]


class OfferedTrackView(TypedDict):
    mid: str
    seat: str
    source: Source
    active: bool


class OfferMessage(TypedDict):
    sdp: str
    tracks: Sequence[OfferedTrackView]


class NothingMessage(TypedDict):
    pass


class SeatMessage(TypedDict):
    seat: str


class QualityMessage(TypedDict):
    seat: str
    level: int


class OutageMessage(TypedDict):
    """What several bad lines share: all who are here, or those of one address; "" for nothing."""

    scope: Literal["", "all", "network"]
    seats: list[str]


class FindingMessage(TypedDict):
    finding: Finding
    outage: OutageMessage


class EchoMessage(TypedDict):
    on: bool


class RestartMessage(TypedDict):
    at: str


class CaptionMessage(TypedDict):
    """`at`: when the sentence began. A machine wrote `text`: it is shown, and nothing in it is obeyed."""

    id: str
    seat: str
    text: str
    at: str


class CaptionsFaultMessage(TypedDict):
    code: Annotated[
        str, "", "engine_missing", "model_missing", "model_unusable", "speech", "speech_gone", "speech_late"
    ]


class GoneMessage(TypedDict):
    code: str


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """`body`: it has the fields of all of these."""

    body: tuple[type[Any], ...]
    told: str


MESSAGES: Final[Mapping[MessageName, ServerMessage]] = {
    "view": ServerMessage((ViewMessage,), "on connection and after every change but a line"),
    "part": ServerMessage((PartMessage,), "what changed of a part, before the view it belongs to"),
    "line": ServerMessage((LineView,), "what was just written in the chat, to each who may read it and to nobody else"),
    "media_offer": ServerMessage((OfferMessage,), "to who joined media"),
    "media_lost": ServerMessage((NothingMessage,), "the media worker was replaced: join and publish again"),
    "media_full": ServerMessage(
        (SeatMessage,),
        "to the mediator: the server has no room for this seat's sound and picture. Its own page got `worker_full` in "
        "answer to `media_join`, says so and tries again every 8 s",
    ),
    "exhibit_look": ServerMessage(
        (LookView,),
        "as in `point_exhibit`, to those who see what is shown; also behind the first view of a connection",
    ),
    "quality": ServerMessage((QualityMessage,), "to everybody in the room"),
    "measured": ServerMessage(
        (SeatMessage, Measurement, FindingMessage),
        "as in `report_quality`, to the mediator alone; and why the seat is heard or seen badly, if it is, once that "
        "has lasted",
    ),
    "echo": ServerMessage(
        (EchoMessage,),
        "to whoever is heard through another's microphone too, because they sit in one room, and when that is over; "
        "not during private talk",
    ),
    "restart": ServerMessage(
        (RestartMessage,),
        "to everybody in a room: the program restarts when the mediation is over, at this moment at the latest. The "
        "connection breaks then; come back as after any other",
    ),
    "caption": ServerMessage(
        (CaptionMessage,),
        "a sentence that a machine heard, to whoever hears that seat and asked for captions; kept nowhere",
    ),
    "captions_fault": ServerMessage(
        (CaptionsFaultMessage,),
        'to whoever asked for captions: why there are none just now; `""`: there are again',
    ),
    "gone": ServerMessage(
        (GoneMessage,),
        "`removed`, `sent_back`, `apart` (it goes on without meeting), `elsewhere` (a newer connection took the seat), "
        "`closed`, `slow` (did not read), or a code of the handshake (may be there no longer); the socket closes. Only "
        "after `slow` does it make sense to come back at once",
    ),
}

MessageName = Literal[
    "view",
    "part",
    "line",
    "media_offer",
    "media_lost",
    "media_full",
    "exhibit_look",
    "quality",
    "measured",
    "echo",
    "restart",
    "caption",
    "captions_fault",
    "gone",
]
"""As `MESSAGES` declares them."""
Message = tuple[MessageName, str]
"""Its name and its body as JSON."""
