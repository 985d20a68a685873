"""The steps of `complaints.procedure` as two pure functions, for `complaints.decisions` and `complaints.complaint`;
what a complainant says at the public window besides the complaint; and complaints that another system handled before.

What that system says became of them is history here. Nothing is decided again and nobody is told once more; what is
over has no clock. Where it gives no day of the end, the day of acceptance stands, else the day of receipt, so that it
counts in some year; how long it took is then not counted (`complaints.statistics.facts`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, assert_never

from complaints import BadChoice, BadGround, NeedsConsent, Recused, Suspended, TooLong, WrongState, procedure as p
from complaints.notices import NoticeKind
from complaints.notices.messages import AFTER, BEFORE, ESCALATED
from complaints.procedure import (
    SATISFIED,
    WHOM,
    AftercareCommand,
    AftercareEvent,
    CalledBack,
    CallTakenBack,
    NoteCallBack,
    NoteOfficerCall,
    NoteTermKept,
    OfficerCalled,
    TakeBackCall,
    TakeBackTerm,
    TermKept,
    TermKeptTakenBack,
)
from complaints.record import ComplaintRegistered, EarlierHandling
from complaints.state import CompetenceDispute, Complaint, ComplaintState, Recusal, TestingPeriod, filled, short
from law.grounds import ending_grounds
from law.orders import ORDERS

PARTIES = ("consumer", "business")
CHOSEN = ("agreed", "designated")
PAYERS = ("", "consumer", "business", "both")


def proceed(command: p.ProcedureCommand, complaint: Complaint) -> Sequence[p.ProcedureEvent]:
    """Whether the state allows the event is for `complaints.procedure.transitions`; here is what the table cannot
    say."""
    match command:
        case p.BeginTesting(body, chosen, note, payer):
            _said(body, note)
            # Order 20 Art 20 knows only a body both agree on; without one mediation ends (Art 21).
            if chosen not in (CHOSEN if complaint.record.order == "121" else CHOSEN[:1]):
                raise BadChoice(field="chosen")
            if payer not in PAYERS:
                raise BadChoice(field="payer")
            if complaint.tested:
                raise WrongState(state=complaint.state.value)
            return [p.TestingBegun(body.strip(), chosen, note.strip(), payer)]
        case p.EndTesting(note):
            short("note", note)
            if not complaint.tested:
                raise WrongState(state=complaint.state.value)
            return [p.TestingEnded(note.strip())]
        case p.RequestRecusal(by, whom, reason):
            _reasoned(reason)
            filled("whom", whom)
            if by not in (*PARTIES, "mediator"):
                raise BadChoice(field="by")
            if complaint.recusal:
                raise Suspended
            return [p.RecusalRequested(by, whom, reason.strip())]
        case p.DecideRecusal(granted, reason):
            _reasoned(reason)
            if complaint.recusal is None:
                raise WrongState(state=complaint.state.value)
            return [p.RecusalDecided(complaint.recusal.whom, granted, reason.strip())]
        case p.EndMediation(ground, note):
            short("note", note)
            if ground not in {known.number for known in ending_grounds(complaint.record.order)}:
                raise BadGround
            return [p.MediationEnded(ground, note.strip())]
        case p.DelegateMediation(to, agreed, note):
            _said(to, note)
            if not set(agreed) <= set(PARTIES):
                raise BadChoice(field="agreed")
            # Order 121 Art 19 asks both; Order 20 Art 17 neither.
            if complaint.record.order == "121" and set(agreed) != set(PARTIES):
                raise NeedsConsent
            if complaint.delegated:
                raise WrongState(state=complaint.state.value)
            return [p.MediationDelegated(to.strip(), tuple(who for who in PARTIES if who in agreed), note.strip())]
        case p.EndDelegation(reason):
            _reasoned(reason)
            if not complaint.delegated:
                raise WrongState(state=complaint.state.value)
            return [p.DelegationEnded(reason.strip())]
        case _:
            return _place(command, complaint)


def _place(command: p.ProcedureCommand, complaint: Complaint) -> Sequence[p.ProcedureEvent]:
    """Which office, under which order, and what leaves the file."""
    match command:
        case p.RaiseCompetence(other, reason):
            _reasoned(reason)
            _said(other, "")
            if complaint.disputed:
                raise WrongState(state=complaint.state.value)
            return [p.CompetenceDisputed(other.strip(), reason.strip())]
        case p.SettleCompetence(how, ours, note):
            short("note", note)
            if how not in CHOSEN:
                raise BadChoice(field="how")
            if not complaint.disputed:
                raise WrongState(state=complaint.state.value)
            return [p.CompetenceSettled(how, ours, note.strip())]
        case p.ChooseOrder(order, reason):
            _reasoned(reason)
            if order not in ORDERS:
                raise BadChoice(field="order")
            if complaint.open_sessions:  # a room already knows the grounds of the order it was made under
                raise WrongState(state=complaint.state.value)
            before = complaint.record.order
            return [] if order == before else [p.OrderChosen(order, before, reason.strip())]
        case p.Dispatch(to, note, within):
            short("note", note)
            filled("to", to)
            if complaint.intake or to == complaint.record.office:  # dispatched already: never sideways (Art 41)
                raise WrongState(state=complaint.state.value)
            return [p.Dispatched(complaint.record.office, to, note.strip(), within)]
        case p.ReturnToIntake(reason):
            _reasoned(reason)
            if not complaint.intake:
                raise WrongState(state=complaint.state.value)
            return [p.ReturnedToIntake(complaint.record.office, complaint.intake, reason.strip())]
        case p.Supervise(note):
            filled("note", note)
            short("note", note)
            return [p.Supervised(note.strip())]
        case p.SplitReport(lead):
            if complaint.report == lead:
                return []
            if complaint.report:
                raise WrongState(state=complaint.state.value)
            return [p.ReportSplit(lead)]
        case p.NoteLead(lead):
            return [] if lead in complaint.leads else [p.LeadNoted(lead)]
        case p.Assign(to, name):
            _said(to, "")
            short("whom", name)
            if complaint.state in (ComplaintState.CLOSED, ComplaintState.UNDONE):
                raise WrongState(state=complaint.state.value)
            if to in complaint.recused:
                raise Recused
            return [] if to == complaint.assigned else [p.Assigned(to, name.strip())]
        case _:
            raise AssertionError(command)  # the others are decided in `proceed`


def procedure_after(complaint: Complaint, event: p.ProcedureEvent, at: datetime) -> Complaint:
    """`at` is the event's time."""
    match event:
        case p.TestingBegun(body=body):
            return replace(complaint, testing=(*complaint.testing, TestingPeriod(body, at)))
        case p.TestingEnded():
            return tested_until(complaint, at)
        case p.RecusalRequested(by=by, whom=whom):
            return replace(complaint, recusal=Recusal(whom, by, at))
        case p.RecusalDecided(whom=whom, granted=granted):
            recused = complaint.recused | {whom} if granted else complaint.recused
            return replace(complaint, recusal=None, recused=recused)
        case p.MediationEnded():
            return replace(complaint, state=ComplaintState.ENDED, ended_at=at, ended_apart=not complaint.withdrawn)
        case p.MediationDelegated(to=to):
            return replace(complaint, delegated=to)
        case p.DelegationEnded():
            return replace(complaint, delegated="")
        case p.CompetenceDisputed(other=other):
            return replace(complaint, disputes=(*complaint.disputes, CompetenceDispute(other, at)))
        case p.CompetenceSettled():
            *before, last = complaint.disputes
            return replace(complaint, disputes=(*before, replace(last, settled=at)))
        case p.OrderChosen(order=order):
            return replace(complaint, record=replace(complaint.record, order=order))
        case p.Dispatched(intake=intake, to=to, within=within):
            record, anew = replace(complaint.record, office=to), None if within else at
            return replace(complaint, record=record, intake=intake, dispatched_at=at, received_anew=anew, assigned="")
        case p.ReturnedToIntake(intake=intake):
            record = replace(complaint.record, office=intake)
            return replace(complaint, record=record, intake="", received_anew=None, assigned="")
        case p.ReportSplit(lead=lead):
            return replace(complaint, report=lead, record=replace(complaint.record, also_reports=True))
        case p.LeadNoted(lead=lead):
            return replace(complaint, leads=(*complaint.leads, lead))
        case p.Assigned(to=to):
            return replace(complaint, assigned=to)
        case p.Supervised():
            return complaint
        case _:
            assert_never(event)


def tested_until(complaint: Complaint, at: datetime) -> Complaint:
    *before, last = complaint.testing
    return replace(complaint, testing=(*before, replace(last, ended=at)))


def _said(whom: str, note: str) -> None:
    filled("whom", whom)
    short("whom", whom)
    short("note", note)


def _reasoned(reason: str) -> None:
    filled("reason", reason)
    short("reason", reason)


def look_after(command: AftercareCommand, complaint: Complaint) -> Sequence[AftercareEvent]:
    """WrongState while nothing is settled or decided; asked again it changes nothing. The caller checks texts."""
    state = complaint.state.value
    match command:
        case NoteTermKept(session=session, term=term, note=note):
            if state != "performing" or session not in complaint.sessions or term < 1:
                raise WrongState(state=state)
            return [] if (session, term) in complaint.kept_terms else [TermKept(session, term, note.strip())]
        case TakeBackTerm(session=session, term=term, reason=reason):
            if state != "performing" or (session, term) not in complaint.kept_terms:
                raise WrongState(state=state)
            return [TermKeptTakenBack(session, term, reason.strip())]
        case TakeBackCall(ordinal=ordinal, reason=reason):
            if not 0 < ordinal <= len(complaint.calls) or ordinal in complaint.undone_calls:
                raise WrongState(state=state)
            return [CallTakenBack(ordinal, reason.strip())]
        case NoteCallBack(call=call, seen=seen):
            if state not in _DECIDED:
                raise WrongState(state=state)
            if call.whom not in WHOM:
                raise BadChoice(field="whom")
            if call.satisfied not in ("", *SATISFIED) or (call.satisfied and not call.reached):
                raise BadChoice(field="satisfied")
            return [] if seen is not None and call in complaint.calls[seen:] else [call]
        case NoteOfficerCall(call=call):
            return [call]


def looked_after(complaint: Complaint, event: AftercareEvent) -> Complaint:
    match event:
        case TermKept(session=session, term=term):
            return replace(complaint, kept_terms=complaint.kept_terms | {(session, term)})
        case TermKeptTakenBack(session=session, term=term):
            return replace(complaint, kept_terms=complaint.kept_terms - {(session, term)})
        case CalledBack():
            return replace(complaint, calls=(*complaint.calls, event))
        case CallTakenBack(ordinal=ordinal):
            return replace(complaint, undone_calls=complaint.undone_calls | {ordinal})
        case OfficerCalled():
            return complaint


_DECIDED: Final = frozenset({"settled", "performing", "ended", "refused", "closed"})


LANGUAGES: Final = ("zh", "en")
_LONGEST: Final = 40  # of a text's version


@dataclass(frozen=True, slots=True)
class NoticeAgreed:
    """`version` of the text on filing, as it was shown in `language`, in which news of the complaint goes out too."""

    version: str
    language: str


@dataclass(frozen=True, slots=True)
class NewsWanted:
    """Whether the complainant is told by message what happens to the complaint, in `language`."""

    wanted: bool
    language: str


@dataclass(frozen=True, slots=True)
class WantNews:
    wanted: bool
    language: str


FollowingCommand = WantNews
FollowingEvent = NoticeAgreed | NewsWanted


def note_agreed(said: NoticeAgreed) -> NoticeAgreed:
    """BadChoice, TooLong."""
    _spoken(said.language)
    if len(said.version) > _LONGEST:
        raise TooLong(field="version", most=_LONGEST)
    return said


def follow(command: FollowingCommand, complaint: Complaint) -> Sequence[FollowingEvent]:
    """Empty: already so."""
    _spoken(command.language)
    if (complaint.news, complaint.language) == (command.wanted, command.language):
        return []
    return [NewsWanted(command.wanted, command.language)]


def followed(complaint: Complaint, event: FollowingEvent) -> Complaint:
    match event:
        case NoticeAgreed(version=version, language=language):
            return replace(complaint, agreed=version, news=True, language=language)
        case NewsWanted(wanted=wanted, language=language):
            return replace(complaint, news=wanted, language=language)


def _spoken(language: str) -> None:
    if language not in LANGUAGES:
        raise BadChoice(field="language")


# ------------------------------------------------------------ taking it back


GROUND = 1  # of ending a mediation, in both orders: the complainant withdraws


@dataclass(frozen=True, slots=True)
class WithdrawComplaint:
    """The consumer takes the complaint back, through the public window (Order 121 Art 23 no. 1)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintWithdrawn:
    """Before acceptance the file is closed with it; afterwards `MediationEnded` follows and both sides are told."""

    reason: str = ""


_TOLD: Final = frozenset({NoticeKind.ACCEPTANCE.value, NoticeKind.REFUSAL.value, NoticeKind.TERMINATION.value})


def ended_on(record: ComplaintRegistered) -> datetime | None:
    """When it was over there; None of one that goes on here, or was begun here."""
    earlier = record.earlier
    if earlier is None or earlier.state in ("received", "accepted"):
        return None
    return earlier.ended or earlier.accepted or record.received


def standing(record: ComplaintRegistered) -> ComplaintState:
    """In which state it begins here."""
    match record.earlier.state if record.earlier else "received":
        case "received":
            return ComplaintState.REGISTERED
        case "accepted":
            return ComplaintState.ACCEPTED
        case _:
            return ComplaintState.CLOSED


def taken_over(complaint: Complaint) -> Complaint:
    """As the other system left it."""
    earlier, state = complaint.record.earlier, standing(complaint.record)
    if earlier is None or state is ComplaintState.REGISTERED:
        return complaint
    accepted = earlier.accepted
    if state is ComplaintState.ACCEPTED:
        accepted = accepted or complaint.record.received  # the earlier day: its period is not lengthened
    noted = replace(complaint, state=state, accepted_at=accepted, told_as_noted=_TOLD)
    return noted if state is ComplaintState.ACCEPTED else _over(noted, earlier)


def _over(complaint: Complaint, earlier: EarlierHandling) -> Complaint:
    ended = ended_on(complaint.record)
    match earlier.state:
        case "refused":
            return replace(complaint, closed_from=ComplaintState.REFUSED, accepted_at=None, refused_at=ended)
        case "settled":
            recovered = earlier.recovered or Decimal("0.00")
            return replace(complaint, closed_from=ComplaintState.SETTLED, loss_recovered=recovered)
        case "ended":
            return _terminated(complaint, ended)
        case "withdrawn":
            withdrawn = replace(complaint, withdrawn=True)
            return _terminated(withdrawn, ended) if earlier.accepted else withdrawn
        case _:  # closed, and nothing more is said
            return complaint


def _terminated(complaint: Complaint, ended: datetime | None) -> Complaint:
    return replace(complaint, closed_from=ComplaintState.ENDED, ended_at=ended, end_told=True, end_told_at=ended)


# ------------------------------------------------------------ standing of promises


Standing = Literal["kept", "waiting", "due", "late", "escalated", "broken"]
STANDINGS: Final[tuple[Standing, ...]] = ("broken", "escalated", "late", "due", "waiting", "kept")
SOON: Final = timedelta(days=3)
REMINDED_BEFORE: Final = timedelta(days=1)
ESCALATED_AFTER: Final = timedelta(days=7)
BROKEN_AFTER: Final = timedelta(days=30)


def term_reminder(due: date, today: date, told: Collection[str]) -> str:
    """Which of the reminders of a promise that is not kept is due and not in `told`, "" for none: the day before its
    day, after it, or once that was said a week late."""
    when = AFTER if today > due else BEFORE if today >= due - REMINDED_BEFORE else ""
    if today > due + ESCALATED_AFTER and AFTER in told:
        when = ESCALATED
    return "" if when in told else when


def promise_standing(due: date, kept: date | None, paid: str, today: date) -> Standing:
    """What became of a promise. `paid`: what the side it was promised to answered, "yes", "partly", "no", or "".

    A reminder goes to the side that owes it the day before and to the office the day after
    (`server.complaints.procedure`). A week late, or once they say that it was kept in part, it is the supervisor's to
    look at; a month late, or once they say that it was not, it is broken until it is kept.
    """
    if kept is not None:
        return "kept"
    if today <= due:
        return "due" if due - today <= SOON else "waiting"
    late = today - due
    if late > BROKEN_AFTER or paid == "no":
        return "broken"
    return "escalated" if late > ESCALATED_AFTER or paid == "partly" else "late"


ANSWERED_WITHIN: Final = timedelta(days=3)
ASKED_WITHIN: Final = timedelta(days=1)  # who has a mobile number is asked within this time of the day's end
CHASED: Final = ("no", "partly", "call", "unanswered", "yes")


def chased(due: date, asked: date | None, paid: str, today: date) -> str:
    """Why an officer has to see to a promise that is not noted as kept: what the side it was promised to answered, or
    "unanswered" once they were asked and had three days for it, "call" where no message could ask them. "" while it
    need not be seen to."""
    if today <= due:
        return "yes" if paid == "yes" else ""
    if paid:
        return paid
    if asked is None:
        return "call" if today - due > ASKED_WITHIN else ""
    return "unanswered" if today - asked > ANSWERED_WITHIN else ""
