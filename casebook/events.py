"""What can have happened to a case, as `case/<id>` keeps it. Raw texts are not in it: `digest` says which it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from casebook.spans import Span


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a case is classified, and its figures. What the fields mean: `casebook.case.Case`."""

    event_date: date
    industry: str = ""
    problem: str = ""
    tags: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    claimed: Decimal | None = None
    settled: Decimal | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class CaseBegun:
    """`origin`: "complaint" | "document" | "exchange" | "sample"; `source`: the complaint's id, or whence it came."""

    office: str
    number: str
    origin: str
    source: str
    sheet: Sheet
    sample: bool = False


@dataclass(frozen=True, slots=True)
class SheetFilled:
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class TextWritten:
    """`digest` is keyed, `length` in characters; `spans` are what rules found in it, each with its verdict."""

    field: str
    digest: str
    length: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanDecided:
    """`verdict` "" takes a decision back."""

    field: str
    span: str
    verdict: str
    put: str


@dataclass(frozen=True, slots=True)
class SpanMarked:
    field: str
    span: Span


@dataclass(frozen=True, slots=True)
class SpanUnmarked:
    field: str
    span: str


@dataclass(frozen=True, slots=True)
class CaseApproved:
    """These texts name nobody any more: a person looked at each place. From here on they are the case."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApprovalTakenBack:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LawyerInvited:
    """`name` as it will stand under the comment."""

    invitation: str
    name: str
    firm: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn:
    invitation: str


@dataclass(frozen=True, slots=True)
class CommentGiven:
    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class CommentTaken:
    """The comment is to be printed with the case. `text` as an officer approved it."""

    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class CommentDropped:
    reason: str


@dataclass(frozen=True, slots=True)
class SentToBoard:
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenFromBoard:
    pass


@dataclass(frozen=True, slots=True)
class SentBack:
    remarks: str


@dataclass(frozen=True, slots=True)
class CasePublished:
    edition: int


@dataclass(frozen=True, slots=True)
class CaseWithdrawn:
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawalUndone:
    reason: str


@dataclass(frozen=True, slots=True)
class RevisionBegun:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RevisionDropped:
    """What is published stays as it is."""


@dataclass(frozen=True, slots=True)
class ContentErased:
    versions: tuple[int, ...]
    reason: str = ""


CaseEvent = (
    CaseBegun
    | SheetFilled
    | TextWritten
    | SpanDecided
    | SpanMarked
    | SpanUnmarked
    | CaseApproved
    | ApprovalTakenBack
    | LawyerInvited
    | InvitationWithdrawn
    | CommentGiven
    | CommentTaken
    | CommentDropped
    | SentToBoard
    | TakenFromBoard
    | SentBack
    | CasePublished
    | CaseWithdrawn
    | WithdrawalUndone
    | RevisionBegun
    | RevisionDropped
    | ContentErased
)
KINDS: Mapping[str, type[CaseEvent]] = {kind.__name__: kind for kind in get_args(CaseEvent)}


@dataclass(frozen=True, slots=True)
class Invitation:
    """A lawyer's, as the state keeps it."""

    id: str
    name: str
    firm: str
    expires: datetime
    withdrawn: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """What was published, whole."""

    number: int
    texts: Mapping[str, str]
    sheet: Sheet
    comment: str
    comment_by: str
    approved_by: str
    at: datetime
    by: str
    checks: tuple[str, ...] = ()
