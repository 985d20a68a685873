"""What may be asked of a case; a line each in `casebook.rights`. Raw texts come with the commands and go no further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casebook.events import CaseBegun, Sheet
from casebook.spans import Span


@dataclass(frozen=True, slots=True)
class BeginCase:
    begun: CaseBegun


@dataclass(frozen=True, slots=True)
class FillSheet:
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class WriteText:
    """`spans` as rules found them, verdicts carried over where the words are the same."""

    field: str
    text: str
    digest: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class DecideSpan:
    """`verdict` "" takes it back. `put` "" leaves the rule's words."""

    field: str
    span: str
    verdict: str
    put: str = ""


@dataclass(frozen=True, slots=True)
class DecideSpans:
    """Several at once, all or none: of one kind, or what is taken back together."""

    each: tuple[DecideSpan | UnmarkSpan, ...]


@dataclass(frozen=True, slots=True)
class MarkSpan:
    """Somebody saw what no rule found: hidden at once. `digest` of the text they looked at."""

    field: str
    start: int
    end: int
    put: str
    digest: str


@dataclass(frozen=True, slots=True)
class UnmarkSpan:
    field: str
    span: str


@dataclass(frozen=True, slots=True)
class Approve:
    """`originals`: text and digest by field, as kept now. `anyway`: what is left was looked at and is nothing.

    `residues`: of masked texts, what rules still find in each, where somebody has looked already: then all of them
    must be among them. None: they are looked through here."""

    originals: Mapping[str, tuple[str, str]]
    anyway: bool = False
    residues: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class TakeBackApproval:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InviteLawyer:
    invitation: str
    name: str
    firm: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class WithdrawInvitation:
    invitation: str


@dataclass(frozen=True, slots=True)
class GiveComment:
    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class TakeComment:
    invitation: str
    text: str
    anyway: bool = False
    residues: Mapping[str, Sequence[str]] | None = None  # as in Approve


@dataclass(frozen=True, slots=True)
class DropComment:
    reason: str


@dataclass(frozen=True, slots=True)
class SendToBoard:
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeFromBoard:
    pass


@dataclass(frozen=True, slots=True)
class SendBack:
    remarks: str


@dataclass(frozen=True, slots=True)
class Publish:
    pass


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    reason: str


@dataclass(frozen=True, slots=True)
class UndoWithdrawal:
    reason: str


@dataclass(frozen=True, slots=True)
class BeginRevision:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DropRevision:
    pass


CaseCommand = (
    BeginCase
    | FillSheet
    | WriteText
    | DecideSpan
    | DecideSpans
    | MarkSpan
    | UnmarkSpan
    | Approve
    | TakeBackApproval
    | InviteLawyer
    | WithdrawInvitation
    | GiveComment
    | TakeComment
    | DropComment
    | SendToBoard
    | TakeFromBoard
    | SendBack
    | Publish
    | WithdrawCase
    | UndoWithdrawal
    | BeginRevision
    | DropRevision
)
