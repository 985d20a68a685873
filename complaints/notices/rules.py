"""Who is owed what notice, and what may be asked, answered and noted of a complaint: rules, and the state after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from complaints import BadChoice, BadDay, Missing, TooLong, UnknownNotice, WrongState
from complaints.notices import ADDRESSED, BUSINESS, CONSUMER, NoticeKind
from complaints.notices.messages import (
    _DECIDED,
    AHEAD,
    ASKED_IN,
    BY_HAND,
    LONGEST_NOTE,
    MOST_ADDED,
    MOST_NAME,
    MOST_NOTE,
    REMINDER_WHENS,
    SIDES,
    WHENS,
    WILLING,
    YES_NO,
    AddToAnswer,
    AnswerAdded,
    AnswerCommand,
    AnswerEvent,
    AnswerGiven,
    AnswerInvited,
    AnswerMissed,
    AnswerOpened,
    AnswerQuestions,
    AnswerWithdrawn,
    GiveAnswer,
    InviteAnswer,
    InvitedAnswer,
    NoteAnswerMissed,
    NoteAnswerOpened,
    NoteMessageGivenUp,
    NoteMessageTaken,
    NoteTold,
    PartyTold,
    QuestionCommand,
    QuestionEvent,
    QuestionsAnswered,
    QuestionsAsked,
    QuestionsSent,
    RemindOfTerm,
    SendQuestions,
    TellingCommand,
    TellingEvent,
    TellingFailed,
    TermReminded,
    Way,
    WithdrawAnswer,
)

if TYPE_CHECKING:
    from complaints.state import Complaint


def answer(command: AnswerCommand, complaint: Complaint) -> Sequence[AnswerEvent]:
    """WrongState, BadChoice; empty: already so. The caller checks texts."""
    state = complaint.state.value
    if isinstance(command, InviteAnswer):
        if state not in ASKED_IN or any(one.waited for one in complaint.answers):
            raise WrongState(state=state)
        return [command.invited]
    which = command.given.invitation if isinstance(command, GiveAnswer) else command.invitation
    known = next((one for one in complaint.answers if one.invited.invitation == which), None)
    if known is None or known.withdrawn:
        raise WrongState(state=state)
    match command:
        case NoteAnswerOpened():
            return [] if known.opened_at is not None else [AnswerOpened(which)]
        case GiveAnswer(given=given):
            if given.willing not in WILLING:
                raise BadChoice(field="willing")
            if known.given is not None or state not in ASKED_IN:
                raise WrongState(state=state)
            return [given]
        case AddToAnswer(text=text):
            if known.given is None or state not in ASKED_IN or len(known.added) >= MOST_ADDED:
                raise WrongState(state=state)
            return [AnswerAdded(which, text)]
        case NoteAnswerMissed():
            return [AnswerMissed(which)] if known.waited and known.missed_at is None and state in ASKED_IN else []
        case WithdrawAnswer(reason=reason):
            if known.given is not None:
                raise WrongState(state=state)
            return [AnswerWithdrawn(which, reason.strip())]


def answered(complaint: Complaint, event: AnswerEvent, at: datetime) -> Complaint:
    if isinstance(event, AnswerInvited):
        return replace(complaint, answers=(*complaint.answers, InvitedAnswer(event, at)))
    return replace(
        complaint,
        answers=tuple(
            _answer_after(one, event, at) if one.invited.invitation == event.invitation else one
            for one in complaint.answers
        ),
    )


def _answer_after(known: InvitedAnswer, event: AnswerEvent, at: datetime) -> InvitedAnswer:
    match event:
        case AnswerOpened():
            return replace(known, opened_at=at)
        case AnswerGiven():
            return replace(known, given=event, given_at=at)
        case AnswerAdded(text=text):
            return replace(known, added=(*known.added, (text, at)))
        case AnswerMissed():
            return replace(known, missed_at=at)
        case AnswerWithdrawn(reason=reason):
            return replace(known, withdrawn=reason)
        case _:
            return known


def question(command: QuestionCommand, complaint: Complaint) -> Sequence[QuestionEvent]:
    """Each side is asked once a session and occasion, of promises once for each day they are due on; an answer may be
    changed while its link is good."""
    state = complaint.state.value
    match command:
        case SendQuestions(sent=sent):
            if sent.whom not in SIDES:
                raise BadChoice(field="whom")
            if sent.when not in WHENS:
                raise BadChoice(field="when")
            if state not in _DECIDED or sent.session not in complaint.sessions:
                raise WrongState(state=state)
            known = {(one.sent.session, one.sent.whom, one.sent.when, one.sent.term) for one in complaint.asked}
            return [] if (sent.session, sent.whom, sent.when, sent.term) in known else [sent]
        case AnswerQuestions(answered=answered):
            asked = next((one for one in complaint.asked if one.sent.invitation == answered.invitation), None)
            if asked is None or asked.sent.whom != answered.whom:
                raise WrongState(state=state)
            for field in ("heard", "again", "paid", "satisfied"):
                if getattr(answered, field) not in ("", *YES_NO):
                    raise BadChoice(field=field)
            if len(answered.note) > MOST_NOTE:
                raise TooLong(field="note", most=MOST_NOTE)
            return [] if asked.answered == answered else [answered]


def questioned(complaint: Complaint, event: QuestionEvent, at: datetime) -> Complaint:
    match event:
        case QuestionsSent():
            return replace(complaint, asked=(*complaint.asked, QuestionsAsked(event, at)))
        case QuestionsAnswered(whom=whom, talk=talk):
            asked = tuple(
                replace(one, answered=event, answered_at=at) if one.sent.invitation == event.invitation else one
                for one in complaint.asked
            )
            wishes = {**complaint.wishes, whom: at} if talk else complaint.wishes
            return replace(complaint, asked=asked, wishes=wishes)


def called(complaint: Complaint, whom: str, reached: bool) -> Complaint:
    """Somebody called back: the wish is met once they were reached."""
    if not reached or whom not in complaint.wishes:
        return complaint
    return replace(complaint, wishes={one: at for one, at in complaint.wishes.items() if one != whom})


def afterwards(complaint: Complaint) -> dict[str, datetime | None]:
    """As statistics count it: when the consumer was first asked and first answered, and that first answer's time if
    they were heard by the newest; when they first said how satisfied they are, and that time if the newest says so."""
    asked = [one for one in complaint.asked if one.sent.whom == CONSUMER]
    answered = [(one.answered_at, one.answered) for one in asked if one.answered_at and one.answered]
    first = min((at for at, _ in answered), default=None)
    newest = max(answered, key=lambda one: one[0])[1] if answered else None
    rated = [(at, one.satisfied) for at, one in answered if one.satisfied]
    first_rated = min((at for at, _ in rated), default=None)
    rating = max(rated, key=lambda one: one[0])[1] if rated else ""
    return {
        "asked": min((one.at for one in asked), default=None),
        "answered": first,
        "heard": first if newest is not None and newest.heard == "yes" else None,
        "rated": first_rated,
        "satisfied": first_rated if rating in ("yes", "partly") else None,
    }


def remind(command: RemindOfTerm, complaint: Complaint) -> Sequence[TermReminded]:
    """Once each; empty when it was kept meanwhile."""
    one = command.reminded
    if one.when not in REMINDER_WHENS:
        raise BadChoice(field="when")
    if complaint.state.value != "performing" or one.session not in complaint.sessions:
        raise WrongState(state=complaint.state.value)
    done = (one.session, one.term, one.when) in complaint.reminded or (one.session, one.term) in complaint.kept_terms
    return [] if done else [one]


def reminded(complaint: Complaint, event: TermReminded) -> Complaint:
    return replace(complaint, reminded=complaint.reminded | {(event.session, event.term, event.when)})


# ------------------------------------------------------------ what is owed


def duty(complaint: Complaint) -> str:
    """The notice its state owes the parties, told or not; "" for none.

    Of acceptance nobody needs to be told any more once mediation has ended: the end is what they are told then.
    """
    if complaint.merged is not None:
        return ""
    match complaint.state:
        case "refused":
            return NoticeKind.REFUSAL.value
        case "ended":
            return NoticeKind.TERMINATION.value
        case "accepted" | "mediating" | "settled" | "performing":
            return NoticeKind.ACCEPTANCE.value
        case _:
            return ""


def untold(complaint: Complaint) -> Sequence[str]:
    """The sides who must be told of what was decided and were not yet."""
    what = duty(complaint)
    if not what or what in complaint.told_as_noted:
        return ()
    reached = {one.whom for one in complaint.told if one.what == what}
    return tuple(whom for whom in ADDRESSED[what] if whom not in reached)


def undelivered(complaint: Complaint) -> Sequence[TellingFailed]:
    """Messages about the present duty that did not leave, to sides who are still untold."""
    if not complaint.untaken:
        return ()
    what, waiting = duty(complaint), untold(complaint)
    return tuple(one for one in complaint.untaken if one.what == what and one.whom in waiting)


def told_at(complaint: Complaint, what: str) -> datetime | None:
    """When the last of those who had to be told of it was; None while somebody is not."""
    times = {one.whom: one.when for one in reversed(complaint.told) if one.what == what}
    if not set(ADDRESSED[what]) <= set(times):
        return None
    return max(times.values())


def decision_told(complaint: Complaint) -> datetime | None:
    """Since when acceptance or refusal is both decided and told; None while it is not."""
    for decided, what in ((complaint.accepted_at, NoticeKind.ACCEPTANCE), (complaint.refused_at, NoticeKind.REFUSAL)):
        if decided is not None:
            told = decided if what in complaint.told_as_noted else told_at(complaint, what)
            return None if told is None else max(decided, told)
    return None


# ------------------------------------------------------------ decisions


def tell(command: TellingCommand, complaint: Complaint, at: datetime) -> Sequence[TellingEvent]:
    """WrongState when nothing is owed; BadChoice, BadDay, Missing, TooLong name the field."""
    match command:
        case NoteMessageTaken(message):
            found = _message(complaint, message)
            if found is None or any(one.message == message for one in complaint.told):
                return []
            what, whom, name, notice = found
            return [PartyTold(what, whom, Way.MESSAGE.value, at, name, notice=notice, message=message)]
        case NoteMessageGivenUp(message, reason):
            found = _message(complaint, message)
            known = {one.message for one in complaint.told} | {one.message for one in complaint.untaken}
            if found is None or message in known:
                return []
            what, whom, _, notice = found
            return [TellingFailed(what, whom, notice, message, reason[:LONGEST_NOTE])]
        case NoteTold():
            return _noted(command, complaint, at)


def _noted(command: NoteTold, complaint: Complaint, at: datetime) -> Sequence[PartyTold]:
    if command.what != duty(complaint):
        raise WrongState(state=complaint.state.value)
    if command.how not in BY_HAND:
        raise BadChoice(field="how")
    if not command.whom or not set(command.whom) <= {CONSUMER, BUSINESS}:
        raise BadChoice(field="whom")
    if not complaint.record.received <= command.when <= at + AHEAD:
        raise BadDay(field="when")
    to, by, note = command.to.strip(), command.by.strip(), command.note.strip()
    if not to:
        raise Missing(field="to")
    for field, text, most in (("to", to, MOST_NAME), ("by", by, MOST_NAME), ("note", note, LONGEST_NOTE)):
        if len(text) > most:
            raise TooLong(field=field, most=most)
    waiting = untold(complaint)
    return [
        PartyTold(command.what, whom, command.how, command.when, to, by, note)
        for whom in (CONSUMER, BUSINESS)
        if whom in command.whom and whom in waiting
    ]


def _message(complaint: Complaint, message: str) -> tuple[str, str, str, str] | None:
    """What, whom, their name and the notice of a message; None when the notice was withdrawn before it left."""
    for notice in complaint.notices:
        for one in notice.issued.to:
            if message and one.message == message:
                if notice.withdrawn is not None:
                    return None
                return notice.issued.kind, one.whom, one.name, notice.issued.notice
    raise UnknownNotice(number="")


# ------------------------------------------------------------ state


def telling(complaint: Complaint, event: TellingEvent) -> Complaint:
    match event:
        case PartyTold(message=message):
            rest = tuple(one for one in complaint.untaken if not message or one.message != message)
            return ended_told(replace(complaint, told=(*complaint.told, event), untaken=rest))
        case TellingFailed():
            return replace(complaint, untaken=(*complaint.untaken, event))


def untell(complaint: Complaint, what: str, by_hand: bool = False) -> Complaint:
    """As if nobody had been told of it. `by_hand`: only what an officer noted is taken back."""
    return _without(complaint, (one for one in complaint.told if one.what == what and not (by_hand and one.message)))


def untell_notice(complaint: Complaint, notice: str) -> Complaint:
    """A notice that was withdrawn has told nobody."""
    return _without(complaint, (one for one in complaint.told if notice and one.notice == notice))


def _without(complaint: Complaint, gone: Iterable[PartyTold]) -> Complaint:
    dropped = list(gone)
    kept = tuple(one for one in complaint.told if one not in dropped)
    return ended_told(replace(complaint, told=kept))


def ended_told(complaint: Complaint) -> Complaint:
    """Both sides were told that mediation has ended: what the clock of Order 121 Art 23 waits for."""
    noted = NoticeKind.TERMINATION.value in complaint.told_as_noted
    at = complaint.end_told_at if noted else told_at(complaint, NoticeKind.TERMINATION)
    return replace(complaint, end_told=noted or at is not None, end_told_at=at)
