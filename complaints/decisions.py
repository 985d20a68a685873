"""What a command to a complaint leads to: `decide`, pure; and when a notice may go out, under which number.

Every step has its line in `complaints.procedure.transitions`, which names the article it rests on; without one
`decide` says no.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from complaints import (
    BadGround,
    BusinessUnnamed,
    Busy,
    NoteRuling,
    NoticeStanding,
    PrepareConfirmation,
    Recused,
    Suspended,
    TakeBackRuling,
    UnknownComplaint,
    UnknownNotice,
    UnknownSession,
    Untold,
    WrongState,
    decide_confirmation,
)
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
from complaints.complaint import evolve, fold, last_note
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
from complaints.exchange import BeginPriorSettlement, EndPriorSettlement, NoteSenderTold, decide_exchange
from complaints.notices import (
    IssueNotice,
    NoteNoticeRead,
    NoticeKind,
    NoticeRead,
    Series,
    WithdrawNotice,
    standing_notices,
)
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
from complaints.notices.rules import answer, duty, question, remind, tell, untold
from complaints.procedure import (
    FollowRescheduled,
    MediationEnded,
    NoteCallBack,
    NoteOfficerCall,
    NoteTermKept,
    RemindOfMediation,
    TakeBackCall,
    TakeBackTerm,
    TellTimeKept,
    decide_appointment,
)
from complaints.procedure.rules import (
    GROUND,
    ComplaintWithdrawn,
    WantNews,
    WithdrawComplaint,
    ended_on,
    follow,
    look_after,
    note_agreed,
    proceed,
    standing,
)
from complaints.procedure.transitions import prove
from complaints.record import AddAttachment, RemoveAttachment, TakeAttachment
from complaints.record.changes import (
    Amend,
    DismissDuplicate,
    ImportUndone,
    KeepMerged,
    MergeInto,
    NoteTransfer,
    ReturnTransfer,
    SendTransfer,
    SourceUpdated,
    TakeUpdate,
    UndoAmendment,
    UndoImport,
    UndoMerge,
    decide_transfer,
)
from complaints.record.rules import amend, attach, check_registration, merge, rests
from complaints.state import UNDER_WAY, Complaint, ComplaintState, filled, short, stream
from complaints.triage import ConfirmTriage, confirm
from journal import TRIES, Actor, Conflict, Draft, Event, Journal
from journal.refusals import within_bounds
from law.grounds import refusal_grounds

_TOLD = "told"


def possible_notices(complaint: Complaint) -> Sequence[NoticeKind]:
    """Kinds whose occasion has come, in the order of the procedure."""
    stands = {complaint.state, complaint.closed_from}
    found: list[NoticeKind] = []
    if complaint.state is ComplaintState.UNDONE:  # it came by mistake and went again
        return found
    if complaint.state is ComplaintState.REGISTERED:
        found.append(NoticeKind.DISPATCH)
        if complaint.record.order == "121":  # Order 20 has no such notice
            found.append(NoticeKind.IDENTITY)
    if complaint.accepted_at is not None:
        found.append(NoticeKind.ACCEPTANCE)
    if ComplaintState.REFUSED in stands:
        found.append(NoticeKind.REFUSAL)
    if complaint.open_sessions:
        found.append(NoticeKind.MEDIATION)
    if ComplaintState.ENDED in stands:
        found.append(NoticeKind.TERMINATION)
    return found


def session_of(complaint: Complaint, kind: str) -> str:
    """The session a notice of this kind would be about: the newest that is open; "" for a kind that is about none."""
    if kind != NoticeKind.MEDIATION:
        return ""
    return next((session for session in reversed(complaint.sessions) if session in complaint.open_sessions), "")


def owed_notices(complaint: Complaint) -> Sequence[NoticeKind]:
    """Notices whose occasion has come and that nobody has issued. A dispatch is owed to nobody who was not sent on,
    and proof of identity is asked of whoever the office wants it from; once mediation has ended, the termination says
    more than acceptance; after a settlement acceptance is owed while the complainant was not told of it."""
    if ended_on(complaint.record) is not None:
        return ()  # another system's, and told there
    late = complaint.state not in UNDER_WAY and not (duty(complaint) == NoticeKind.ACCEPTANCE and untold(complaint))
    elsewhere = standing(complaint.record) is ComplaintState.ACCEPTED
    skipped = {NoticeKind.DISPATCH, NoticeKind.IDENTITY, *([NoticeKind.ACCEPTANCE] if late or elsewhere else [])}
    return [
        kind
        for kind in possible_notices(complaint)
        if kind not in skipped and standing_notices(complaint.notices, kind, session_of(complaint, kind)) is None
    ]


def issue_notice(command: IssueNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Nobody is told by it yet: that is noted when the gateway has taken the message, or by hand
    (`complaints.notices.messages`)."""
    issued = command.issued
    if issued.kind not in possible_notices(complaint) or issued.session != session_of(complaint, issued.kind):
        raise WrongState(state=complaint.state.value)
    known = standing_notices(complaint.notices, issued.kind, issued.session)
    if known is not None and known.issued.number != issued.replaces:
        raise NoticeStanding(number=known.issued.number)
    if known is None and issued.replaces:
        raise UnknownNotice(number=issued.replaces)
    return [issued]


def note_notice_read(command: NoteNoticeRead, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """UnknownNotice when it is not for them. Read again it changes nothing."""
    known = next((one for one in complaint.notices if one.issued.notice == command.notice), None)
    if known is None or all(one.whom != command.whom for one in known.issued.to):
        raise UnknownNotice(number="")
    return [] if command.whom in known.read_by else [NoticeRead(command.notice, known.issued.number, command.whom)]


def withdraw_notice(command: WithdrawNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Whoever was told by it is not told any more: the duty, and its clock, are back."""
    withdrawn = command.withdrawn
    known = next((one for one in complaint.notices if one.issued.notice == withdrawn.notice), None)
    if known is None:
        raise UnknownNotice(number=withdrawn.number)
    if not known.standing:
        raise WrongState(state=complaint.state.value)
    filled("reason", withdrawn.reason)
    short("reason", withdrawn.reason)
    noted = known.issued.kind == NoticeKind.TERMINATION and NoticeKind.TERMINATION in complaint.told_as_noted
    told = noted or any(one.notice == withdrawn.notice for one in complaint.told)
    if told and complaint.state is ComplaintState.CLOSED:
        raise WrongState(state=complaint.state.value)  # the closed file is reopened first
    return [withdrawn, NoteTakenBack(_TOLD, withdrawn.reason)] if noted else [withdrawn]


_GIVEN = "NoticeNumberGiven"


class NoticeNumbers:
    """Numbers of notices, counted per series and year (`complaints.notices.series`), without gaps.

    Owns the streams `office/<office>/notices/<kind>/<year>` and `series/<words>/notices/<year>`. A number is given
    before its notice is issued; one whose notice never came about (the sheet could not be printed, the program died) is
    given again to the next. That needs one giver at a time, which is the web process: it holds `giving` around number
    and notice.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, of: Series, year: int, complaint: str, notice: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this notice, which is issued within; Busy."""
        async with self._locks.setdefault(of.stream, asyncio.Lock()):
            number = await self._give(of.stream, complaint, notice, at, actor)
            yield of.written(year, number)

    async def upcoming(self, of: Series, year: int) -> str:
        """What the next one would most likely be called; nothing is given."""
        return of.written(year, await self._next(await self._journal.read(of.stream)))

    async def _give(self, told: str, complaint: str, notice: str, at: datetime, actor: Actor) -> int:
        for _ in range(TRIES):
            given = await self._journal.read(told)
            number = await self._next(given)
            draft = Draft(_GIVEN, {"number": number, "complaint": complaint, "notice": notice}, at, actor)
            try:
                await self._journal.append(told, len(given), [draft])
            except Conflict:
                continue
            return number
        raise Busy

    async def _next(self, given: list[Event]) -> int:
        if not given:
            return 1
        last = given[-1].data
        state = fold(await self._journal.read(stream(last["complaint"])))
        used = state is not None and any(one.issued.notice == last["notice"] for one in state.notices)
        number: int = last["number"]
        return number + 1 if used else number


def decide(command: Command, complaint: Complaint | None, at: datetime) -> Sequence[ComplaintEvent]:
    """What happens when this is asked now; DomainError says why nothing may. Empty: already so."""
    if isinstance(command, Register):
        if complaint is not None:
            raise WrongState(state=complaint.state.value)
        check_registration(command.record)
        came = [command.came] if command.came else []
        return [command.record, *([note_agreed(command.agreed)] if command.agreed else []), *came]
    if complaint is None:
        raise UnknownComplaint
    rests(command, complaint)
    if complaint.unnamed and _concerns_business(command):
        raise BusinessUnnamed
    decided = _decide(command, complaint, at)
    after = complaint
    for event in within_bounds(decided):
        before, after = after, evolve(after, event, at)
        prove(event, before.state, after.state)
    return decided


def _concerns_business(command: Command) -> bool:
    """A complaint about nobody in particular can be refused, corrected and sent on, and whose it is asked."""
    if isinstance(command, IssueNotice):
        return command.issued.kind not in (NoticeKind.REFUSAL, NoticeKind.IDENTITY, NoticeKind.DISPATCH)
    return isinstance(command, Accept | ScheduleMediation | InviteAnswer)


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
            if not command.in_hand:
                filled("reason", command.reason)
            short("reason", command.reason)
            return [PhoneRevealed(command.whose, command.reason.strip(), command.what, command.in_hand)]
        case KeepMerged() | MergeInto() | UndoMerge() | DismissDuplicate():
            return merge(command, complaint)
        case Amend() | UndoAmendment():
            if isinstance(command, Amend):
                check_registration(command.record, named=not complaint.unnamed)
            return amend(command, complaint)
        case UndoImport():
            _untouched(complaint)
            return [ImportUndone(command.batch, command.reason)]
        case TakeUpdate():
            _untouched(complaint)
            check_registration(updated(complaint.record, command.changes), named=not complaint.unnamed)
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
        case NoteTermKept() | TakeBackTerm() | NoteCallBack() | TakeBackCall() | NoteOfficerCall():
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
        case FollowRescheduled(rescheduled=of) | RemindOfMediation(reminded=of) | TellTimeKept(kept=of):
            return decide_appointment(
                command, complaint.appointments.get(of.session) if of.session in complaint.open_sessions else None
            )
        case RemindOfTerm():
            return remind(command, complaint)
        case WantNews():
            return follow(command, complaint)
        case SendTransfer() | ReturnTransfer() | NoteTransfer():
            bound = complaint.intake or complaint.took  # dispatched to an office, or others were merged into it
            if bound and not isinstance(command, NoteTransfer):
                raise WrongState(state=complaint.state.value)
            return decide_transfer(command, complaint.transfers, complaint.state.value)
        case NoteSenderTold() | BeginPriorSettlement() | EndPriorSettlement():
            settling, state = complaint.settling_first, complaint.state.value
            exchanged = decide_exchange(command, complaint.exchanged, state, settling, at.date())
            if isinstance(command, EndPriorSettlement) and command.settled:
                # Order 121 Art 23 item 1 has both sides settling by themselves beside withdrawing.
                return [*exchanged, ComplaintWithdrawn(command.note.strip())]
            return exchanged
        case PrepareConfirmation() | NoteRuling() | TakeBackRuling():
            known, state = complaint.rulings, complaint.state.value
            return decide_confirmation(command, known, complaint.sessions, state, at.date())
        case AddAttachment() | TakeAttachment() | RemoveAttachment():
            if isinstance(command, RemoveAttachment):
                filled("reason", command.reason)
                short("reason", command.reason)
            return attach(command, complaint)
        case _:
            return proceed(command, complaint)


def _untouched(complaint: Complaint) -> None:
    """WrongState once something was done here: what another system did before is not that."""
    if complaint.state is not standing(complaint.record):
        raise WrongState(state=complaint.state.value)


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
