"""Telling the parties what was decided: who has to be told of what, how and when they were, and what came back.

A decision and its telling are two facts. Order 121 Art 15 has an office decide and tell within seven working days;
Art 23 has it tell both sides that mediation has ended. Told is who a notice left for (the gateway took the message),
or of whom an officer noted how and when. Journals from before 2026-11-29 wrote both as one: what they note as
decided counts as told, as it was noted then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from complaints.vocabulary import Names

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
