"""What may be asked of a case, who may ask it, and what a case refuses.

Rights are one table; that an officer is of the case's office is checked where they ask. Officers make cases, the
board (supervisors) publishes them; a lawyer gives a comment by a link and nothing else. What ships with the program
(samples) the system itself may put on the shelf. Raw texts come with the commands and go no further.

DomainError          code             params
├── UnknownCase      not_found
├── NotAllowed       not_allowed                   (not this role's to ask)
├── WrongState       wrong_state      state
├── Missing          missing          field
├── TooLong          too_long         field, most
├── BadChoice        bad_choice       field        (a value outside the lists)
├── BadSpan          bad_span                      (no such place in the text, or it overlaps another)
├── Undecided        case_undecided   count        (places that nobody has looked at yet)
├── TextChanged      case_other_text  field        (the text is not the one that was looked at)
├── Residue          case_residue     field, what  (the approved text would still name somebody)
├── OwnApproval      case_same_person              (who approved a case does not publish it as well)
├── Unchecked        case_unchecked   items        (of the quality checklist)
├── TooMany          too_many         most
├── InvitationOver   link_expired
└── Busy             busy                          (somebody else kept changing it; ask again)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casebook import MARKED, MarkedSpan
from casebook.events import CaseBegun, Sheet
from journal import Actor
from journal.refusals import (
    BadChoice as BadChoice,
    Busy as Busy,
    DomainError as DomainError,
    Missing as Missing,
    NotAllowed as NotAllowed,
    TooLong as TooLong,
    TooMany as TooMany,
    WrongState as WrongState,
)


class UnknownCase(DomainError):
    """Also said of another office's case that is not published."""

    code = "not_found"


class BadSpan(DomainError):
    code = "bad_span"


class Undecided(DomainError):
    code = "case_undecided"


class TextChanged(DomainError):
    code = "case_other_text"


class Residue(DomainError):
    code = "case_residue"


class OwnApproval(DomainError):
    code = "case_same_person"


class Unchecked(DomainError):
    code = "case_unchecked"


class InvitationOver(DomainError):
    code = "link_expired"


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
    kind: str = MARKED


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
