"""What pages ask of the rest of the program: services and read models, and the keys they hang under.

The implementations live in server (storage, identity, outbox) and rooms; `server.wiring` puts them into
the application. Pages never see SQL. All times are aware UTC; pages show them in the office's zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

from aiohttp import web

from journal import Actor, Event
from rooms.commands import Command
from rooms.session import Session
from rooms.timing import Timing
from rooms.vocabulary import Role, Seat, Side

OfficerRole = Literal["mediator", "supervisor", "administrator"]


class Refused(Exception):
    """A service said no. `code` is stable and has a sentence in every language; `params` fill its blanks."""

    def __init__(self, code: str, status: int = 409, **params: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.params = code, status, params


# ---------------------------------------------------------------- people and offices


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    name: str  # 东湖高新区市场监管一所
    short: str  # 一所
    phone: str
    number_prefix: str  # 东高一投
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Officer:
    id: str
    login: str
    name: str
    role: OfficerRole
    office: Office
    totp: bool  # second factor enabled
    language: str = "zh"

    @property
    def actor(self) -> Actor:
        return Actor("officer", self.id, self.name, self.role, self.office.id)


@dataclass(frozen=True, slots=True)
class Guest:
    """A person behind a join link: which seat of which session, and how far they have come."""

    session: str
    seat: Seat
    link: str
    office: Office
    verified: bool  # one-time code confirmed on this device

    @property
    def actor(self) -> Actor:
        return Actor("party", self.seat.id, self.seat.name, self.seat.role, self.office.id)


class Identity(Protocol):
    """Officers: passwords, second factor, sessions. Secrets are hashed at rest."""

    async def empty(self) -> bool:
        """No administrator exists yet."""
        ...

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        """Create the first office and administrator. Refused: not_empty, weak_password."""
        ...

    async def sign_in(self, login: str, password: str, totp: str, ip: str) -> str:
        """A new session token (to go into a cookie).

        Refused: bad_login (one answer for every reason), totp_needed, too_many_tries.
        """
        ...

    async def officer(self, token: str) -> Officer | None: ...

    async def sign_out(self, token: str) -> None: ...

    async def officers(self, by: Officer) -> list[Officer]:
        """Of the administrator's office."""
        ...

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...

    async def begin_totp(self, officer: Officer) -> str:
        """A fresh otpauth:// address, not yet in force."""
        ...

    async def confirm_totp(self, officer: Officer, code: str) -> None:
        """Refused: bad_code."""
        ...

    async def drop_totp(self, officer: Officer, password: str) -> None: ...

    async def change_password(self, officer: Officer, old: str, new: str) -> None: ...


# ---------------------------------------------------------------- join links and codes


@dataclass(frozen=True, slots=True)
class IssuedLink:
    id: str
    session: str
    seat: str
    url: str  # absolute, with the secret: shown once here and in the message
    expires: datetime


class Links(Protocol):
    """Join links and one-time codes. A link is looked at freely and consumed only by a code on one device."""

    async def issue(self, officer: Officer, session: str, seat: str, send: bool) -> IssuedLink:
        """Revokes the seat's earlier link. `send` also puts the message into the outbox.

        The secret can be shown again to officers of the session's office until it expires (it is kept
        encrypted under the installation's key; only its hash finds it).
        """
        ...

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        """seat id -> live link."""
        ...

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None: ...

    async def look(self, secret: str) -> Guest:
        """Whom the link is for. Refused(404): link_unknown (cut off), link_foreign (not one of ours); Refused(410):
        link_expired, link_revoked, link_used, session_over, removed.

        Consumes nothing; params carry office_name and office_phone when known.
        """
        ...

    async def begin(self, secret: str) -> str:
        """A device token (for a cookie) bound to the link; records LinkOpened. Refused as `look`."""
        ...

    async def guest(self, device: str) -> Guest | None:
        """Who the device is, while its link or its seat is good."""
        ...

    async def refusal(self, device: str) -> Refused:
        """Why a device is nobody: no_invitation when it never came by a link, else what is wrong with its link now."""
        ...

    async def send_code(self, device: str, ip: str) -> str:
        """Send a six-digit code to the phone on file; returns the masked number.

        Refused: too_many_codes (params: seconds), no_phone.
        """
        ...

    async def check_code(self, device: str, code: str, ip: str) -> str:
        """Confirm; returns a new device token. Refused: bad_code (params: left), code_expired, too_many_tries.

        Ends the same seat's session on any other device.
        """
        ...


# ---------------------------------------------------------------- complaints


@dataclass(frozen=True, slots=True)
class Party:
    """A consumer or a business on a complaint; `phone` is masked unless revealed."""

    name: str
    phone: str
    city: str = ""
    address: str = ""
    organisation: str = ""  # of a business: its registered name
    credit_code: str = ""  # masked
    detail: str = ""  # e.g. sex and age band


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """Full data of a complaint being registered; phones are complete here."""

    channel: str  # "hotline" | "director" | "board" | "12315" | "petition" | "window"
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer_name: str
    consumer_phone: str
    consumer_city: str = ""
    consumer_address: str = ""
    business_name: str = ""
    business_contact: str = ""
    business_phone: str = ""
    business_city: str = ""
    business_address: str = ""
    credit_code: str = ""
    industry: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A statutory date and how it comes about; `days` are (date, label, counted)."""

    code: str  # "accept" | "mediate" | "tell_end"
    due: date
    start: date
    article: str
    days: Sequence[tuple[date, str, bool]] = ()
    estimated: bool = False  # rests on a calendar year not yet published


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
    undelivered: frozenset[str] = frozenset()  # seats whose link could not be sent; on the desk and of a single session


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint in lists. `state`: registered, accepted, refused, mediating, settled, performing, ended, closed."""

    id: str
    number: str
    title: str
    channel: str
    state: str
    received: datetime
    amount: Decimal | None
    consumer: str
    business: str
    loss_recovered: Decimal
    deadline: Deadline | None


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    row: ComplaintRow
    request: str
    facts: str
    industry: str
    problem: str
    order: str  # "121" or "20"
    consumer: Party
    business: Party
    deadlines: Sequence[Deadline]
    sessions: Sequence[SessionRow]
    history: Sequence[Event]  # of the complaint's stream
    notes: Sequence[str] = ()  # what can be noted next: "kept", "told", "closed"
    last_note: str = ""  # the one that can be taken back
    refused: bool = False  # also when its file is closed


class Complaints(Protocol):
    async def register(self, officer: Officer, new: NewComplaint) -> str:
        """Complaint id. Refused: bad_phone, missing (params: field)."""
        ...

    async def order(self, complaint: str) -> str:
        """Which order applies, "121" or "20": it says what an ending ground's number means, to parties too."""
        ...

    async def accept(self, officer: Officer, complaint: str) -> None: ...

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        """`ground` 1–7 of Order 121 Art 16."""
        ...

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        """Everything promised in the settlement was done. Refused: wrong_state."""
        ...

    async def told(self, officer: Officer, complaint: str) -> None:
        """Both sides were told that mediation ended. Refused: wrong_state."""
        ...

    async def close_file(self, officer: Officer, complaint: str) -> None:
        """Nothing more is to be done. Refused: wrong_state."""
        ...

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        """The last of these notes was a mistake: "kept", "told" or "closed". Refused: wrong_state, missing."""
        ...

    async def reveal_phone(self, officer: Officer, complaint: str, whose: Side, reason: str) -> str:
        """The full number; the look is journaled on the complaint. Refused: missing (no reason)."""
        ...

    async def schedule(
        self, officer: Officer, complaint: str, starts: datetime, extra: Sequence[tuple[Role, str, str, Side | None]]
    ) -> str:
        """A session with the mediator's, consumer's and business's seats, and extra (role, name, phone, side).

        Returns the session id; links are issued separately. Accepts a registered complaint on the way.
        """
        ...

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str: ...


# ---------------------------------------------------------------- read models


@dataclass(frozen=True, slots=True)
class Desk:
    today: Sequence[SessionRow]
    waiting: Sequence[ComplaintRow]  # complaints without a coming session, earliest deadline first
    due: Sequence[ComplaintRow]  # those with a deadline within three working days
    performing: Sequence[SessionRow]  # settled, promises still due
    coming: Sequence[SessionRow] = ()  # arranged for a later day, the next first


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
class Recording:
    """The composed recording of a session, or how far it is. `file` is None until state is ready."""

    state: Literal["none", "queued", "composing", "ready", "failed"]
    progress: float  # 0…1
    file: Path | None
    duration_ms: int = 0
    origin: datetime | None = None  # wall clock of the first frame


@dataclass(frozen=True, slots=True)
class AuditPage:
    session: Session
    row: SessionRow
    complaint: ComplaintPage
    events: Sequence[Event]
    timing: Timing
    recording: Recording


class Reads(Protocol):
    """Every method is scoped: an officer sees their own office, a supervisor the offices they oversee."""

    async def desk(self, officer: Officer, now: datetime) -> Desk: ...

    async def complaints(
        self, officer: Officer, search: str = "", page: int = 1
    ) -> tuple[Sequence[ComplaintRow], int]: ...

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        """Refused(404): not_found — also when it is another office's."""
        ...

    async def session(self, officer: Officer, session: str) -> SessionRow:
        """Refused(404): not_found."""
        ...

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList: ...

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        """The whole record of a session; the look is journaled first (rooms.events.Viewed). Refused(404)."""
        ...

    async def recording(self, officer: Officer, session: str) -> Recording: ...


# ---------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str  # masked
    text: str  # one-time codes and link secrets are only shown by the demo's outbox page
    state: Literal["queued", "sent", "failed", "dead"]
    created: datetime
    tries: int
    error: str = ""


class Outbox(Protocol):
    async def messages(self, officer: Officer, page: int = 1) -> tuple[Sequence[Message], int]: ...

    async def resend(self, officer: Officer, message: str) -> None:
        """Put a failed or dead message back into the queue."""
        ...


# ---------------------------------------------------------------- sessions


class Sessions(Protocol):
    """Live and past sessions; implemented by rooms.registry.Rooms."""

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """Decide in the session's mailbox and append. rooms.errors.RoomError says why not."""
        ...

    async def state(self, session: str) -> Session:
        """rooms.errors.UnknownSession."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about this installation that pages show."""

    public_url: str  # without a trailing slash
    demo: bool
    secure: bool  # served over TLS: cookies get __Host- and Secure
    consent_version: str
    retention_years: int
    static: Path = field(default=Path())


IDENTITY: web.AppKey[Identity] = web.AppKey("identity", Identity)
LINKS: web.AppKey[Links] = web.AppKey("links", Links)
COMPLAINTS: web.AppKey[Complaints] = web.AppKey("complaints", Complaints)
READS: web.AppKey[Reads] = web.AppKey("reads", Reads)
OUTBOX: web.AppKey[Outbox] = web.AppKey("outbox", Outbox)
SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions", Sessions)
SITE: web.AppKey[Site] = web.AppKey("site", Site)
SETUP_SECRET: web.AppKey[str] = web.AppKey("setup_secret", str)
"""Printed at start while there is no administrator; whoever types it at /setup becomes the first one."""
