"""What an office tells the parties in writing: kinds, number series, what is on file, what can be asked.

A notice is an event of the complaint's stream. Its contents are sealed there (they name people and quote them); the
printed sheet can be made again from them, and `sha256` says which bytes were issued.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


class NoticeKind(StrEnum):
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    MEDIATION = "mediation"
    TERMINATION = "termination"
    DISPATCH = "dispatch"
    IDENTITY = "identity"


CONSUMER, BUSINESS = "consumer", "business"

ADDRESSED: Final[Mapping[str, tuple[str, ...]]] = {
    NoticeKind.ACCEPTANCE: (CONSUMER,),
    NoticeKind.REFUSAL: (CONSUMER,),
    NoticeKind.MEDIATION: (CONSUMER, BUSINESS),
    NoticeKind.TERMINATION: (CONSUMER, BUSINESS),
    NoticeKind.DISPATCH: (CONSUMER,),
    NoticeKind.IDENTITY: (CONSUMER,),
}
"""Whom the law has told: the complainant of acceptance, refusal (Order 121 Art 15) and dispatch, both of the rest."""

SERIALS: Final[Mapping[str, str]] = {
    NoticeKind.ACCEPTANCE: "受",
    NoticeKind.REFUSAL: "不受",
    NoticeKind.MEDIATION: "调通",
    NoticeKind.TERMINATION: "终",
    NoticeKind.DISPATCH: "送",
    NoticeKind.IDENTITY: "核",
}
"""What stands behind the office's prefix in a notice's number: each kind is counted apart."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """`message`, `phone` and `text` (sealed) are of the message that goes to them; "" when no number takes one."""

    whom: str  # CONSUMER | BUSINESS
    name: str
    phone_masked: str = ""
    message: str = ""
    phone: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoticeIssued:
    notice: str
    kind: str  # NoticeKind
    number: str  # 东高一投受〔2026〕0001号
    to: tuple[Addressee, ...]
    articles: tuple[str, ...]  # what it rests on: "order-121/16/3", "consumer/39"
    edition: str  # of the templates
    sha256: str  # of the printed PDF
    content: str  # sealed: what was printed, as JSON
    maker: str = ""  # with what: versions of the typesetter and the font
    session: str = ""  # of a mediation notice
    replaces: str = ""  # the number of the one it stands in for


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """It should not have been issued; those it went to are told."""

    notice: str
    number: str
    reason: str
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """`whom` it is for opened it on their phone, for the first time."""

    notice: str
    number: str
    whom: str


@dataclass(frozen=True, slots=True)
class IssueNotice:
    issued: NoticeIssued


@dataclass(frozen=True, slots=True)
class WithdrawNotice:
    withdrawn: NoticeWithdrawn


@dataclass(frozen=True, slots=True)
class NoteNoticeRead:
    notice: str
    whom: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One on file."""

    issued: NoticeIssued
    at: datetime
    withdrawn: NoticeWithdrawn | None = None
    replaced_by: str = ""  # a number
    read_by: tuple[str, ...] = ()  # of those it is for

    @property
    def standing(self) -> bool:
        return self.withdrawn is None and not self.replaced_by


def with_issued(notices: tuple[Notice, ...], issued: NoticeIssued, at: datetime) -> tuple[Notice, ...]:
    """In the order they were issued."""
    return (
        *(
            replace(known, replaced_by=issued.number)
            if issued.replaces and known.issued.number == issued.replaces
            else known
            for known in notices
        ),
        Notice(issued, at),
    )


def with_withdrawn(notices: tuple[Notice, ...], withdrawn: NoticeWithdrawn) -> tuple[Notice, ...]:
    return tuple(
        replace(known, withdrawn=withdrawn) if known.issued.notice == withdrawn.notice else known for known in notices
    )


def with_read(notices: tuple[Notice, ...], read: NoticeRead) -> tuple[Notice, ...]:
    return tuple(
        replace(known, read_by=(*known.read_by, read.whom)) if known.issued.notice == read.notice else known
        for known in notices
    )


def standing_notices(notices: tuple[Notice, ...], kind: str, session: str = "") -> Notice | None:
    """The one in force: of a kind, and of a session where it is about one."""
    for known in reversed(notices):
        if known.standing and known.issued.kind == kind and known.issued.session == session:
            return known
    return None


# ------------------------------------------------------------ number series


AGREEMENT: Final = "agreement"  # what is signed and sealed: agreements and records
KINDS: Final = (*SERIALS, AGREEMENT)
LONGEST: Final = 20  # characters of the words

Words = Mapping[str, str]  # kind -> words; a kind that has none is not there


@dataclass(frozen=True, slots=True)
class Series:
    """What numbers a paper: the words before its number, as an authority was given them (GB/T 9704: 机关代字).

    `stream` counts it; `zeros`: at least four digits.
    """

    stream: str
    words: str
    zeros: bool

    def written(self, year: int, number: int) -> str:
        return f"{self.words}〔{year}〕{number:04d}号" if self.zeros else f"{self.words}〔{year}〕{number}号"


def series(office: str, prefix: str, kind: str, year: int, words: Words) -> Series:
    """The series of a kind of paper at an office. Sealed papers and notices are counted apart, even under the same
    words.

    An office without words of its own for a kind numbers it by its complaints' prefix, counted per office and kind,
    with four digits. With words, papers that share them share one count, whichever office or kind they are of, and
    numbers have no leading zeros: 东市监投受〔2026〕12号. `shared` refuses words that would be both.
    """
    of = "documents" if kind == AGREEMENT else "notices"
    if own := words.get(kind, ""):
        return Series(f"series/{hashlib.sha256(own.encode()).hexdigest()[:16]}/{of}/{year}", own, zeros=False)
    told = f"office/{office}/documents/{year}" if kind == AGREEMENT else f"office/{office}/notices/{kind}/{year}"
    return Series(told, usual(prefix, kind), zeros=True)


def usual(prefix: str, kind: str) -> str:
    return f"{prefix.removesuffix('投')}调" if kind == AGREEMENT else f"{prefix}{SERIALS[kind]}"


def shared(wanted: Words, prefixes: Mapping[str, str], others: Mapping[str, Words]) -> str:
    """The kind whose words would give a number twice, "" for none. `prefixes`, `others`: of all offices, by id.

    Words are given twice where somebody's usual numbers begin with them, or where sealed papers and notices share them.
    """
    taken = {usual(prefix, kind) for prefix in prefixes.values() for kind in KINDS} | set(prefixes.values())
    known = [(kind, words) for of in (*others.values(), wanted) for kind, words in of.items()]
    sealed = {words for kind, words in known if kind == AGREEMENT}
    notices = {words for kind, words in known if kind != AGREEMENT}
    for kind, words in wanted.items():
        if words in taken or words in (notices if kind == AGREEMENT else sealed):
            return kind
    return ""
