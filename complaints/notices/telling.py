"""Telling the parties what was decided: who has to be told of what, how and when they were, and what came back.

A decision and its telling are two facts. Order 121 Art 15 has an office decide and tell within seven working days;
Art 23 has it tell both sides that mediation has ended. Told is who a notice left for (the gateway took the message),
or of whom an officer noted how and when. Journals from before 2026-11-29 wrote both as one: what they note as decided
counts as told, as it was noted then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from complaints.errors import BadChoice, BadDay, Missing, TooLong, UnknownNotice, WrongState
from complaints.notices.notice import ADDRESSED, BUSINESS, CONSUMER, NoticeKind
from complaints.vocabulary import Names

if TYPE_CHECKING:
    from complaints.state import Complaint

AHEAD: Final = timedelta(minutes=5)  # a clock that is a little fast
MOST_NAME, MOST_NOTE = 60, 500  # characters


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
    """`what`: complaints.notices.notice.NoticeKind; `whom`: CONSUMER | BUSINESS. `message` and `notice` of one that
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


# ------------------------------------------------------------ what is owed


def duty(complaint: Complaint) -> str:
    """The notice its state owes the parties, told or not; "" for none.

    Of acceptance nobody needs to be told any more once mediation has ended: the end is what they are told then.
    """
    if complaint.merged is not None:
        return ""
    match complaint.state.value:
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
            return [TellingFailed(what, whom, notice, message, reason[:MOST_NOTE])]
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
    for field, text, most in (("to", to, MOST_NAME), ("by", by, MOST_NAME), ("note", note, MOST_NOTE)):
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
