"""What can be asked of a complaint, and who may ask it: commands, and one table of rights.

Commands do not say who asks: the service keeps the `Actor` beside them. An officer acts for the office that has the
complaint; a supervisor's offices are checked where they ask (`server.complaints.procedure`). A command without a
line in the table is nobody's. Whether it can be done now is for `complaints.decisions.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from complaints import (
    ConfirmationCommand,
    NotAllowed,
    NoteRuling,
    PrepareConfirmation,
    TakeBackRuling,
    UnknownComplaint,
    notices,
    procedure,
    record,
)
from complaints.events import ComplaintRegistered
from complaints.exchange import BeginPriorSettlement, EndPriorSettlement, ExchangeCommand, NoteSenderTold
from complaints.notices import IssueNotice, NoteNoticeRead, WithdrawNotice, messages as notices_messages
from complaints.notices.messages import AnswerCommand, QuestionCommand, RemindOfTerm, TellingCommand
from complaints.procedure import AftercareCommand, AppointmentCommand, ProcedureCommand
from complaints.procedure.rules import FollowingCommand, NoticeAgreed, WantNews, WithdrawComplaint
from complaints.record import AttachmentCommand, changes
from complaints.record.changes import (
    AmendmentCommand,
    MergeCommand,
    NoteTransfer,
    ReturnTransfer,
    SendTransfer,
    TakeUpdate,
    TransferCommand,
    TransferReceived,
    UndoImport,
)
from complaints.state import Complaint
from complaints.triage import ConfirmTriage
from journal import Actor
from law.orders import ROOM


@dataclass(frozen=True, slots=True)
class Register:
    """`agreed`: the text the complainant agreed to when they filed it themselves; `came`: from another bureau."""

    record: ComplaintRegistered
    agreed: NoticeAgreed | None = None
    came: TransferReceived | None = None


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
    whose: str  # complaints.record.MaskedNumber.whose
    reason: str
    what: str = "phone"
    in_hand: bool = False  # by who is in charge of it (complaints.complaint.in_charge): needs no reason


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
    | AppointmentCommand
    | QuestionCommand
    | TellingCommand
    | TransferCommand
    | ExchangeCommand
    | ConfirmationCommand
)

MEDIATOR, SUPERVISOR, INSPECTOR, ADMINISTRATOR, SYSTEM, PARTY = (
    "mediator",
    "supervisor",
    "inspector",
    "administrator",
    "system",
    "party",
)
ANYBODY = frozenset({MEDIATOR, SUPERVISOR, INSPECTOR, ADMINISTRATOR, SYSTEM, PARTY})
_OFFICE, _BUREAU, _SYSTEM = frozenset({MEDIATOR}), frozenset({SUPERVISOR}), frozenset({SYSTEM})

RIGHTS: Mapping[type[Command], frozenset[str]] = {
    Register: ANYBODY,
    Accept: _OFFICE,
    Refuse: _OFFICE,
    ScheduleMediation: _OFFICE,
    AddSeatContact: _OFFICE,
    FollowClosed: _SYSTEM,
    FollowCancelled: _SYSTEM,
    NotePromisesKept: _OFFICE,
    notices_messages.NoteTold: _OFFICE,
    notices_messages.NoteMessageTaken: _SYSTEM,
    notices_messages.NoteMessageGivenUp: _SYSTEM,
    CloseFile: _OFFICE,
    TakeBack: _OFFICE,
    RevealPhone: _OFFICE,
    changes.TakeUpdate: _OFFICE | _SYSTEM,
    changes.UndoImport: _OFFICE | _SYSTEM,
    ConfirmTriage: _OFFICE,
    notices.IssueNotice: _OFFICE,
    notices.WithdrawNotice: _OFFICE,
    notices.NoteNoticeRead: frozenset({PARTY}),
    WithdrawComplaint: frozenset({PARTY}),
    procedure.BeginTesting: _OFFICE,
    procedure.EndTesting: _OFFICE,
    procedure.RequestRecusal: _OFFICE,
    procedure.DecideRecusal: _BUREAU,
    procedure.EndMediation: _OFFICE,
    procedure.DelegateMediation: _OFFICE,
    procedure.EndDelegation: _OFFICE,
    procedure.RaiseCompetence: _OFFICE,
    procedure.SettleCompetence: _OFFICE | _BUREAU,
    procedure.ChooseOrder: _BUREAU,
    procedure.Dispatch: _OFFICE,
    procedure.ReturnToIntake: _OFFICE,
    procedure.Supervise: _BUREAU,
    procedure.SplitReport: _OFFICE,
    procedure.NoteLead: _OFFICE,
    procedure.Assign: _OFFICE,
    SendTransfer: _OFFICE,
    ReturnTransfer: _OFFICE,
    NoteTransfer: _SYSTEM,
    procedure.NoteTermKept: _OFFICE,
    procedure.TakeBackTerm: _OFFICE,
    procedure.NoteCallBack: _OFFICE,
    procedure.TakeBackCall: _OFFICE,
    procedure.NoteOfficerCall: _OFFICE,
    notices_messages.RemindOfTerm: _SYSTEM,
    procedure.FollowRescheduled: _SYSTEM,
    procedure.RemindOfMediation: _SYSTEM,
    procedure.TellTimeKept: _SYSTEM,
    notices_messages.SendQuestions: _SYSTEM,
    notices_messages.AnswerQuestions: frozenset({PARTY}),
    changes.Amend: _OFFICE,
    changes.UndoAmendment: _OFFICE,
    changes.KeepMerged: _OFFICE,
    changes.MergeInto: _OFFICE,
    changes.UndoMerge: _OFFICE,
    changes.DismissDuplicate: _OFFICE,
    notices_messages.InviteAnswer: _OFFICE,
    notices_messages.WithdrawAnswer: _OFFICE,
    notices_messages.NoteAnswerOpened: frozenset({PARTY}),
    notices_messages.GiveAnswer: frozenset({PARTY}),
    notices_messages.AddToAnswer: frozenset({PARTY}),
    notices_messages.NoteAnswerMissed: _SYSTEM,
    record.AddAttachment: _OFFICE | _SYSTEM | frozenset({PARTY}),
    record.TakeAttachment: _OFFICE | _BUREAU,
    record.RemoveAttachment: _OFFICE | frozenset({PARTY}),
    WantNews: frozenset({PARTY}),
    NoteSenderTold: _SYSTEM | _OFFICE,
    BeginPriorSettlement: _OFFICE,
    EndPriorSettlement: _OFFICE,
    PrepareConfirmation: _OFFICE,
    NoteRuling: _OFFICE,
    TakeBackRuling: _OFFICE,
}


def check_right(command: Command, actor: Actor, complaint: Complaint | None) -> None:
    """NotAllowed when it is not this kind of person's; UnknownComplaint when it is another office's complaint."""
    if office_standing(actor) not in RIGHTS.get(type(command), frozenset()):
        raise NotAllowed
    # What offices could not agree on, only their superior decides (Order 121 Art 33).
    superior = actor.role == SUPERVISOR
    if isinstance(command, procedure.SettleCompetence) and (command.how == "designated") is not superior:
        raise NotAllowed
    if office_standing(actor) == PARTY and not _of_their_side(command, actor.role):
        raise NotAllowed
    if complaint is not None and actor.role == MEDIATOR and actor.office != complaint.record.office:
        raise UnknownComplaint


def _of_their_side(command: Command, side: str) -> bool:
    """Whether a party asks what is their side's to ask, and adds or takes back in its name only."""
    match command:
        case WithdrawComplaint() | WantNews():
            return side == "consumer"
        case notices_messages.NoteAnswerOpened() | notices_messages.GiveAnswer() | notices_messages.AddToAnswer():
            return side == "business"
        case notices_messages.AnswerQuestions():
            return command.answered.whom == side
        case record.AddAttachment():
            return bool(command.added.by) and command.added.by == side
        case record.RemoveAttachment():
            return bool(command.by) and command.by == side
        case _:
            return True


def office_standing(actor: Actor) -> str:
    """An officer's role; "party" or "system" for the others."""
    return actor.role if actor.kind == "officer" else actor.kind
