"""What a command to a complaint leads to: `decide`, pure.

Every step has its line in `complaints.procedure.transitions`, which names the article it rests on; without one `decide`
says no.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from complaints.commands import (
    Accept,
    AddSeatContact,
    CloseFile,
    Command,
    FollowCancelled,
    FollowClosed,
    NotePromisesKept,
    Refuse,
    Register,
    RevealPhone,
    ScheduleMediation,
    TakeBack,
)
from complaints.complaint import evolve, last_note
from complaints.errors import (
    BadGround,
    Recused,
    Suspended,
    UnknownComplaint,
    UnknownSession,
    Untold,
    WrongState,
)
from complaints.events import (
    ComplaintAccepted,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintRefused,
    MediationCancelled,
    MediationClosed,
    MediationScheduled,
    NoteTakenBack,
    PhoneRevealed,
    PromisesKept,
    SeatContactAdded,
    updated,
)
from complaints.notices.issuing import issue_notice, note_notice_read, withdraw_notice
from complaints.notices.messages import (
    AddToAnswer,
    AnswerCommand,
    AnswerQuestions,
    GiveAnswer,
    InviteAnswer,
    NoteAnswerMissed,
    NoteAnswerOpened,
    NoteMessageGivenUp,
    NoteMessageTaken,
    NoteTold,
    RemindOfTerm,
    SendQuestions,
    WithdrawAnswer,
)
from complaints.notices.notice import (
    IssueNotice,
    NoteNoticeRead,
    WithdrawNotice,
)
from complaints.notices.rules import answer, question, remind, tell, untold
from complaints.procedure.messages import MediationEnded, NoteCallBack, NoteTermKept, TakeBackCall, TakeBackTerm
from complaints.procedure.rules import (
    GROUND,
    ComplaintWithdrawn,
    WantNews,
    WithdrawComplaint,
    follow,
    look_after,
    note_agreed,
    proceed,
)
from complaints.procedure.transitions import prove
from complaints.record.changes import (
    Amend,
    DismissDuplicate,
    ImportUndone,
    KeepMerged,
    MergeInto,
    SourceUpdated,
    TakeUpdate,
    UndoAmendment,
    UndoImport,
    UndoMerge,
)
from complaints.record.record import AddAttachment, RemoveAttachment, TakeAttachment
from complaints.record.rules import amend, attach, check_registration, merge, rests, short_event
from complaints.state import Complaint, ComplaintState, filled, short
from complaints.triage.confirmation import ConfirmTriage, confirm
from law.grounds import refusal_grounds


def decide(command: Command, complaint: Complaint | None, at: datetime) -> Sequence[ComplaintEvent]:
    """What happens when this is asked now; DomainError says why nothing may. Empty: already so."""
    if isinstance(command, Register):
        if complaint is not None:
            raise WrongState(state=complaint.state.value)
        check_registration(command.record)
        return [command.record, *([note_agreed(command.agreed)] if command.agreed else [])]
    if complaint is None:
        raise UnknownComplaint
    rests(command, complaint)
    decided = _decide(command, complaint, at)
    after = complaint
    for event in decided:
        short_event(event)
        before, after = after, evolve(after, event, at)
        prove(event, before.state, after.state)
    return decided


def _decide(command: Command, complaint: Complaint, at: datetime) -> Sequence[ComplaintEvent]:
    """What the table cannot say. Whether an article allows it in this state, `decide` asks of every event."""
    match command:
        case Register():
            raise WrongState(state=complaint.state.value)
        case Accept():
            return [ComplaintAccepted(apart=True)]
        case Refuse():
            if command.ground not in {ground.number for ground in refusal_grounds(complaint.record.order)}:
                raise BadGround
            short("note", command.note)
            return [ComplaintRefused(command.ground, command.note, apart=True)]
        case ScheduleMediation():
            if complaint.recusal:
                raise Suspended  # Order 121 Art 21: until it is decided
            if command.mediator in complaint.recused:
                raise Recused
            ordinal = len(complaint.sessions) + 1
            scheduled = MediationScheduled(
                command.session,
                ordinal,
                command.starts,
                command.mediator,
                command.contacts,
                command.mode,
                command.place,
            )
            first = [ComplaintAccepted(apart=True)] if complaint.state is ComplaintState.REGISTERED else []
            return [*first, scheduled]
        case AddSeatContact():
            _knows_open(complaint, command.session)
            return [SeatContactAdded(command.session, command.seat, command.phone)]
        case FollowClosed():
            return _follow(complaint, command)
        case FollowCancelled():
            if command.session not in complaint.open_sessions and command.session in complaint.sessions:
                return []
            _knows_open(complaint, command.session)
            return [MediationCancelled(command.session, command.reason)]
        case NotePromisesKept():
            short("note", command.note)
            return [PromisesKept(command.note)]
        case NoteTold() | NoteMessageTaken() | NoteMessageGivenUp():
            return tell(command, complaint, at)
        case CloseFile(represented=represented, paper=paper):
            # Order 121 Arts 15, 23
            if complaint.state in (ComplaintState.SETTLED, ComplaintState.REFUSED, ComplaintState.ENDED) and untold(
                complaint
            ):
                raise Untold
            if (
                complaint.record.joint and complaint.state is ComplaintState.SETTLED
            ):  # Order 121 Art 12, Order 20 Art 11
                filled("represented", represented)
            short("represented", represented)
            short("paper", paper)
            return [ComplaintClosed(represented.strip(), paper.strip())]
        case TakeBack():
            if command.what != last_note(complaint, at):
                raise WrongState(state=complaint.state.value)
            filled("reason", command.reason)
            short("reason", command.reason)
            return [NoteTakenBack(command.what, command.reason.strip())]
        case RevealPhone():
            filled("reason", command.reason)
            short("reason", command.reason)
            return [PhoneRevealed(command.whose, command.reason.strip(), command.what)]
        case KeepMerged() | MergeInto() | UndoMerge() | DismissDuplicate():
            return merge(command, complaint)
        case Amend() | UndoAmendment():
            if isinstance(command, Amend):
                check_registration(command.record)
            return amend(command, complaint)
        case UndoImport():
            return [ImportUndone(command.batch, command.reason)]
        case TakeUpdate():
            check_registration(updated(complaint.record, command.changes))
            return [SourceUpdated(command.batch, command.changes)] if command.changes else []
        case ConfirmTriage():
            return confirm(command, complaint.triaged)
        case IssueNotice():
            return issue_notice(command, complaint)
        case NoteNoticeRead():
            return note_notice_read(command, complaint)
        case WithdrawNotice():
            return withdraw_notice(command, complaint)
        case WithdrawComplaint():
            short("reason", command.reason)
            withdrawn = ComplaintWithdrawn(command.reason.strip())
            under_way = complaint.state in (ComplaintState.ACCEPTED, ComplaintState.MEDIATING)
            return [withdrawn, MediationEnded(GROUND)] if under_way else [withdrawn]
        case NoteTermKept() | TakeBackTerm() | NoteCallBack() | TakeBackCall():
            short("note", command.call.note if isinstance(command, NoteCallBack) else getattr(command, "note", ""))
            if isinstance(command, TakeBackTerm | TakeBackCall):
                filled("reason", command.reason)
                short("reason", command.reason)
            cared = look_after(command, complaint)
            done = isinstance(command, NoteTermKept) and command.last and bool(cared)
            return [*cared, PromisesKept()] if done else cared
        case InviteAnswer() | NoteAnswerOpened() | GiveAnswer() | AddToAnswer() | NoteAnswerMissed() | WithdrawAnswer():
            _check_answer(command)
            return answer(command, complaint)
        case SendQuestions() | AnswerQuestions():
            return question(command, complaint)
        case RemindOfTerm():
            return remind(command, complaint)
        case WantNews():
            return follow(command, complaint)
        case AddAttachment() | TakeAttachment() | RemoveAttachment():
            if isinstance(command, RemoveAttachment):
                filled("reason", command.reason)
                short("reason", command.reason)
            return attach(command, complaint)
        case _:
            return proceed(command, complaint)


def _follow(complaint: Complaint, command: FollowClosed) -> Sequence[ComplaintEvent]:
    if command.session not in complaint.open_sessions and command.session in complaint.sessions:
        return []
    _knows_open(complaint, command.session)
    return [
        MediationClosed(
            command.session,
            command.outcome,
            command.loss_recovered,
            command.ground,
            command.due,
            command.adjourned_to,
            command.mode,
        )
    ]


def _check_answer(command: AnswerCommand) -> None:
    match command:
        case InviteAnswer(invited=invited):
            short("note", invited.note)
        case GiveAnswer(given=given):
            filled("facts", given.facts)
            short("answer", given.facts)
            filled("by", given.by)
            short("whom", given.by)
        case AddToAnswer(text=text):
            filled("text", text)
            short("answer", text)
        case WithdrawAnswer(reason=reason):
            filled("reason", reason)
            short("reason", reason)
        case _:
            pass


def _knows_open(complaint: Complaint, session: str) -> None:
    if session not in complaint.open_sessions:
        raise UnknownSession(session=session)
