"""The rules of leads: who may ask what, and what then happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

import complaints
from complaints import (
    BadChoice,
    FileHeld,
    NotAllowed,
    NotOwner,
    TooMany,
    UnknownAttachment,
    UnknownComplaint,
    WrongState,
)
from complaints.commands import INSPECTOR, MEDIATOR, SUPERVISOR, SYSTEM, office_standing
from complaints.leads import commands as c
from complaints.leads.commands import decide_report, tell
from complaints.leads.events import (
    ACTIONS,
    FILING,
    MEDIATION,
    ORIGINS,
    OUTCOMES,
    OWED,
    PROFILE,
    REPORT,
    SPOT,
    ActionNoted,
    InformantRevealed,
    LeadAssigned,
    LeadDecided,
    LeadEvent,
    LeadFileArchived,
    LeadHeld,
    LeadHoldLifted,
    LeadNoteTakenBack,
    LeadOpened,
    LeadWithdrawn,
    RecordAttached,
    RecordDetached,
    ReportRecord,
    VerificationExtended,
)
from complaints.leads.lead import Lead
from complaints.record import ABOUT, AttachmentRemoved, AttachmentTaken
from complaints.state import among, filled, past, said, short
from journal import Actor
from journal.refusals import within_bounds
from law.orders import DISPUTE, SUBJECTS, grounds

MOST_RECORDS: Final = 300
MOST_FILES: Final = 40

_READERS = frozenset({INSPECTOR, SUPERVISOR})
RIGHTS: Mapping[type[c.LeadCommand], frozenset[str]] = {
    c.OpenLead: frozenset({MEDIATOR, INSPECTOR, SUPERVISOR, SYSTEM}),
    c.BeginLeadTesting: frozenset({INSPECTOR}),
    c.EndLeadTesting: frozenset({INSPECTOR}),
    c.DisputeCompetence: frozenset({INSPECTOR}),
    c.SettleLeadCompetence: _READERS,
    c.KeepJoined: frozenset({INSPECTOR}),
    c.TakeBackJoin: frozenset({INSPECTOR}),
    c.JoinInto: frozenset({INSPECTOR}),
    c.SeparateReport: frozenset({INSPECTOR}),
    c.SupplementReport: frozenset({MEDIATOR, INSPECTOR, SYSTEM}),  # a channel's update among them
    c.NoteInformantWithdrew: frozenset({INSPECTOR}),
    c.ReferLead: frozenset({INSPECTOR}),
    c.UndoReportImport: frozenset({MEDIATOR, SYSTEM}),
    c.ExtendVerification: frozenset({SUPERVISOR}),  # the bureau's approval
    c.AssignLead: _READERS,
    c.AttachRecord: _READERS,
    c.DetachRecord: _READERS,
    c.NoteAction: frozenset({INSPECTOR}),
    c.TellInformant: frozenset({INSPECTOR}),
    c.MessageInformant: frozenset({INSPECTOR}),
    c.NoteInformantMessageTaken: frozenset({SYSTEM}),
    c.NoteInformantMessageLost: frozenset({SYSTEM}),
    c.RevealInformant: _READERS,
    c.DecideLead: frozenset({INSPECTOR}),
    c.WithdrawLead: frozenset({SUPERVISOR}),
    c.TakeBackLeadNote: _READERS,
    c.AddLeadFile: _READERS | {SYSTEM},  # what lay with a mailed report
    c.TakeLeadFile: _READERS,
    c.RemoveLeadFile: _READERS,
    c.HoldLead: frozenset({SUPERVISOR}),
    c.LiftLeadHold: frozenset({SUPERVISOR}),
    c.NoteLeadFileArchived: frozenset({SYSTEM}),
}
OPENERS: Mapping[str, frozenset[str]] = {
    REPORT: frozenset({MEDIATOR, INSPECTOR, SYSTEM}),
    MEDIATION: frozenset({MEDIATOR}),
    SPOT: _READERS,
    PROFILE: frozenset({MEDIATOR, INSPECTOR, SUPERVISOR}),
}
_OWNERS = (  # of one that is somebody's, theirs alone
    c.DecideLead,
    c.NoteAction,
    c.TellInformant,
    c.MessageInformant,
    c.BeginLeadTesting,
    c.EndLeadTesting,
    c.DisputeCompetence,
    c.JoinInto,
    c.SeparateReport,
    c.NoteInformantWithdrew,
    c.ReferLead,
)
TAKEN_BACK: Final = ("decision", "withdrawal", "action", "told", "referral", "withdrew", "testing", "dispute")


def competences(lead: Lead) -> Sequence[str]:
    """On what a report can be ours to decide: a rule for what it is about, or a dispute that was settled so."""
    subject = lead.opened.report.subject if lead.opened.report else "conduct"
    settled = lead.disputes[-1].settled if lead.disputes else None
    return [*(rule.key for rule in grounds(lead.order, subject)), *([DISPUTE] if settled and settled.ours else [])]


def decide(command: c.LeadCommand, lead: Lead | None, actor: Actor) -> Sequence[LeadEvent]:
    """DomainError says why not. Empty: already so."""
    return within_bounds(_decided(command, lead, actor))


def _decided(command: c.LeadCommand, lead: Lead | None, actor: Actor) -> Sequence[LeadEvent]:
    if office_standing(actor) not in RIGHTS[type(command)]:
        raise NotAllowed
    if isinstance(command, c.OpenLead):
        return _opened(command.lead, lead, actor)
    if lead is None:
        raise UnknownComplaint
    if isinstance(command, _OWNERS) and lead.owner and lead.owner != actor.id:
        raise NotOwner(name=lead.owner_name)
    if isinstance(command, c.TakeBackLeadNote):
        return [_take_back(command, lead, actor)]
    if isinstance(command, c.TakeLeadFile):
        if command.original and not lead.file(command.attachment).original:
            raise UnknownAttachment
        return [AttachmentTaken(lead.file(command.attachment).attachment, command.original)]
    if isinstance(command, c.RevealInformant):
        if not lead.reported:
            raise WrongState(state=lead.state)
        said("reason", command.reason)
        return [InformantRevealed(command.reason.strip())]
    if isinstance(command, c.HoldLead | c.LiftLeadHold | c.NoteLeadFileArchived):
        return _keeping(command, lead)
    if isinstance(command, c.NoteInformantMessageTaken | c.NoteInformantMessageLost):
        return tell(command, lead)  # whatever became of the lead meanwhile
    if lead.withdrawn:
        raise WrongState(state=lead.state)
    if isinstance(command, c.ReportCommand):
        # What offices could not agree on, only their superior decides (Order 121 Art 33).
        if isinstance(command, c.SettleLeadCompetence) and (command.how == "designated") is not (
            actor.role == SUPERVISOR
        ):
            raise NotAllowed
        return decide_report(command, lead)
    if lead.joined_into is not None and not isinstance(command, c.AttachRecord | c.DetachRecord | c.AddLeadFile):
        raise WrongState(state=lead.state)  # it goes on in the earlier one
    return _changed(command, lead, actor)


def _opened(opened: LeadOpened, lead: Lead | None, actor: Actor) -> Sequence[LeadEvent]:
    among("origin", opened.origin, ORIGINS)
    if opened.report is not None:
        _registered(opened, opened.report)
    if office_standing(actor) not in OPENERS[opened.origin]:
        raise NotAllowed
    filled("title", opened.title)
    short("title", opened.title)
    filled("facts", opened.content)
    short("facts", opened.content)
    if len(opened.records) > MOST_RECORDS:
        raise TooMany(most=MOST_RECORDS)
    return [] if lead is not None else [opened]


def _registered(opened: LeadOpened, report: ReportRecord) -> None:
    """What the register needs of a report (Order 121 Art 28)."""
    among("channel", report.channel, complaints.CHANNELS)
    among("mode", report.mode, ("", *complaints.MODES))
    among("subject", report.subject, SUBJECTS)
    short("note", report.place)
    short("whom", opened.about)
    short("whom", opened.informant)
    if report.real_name:
        filled("informant", opened.informant)


_Kept = c.AttachRecord | c.DetachRecord | c.AddLeadFile | c.RemoveLeadFile


def _changed(
    command: c.ExtendVerification
    | c.AssignLead
    | c.DecideLead
    | c.WithdrawLead
    | c.NoteAction
    | c.TellInformant
    | c.MessageInformant
    | _Kept,
    lead: Lead,
    actor: Actor,
) -> Sequence[LeadEvent]:
    match command:
        case c.ExtendVerification(reason):
            said("reason", reason)
            if lead.extended or lead.outcome:  # once only
                raise WrongState(state=lead.state)
            return [VerificationExtended(reason.strip())]
        case c.AssignLead(owner, name):
            if lead.outcome:
                raise WrongState(state=lead.state)
            if actor.role == INSPECTOR and owner != actor.id:
                raise NotAllowed
            return [] if owner == lead.owner else [LeadAssigned(owner, name)]
        case c.DecideLead(outcome, note, approver, document, owed, competence):
            short("note", note)
            short("whom", approver)
            short("whom", document)
            if lead.outcome:
                raise WrongState(state=lead.state)
            among("outcome", outcome, OUTCOMES)
            if outcome == "moved":
                filled("note", note)  # to whom
            if lead.report and outcome in FILING:
                filled("approver", approver)  # who is in charge decides (penalty procedure, Art 18)
                filled("competence", competence)  # what is not ours is handed on, not decided (Order 121 Arts 29 to 34)
                among("competence", competence, competences(lead))
            for one in owed:
                among("owed", one, OWED)
            decided = LeadDecided(outcome, note.strip(), approver.strip(), document.strip(), tuple(owed))
            return [replace(decided, competence=competence) if lead.report and outcome in FILING else decided]
        case c.WithdrawLead(reason):
            said("reason", reason)
            return [LeadWithdrawn(reason.strip())]
        case c.NoteAction(day, kind, note, today):
            short("note", note)
            among("kind", kind, ACTIONS)
            past(day, today)
            return [ActionNoted(day, kind, note.strip())]
        case c.TellInformant() | c.MessageInformant():
            return tell(command, lead)
        case _:
            return _kept(command, lead)


def _keeping(command: c.HoldLead | c.LiftLeadHold | c.NoteLeadFileArchived, lead: Lead) -> Sequence[LeadEvent]:
    """How long and where its files are kept; whatever became of the lead."""
    match command:
        case c.HoldLead(reason):
            said("reason", reason)
            return [] if lead.hold == reason.strip() else [LeadHeld(reason.strip())]
        case c.LiftLeadHold(reason):
            said("reason", reason)
            return [LeadHoldLifted(reason.strip())] if lead.hold else []
        case c.NoteLeadFileArchived(path, store, digest):
            return [] if lead.archived.get(path) == store else [LeadFileArchived(path, store, digest)]


def _kept(command: _Kept, lead: Lead) -> Sequence[LeadEvent]:
    """Of its records and files."""
    match command:
        case c.AttachRecord(complaint):
            if complaint in lead.records:
                return []
            if len(lead.records) >= MOST_RECORDS:
                raise TooMany(most=MOST_RECORDS)
            return [RecordAttached(complaint)]
        case c.DetachRecord(complaint, reason):
            said("reason", reason)
            if complaint not in lead.records:
                raise UnknownComplaint
            return [RecordDetached(complaint, reason.strip())]
        case c.AddLeadFile(added):
            if any(one.attachment == added.attachment for one in lead.files):
                return []  # sent again over a bad network
            if added.about not in ABOUT or added.by:
                raise BadChoice(field="about")
            short("note", added.note)
            if len(lead.files) >= MOST_FILES:
                raise TooMany(most=MOST_FILES)
            return [added]
        case c.RemoveLeadFile(which, reason):
            said("reason", reason)
            if lead.hold:
                raise FileHeld
            return [AttachmentRemoved(lead.file(which).attachment, reason.strip())]
        case _:
            assert_never(command)


def _take_back(command: c.TakeBackLeadNote, lead: Lead, actor: Actor) -> LeadEvent:
    """The inspector undoes what inspectors note; a withdrawal is the supervisor's."""
    said("reason", command.reason)
    among("what", command.what, TAKEN_BACK)
    ordinals = {
        "action": {n for n, _ in lead.standing_actions},
        "told": {n for n, _ in lead.standing_told},
        "decision": {0} if lead.outcome else set(),
        "withdrawal": {0} if lead.withdrawn else set(),
        "referral": {n for n, _ in lead.standing_referrals},
        "withdrew": {0} if lead.withdrew else set(),
        "testing": {0} if lead.testing and lead.state == "open" else set(),
        "dispute": {0} if lead.disputes and lead.state == "open" else set(),
    }
    if (actor.role == SUPERVISOR) is not (command.what == "withdrawal"):
        raise NotAllowed
    if command.what != "withdrawal" and lead.owner and lead.owner != actor.id:
        raise NotOwner(name=lead.owner_name)
    if command.ordinal not in ordinals[command.what] or (lead.withdrawn and command.what != "withdrawal"):
        raise WrongState(state=lead.state)
    return LeadNoteTakenBack(command.what, command.ordinal, command.reason.strip())
