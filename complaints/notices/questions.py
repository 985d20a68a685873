"""Questions to each side by a personal link, and reminders of what was promised (Order 121 Art 26).

Answers feed the statistics and the follow-up of promises; a wish to talk waits on the office's board until somebody
has called back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from complaints.notices.notice import BUSINESS, CONSUMER, Addressee

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
