"""What can be asked of a complaint: imperative; who asks is the `Actor` the service keeps beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from complaints.events import ComplaintRegistered
from complaints.notices.messages import AnswerCommand, QuestionCommand, RemindOfTerm, TellingCommand
from complaints.notices.notice import IssueNotice, NoteNoticeRead, WithdrawNotice
from complaints.procedure.messages import AftercareCommand, ProcedureCommand
from complaints.procedure.rules import FollowingCommand, NoticeAgreed, WithdrawComplaint
from complaints.record.changes import AmendmentCommand, MergeCommand, TakeUpdate, UndoImport
from complaints.record.record import AttachmentCommand
from complaints.triage.confirmation import ConfirmTriage
from law.orders import ROOM


@dataclass(frozen=True, slots=True)
class Register:
    """`agreed`: the text the complainant agreed to when they filed it themselves."""

    record: ComplaintRegistered
    agreed: NoticeAgreed | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    pass


@dataclass(frozen=True, slots=True)
class Refuse:
    ground: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleMediation:
    """Accepts a registered complaint on the way. `contacts`: seat id -> sealed phone."""

    session: str
    starts: datetime
    mediator: str
    contacts: dict[str, str] = field(default_factory=dict)
    mode: str = ROOM
    place: str = ""


@dataclass(frozen=True, slots=True)
class AddSeatContact:
    session: str
    seat: str
    phone: str  # sealed


@dataclass(frozen=True, slots=True)
class FollowClosed:
    """The session closed; asked again after a restart it changes nothing."""

    session: str
    outcome: str
    loss_recovered: Decimal
    ground: int | None = None
    due: datetime | None = None
    adjourned_to: datetime | None = None
    mode: str = ROOM


@dataclass(frozen=True, slots=True)
class FollowCancelled:
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotePromisesKept:
    note: str = ""


@dataclass(frozen=True, slots=True)
class CloseFile:
    """`represented`: how those whom the representatives of a joint complaint stand for agreed to its settlement.
    `paper`: where the record of the mediation is kept on paper, of one that has none under seal (Order 121 Art 24)."""

    represented: str = ""
    paper: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo the last note. It is named, so that asking twice does not undo the one before as well."""

    what: str  # "kept" | "told" | "closed" | "refused" | "ended"
    reason: str


@dataclass(frozen=True, slots=True)
class RevealPhone:
    whose: str  # complaints.record.record.MaskedNumber.whose
    reason: str
    what: str = "phone"


Command = (
    Register
    | Accept
    | Refuse
    | ScheduleMediation
    | AddSeatContact
    | FollowClosed
    | FollowCancelled
    | NotePromisesKept
    | CloseFile
    | TakeBack
    | RevealPhone
    | IssueNotice
    | WithdrawNotice
    | NoteNoticeRead
    | ProcedureCommand
    | AmendmentCommand
    | UndoImport
    | TakeUpdate
    | ConfirmTriage
    | MergeCommand
    | WithdrawComplaint
    | AttachmentCommand
    | AftercareCommand
    | FollowingCommand
    | AnswerCommand
    | RemindOfTerm
    | QuestionCommand
    | TellingCommand
)
