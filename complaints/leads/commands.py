"""What can be asked of a lead. Who may: `complaints.leads.decisions.RIGHTS`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from complaints.leads.events import InformantMessaged, LeadOpened
from complaints.record import AttachmentAdded


@dataclass(frozen=True, slots=True)
class OpenLead:
    lead: LeadOpened


@dataclass(frozen=True, slots=True)
class BeginLeadTesting:
    """`today`, here and below: the office's local day."""

    day: date
    kind: str
    body: str
    today: date


@dataclass(frozen=True, slots=True)
class EndLeadTesting:
    day: date
    today: date


@dataclass(frozen=True, slots=True)
class DisputeCompetence:
    day: date
    other: str
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class SettleLeadCompetence:
    how: str
    ours: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeepJoined:
    """Of the report that goes on: what another one by the same informant is (`check_same_informant` comes first)."""

    lead: str
    number: str
    received: datetime
    how: str


@dataclass(frozen=True, slots=True)
class TakeBackJoin:
    lead: str
    reason: str


@dataclass(frozen=True, slots=True)
class JoinInto:
    """Of the report that ends here."""

    lead: str
    number: str
    how: str


@dataclass(frozen=True, slots=True)
class SeparateReport:
    reason: str


@dataclass(frozen=True, slots=True)
class SupplementReport:
    content: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class NoteInformantWithdrew:
    day: date
    note: str
    today: date


@dataclass(frozen=True, slots=True)
class ReferLead:
    day: date
    to: str
    name: str
    note: str
    document: str
    today: date


@dataclass(frozen=True, slots=True)
class UndoReportImport:
    """Taken back with the batch it came by, while nobody has done anything with it."""

    reason: str


@dataclass(frozen=True, slots=True)
class ExtendVerification:
    reason: str


@dataclass(frozen=True, slots=True)
class AssignLead:
    """An inspector takes it for themselves; a supervisor gives it to one of the office's."""

    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class AttachRecord:
    complaint: str


@dataclass(frozen=True, slots=True)
class DetachRecord:
    complaint: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteAction:
    """`today`: the office's local day, after which nothing can have been done yet."""

    day: date
    kind: str
    note: str
    today: date


@dataclass(frozen=True, slots=True)
class TellInformant:
    """Notes that they were told otherwise than by a message of ours."""

    day: date
    what: str
    how: str
    note: str
    today: date


@dataclass(frozen=True, slots=True)
class MessageInformant:
    messaged: InformantMessaged


@dataclass(frozen=True, slots=True)
class NoteInformantMessageTaken:
    """The gateway took it, on a local day."""

    message: str
    day: date


@dataclass(frozen=True, slots=True)
class NoteInformantMessageLost:
    message: str
    reason: str


@dataclass(frozen=True, slots=True)
class RevealInformant:
    reason: str


@dataclass(frozen=True, slots=True)
class DecideLead:
    outcome: str
    note: str = ""
    approver: str = ""
    document: str = ""
    owed: tuple[str, ...] = ()
    competence: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawLead:
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBackLeadNote:
    what: str
    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class AddLeadFile:
    added: AttachmentAdded


@dataclass(frozen=True, slots=True)
class TakeLeadFile:
    attachment: str
    original: bool = False


@dataclass(frozen=True, slots=True)
class RemoveLeadFile:
    attachment: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLead:
    reason: str


@dataclass(frozen=True, slots=True)
class LiftLeadHold:
    """Asked by one person, carried out with another's yes (`server.oversight`)."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoteLeadFileArchived:
    path: str
    store: str
    sha256: str


ReportCommand = (
    BeginLeadTesting
    | EndLeadTesting
    | DisputeCompetence
    | SettleLeadCompetence
    | KeepJoined
    | TakeBackJoin
    | JoinInto
    | SeparateReport
    | SupplementReport
    | NoteInformantWithdrew
    | ReferLead
    | UndoReportImport
)
"""Decided by `complaints.leads.reporting`."""

LeadCommand = (
    OpenLead
    | ReportCommand
    | ExtendVerification
    | AssignLead
    | AttachRecord
    | DetachRecord
    | NoteAction
    | TellInformant
    | MessageInformant
    | NoteInformantMessageTaken
    | NoteInformantMessageLost
    | RevealInformant
    | DecideLead
    | WithdrawLead
    | TakeBackLeadNote
    | AddLeadFile
    | TakeLeadFile
    | RemoveLeadFile
    | HoldLead
    | LiftLeadHold
    | NoteLeadFileArchived
)
