"""Notices on a complaint: issued, owed, foreseen, and who is still to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class NoticeReceiver:
    """Whom a notice is for. `state`: of the message, "by_hand" when no number takes one."""

    whom: str  # "consumer" | "business"
    name: str
    phone: str  # masked
    state: str  # "queued" | "sent" | "failed" | "dead" | "by_hand"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: str
    kind: str  # complaints.notices.notice.NoticeKind
    number: str
    at: datetime
    by: str
    to: Sequence[NoticeReceiver]
    state: Literal["standing", "replaced", "withdrawn"]
    replaces: str = ""
    replaced_by: str = ""
    reason: str = ""  # of the withdrawal
    sha256: str = ""
    edition: str = ""
    articles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NoticeList:
    """`owed`: kinds whose occasion has come and of which none is in force; `possible`: also those that are;
    `drafts`: what can be printed of the file, "register" always, "agreement" and "record" from the outcome."""

    issued: Sequence[NoticeRow] = ()  # newest first
    owed: Sequence[str] = ()
    possible: Sequence[str] = ()
    drafts: Sequence[str] = ()


NO_NOTICES = NoticeList()


@dataclass(frozen=True, slots=True)
class Undeliverable:
    whom: str
    reason: str


@dataclass(frozen=True, slots=True)
class TellingView:
    """What of the present state is still to be told. `what`: complaints.notices.notice.NoticeKind, "" for nothing;
    `waiting`: of the `untold`, those whose message is on its way."""

    what: str = ""
    untold: Sequence[str] = ()
    waiting: Sequence[str] = ()
    failed: Sequence[Undeliverable] = ()


NOTHING_TO_TELL = TellingView()


@dataclass(frozen=True, slots=True)
class NoticeWish:
    """`english`: with an English rendering behind it; `receiver`: of a complaint sent on, `within` the same bureau."""

    kind: str
    note: str = ""
    receiver: str = ""
    english: bool = False
    replaces: str = ""  # the number of the one in force
    within: bool = False


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A PDF and the name to save it under."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadableNotice:
    """A notice as it was issued, to be read on a phone. `blocks`: (style, text) as of `server.documents.press`."""

    notice: str
    number: str
    office: str
    title: str
    addressee: str
    blocks: Sequence[tuple[str, str]]
    date: str
    english: tuple[str, Sequence[tuple[str, str]]] | None = None  # title and blocks, for reading only


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a decision would have printed and sent. `messages`: (whom, name, masked number, text), text "" for somebody
    no message can reach."""

    sheet: ReadableNotice
    messages: Sequence[tuple[str, str, str, str]]

    @property
    def reachable(self) -> bool:
        """A message goes to everybody who has to be told."""
        return all(text for *_, text in self.messages)
