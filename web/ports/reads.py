"""What pages show: the desk, a complaint, the list and the record for supervisors. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

from complaints.events import ComplaintRegistered
from complaints.notices.answers import Answer
from complaints.procedure.aftercare import CalledBack
from complaints.record.attachments import AttachmentAdded
from journal import Event
from rooms.record.access import RecordUse
from rooms.session import Session
from rooms.timing import Timing
from rooms.vocabulary import Term
from web.ports.listing import ComplaintFilter, ComplaintList
from web.ports.notices import NO_NOTICES, NOTHING_TO_TELL, NoticeList, TellingView
from web.ports.people import Office, Officer
from web.ports.procedure import NO_PROCEDURE, ProcedureView
from web.ports.rows import ComplaintRow, Deadline, SessionRow
from web.ports.triage import TriagePage


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
class LaterTerm:
    """A promise of a session's settlement that was left for later. `number` counts all its terms from 1."""

    session: str
    number: int
    term: Term
    kept: bool


@dataclass(frozen=True, slots=True)
class SealedPaper:
    id: str
    kind: str  # "agreement" | "record" | "failure"
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Papers:
    """What one mediation left on file. `exhibits`: how many both sides could see and nobody withdrew."""

    sealed: Sequence[SealedPaper] = ()
    exhibits: int = 0


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
    record: ComplaintRegistered  # everything on file; its full numbers are sealed
    deadlines: Sequence[Deadline]
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
    answers: Sequence[Answer] = ()  # of the business, in writing, as they were asked for
    agreed: str = ""  # version of the text the complainant agreed to when filing it themselves
    terms: Sequence[LaterTerm] = ()  # what settlements left for later, the next due first
    calls: Sequence[CalledBack] = ()
    papers: Mapping[str, Papers] = field(default_factory=dict)  # by session


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
    """The composed recording of a session, or how far it is. `file` is None until state is ready; where it lies in the
    archive by then, the shelf opens it all the same."""

    state: Literal["none", "queued", "composing", "ready", "failed", "erased"]
    progress: float  # 0…1
    file: Path | None
    duration_ms: int = 0
    origin: datetime | None = None  # wall clock of the first frame


@dataclass(frozen=True, slots=True)
class Keeping:
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
    recording: Recording
    keeping: Keeping = Keeping()


class Reads(Protocol):
    """Every method is scoped: an officer sees their own office, a supervisor the offices they oversee."""

    async def desk(self, officer: Officer, now: datetime) -> Desk: ...

    async def complaints(self, officer: Officer, wanted: ComplaintFilter) -> ComplaintList: ...

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        """Refused(404): not_found — also when it is another office's."""
        ...

    async def session(self, officer: Officer, session: str) -> SessionRow:
        """Refused(404): not_found."""
        ...

    async def record(self, officer: Officer, session: str, use: RecordUse) -> SessionRow:
        """The session, for whoever may do this with its record (rooms.record.access). Refused(404): not_found;
        Refused(403): not_of_the_case, for colleagues."""
        ...

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList:
        """A mediator's: of the complaints they mediate, or have mediated."""
        ...

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        """The whole record of a session; the look is journaled first (rooms.events.Viewed). Refused as `record`.

        A `part` of "" goes on with an earlier look: nothing is journaled.
        """
        ...

    async def recording(self, officer: Officer, session: str) -> Recording:
        """Refused as `record`."""
        ...
