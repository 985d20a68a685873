"""What may be asked of a case; a line each in `casebook.commands`. Raw texts come with the commands and go no further.

Who may ask what of a case: one table. That an officer is of its office is checked where they ask.

Officers make cases, the board (supervisors) publishes them; a lawyer gives a comment by a link and nothing else.
What ships with the program (samples) the system itself may put on the shelf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casebook.errors import NotAllowed
from casebook.events import CaseBegun, Sheet
from casebook.spans import MarkedSpan
from journal import Actor


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
    spans: tuple[MarkedSpan, ...] = ()


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

MEDIATOR, SUPERVISOR, LAWYER, SYSTEM = "mediator", "supervisor", "lawyer", "system"
_MAKING = frozenset({MEDIATOR, SUPERVISOR, SYSTEM})
_OFFICERS = frozenset({MEDIATOR, SUPERVISOR})
_BOARD = frozenset({SUPERVISOR})

RIGHTS: Mapping[type[CaseCommand], frozenset[str]] = {
    BeginCase: _MAKING,
    FillSheet: _OFFICERS,
    WriteText: _MAKING,
    DecideSpan: _OFFICERS,
    DecideSpans: _OFFICERS,
    MarkSpan: _OFFICERS,
    UnmarkSpan: _OFFICERS,
    Approve: _MAKING,
    TakeBackApproval: _OFFICERS,
    InviteLawyer: _OFFICERS,
    WithdrawInvitation: _OFFICERS,
    GiveComment: frozenset({LAWYER}),
    TakeComment: _OFFICERS,
    DropComment: _OFFICERS,
    SendToBoard: _MAKING,
    TakeFromBoard: _OFFICERS,
    SendBack: _BOARD,
    Publish: frozenset({SUPERVISOR, SYSTEM}),
    WithdrawCase: _BOARD,
    UndoWithdrawal: _BOARD,
    BeginRevision: _OFFICERS,
    DropRevision: _OFFICERS,
}


def standing(actor: Actor) -> str:
    return actor.role if actor.kind in ("officer", "party") and actor.role else actor.kind


def check(command: CaseCommand, actor: Actor, sample: bool) -> None:
    """NotAllowed. The system's part is samples only."""
    who = standing(actor)
    if who not in RIGHTS[type(command)] or (who == SYSTEM and not sample):
        raise NotAllowed
