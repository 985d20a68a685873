"""What can be asked about the draft of an agreement."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Capacity, Side, Term


@dataclass(frozen=True, slots=True)
class PutClause:
    """A new clause (`clause` is ""), or the next edition of one.

    `edition` is the one that was before the writer's eyes. Texts left empty are made from the term; without a term the
    text is the writer's own.
    """

    clause: str = ""
    edition: int = 0
    text: str = ""
    plain: str = ""
    gloss: str = ""
    heading: str = ""
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class RemoveClause:
    clause: str
    edition: int


@dataclass(frozen=True, slots=True)
class MoveClause:
    """To be the `number`th, counted from 1."""

    clause: str
    number: int


@dataclass(frozen=True, slots=True)
class AskConfirmation:
    clause: str


@dataclass(frozen=True, slots=True)
class AnswerClause:
    """`told`: the reason is for everybody; otherwise for the mediator alone."""

    clause: str
    edition: int
    agrees: bool
    reason: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class QueryClause:
    clause: str


@dataclass(frozen=True, slots=True)
class ExplainClause:
    clause: str


@dataclass(frozen=True, slots=True)
class PutFact:
    fact: str = ""
    edition: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveFact:
    fact: str
    edition: int


@dataclass(frozen=True, slots=True)
class AnswerFact:
    fact: str
    edition: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class PutClaim:
    side: Side
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordAuthority:
    seat: str
    capacity: Capacity
    special: bool = False
    basis: str = ""


@dataclass(frozen=True, slots=True)
class WaiveAgreement:
    waived: bool


@dataclass(frozen=True, slots=True)
class ProposeAgreed:
    """The outcome as the agreed draft has it; nothing is typed again."""

    note: str = ""


AgreementCommand = (
    PutClause
    | RemoveClause
    | MoveClause
    | AskConfirmation
    | AnswerClause
    | QueryClause
    | ExplainClause
    | PutFact
    | RemoveFact
    | AnswerFact
    | PutClaim
    | RecordAuthority
    | WaiveAgreement
    | ProposeAgreed
)
