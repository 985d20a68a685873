"""Who may ask what of a complaint: one table. Whether it can be done now is for `complaints.decisions.decide`.

An officer acts for the office that has the complaint; a supervisor's offices are checked where they ask
(`server.complaints.procedure`). A command without a line here is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping

from complaints import commands as c
from complaints.changes import messages as changes
from complaints.errors import NotAllowed, UnknownComplaint
from complaints.notices import answers, notice, questions, telling
from complaints.procedure import aftercare, messages as procedure
from complaints.procedure.complainant import WantNews, WithdrawComplaint
from complaints.record import attachments
from complaints.state import Complaint
from complaints.triage.confirmation import ConfirmTriage
from journal import Actor

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

RIGHTS: Mapping[type[c.Command], frozenset[str]] = {
    c.Register: ANYBODY,
    c.Accept: _OFFICE,
    c.Refuse: _OFFICE,
    c.ScheduleMediation: _OFFICE,
    c.AddSeatContact: _OFFICE,
    c.FollowClosed: _SYSTEM,
    c.FollowCancelled: _SYSTEM,
    c.NotePromisesKept: _OFFICE,
    telling.NoteTold: _OFFICE,
    telling.NoteMessageTaken: _SYSTEM,
    telling.NoteMessageGivenUp: _SYSTEM,
    c.CloseFile: _OFFICE,
    c.TakeBack: _OFFICE,
    c.RevealPhone: _OFFICE,
    changes.TakeUpdate: _OFFICE | _SYSTEM,
    changes.UndoImport: _OFFICE | _SYSTEM,
    ConfirmTriage: _OFFICE,
    notice.IssueNotice: _OFFICE,
    notice.WithdrawNotice: _OFFICE,
    notice.NoteNoticeRead: frozenset({PARTY}),
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
    aftercare.NoteTermKept: _OFFICE,
    aftercare.TakeBackTerm: _OFFICE,
    aftercare.NoteCallBack: _OFFICE,
    aftercare.TakeBackCall: _OFFICE,
    questions.RemindOfTerm: _SYSTEM,
    questions.SendQuestions: _SYSTEM,
    questions.AnswerQuestions: frozenset({PARTY}),
    changes.Amend: _OFFICE,
    changes.UndoAmendment: _OFFICE,
    changes.KeepMerged: _OFFICE,
    changes.MergeInto: _OFFICE,
    changes.UndoMerge: _OFFICE,
    changes.DismissDuplicate: _OFFICE,
    answers.InviteAnswer: _OFFICE,
    answers.WithdrawAnswer: _OFFICE,
    answers.NoteAnswerOpened: frozenset({PARTY}),
    answers.GiveAnswer: frozenset({PARTY}),
    answers.AddToAnswer: frozenset({PARTY}),
    answers.NoteAnswerMissed: _SYSTEM,
    attachments.AddAttachment: _OFFICE | _SYSTEM | frozenset({PARTY}),
    attachments.TakeAttachment: _OFFICE | _BUREAU,
    attachments.RemoveAttachment: _OFFICE | frozenset({PARTY}),
    WantNews: frozenset({PARTY}),
}


def check_right(command: c.Command, actor: Actor, complaint: Complaint | None) -> None:
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


def _of_their_side(command: c.Command, side: str) -> bool:
    """Whether a party asks what is their side's to ask, and adds or takes back in its name only."""
    match command:
        case WithdrawComplaint() | WantNews():
            return side == "consumer"
        case answers.NoteAnswerOpened() | answers.GiveAnswer() | answers.AddToAnswer():
            return side == "business"
        case questions.AnswerQuestions():
            return command.answered.whom == side
        case attachments.AddAttachment():
            return bool(command.added.by) and command.added.by == side
        case attachments.RemoveAttachment():
            return bool(command.by) and command.by == side
        case _:
            return True


def office_standing(actor: Actor) -> str:
    """An officer's role; "party" or "system" for the others."""
    return actor.role if actor.kind == "officer" else actor.kind
