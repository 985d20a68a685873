"""What can be asked of a lead, and the rules of what is asked of reports alone: interrupted, joined, disputed, handed
over, told. Who may: `complaints.leads.decisions.RIGHTS`.

Told is who a message left for, once the gateway has taken it, or of whom an inspector noted how and when, as with a
complaint's parties (`complaints.notices.messages`). Whether a case is filed is told to who reported by name (Order 20
Art 31; of Order 121 nobody else is known to be the informant); its result and a reward only where a law says so (Order
121 Art 36); and to whom to turn, to whoever left a number (Art 34).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, assert_never

from complaints import BadChoice, BadDay, UnknownComplaint, WrongState
from complaints.leads.events import (
    BODIES,
    BY_HAND,
    FILED,
    JOINED,
    SETTLED,
    TESTS,
    TOLD,
    InformantMessaged,
    InformantMessageLost,
    InformantTold,
    InformantWithdrew,
    JoinedIntoReport,
    JoinTakenBack,
    LeadCompetenceDisputed,
    LeadCompetenceSettled,
    LeadEvent,
    LeadOpened,
    LeadReferred,
    LeadTestingBegun,
    LeadTestingEnded,
    LeadWithdrawn,
    ReportJoined,
    ReportSeparated,
    ReportSupplemented,
)
from complaints.leads.lead import Lead
from complaints.record import AttachmentAdded
from complaints.state import among, past, said, short


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
"""Decided by `complaints.leads.commands`."""

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

# ------------------------------------------------------------ reporting


MOST_JOINED: Final = 200
MOST_SUPPLEMENTS: Final = 50
MOST_NOTED: Final = 50  # times of testing, disputes, referrals


def decide_report(command: ReportCommand, lead: Lead) -> Sequence[LeadEvent]:
    """DomainError says why not. The lead is not withdrawn."""
    match command:
        case BeginLeadTesting(day, kind, body, today):
            _open(lead, len(lead.testing))
            past(day, today)
            among("kind", kind, TESTS)
            short("whom", body)
            if lead.tested is not None:
                raise WrongState(state=lead.state)
            if lead.testing and day < (lead.testing[-1].ended or day):
                raise BadDay(field="day")
            return [LeadTestingBegun(day, kind, body.strip())]
        case EndLeadTesting(day, today):
            _open(lead)
            past(day, today)
            if lead.tested is None:
                raise WrongState(state=lead.state)
            if day < lead.tested.begun.day:
                raise BadDay(field="day")
            return [LeadTestingEnded(day)]
        case DisputeCompetence(day, other, reason, today):
            _open(lead, len(lead.disputes))
            past(day, today)
            said("other", other, "whom")
            said("reason", reason, "reason")
            if lead.disputed is not None:
                raise WrongState(state=lead.state)
            return [LeadCompetenceDisputed(day, other.strip(), reason.strip())]
        case SettleLeadCompetence(how, ours, note):
            _open(lead)
            among("how", how, SETTLED)
            short("note", note)
            if lead.disputed is None:
                raise WrongState(state=lead.state)
            return [LeadCompetenceSettled(how, ours, note.strip())]
        case NoteInformantWithdrew(day, note, today):
            past(day, today)
            short("note", note)
            if not lead.report or lead.withdrew is not None or lead.state != "open":
                raise WrongState(state=lead.state)
            return [InformantWithdrew(day, note.strip())]
        case ReferLead(day, to, name, note, document, today):
            if lead.joined_into is not None or len(lead.referrals) >= MOST_NOTED:
                raise WrongState(state=lead.state)
            past(day, today)
            among("to", to, BODIES)
            said("name", name, "whom")
            short("note", note)
            short("whom", document)
            return [LeadReferred(day, to, name.strip(), note.strip(), document.strip())]
        case _:
            return _joining(command, lead)


def _joining(
    command: KeepJoined | TakeBackJoin | JoinInto | SeparateReport | SupplementReport | UndoReportImport,
    lead: Lead,
) -> Sequence[LeadEvent]:
    match command:
        case KeepJoined(which, number, received, how):
            among("how", how, JOINED)
            if any(one.joined.lead == which for one in lead.joins):
                return []
            if not lead.report or lead.joined_into is not None or len(lead.joins) >= MOST_JOINED:
                raise WrongState(state=lead.state)
            # What is decided is not opened again: the new report has its own period.
            if how == "facts" and lead.outcome:
                raise WrongState(state=lead.state)
            return [ReportJoined(which, number, received, how)]
        case TakeBackJoin(which, reason):
            said("reason", reason, "reason")
            if not any(one.joined.lead == which for one in lead.joins):
                raise UnknownComplaint
            return [JoinTakenBack(which, reason.strip())]
        case JoinInto(which, number, how):
            among("how", how, JOINED)
            if lead.joined_into is not None and lead.joined_into.lead == which:
                return []
            if not lead.report or lead.state != "open" or lead.joins:
                raise WrongState(state=lead.state)
            return [JoinedIntoReport(which, number, how)]
        case SeparateReport(reason):
            said("reason", reason, "reason")
            if lead.joined_into is None:
                raise WrongState(state=lead.state)
            return [ReportSeparated(reason.strip())]
        case SupplementReport(content, source):
            said("content", content, "facts")
            if not lead.report or len(lead.supplements) >= MOST_SUPPLEMENTS:
                raise WrongState(state=lead.state)
            return [] if content.strip() == lead.newest_content else [ReportSupplemented(content.strip(), source)]
        case UndoReportImport(reason):
            said("reason", reason, "reason")
            if lead != Lead(lead.opened, records=lead.opened.records):  # somebody has worked on it
                raise WrongState(state=lead.state)
            return [LeadWithdrawn(reason.strip())]
        case _:
            assert_never(command)


def check_same_informant(later: Lead, earlier: Lead) -> None:
    """BadChoice unless one person made both, the earlier one first: only then is the later one a repeated one (Art 35).

    By the number where both left one, else by the name; an anonymous report is nobody's second. Whether both are of one
    business is the inspector's to say: it may be named in two ways.
    """
    for one in (later, earlier):
        if not one.report or not one.reported:
            raise BadChoice(field="into")
    keys = [one.opened.report.informant_key if one.opened.report else "" for one in (later, earlier)]
    names = [one.opened.informant.strip() for one in (later, earlier)]
    same = keys[0] == keys[1] if all(keys) else names[0] == names[1] != ""
    if not same or later.opened.found < earlier.opened.found:
        raise BadChoice(field="into")


def _open(lead: Lead, noted: int = 0) -> None:
    if lead.state != "open" or noted >= MOST_NOTED:
        raise WrongState(state=lead.state)


MOST_MESSAGES = 50


def sendable(lead: Lead) -> Sequence[str]:
    """What can be told by message now: of `TOLD`, and neither told already nor on its way."""
    if not lead.report or not lead.opened.phone or lead.state not in ("open", "decided"):
        return ()
    owed = lead.decision.owed if lead.decision else ()
    apt = {
        "received": lead.state == "open" and lead.real_name,
        "joined": bool(lead.joins),
        "moved": lead.outcome == "moved",
        "decision": lead.outcome in FILED and lead.real_name,
        "result": "result" in owed,
        "reward": "reward" in owed,
    }
    known = {one.what for _, one in lead.standing_told} | {one.what for one in lead.on_their_way}
    return tuple(what for what in TOLD if apt[what] and what not in known)


def tell(
    command: TellInformant | MessageInformant | NoteInformantMessageTaken | NoteInformantMessageLost,
    lead: Lead,
) -> Sequence[LeadEvent]:
    """DomainError says why not. Empty: already so, or what it told of stands no more."""
    match command:
        case TellInformant(day, what, how, note, today):
            if not lead.reported:
                raise WrongState(state=lead.state)
            short("note", note)
            among("what", what, TOLD)
            among("how", how, BY_HAND)
            past(day, today)
            return [InformantTold(day, what, how, note.strip())]
        case MessageInformant(messaged):
            among("what", messaged.what, TOLD)
            if messaged.what not in sendable(lead) or len(lead.messaged) >= MOST_MESSAGES:
                raise WrongState(state=lead.state)
            return [messaged]
        case NoteInformantMessageTaken(message, day):
            sent = _sent(lead, message)
            if sent is None or any(one.message == message for one in lead.told):
                return []
            return [InformantTold(day, sent.what, "message", message=message)]
        case NoteInformantMessageLost(message, reason):
            sent = _sent(lead, message)
            if sent is None or sent not in lead.on_their_way:
                return []
            return [InformantMessageLost(message, sent.what, reason[:200])]


def _sent(lead: Lead, message: str) -> InformantMessaged | None:
    return next((one for one in lead.messaged if one.message == message), None)
