"""A business answers in writing what is claimed of it.

Invited by the office, once, with a day by which; it can be added to, and not answering is on file as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, WrongState
from complaints.notices.notice import Addressee

if TYPE_CHECKING:
    from complaints.state import Complaint

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
        return replace(complaint, answers=(*complaint.answers, Answer(event, at)))
    return replace(
        complaint,
        answers=tuple(
            _after(one, event, at) if one.invited.invitation == event.invitation else one for one in complaint.answers
        ),
    )


def _after(known: Answer, event: AnswerEvent, at: datetime) -> Answer:
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
