"""Questions to each side by a personal link, and reminders of what was promised (Order 121 Art 26).

Answers feed the statistics and the follow-up of promises; a wish to talk waits on the office's board until somebody has
called back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, TooLong, WrongState
from complaints.notices.notice import BUSINESS, CONSUMER, Addressee

if TYPE_CHECKING:
    from complaints.state import Complaint


CLOSED, DUE = "closed", "due"
WHENS: Final = (CLOSED, DUE)
SIDES: Final = (CONSUMER, BUSINESS)
YES_NO: Final = ("yes", "partly", "no")
MOST_NOTE: Final = 500
_DECIDED: Final = frozenset({"settled", "performing", "ended", "closed"})


@dataclass(frozen=True, slots=True)
class QuestionsSent:
    """`invitation`: the link's id; `when`: "closed" of the mediation, "due" of a promise. `to`: who was sent it."""

    invitation: str
    whom: str
    session: str
    when: str
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionsAnswered:
    """ "yes", "partly", "no", or "" for what they left open or were not asked: were you heard, would you use it again,
    did they pay (of a consumer; did you get what was promised of a business), are you satisfied with how it was
    handled. `talk`: somebody is to call. Answers from before `satisfied` was asked say nothing of it."""

    invitation: str
    whom: str
    heard: str = ""
    again: str = ""
    paid: str = ""
    talk: bool = False
    note: str = ""
    satisfied: str = ""


@dataclass(frozen=True, slots=True)
class SendQuestions:
    sent: QuestionsSent


@dataclass(frozen=True, slots=True)
class AnswerQuestions:
    answered: QuestionsAnswered


@dataclass(frozen=True, slots=True)
class QuestionsAsked:
    """One page of questions; `answered` the newest answer, which counts."""

    sent: QuestionsSent
    at: datetime
    answered: QuestionsAnswered | None = None
    answered_at: datetime | None = None


QuestionCommand = SendQuestions | AnswerQuestions
QuestionEvent = QuestionsSent | QuestionsAnswered


def question(command: QuestionCommand, complaint: Complaint) -> Sequence[QuestionEvent]:
    """Each side is asked once a session and occasion; an answer may be changed while its link is good."""
    state = complaint.state.value
    match command:
        case SendQuestions(sent=sent):
            if sent.whom not in SIDES:
                raise BadChoice(field="whom")
            if sent.when not in WHENS:
                raise BadChoice(field="when")
            if state not in _DECIDED or sent.session not in complaint.sessions:
                raise WrongState(state=state)
            known = {(one.sent.session, one.sent.whom, one.sent.when) for one in complaint.asked}
            return [] if (sent.session, sent.whom, sent.when) in known else [sent]
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


# ------------------------------------------------------------ reminders


BEFORE, AFTER, ESCALATED = "before", "after", "escalated"  # the last: a week late, the supervisor's to look at
REMINDER_WHENS: Final = (BEFORE, AFTER, ESCALATED)


@dataclass(frozen=True, slots=True)
class TermReminded:
    """`term` counts a session's terms from 1; `to`: who was sent a message, nobody where no number takes one."""

    session: str
    term: int
    when: str
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindOfTerm:
    """Of what was promised for later: the side that owes it before the day, the office after it."""

    reminded: TermReminded


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
