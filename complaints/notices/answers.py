"""A business answers in writing what is claimed of it.

Invited by the office, once, with a day by which; it can be added to, and not answering is on file as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from complaints.notices.notice import Addressee

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
class Answer:
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
