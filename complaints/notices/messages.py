"""What is told to the parties and asked of them in writing: a decision and its telling, a business's answer, questions
afterwards, reminders of what was promised (Order 121 Art 26).

A decision and its telling are two facts. Order 121 Art 15 has an office decide and tell within seven working days;
Art 23 has it tell both sides that mediation has ended. Told is who a notice left for (the gateway took the message),
or of whom an officer noted how and when. Journals from before 2026-11-29 wrote both as one: what they note as
decided counts as told, as it was noted then.

A business is invited to answer once, with a day by which; it can add to its answer, and not answering is on file as
well. Each side is asked questions by a personal link: answers feed the statistics and the follow-up of promises, and a
wish to talk waits on the office's board until somebody has called back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from complaints import Names
from complaints.notices import BUSINESS, CONSUMER, Addressee

WILLING: Final = ("yes", "no", "unsure")  # to take part in a mediation (Order 121 Art 18: both must agree)
ASKED_IN: Final = frozenset({"registered", "accepted", "mediating"})
MOST_ADDED: Final = 10


@dataclass(frozen=True, slots=True)
class AnswerInvited:
    """`due`: the last day asked for, local to the office. `to`: the message that carries the link."""

    invitation: str
    due: date
    to: tuple[Addressee, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class AnswerOpened:
    """The business confirmed its phone and saw what is claimed of it, for the first time."""

    invitation: str


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """`by`: who answers for the business, as they wrote it; `willing` one of `WILLING`."""

    invitation: str
    facts: str
    willing: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswerAdded:
    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerMissed:
    """The day passed and nothing had come."""

    invitation: str


@dataclass(frozen=True, slots=True)
class AnswerWithdrawn:
    """The office withdrew its invitation: the link is no good any more."""

    invitation: str
    reason: str


@dataclass(frozen=True, slots=True)
class InviteAnswer:
    invited: AnswerInvited


@dataclass(frozen=True, slots=True)
class NoteAnswerOpened:
    invitation: str


@dataclass(frozen=True, slots=True)
class GiveAnswer:
    given: AnswerGiven


@dataclass(frozen=True, slots=True)
class AddToAnswer:
    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteAnswerMissed:
    invitation: str


@dataclass(frozen=True, slots=True)
class WithdrawAnswer:
    invitation: str
    reason: str


AnswerCommand = InviteAnswer | NoteAnswerOpened | GiveAnswer | AddToAnswer | NoteAnswerMissed | WithdrawAnswer
AnswerEvent = AnswerInvited | AnswerOpened | AnswerGiven | AnswerAdded | AnswerMissed | AnswerWithdrawn


@dataclass(frozen=True, slots=True)
class InvitedAnswer:
    """An invitation and what came of it."""

    invited: AnswerInvited
    at: datetime
    opened_at: datetime | None = None
    given: AnswerGiven | None = None
    given_at: datetime | None = None
    added: tuple[tuple[str, datetime], ...] = ()
    missed_at: datetime | None = None
    withdrawn: str = ""  # why

    @property
    def waited(self) -> bool:
        return self.given is None and not self.withdrawn

    @property
    def late(self) -> bool:
        """Answered after it was noted that nothing had come."""
        return self.given is not None and self.missed_at is not None


CLOSED, DUE = "closed", "due"
WHENS: Final = (CLOSED, DUE)
SIDES: Final = (CONSUMER, BUSINESS)
YES_NO: Final = ("yes", "partly", "no")
MOST_NOTE: Final = 500
_DECIDED: Final = frozenset({"settled", "performing", "ended", "closed"})


@dataclass(frozen=True, slots=True)
class QuestionsSent:
    """`invitation`: the link's id; `when`: "closed" of the mediation, "due" of a promise. `to`: who was sent it.
    `term`: of promises for several days, the first that is due on the day asked about; 0 of the earliest day."""

    invitation: str
    whom: str
    session: str
    when: str
    to: tuple[Addressee, ...] = ()
    term: int = 0


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


AHEAD: Final = timedelta(minutes=5)  # a clock that is a little fast
MOST_NAME, LONGEST_NOTE = 60, 500  # characters


class Way(StrEnum):
    """How somebody was told. A message is noted by the outbox alone, when the gateway has taken it."""

    MESSAGE = "message"
    PHONE = "phone"
    HANDED = "handed"  # the paper, to them or to who receives for them
    POST = "post"
    IN_PERSON = "in_person"
    PLATFORM = "platform"  # answered where the complaint came from


WAYS: Final[Mapping[str, Names]] = {
    "message": ("短信", "text message"),
    "phone": ("电话", "telephone"),
    "handed": ("送达书面通知", "paper handed over"),
    "post": ("邮寄", "post"),
    "in_person": ("当面告知", "in person"),
    "platform": ("在投诉来源平台答复", "answer on the platform it came from"),
}
BY_HAND: Final = tuple(way.value for way in Way if way is not Way.MESSAGE)
"""What an officer may note."""


@dataclass(frozen=True, slots=True)
class PartyTold:
    """`what`: complaints.notices.NoticeKind; `whom`: CONSUMER | BUSINESS. `message` and `notice` of one that
    left; else `to` is who was spoken to or received it, and `by` who told them."""

    what: str
    whom: str
    how: str
    when: datetime
    to: str = ""
    by: str = ""
    note: str = ""
    notice: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class TellingFailed:
    """The gateway refused the message, or it was given up: they are not told."""

    what: str
    whom: str
    notice: str
    message: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteTold:
    """An officer's entry. `whom`: the sides that were told."""

    what: str
    whom: tuple[str, ...]
    how: str
    when: datetime
    to: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteMessageTaken:
    """The gateway has taken a notice's message."""

    message: str


@dataclass(frozen=True, slots=True)
class NoteMessageGivenUp:
    message: str
    reason: str


TellingEvent = PartyTold | TellingFailed
TellingCommand = NoteTold | NoteMessageTaken | NoteMessageGivenUp
