"""Sessions in lists, a complaint with its sessions, an officer's desk and alerts, guests, links and signing by link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from complaints.events import ComplaintRegistered
from complaints.exchange import NOTHING_EXCHANGED, Exchanged
from complaints.notices.messages import InvitedAnswer
from complaints.procedure import CalledBack
from complaints.record import AttachmentAdded
from complaints.views import (
    NO_NOTICES,
    NO_PROCEDURE,
    NOTHING_TO_TELL,
    ComplaintRow,
    NoticeList,
    ProcedureView,
    ShownDeadline,
    TellingView,
    TriagePage,
)
from journal import Actor, Event
from law.orders import ROOM
from offices import Office
from rooms.vocabulary import Consent, Term

ASKED_MOST: Final = 12  # requests for another time on a desk: each is read from its session


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in lists."""

    id: str
    complaint: str
    number: str
    ordinal: int
    title: str
    office: str
    mediator_id: str
    mediator: str
    starts: datetime
    status: str
    opened: datetime | None
    closed: datetime | None
    outcome: str  # OutcomeKind or ""
    loss_recovered: Decimal
    consumer: str
    business: str
    joint_ms: int
    # seat role -> seat status; instead of "invited" how far an invited party got: unlinked, linked, opened, agreed
    seats: Mapping[str, str] = field(default_factory=dict)
    mode: str = ROOM  # law.orders
    place: str = ""  # of one on site
    undelivered: frozenset[str] = frozenset()  # seats whose link could not be sent; on the desk and of a single session


@dataclass(frozen=True, slots=True)
class ComplaintParty:
    """A consumer or a business on a complaint; `phone` is masked unless revealed."""

    name: str
    phone: str
    city: str = ""
    address: str = ""
    organisation: str = ""  # of a business: its registered name
    credit_code: str = ""  # masked
    detail: str = ""  # e.g. sex and age band


@dataclass(frozen=True, slots=True)
class TermMessage:
    """A message about a promise. `what`: "before" | "after" | "escalated" | "asked"; `whom`: a side, "office",
    "mediator" or "supervisor"; `to`: masked; `state`: as of `SentMessage`, "" where no number takes one."""

    what: str
    whom: str
    to: str
    at: datetime
    state: str = ""


@dataclass(frozen=True, slots=True)
class LaterTerm:
    """A promise of a session's settlement that was left for later. `number` counts all its terms from 1. `paid`: what
    the side it was promised to answered."""

    session: str
    number: int
    term: Term
    kept: bool
    messages: Sequence[TermMessage] = ()
    paid: str = ""


@dataclass(frozen=True, slots=True)
class ListedPaper:
    id: str
    kind: str  # "agreement" | "record" | "failure"
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionPapers:
    """What one mediation left on file. `exhibits`: how many both sides could see and nobody withdrew."""

    sealed: Sequence[ListedPaper] = ()
    exhibits: int = 0


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    row: ComplaintRow
    request: str
    facts: str
    industry: str
    problem: str
    order: str  # "121" or "20"
    consumer: ComplaintParty
    business: ComplaintParty
    record: ComplaintRegistered  # everything on file; its full numbers are sealed
    deadlines: Sequence[ShownDeadline]
    sessions: Sequence[SessionRow]
    history: Sequence[Event]  # of the complaint's stream
    notes: Sequence[str] = ()  # what can be noted next: "kept", "told", "closed"
    last_note: str = ""  # the one that can be taken back
    refused: bool = False  # also when its file is closed
    triage: TriagePage | None = None
    procedure: ProcedureView = NO_PROCEDURE
    notices: NoticeList = NO_NOTICES
    telling: TellingView = NOTHING_TO_TELL
    attachments: Sequence[AttachmentAdded] = ()
    undone_calls: frozenset[int] = frozenset()  # of `calls`, counted from 1
    answers: Sequence[InvitedAnswer] = ()  # of the business, in writing, as they were asked for
    agreed: str = ""  # version of the text the complainant agreed to when filing it themselves
    terms: Sequence[LaterTerm] = ()  # what settlements left for later, the next due first
    calls: Sequence[CalledBack] = ()
    papers: Mapping[str, SessionPapers] = field(default_factory=dict)  # by session
    handlers: Sequence[str] = ()  # names of who handles it
    exchanged: Exchanged = NOTHING_EXCHANGED  # with the system it came from
    settling_first: bool = False  # the business is trying to settle it before acceptance


@dataclass(frozen=True, slots=True)
class Desk:
    """Lists are as long as a desk can be read; `late`, `due_today`, `near` and `waiting_all` count all there are."""

    today: Sequence[SessionRow]
    waiting: Sequence[ComplaintRow]  # complaints without a coming session, earliest deadline first
    due: Sequence[ComplaintRow]  # those with a deadline within three working days
    performing: Sequence[SessionRow]  # settled, promises still due
    coming: Sequence[SessionRow] = ()  # arranged for a later day, the next first
    late: int = 0  # deadlines gone by
    due_today: int = 0
    near: int = 0  # deadlines gone by, today's, and those within three working days
    waiting_all: int = 0
    untold: Sequence[ComplaintRow] = ()  # decided, and somebody is not told yet; the next due first
    untold_all: int = 0
    performing_more: bool = False  # than are there
    promised: Sequence[LaterTerm] = ()  # of `performing`, what is not kept, the next due first


@dataclass(frozen=True, slots=True)
class AuditFilter:
    office: str = ""
    mediator: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    shortest_ms: int = 0
    longest_ms: int = 0  # 0: no limit
    page: int = 1


@dataclass(frozen=True, slots=True)
class AuditList:
    rows: Sequence[SessionRow]
    total: int
    page_size: int
    offices: Sequence[Office]
    mediators: Sequence[tuple[str, str]]  # id, name


@dataclass(frozen=True, slots=True)
class IssuedLink:
    id: str
    session: str
    seat: str
    url: str  # absolute, with the secret: shown once here and in the message
    expires: datetime


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A text message about a session. `kind`: "link" | "rescheduled" | "reminder" | "cancelled" | …; `state`:
    "queued" | "sent" (the gateway took it) | "arrived" (and said that the phone has it) | "failed" (another try
    comes) | "dead"; `moved`: when it was taken, or arrived."""

    kind: str
    state: str
    at: datetime
    moved: datetime | None = None
    trouble: str = ""  # why not, as `offices.systems.Message` has it


@dataclass(frozen=True, slots=True)
class VoiceConfirmation:
    """A device for which a code does not come. `number`: four digits that its person reads to the officer on the
    telephone, who tells by them which device is theirs; `vouched`: the officer has said that it is, at `since`."""

    number: str
    vouched: bool
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PrivateNote:
    """`edition` counts from 1, 0 before anything was written."""

    edition: int = 0
    text: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handwriting:
    """As the pad sent it: points (x, y, pressure in thousandths) in a box; nothing is checked yet."""

    width: int
    height: int
    strokes: Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class SavedSignature:
    """An officer's stored drawing, as they are told of it. `locked`: its code was tried wrongly too often."""

    saved: datetime
    used: datetime | None
    locked: bool


@dataclass(frozen=True, slots=True)
class CopyRow:
    id: str
    kind: str  # "agreement" | "record" | "failure", or a notice's
    number: str
    at: datetime
    sha256: str
    level: str = "B-B"
    taken: Sequence[str] = ()  # names of those who took theirs
    ticket: str = ""  # opens the file for some minutes, for who came by a code


@dataclass(frozen=True, slots=True)
class CopyVisit:
    """Whose copy a personal link is for. `phone` masked."""

    office: Office
    phone: str
    number: str


@dataclass(frozen=True, slots=True)
class SigningVisit:
    """Whose signature a personal link asks for. `phone` masked, "" when there is none to send a code to."""

    office: Office
    phone: str
    number: str
    signed: bool
    record: bool = False  # of a mediation that is over, and no agreement


@dataclass(frozen=True, slots=True)
class AskedStatement:
    """A sentence of a record that quotes who is asked. `right` None: not answered yet; `words`: how it was."""

    line: str
    text: str
    right: bool | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class ToSign:
    """`wording` as of server.signing.forms.PaperWording; `statements`: what it quotes of them."""

    ticket: str
    name: str
    wording: Mapping[str, Any]
    statements: Sequence[AskedStatement] = ()


@dataclass(frozen=True, slots=True)
class SignerRow:
    seat: str
    name: str
    role: str
    signed: datetime | None
    refused: str  # why
    link: str  # to hand over, while they are asked


@dataclass(frozen=True, slots=True)
class SeatedPerson:
    """Somebody in a session's room, as their cookie says."""

    session: str
    seat: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class AnnouncedFile:
    """A file that is to come; the name is only looked at for its ending."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class NewExhibit:
    """What is to become an exhibit; `purpose` "evidence" or "performance"."""

    title: str
    files: Sequence[AnnouncedFile]
    private: bool = False
    purpose: str = "evidence"
    term: int = 0


@dataclass(frozen=True, slots=True)
class UploadState:
    """How far an upload is: bytes of each file that are safe; `piece` is the most that one request may bring."""

    upload: str
    received: Sequence[int]
    piece: int


ALERT_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "LinkOpened": "arrival",
        "Arrived": "knock",
        "Confided": "message",
        "OutcomeObjected": "message",
        "ConsentWithdrawn": "consent",
        "Disconnected": "lost",
        "OtherTimeAsked": "time",
        "HelpAsked": "help",
    }
)
"""Event -> kind. Beside these come "assigned" (a complaint, by a colleague) and clocks: "begins" (a mediation, in a
quarter of an hour), "ends" (an asynchronous mediation, whose end date has come), "due" (a complaint), "unkept" and
"unanswered" (a promise whose day is over)."""
SHOWN_EVENTS: Final = frozenset(
    {
        *ALERT_KINDS, "SessionScheduled", "SessionRescheduled", "SessionCancelled", "SessionOpened", "SessionClosed",
        "RecessStarted", "RecessEnded", "PhaseEntered", "SeatAdded", "LinkIssued", "LinkRevoked", "PhoneCorrected",
        "LinkHandedOver", "ConsentGiven", "ConsentRefused", "IdentityConfirmed", "IdentityConfirmedByVoice",
        "RealNameChecked", "SeatMoved", "AgeStated", "OtherTimeDeclined",
        "GuardianNamed", "NameChosen", "DeviceChecked", "Admitted", "SentBack", "Left", "Removed", "Reconnected",
        "ApartBegun", "EndMoved", "MeetingCalled", "RoomOpened", "Visited", "RightsRead", "OfferAnswered", "Said",
        "SlipWritten", "FigureEntered", "ExhibitOffered", "ClauseAnswered", "FactAnswered", "FactDisputed", "Signed",
        "OutcomeSeen",
    }
)  # fmt: skip
"""Events of a session after which a page that shows it looks different."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`about`: id of a session, of a complaint for "assigned" and what is due of one; `who`: whom it is from, or what
    it is about. Nothing that was written is in it."""

    id: str
    kind: str
    about: str
    number: str
    who: str
    seat: str
    at: datetime
    live: bool = False  # the session is under way: the room is where it is seen to


@dataclass(frozen=True, slots=True)
class Change:
    """Something that pages show is different now: of a session, or ("") of some complaint of the office."""

    session: str = ""


def alert_kind(event: str, data: Mapping[str, Any]) -> str:
    """ "" for an event that alerts nobody; the mediator's own coming and going does not."""
    own = data.get("seat", "") == "mediator"
    captions = event == "ConsentWithdrawn" and data.get("kind") == Consent.TRANSCRIBE  # nobody has to do anything
    return "" if own or captions else ALERT_KINDS.get(event, "")
