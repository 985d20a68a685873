"""A complaint's life as its events tell it: `evolve` says what one changes, `fold` what all made of it; and its clocks.

registered → accepted → mediating → settled | performing | ended; performing → settled; registered → refused; settled
| refused | ended (both sides told) → closed. An adjourned session leaves it mediating. A clerk's note (promises
kept, both sides told, file closed) can be taken back, which leads back to the state before it.
`complaints.decisions` says what a command leads to. Which statutory clocks run, and by which days a complaint is
judged, is computed from its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from complaints import ConfirmationPrepared, RulingNoted, RulingTakenBack, UnknownComplaint, rulings_after
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
from complaints.exchange import PriorSettlementBegun, PriorSettlementEnded, SenderTold, exchanged_after
from complaints.notices import (
    NoticeIssued,
    NoticeKind,
    NoticeRead,
    NoticeWithdrawn,
    with_issued,
    with_read,
    with_withdrawn,
)
from complaints.notices.messages import (
    AnswerAdded,
    AnswerGiven,
    AnswerInvited,
    AnswerMissed,
    AnswerOpened,
    AnswerWithdrawn,
    PartyTold,
    QuestionsAnswered,
    QuestionsSent,
    TellingFailed,
    TermReminded,
)
from complaints.notices.rules import (
    answered,
    called,
    duty,
    ended_told,
    questioned,
    reminded,
    telling,
    untell,
    untell_notice,
    untold,
)
from complaints.procedure import (
    Appointment,
    Assigned,
    CalledBack,
    CallTakenBack,
    Dispatched,
    MediationReminded,
    MediationRescheduled,
    MediationTimeKept,
    OfficerCalled,
    RecusalDecided,
    ReturnedToIntake,
    TermKept,
    TermKeptTakenBack,
    appointments_after,
)
from complaints.procedure.rules import (
    ComplaintWithdrawn,
    NewsWanted,
    NoticeAgreed,
    followed,
    looked_after,
    procedure_after,
    taken_over,
    tested_until,
)
from complaints.record import AttachmentAdded, AttachmentRemoved, AttachmentTaken
from complaints.record.changes import (
    ComplaintMerged,
    ImportUndone,
    MergeUndone,
    NotADuplicate,
    RecordAmended,
    SourceUpdated,
    TransferAcknowledged,
    TransferDeclined,
    TransferReceived,
    TransferReported,
    TransferReturned,
    TransferSent,
    transfers_after,
)
from complaints.record.rules import amended, attached, merged
from complaints.state import STREAM, UNDER_WAY, Complaint, ComplaintState, stream
from complaints.triage import TriageConfirmed, classified
from journal import Event
from law import Deadline, Pause, WorkingCalendar, accept_by, competence_by, mediate_by, order_named, tell_end_by
from law.catalogue import Days
from law.orders import OURS, ROOM

__all__ = ["STREAM", "Complaint", "ComplaintState", "evolve", "fold", "last_note", "stream"]


TAKE_BACK_WITHIN = timedelta(days=3)
"""How long a mistaken decision can be taken back; afterwards only a new complaint or a court mends it."""


def fold(entries: Iterable[Event]) -> Complaint | None:
    """The complaint after these journal entries; None for an empty stream."""
    complaint: Complaint | None = None
    for entry in entries:
        if not entry.erased:
            complaint = evolve(complaint, from_event(entry), entry.at)
    return complaint


ASSIGNED: Final = "assigned"


@dataclass(frozen=True, slots=True)
class Handler:
    """`how`: "assigned" | "accepted" | "mediator"; `by`: user id of who assigned it."""

    how: str
    since: datetime
    by: str = ""


def handlers(entries: Iterable[Event]) -> dict[str, Handler]:
    """By user id, who handles the complaint: whom it was assigned to, else who accepted it, and the mediator of its
    newest mediation. Assigned anew, whoever handled it before does so only while a mediation of theirs is open. Nobody
    once the file is closed or another office has it, and nobody who was recused."""
    found, _, recused = _handled(entries)
    return {officer: one for officer, one in found.items() if officer not in recused}


def in_charge(entries: Iterable[Event]) -> frozenset[str]:
    """User ids of who handles the complaint (`handlers`); while nobody was to, of who registered it."""
    found, registered, recused = _handled(entries)
    return frozenset((found.keys() or registered) - recused)


def _handled(entries: Iterable[Event]) -> tuple[dict[str, Handler], set[str], set[str]]:
    """Who handles it, who registered it, and who was recused; of a closed file nobody."""
    registered, recused = set[str](), set[str]()
    first, mediator = dict[str, Handler](), dict[str, Handler]()
    session, closed = "", False
    for entry in entries:
        if entry.erased:
            continue
        officer = entry.actor.id if entry.actor.kind == "officer" else ""
        match entry.type:
            case ComplaintRegistered.__name__ if officer:
                registered = {officer}
            case ComplaintAccepted.__name__ if officer and not any(one.how == ASSIGNED for one in first.values()):
                first = {officer: Handler("accepted", entry.at)}
            case Assigned.__name__:
                first = {str(entry.data["to"]): Handler(ASSIGNED, entry.at, officer)}
                mediator = mediator if session else {}
            case Dispatched.__name__ | ReturnedToIntake.__name__:
                first = {}
            case MediationScheduled.__name__:
                session = str(entry.data["session"])
                mediator = {str(entry.data["mediator"]): Handler("mediator", entry.at)}
            case MediationClosed.__name__ | MediationCancelled.__name__ if entry.data["session"] == session:
                session = ""
            case RecusalDecided.__name__ if entry.data["granted"]:
                recused.add(str(entry.data["whom"]))
            case ComplaintClosed.__name__:
                closed = True
            case NoteTakenBack.__name__ if entry.data["what"] == "closed":
                closed = False
    return ({}, set(), recused) if closed else ({**mediator, **first}, registered, recused)


def evolve(complaint: Complaint | None, event: ComplaintEvent, at: datetime) -> Complaint:
    """`at` is the event's time: clocks start from it."""
    if isinstance(event, ComplaintRegistered):
        return Complaint(event) if event.earlier is None else taken_over(Complaint(event))
    if complaint is None:
        raise UnknownComplaint
    return settle_pauses(_evolve(complaint, event, at), at)


def _evolve(complaint: Complaint, event: ComplaintEvent, at: datetime) -> Complaint:
    match event:
        case ComplaintRegistered():
            return complaint
        case ComplaintAccepted(apart=apart):
            noted = _noted(complaint, NoticeKind.ACCEPTANCE, not apart)
            return replace(complaint, state=ComplaintState.ACCEPTED, accepted_at=at, told_as_noted=noted)
        case ComplaintRefused(apart=apart):
            noted = _noted(complaint, NoticeKind.REFUSAL, not apart)
            return replace(complaint, state=ComplaintState.REFUSED, refused_at=at, told_as_noted=noted)
        case TermReminded():
            return reminded(complaint, event)
        case MediationRescheduled() | MediationReminded() | MediationTimeKept():
            return replace(complaint, appointments=appointments_after(complaint.appointments, event, at))
        case MediationScheduled():
            return replace(
                complaint,
                state=ComplaintState.MEDIATING,
                sessions=(*complaint.sessions, event.session),
                open_sessions=complaint.open_sessions | {event.session},
                contacts={**complaint.contacts, event.session: dict(event.contacts)},
                appointments={**complaint.appointments, event.session: Appointment(event.starts, at)},
            )
        case SeatContactAdded():
            seats = {**complaint.contacts.get(event.session, {}), event.seat: event.phone}
            return replace(complaint, contacts={**complaint.contacts, event.session: seats})
        case MediationClosed():
            return _after_closed(complaint, event, at)
        case MediationCancelled():
            left = complaint.open_sessions - {event.session}
            back = complaint.state is ComplaintState.MEDIATING and not left and not complaint.held
            return replace(complaint, open_sessions=left, state=ComplaintState.ACCEPTED if back else complaint.state)
        case PromisesKept():
            return replace(
                complaint, state=ComplaintState.SETTLED, promises_due=None, kept_due=complaint.promises_due or at
            )
        case EndTold():
            noted = _noted(complaint, NoticeKind.TERMINATION, True)
            return ended_told(replace(complaint, told_as_noted=noted, end_told_at=at))
        case PartyTold() | TellingFailed():
            return telling(complaint, event)
        case ComplaintClosed():
            return replace(complaint, state=ComplaintState.CLOSED, closed_from=complaint.state)
        case NoteTakenBack(what=what):
            return _taken_back(complaint, what)
        case ImportUndone():
            return replace(complaint, state=ComplaintState.UNDONE)
        case SourceUpdated():
            after = replace(complaint, record=updated(complaint.record, event.changes))
            return taken_over(after) if "earlier" in event.changes else after
        case NoticeIssued():
            return replace(complaint, notices=with_issued(complaint.notices, event, at))
        case NoticeWithdrawn():
            withdrawn = replace(complaint, notices=with_withdrawn(complaint.notices, event))
            return untell_notice(withdrawn, event.notice)
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
            state = ComplaintState.CLOSED if complaint.state is ComplaintState.REGISTERED else complaint.state
            return replace(complaint, state=state, withdrawn=True)
        case TermKept() | TermKeptTakenBack() | CalledBack() | CallTakenBack() | OfficerCalled():
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
        case (
            TransferSent()
            | TransferAcknowledged()
            | TransferDeclined()
            | TransferReported()
            | TransferReceived()
            | TransferReturned()
        ):
            return replace(complaint, transfers=transfers_after(complaint.transfers, event, at))
        case SenderTold() | PriorSettlementBegun() | PriorSettlementEnded():
            return replace(complaint, exchanged=exchanged_after(complaint.exchanged, event))
        case ConfirmationPrepared() | RulingNoted() | RulingTakenBack():
            return replace(complaint, rulings=rulings_after(complaint.rulings, event))
        case _:
            return procedure_after(complaint, event, at)


def _noted(complaint: Complaint, what: NoticeKind, noted: bool) -> frozenset[str]:
    """Old journals say of a decision that it was told, and nothing more."""
    return complaint.told_as_noted | {what.value} if noted else complaint.told_as_noted - {what.value}


def _after_closed(complaint: Complaint, event: MediationClosed, at: datetime) -> Complaint:
    after = replace(
        complaint,
        open_sessions=complaint.open_sessions - {event.session},
        held=complaint.held + 1,
        held_online=complaint.held_online + ((event.mode or ROOM) in OURS),
        loss_recovered=complaint.loss_recovered + event.loss_recovered,
    )
    if complaint.state is not ComplaintState.MEDIATING:
        return after  # another session decided it first; this one is only on file
    if event.outcome != "adjourned":
        after = replace(after, mode=event.mode or ROOM)
    match event.outcome:
        case "settled" if event.due is not None:
            return replace(after, state=ComplaintState.PERFORMING, promises_due=event.due)
        case "settled":
            return replace(after, state=ComplaintState.SETTLED)
        case "not_settled" | "ended":
            return replace(after, state=ComplaintState.ENDED, ended_at=at)
        case _:  # adjourned
            return after


def last_note(complaint: Complaint, at: datetime) -> str:
    """The clerk's note or decision that its present state rests on and that can still be taken back at that time, ""
    for none. A decision only for `TAKE_BACK_WITHIN`, and not one that a session or the complainant made."""
    match complaint.state:
        case ComplaintState.CLOSED:
            return "closed"
        case ComplaintState.SETTLED if complaint.kept_due is not None:
            return "kept"
        case _ if _told_by_hand(complaint):
            return "told"
        case ComplaintState.REFUSED if _lately(complaint.refused_at, at):
            return "refused"
        case ComplaintState.ENDED if complaint.ended_apart and _lately(complaint.ended_at, at):
            return "ended"
        case _:
            return ""


def _told_by_hand(complaint: Complaint) -> bool:
    """Somebody noted that they were told of what its state rests on. What a message says cannot be taken back so."""
    what = duty(complaint)
    noted = what == NoticeKind.TERMINATION and what in complaint.told_as_noted
    return noted or any(one.what == what and not one.message for one in complaint.told)


def _lately(decided: datetime | None, at: datetime) -> bool:
    return decided is not None and at - decided <= TAKE_BACK_WITHIN


def _taken_back(complaint: Complaint, what: str) -> Complaint:
    match what:
        case "closed":
            return replace(complaint, state=complaint.closed_from or complaint.state, closed_from=None)
        case "refused":
            return untell(replace(complaint, state=ComplaintState.REGISTERED, refused_at=None), NoticeKind.REFUSAL)
        case "ended":
            back = ComplaintState.MEDIATING if complaint.held or complaint.open_sessions else ComplaintState.ACCEPTED
            return untell(replace(complaint, state=back, ended_at=None, ended_apart=False), NoticeKind.TERMINATION)
        case "kept":
            return replace(complaint, state=ComplaintState.PERFORMING, promises_due=complaint.kept_due, kept_due=None)
        case _:  # "told"
            what = duty(complaint)
            return untell(replace(complaint, told_as_noted=complaint.told_as_noted - {what}), what, by_hand=True)


_CALENDAR = WorkingCalendar()


def local_day(at: datetime, zone: str) -> date:
    """The day a moment falls on where the office is: statutory days are local ones."""
    return _local_day(at, zone) if at.tzinfo is UTC else at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=1024)  # of UTC, which has no hour twice; a complaint's tables ask for the same one nine times
def _local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def deadlines(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Sequence[Deadline]:
    """Every clock that ever started, in order of start; competence disputes last."""
    order = order_named(complaint.record.order)
    found = [accept_by(local_day(complaint.received_here, zone), order, calendar)]
    if complaint.accepted_at is not None:
        found.append(mediate_by(local_day(complaint.accepted_at, zone), order, calendar, pauses(complaint, zone)))
    if complaint.ended_at is not None:
        found.append(tell_end_by(local_day(complaint.ended_at, zone), order, calendar))
    found.extend(
        competence_by(local_day(dispute.raised, zone), order, calendar)
        for dispute in complaint.disputes
        if dispute.settled is None
    )
    return found


def pauses(complaint: Complaint, zone: str) -> Sequence[Pause]:
    """The times of testing, as local days."""
    return [
        Pause(local_day(one.begun, zone), None if one.ended is None else local_day(one.ended, zone))
        for one in complaint.testing
    ]


def running(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Deadline | None:
    """The one that matters now; None when none runs. It may stand still."""
    return running_among(complaint, deadlines(complaint, zone, calendar))


def running_among(complaint: Complaint, started: Sequence[Deadline]) -> Deadline | None:
    """`running`, of one whose `deadlines` are known."""
    if complaint.merged is not None or complaint.transfers.elsewhere:
        return None  # the one it went into, or the bureau it went to, has its own
    waiting = bool(untold(complaint))  # Order 121 Art 15 has the office decide and tell: its clock stops on both
    match complaint.state:
        case ComplaintState.REGISTERED:
            wanted = "accept"
        case ComplaintState.ENDED if waiting:
            wanted = "tell_end"
        case _ if waiting:
            wanted = "accept"
        case ComplaintState.ACCEPTED | ComplaintState.MEDIATING:
            wanted = "mediate"
        case _:
            return None
    return next(item for item in started if item.code == wanted)


def open_clocks(complaint: Complaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Sequence[Deadline]:
    """Every clock somebody must still heed: the running one, an unsettled dispute's, and that of a mediation under way
    while its acceptance is still to be told."""
    if complaint.transfers.elsewhere:
        return []
    current = running(complaint, zone, calendar)
    found = [] if current is None else [current]
    heeded = ("competence", "mediate") if complaint.state in UNDER_WAY else ("competence",)
    known = {one.code for one in found}
    return [
        *found,
        *(one for one in deadlines(complaint, zone, calendar) if one.code in heeded and one.code not in known),
    ]


def days_of(record: ComplaintRegistered, zone: str) -> Days:
    """By which days a complaint is judged: the day of the purchase where it is on file, else the day of receipt.

    `zone` is the office's. A purchase dated after the receipt is a slip: the receipt counts.
    """
    received = local_day(record.received, zone)
    bought = record.object.bought
    return Days(event=bought if bought is not None and bought <= received else received, received=received)


def settle_pauses(complaint: Complaint, at: datetime) -> Complaint:
    """Once mediation is over nothing of it is suspended any more."""
    if complaint.state in UNDER_WAY:
        return complaint
    return replace(tested_until(complaint, at) if complaint.tested else complaint, recusal=None, delegated="")
