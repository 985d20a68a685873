"""Who may ask what of a complaint: one table. Whether it can be done now is for `complaints.decisions.decide`.

An officer acts for the office that has the complaint; a supervisor's offices are checked where they ask
(`server.complaints.procedure`). A command without a line here is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping

from complaints import commands as c
from complaints.changes import messages as am, messages as i, messages as m
from complaints.errors import NotAllowed, UnknownComplaint
from complaints.notices import answers as an, notice as n, questions as q, telling as t
from complaints.notices.questions import RemindOfTerm
from complaints.procedure import aftercare as ac, messages as p
from complaints.procedure.complainant import WantNews, WithdrawComplaint
from complaints.record import attachments as at
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
    t.NoteTold: _OFFICE,
    t.NoteMessageTaken: _SYSTEM,
    t.NoteMessageGivenUp: _SYSTEM,
    c.CloseFile: _OFFICE,
    c.TakeBack: _OFFICE,
    c.RevealPhone: _OFFICE,
    i.TakeUpdate: _OFFICE | _SYSTEM,
    i.UndoImport: _OFFICE | _SYSTEM,
    ConfirmTriage: _OFFICE,
    n.IssueNotice: _OFFICE,
    n.WithdrawNotice: _OFFICE,
    n.NoteNoticeRead: frozenset({PARTY}),
    WithdrawComplaint: frozenset({PARTY}),
    p.BeginTesting: _OFFICE,
    p.EndTesting: _OFFICE,
    p.RequestRecusal: _OFFICE,
    p.DecideRecusal: _BUREAU,
    p.EndMediation: _OFFICE,
    p.DelegateMediation: _OFFICE,
    p.EndDelegation: _OFFICE,
    p.RaiseCompetence: _OFFICE,
    p.SettleCompetence: _OFFICE | _BUREAU,
    p.ChooseOrder: _BUREAU,
    p.Dispatch: _OFFICE,
    p.ReturnToIntake: _OFFICE,
    p.Supervise: _BUREAU,
    p.SplitReport: _OFFICE,
    p.NoteLead: _OFFICE,
    ac.NoteTermKept: _OFFICE,
    ac.TakeBackTerm: _OFFICE,
    ac.NoteCallBack: _OFFICE,
    ac.TakeBackCall: _OFFICE,
    RemindOfTerm: _SYSTEM,
    q.SendQuestions: _SYSTEM,
    q.AnswerQuestions: frozenset({PARTY}),
    am.Amend: _OFFICE,
    am.UndoAmendment: _OFFICE,
    m.KeepMerged: _OFFICE,
    m.MergeInto: _OFFICE,
    m.UndoMerge: _OFFICE,
    m.DismissDuplicate: _OFFICE,
    an.InviteAnswer: _OFFICE,
    an.WithdrawAnswer: _OFFICE,
    an.NoteAnswerOpened: frozenset({PARTY}),
    an.GiveAnswer: frozenset({PARTY}),
    an.AddToAnswer: frozenset({PARTY}),
    an.NoteAnswerMissed: _SYSTEM,
    at.AddAttachment: _OFFICE | _SYSTEM | frozenset({PARTY}),
    at.TakeAttachment: _OFFICE | _BUREAU,
    at.RemoveAttachment: _OFFICE | frozenset({PARTY}),
    WantNews: frozenset({PARTY}),
}


def check_right(command: c.Command, actor: Actor, complaint: Complaint | None) -> None:
    """NotAllowed when it is not this kind of person's; UnknownComplaint when it is another office's complaint."""
    if office_standing(actor) not in RIGHTS.get(type(command), frozenset()):
        raise NotAllowed
    # What offices could not agree on, only their superior decides (Order 121 Art 33).
    if isinstance(command, p.SettleCompetence) and (command.how == "designated") is not (actor.role == SUPERVISOR):
        raise NotAllowed
    if (
        office_standing(actor) == PARTY
        and isinstance(command, WithdrawComplaint | WantNews)
        and actor.role != "consumer"
    ):
        raise NotAllowed
    answers = isinstance(command, an.NoteAnswerOpened | an.GiveAnswer | an.AddToAnswer)
    if office_standing(actor) == PARTY and answers and actor.role != "business":
        raise NotAllowed
    if (
        office_standing(actor) == PARTY
        and isinstance(command, q.AnswerQuestions)
        and command.answered.whom != actor.role
    ):
        raise NotAllowed
    # A side adds and takes back in its own name only.
    if office_standing(actor) == PARTY and isinstance(command, at.AddAttachment | at.RemoveAttachment):
        by = command.added.by if isinstance(command, at.AddAttachment) else command.by
        if not by or by != actor.role:
            raise NotAllowed
    if complaint is not None and actor.role == MEDIATOR and actor.office != complaint.record.office:
        raise UnknownComplaint


def office_standing(actor: Actor) -> str:
    """An officer's role; "party" or "system" for the others."""
    return actor.role if actor.kind == "officer" else actor.kind
