"""A complaint's life as two pure functions: `decide` says what a command leads to, `evolve` what an event changes.

registered → accepted → mediating → settled | performing | ended; performing → settled; registered → refused;
settled | refused | ended (both sides told) → closed. An adjourned session leaves it mediating. A clerk's note
(promises kept, both sides told, file closed) can be taken back, which leads back to the state before it. Every step
has its line in `complaints.transitions`, which names the article it rests on; without one `decide` says no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from complaints.aftercare import (
    CalledBack,
    CallTakenBack,
    NoteCallBack,
    NoteTermKept,
    TakeBackCall,
    TakeBackTerm,
    TermKept,
    TermKeptTakenBack,
    look_after,
    looked_after,
)
from complaints.amending import amend, amended
from complaints.amendments import Amend, RecordAmended, UndoAmendment
from complaints.answering import (
    AddToAnswer,
    AnswerAdded,
    AnswerCommand,
    AnswerGiven,
    AnswerInvited,
    AnswerMissed,
    AnswerOpened,
    AnswerWithdrawn,
    GiveAnswer,
    InviteAnswer,
    NoteAnswerMissed,
    NoteAnswerOpened,
    WithdrawAnswer,
    answer,
    answered,
)
from complaints.attachments import (
    AddAttachment,
    AttachmentAdded,
    AttachmentRemoved,
    AttachmentTaken,
    RemoveAttachment,
    TakeAttachment,
    attach,
    attached,
)
from complaints.commands import (
    Accept,
    AddSeatContact,
    CloseFile,
    Command,
    FollowCancelled,
    FollowClosed,
    NoteEndTold,
    NotePromisesKept,
    Refuse,
    Register,
    RevealPhone,
    ScheduleMediation,
    TakeBack,
)
from complaints.errors import (
    BadAmount,
    BadChoice,
    BadGround,
    Recused,
    Suspended,
    TooLong,
    UnknownComplaint,
    UnknownSession,
    WrongState,
)
from complaints.events import (
    ComplaintAccepted,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintRefused,
    ComplaintRegistered,
    ContentErased,
    EndTold,
    MediationCancelled,
    MediationClosed,
    MediationScheduled,
    NoteTakenBack,
    PhoneRevealed,
    PromisesKept,
    SeatContactAdded,
    from_event,
    updated,
)
from complaints.following import NewsWanted, NoticeAgreed, WantNews, agreed, follow, followed
from complaints.importing import ImportUndone, SourceUpdated, TakeUpdate, UndoImport
from complaints.merges import (
    ComplaintMerged,
    DismissDuplicate,
    KeepMerged,
    MergeInto,
    MergeUndone,
    NotADuplicate,
    UndoMerge,
)
from complaints.merging import merge, merged, rests
from complaints.notices import (
    IssueNotice,
    NoteNoticeRead,
    NoticeIssued,
    NoticeRead,
    NoticeWithdrawn,
    WithdrawNotice,
    with_issued,
    with_read,
    with_withdrawn,
)
from complaints.noticing import issue, read, withdraw
from complaints.procedure import MediationEnded
from complaints.proceeding import evolved, proceed, settle_pauses
from complaints.questions import (
    AnswerQuestions,
    QuestionsAnswered,
    QuestionsSent,
    SendQuestions,
    called,
    question,
    questioned,
)
from complaints.reminding import RemindOfTerm, TermReminded, remind, reminded
from complaints.state import STREAM, Complaint, State, filled, short, stream
from complaints.transitions import prove
from complaints.triaging import ConfirmTriage, TriageConfirmed, classified, confirm
from complaints.vocabulary import AGES, CHANNELS, ID_KINDS, MODES, PROBLEMS, REQUESTS, SEXES, URGENCIES
from complaints.withdrawing import GROUND, ComplaintWithdrawn, Withdraw
from journal import Event
from law.grounds import refusal_grounds

__all__ = ["STREAM", "Complaint", "State", "decide", "evolve", "fold", "last_note", "stream"]

MOST_REPRESENTATIVES = 2  # Order 121 Art 12
MOST_JOINT = 200
TAKE_BACK_WITHIN = timedelta(days=3)
"""How long a mistaken decision can be taken back; afterwards only a new complaint or a court mends it."""
_FEN = Decimal("0.01")
_DEAREST = Decimal("1000000000")


def fold(entries: Iterable[Event]) -> Complaint | None:
    """The complaint after these journal entries; None for an empty stream."""
    complaint: Complaint | None = None
    for entry in entries:
        if not entry.erased:
            complaint = evolve(complaint, from_event(entry), entry.at)
    return complaint


def evolve(complaint: Complaint | None, event: ComplaintEvent, at: datetime) -> Complaint:
    """`at` is the event's time: clocks start from it."""
    if isinstance(event, ComplaintRegistered):
        return Complaint(event)
    if complaint is None:
        raise UnknownComplaint
    return settle_pauses(_evolve(complaint, event, at), at)


def _evolve(complaint: Complaint, event: ComplaintEvent, at: datetime) -> Complaint:
    match event:
        case ComplaintRegistered():
            return complaint
        case ComplaintAccepted():
            return replace(complaint, state=State.ACCEPTED, accepted_at=at)
        case ComplaintRefused():
            return replace(complaint, state=State.REFUSED, refused_at=at)
        case TermReminded():
            return reminded(complaint, event)
        case MediationScheduled():
            return replace(
                complaint,
                state=State.MEDIATING,
                sessions=(*complaint.sessions, event.session),
                open_sessions=complaint.open_sessions | {event.session},
                contacts={**complaint.contacts, event.session: dict(event.contacts)},
            )
        case SeatContactAdded():
            seats = {**complaint.contacts.get(event.session, {}), event.seat: event.phone}
            return replace(complaint, contacts={**complaint.contacts, event.session: seats})
        case MediationClosed():
            return _after_closed(complaint, event, at)
        case MediationCancelled():
            left = complaint.open_sessions - {event.session}
            back = complaint.state is State.MEDIATING and not left and not complaint.held
            return replace(complaint, open_sessions=left, state=State.ACCEPTED if back else complaint.state)
        case PromisesKept():
            return replace(complaint, state=State.SETTLED, promises_due=None, kept_due=complaint.promises_due or at)
        case EndTold():
            return replace(complaint, end_told=True)
        case ComplaintClosed():
            return replace(complaint, state=State.CLOSED, closed_from=complaint.state)
        case NoteTakenBack(what=what):
            return _taken_back(complaint, what)
        case ImportUndone():
            return replace(complaint, state=State.UNDONE)
        case SourceUpdated():
            return replace(complaint, record=updated(complaint.record, event.changes))
        case NoticeIssued():
            return replace(complaint, notices=with_issued(complaint.notices, event, at))
        case NoticeWithdrawn():
            return replace(complaint, notices=with_withdrawn(complaint.notices, event))
        case NoticeRead():
            return replace(complaint, notices=with_read(complaint.notices, event))
        case PhoneRevealed() | ContentErased():
            return complaint
        case RecordAmended():
            return amended(complaint, event)
        case TriageConfirmed():
            return replace(complaint, record=classified(complaint.record, event), triaged=event)
        case ComplaintMerged() | MergeUndone() | NotADuplicate():
            return merged(complaint, event)
        case ComplaintWithdrawn():
            state = State.CLOSED if complaint.state is State.REGISTERED else complaint.state
            return replace(complaint, state=state, withdrawn=True)
        case TermKept() | TermKeptTakenBack() | CalledBack() | CallTakenBack():
            after = looked_after(complaint, event)
            return called(after, event.whom, event.reached) if isinstance(event, CalledBack) else after
        case QuestionsSent() | QuestionsAnswered():
            return questioned(complaint, event, at)
        case AttachmentAdded() | AttachmentTaken() | AttachmentRemoved():
            return attached(complaint, event)
        case AnswerInvited() | AnswerOpened() | AnswerGiven() | AnswerAdded() | AnswerMissed() | AnswerWithdrawn():
            return answered(complaint, event, at)
        case NoticeAgreed() | NewsWanted():
            return followed(complaint, event)
        case _:
            return evolved(complaint, event, at)


def _after_closed(complaint: Complaint, event: MediationClosed, at: datetime) -> Complaint:
    after = replace(
        complaint,
        open_sessions=complaint.open_sessions - {event.session},
        held=complaint.held + 1,
        loss_recovered=complaint.loss_recovered + event.loss_recovered,
    )
    if complaint.state is not State.MEDIATING:
        return after  # another session decided it first; this one is only on file
    match event.outcome:
        case "settled" if event.due is not None:
            return replace(after, state=State.PERFORMING, promises_due=event.due)
        case "settled":
            return replace(after, state=State.SETTLED)
        case "not_settled" | "ended":
            return replace(after, state=State.ENDED, ended_at=at)
        case _:  # adjourned
            return after


def last_note(complaint: Complaint, at: datetime) -> str:
    """The clerk's note or decision that its present state rests on and that can still be taken back at that time, ""
    for none. A decision only for `TAKE_BACK_WITHIN`, and not one that a session or the complainant made."""
    match complaint.state:
        case State.CLOSED:
            return "closed"
        case State.SETTLED if complaint.kept_due is not None:
            return "kept"
        case State.ENDED if complaint.end_told:
            return "told"
        case State.REFUSED if _lately(complaint.refused_at, at):
            return "refused"
        case State.ENDED if complaint.ended_apart and _lately(complaint.ended_at, at):
            return "ended"
        case _:
            return ""


def _lately(decided: datetime | None, at: datetime) -> bool:
    return decided is not None and at - decided <= TAKE_BACK_WITHIN


def _taken_back(complaint: Complaint, what: str) -> Complaint:
    match what:
        case "closed":
            return replace(complaint, state=complaint.closed_from or complaint.state, closed_from=None)
        case "refused":
            return replace(complaint, state=State.REGISTERED, refused_at=None)
        case "ended":
            back = State.MEDIATING if complaint.held or complaint.open_sessions else State.ACCEPTED
            return replace(complaint, state=back, ended_at=None, ended_apart=False)
        case "kept":
            return replace(complaint, state=State.PERFORMING, promises_due=complaint.kept_due, kept_due=None)
        case _:
            return replace(complaint, end_told=False)


def decide(command: Command, complaint: Complaint | None, at: datetime) -> Sequence[ComplaintEvent]:
    """What happens when this is asked now; ComplaintError says why nothing may. Empty: already so."""
    if isinstance(command, Register):
        if complaint is not None:
            raise WrongState(state=complaint.state.value)
        _check(command.record)
        return [command.record, *([agreed(command.agreed)] if command.agreed else [])]
    if complaint is None:
        raise UnknownComplaint
    rests(command, complaint)
    decided = _decide(command, complaint, at)
    after = complaint
    for event in decided:
        before, after = after, evolve(after, event, at)
        prove(event, before.state, after.state)
    return decided


def _decide(command: Command, complaint: Complaint, at: datetime) -> Sequence[ComplaintEvent]:
    """What the table cannot say. Whether an article allows it in this state, `decide` asks of every event."""
    match command:
        case Register():
            raise WrongState(state=complaint.state.value)
        case Accept():
            return [ComplaintAccepted()]
        case Refuse():
            if command.ground not in {ground.number for ground in refusal_grounds(complaint.record.order)}:
                raise BadGround
            short("note", command.note)
            return [ComplaintRefused(command.ground, command.note)]
        case ScheduleMediation():
            if complaint.recusal:
                raise Suspended  # Order 121 Art 21: until it is decided
            if command.mediator in complaint.recused:
                raise Recused
            ordinal = len(complaint.sessions) + 1
            scheduled = MediationScheduled(command.session, ordinal, command.starts, command.mediator, command.contacts)
            return [ComplaintAccepted(), scheduled] if complaint.state is State.REGISTERED else [scheduled]
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
        case NoteEndTold():
            return [] if complaint.end_told else [EndTold()]
        case CloseFile():
            if complaint.state is State.ENDED and not complaint.end_told:
                raise WrongState(state=complaint.state.value)
            return [ComplaintClosed()]
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
                _check(command.record)
            return amend(command, complaint)
        case UndoImport():
            return [ImportUndone(command.batch, command.reason)]
        case TakeUpdate():
            _check(updated(complaint.record, command.changes))
            return [SourceUpdated(command.batch, command.changes)] if command.changes else []
        case ConfirmTriage():
            return confirm(command, complaint.triaged)
        case IssueNotice():
            return issue(command, complaint)
        case NoteNoticeRead():
            return read(command, complaint)
        case WithdrawNotice():
            return withdraw(command, complaint)
        case Withdraw():
            short("reason", command.reason)
            withdrawn = ComplaintWithdrawn(command.reason.strip())
            under_way = complaint.state in (State.ACCEPTED, State.MEDIATING)
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


def _check(record: ComplaintRegistered) -> None:
    for name in ("title", "request", "facts"):
        filled(name, getattr(record, name))
        short(name, getattr(record, name))
    filled("consumer_name", record.consumer.name)
    filled("business_name", record.business.title)
    for amount in (record.amount, record.object.paid):
        # Money has whole fen, and no dispute over a purchase reaches a billion.
        if not (amount is None or (amount.is_finite() and 0 <= amount < _DEAREST and amount == amount.quantize(_FEN))):
            raise BadAmount
    for field_name, value, among in (
        ("channel", record.channel, CHANNELS),
        *(("channel", source.channel, CHANNELS) for source in record.sources),
        *((("mode", record.mode, MODES),) if record.mode else ()),
        *((("problem_class", record.problem_class, PROBLEMS),) if record.problem_class else ()),
        *(("requests", request, REQUESTS) for request in record.requests),
        *(("urgency", why, URGENCIES) for why in record.urgency),
        *(("sex", person.sex, SEXES) for person in (record.consumer, *record.joint)),
        *(("age_band", person.age_band, AGES) for person in (record.consumer, *record.joint)),
        *(("id_kind", person.id_kind, ID_KINDS) for person in (record.consumer, *record.joint)),
    ):
        if value not in among:
            raise BadChoice(field=field_name)
    if len(record.representatives) > MOST_REPRESENTATIVES:
        raise BadChoice(field="representatives")
    if len(record.joint) > MOST_JOINT:
        raise TooLong(field="joint", most=MOST_JOINT)
    if record.proxy is not None:
        filled("proxy_name", record.proxy.name)
