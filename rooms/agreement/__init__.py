"""The agreement: its clauses and facts as they are drafted, answered and phrased, and how a mediation ends.

Here are its commands and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from rooms import Edition, Id, Number, OptionalId, Text
from rooms.vocabulary import CONFERRING, MEDIATOR, OFFICE, PARTIES, Capacity, Outcome, Role, Side, Term, command


@command(MEDIATOR, "put_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class PutClause:
    """A new clause (`clause` is ""), or the next edition of one.

    `edition` is the one that was before the writer's eyes. Texts left empty are made from the term; without a term the
    text is the writer's own.
    """

    clause: OptionalId = ""
    edition: Edition = 0
    text: Text = ""
    plain: Text = ""
    gloss: Text = ""
    heading: Text = ""
    term: Term | None = None


@command(MEDIATOR, "remove_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class RemoveClause:
    clause: Id
    edition: Edition


@command(MEDIATOR, "restore_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class RestoreClause:
    """One that was removed comes back where it stood, word for word, as its next edition: it has no answers."""

    clause: Id


@command(MEDIATOR, "move_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class MoveClause:
    """To be the `number`th, counted from 1."""

    clause: Id
    number: Annotated[int, Field(ge=1, le=100)]


@command(MEDIATOR, "ask_confirmation", in_room=True)
@dataclass(frozen=True, slots=True)
class AskConfirmation:
    """Both sides are asked to answer it."""

    clause: Id


@command(CONFERRING, "answer_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class AnswerClause:
    """`told`: the reason is for everybody; otherwise for the mediator alone."""

    clause: Id
    edition: Edition
    agrees: bool
    reason: Text = ""
    told: bool = False


@command(PARTIES - {Role.OBSERVER}, "query_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class QueryClause:
    """Asks the mediator what it means."""

    clause: Id


@command(MEDIATOR, "explain_clause", in_room=True)
@dataclass(frozen=True, slots=True)
class ExplainClause:
    """The mediator has explained it to whoever asked."""

    clause: Id


@command(MEDIATOR, "put_fact", in_room=True, required=frozenset({"text"}))
@dataclass(frozen=True, slots=True)
class PutFact:
    """A new fact that both sides are to accept (`fact` is ""), or the next edition of one."""

    fact: OptionalId = ""
    edition: Edition = 0
    text: Text = ""


@command(MEDIATOR, "remove_fact", in_room=True)
@dataclass(frozen=True, slots=True)
class RemoveFact:
    fact: Id
    edition: Edition


@command(CONFERRING, "answer_fact", in_room=True)
@dataclass(frozen=True, slots=True)
class AnswerFact:
    """`reason`: why it was not so, for the mediator and the record."""

    fact: Id
    edition: Edition
    agrees: bool
    reason: Text = ""


@command(MEDIATOR, "put_claim", in_room=True)
@dataclass(frozen=True, slots=True)
class PutClaim:
    """What a side asks for and why, for the record."""

    side: Side
    text: Text = ""


@command(MEDIATOR, "record_authority", in_room=True)
@dataclass(frozen=True, slots=True)
class RecordAuthority:
    """In what capacity somebody acts for a side."""

    seat: Id
    capacity: Capacity
    special: bool = False
    basis: Text = ""


@command(CONFERRING, "waive_agreement", in_room=True)
@dataclass(frozen=True, slots=True)
class WaiveAgreement:
    """A side wants no written agreement."""

    waived: bool


@command(MEDIATOR, "propose_agreed", in_room=True)
@dataclass(frozen=True, slots=True)
class ProposeAgreed:
    """The outcome as the agreed draft has it; nothing is typed again."""

    note: Text = ""


AgreementCommand = (
    PutClause
    | RemoveClause
    | RestoreClause
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


# ------------------------------------------------------------ events of the draft


@dataclass(frozen=True, slots=True)
class ClausePut:
    """A clause was written (edition 1) or changed. `voids`: seats whose answer to the edition before counts no more."""

    clause: str
    edition: int
    text: str  # Chinese, what is signed
    plain: str = ""  # the same in everyday words
    gloss: str = ""  # the same in English; explains, is not signed
    heading: str = ""
    term: Term | None = None
    voids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseRemoved:
    clause: str
    edition: int
    text: str
    voids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseMoved:
    """It is the `number`th now, counted from 1; what it says is as before."""

    clause: str
    number: int


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """Both sides were asked to answer this clause: it lies open on their phones."""

    clause: str
    edition: int


@dataclass(frozen=True, slots=True)
class ClauseAnswered:
    """`reason` is for everybody in the room, "" when none was given to all. It answers this edition and no other.

    With a reason it follows one without, and is erased with the record; older entries are both in one.
    """

    seat: str
    clause: str
    edition: int
    agrees: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReasonConfided:
    """Why somebody does not agree, told to the mediator alone: a kind of its own, so that who may know is plain."""

    seat: str
    clause: str
    edition: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClauseQueried:
    """Somebody does not understand it and asks the mediator."""

    seat: str
    clause: str
    edition: int


@dataclass(frozen=True, slots=True)
class ClauseExplained:
    """The mediator has explained it to whoever asked."""

    clause: str


@dataclass(frozen=True, slots=True)
class FactPut:
    fact: str
    edition: int
    text: str
    voids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactRemoved:
    fact: str
    edition: int
    text: str


@dataclass(frozen=True, slots=True)
class FactAnswered:
    seat: str
    fact: str
    edition: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class FactDisputed:
    """Why it was not so; the other side is not told in the room. A kind of its own, so that it goes with the record."""

    seat: str
    fact: str
    edition: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimPut:
    """What a side asks for and why, as the mediator has written it down; "" takes it back."""

    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class AuthorityRecorded:
    """In what capacity somebody acts for a side, as the mediator has checked it. `basis`: the paper they showed."""

    seat: str
    capacity: Capacity
    special: bool = False  # may settle, admit and waive for the principal
    basis: str = ""


@dataclass(frozen=True, slots=True)
class AgreementWaived:
    """This side needs no written agreement."""

    seat: str


@dataclass(frozen=True, slots=True)
class AgreementWanted:
    """This side wants it in writing, perhaps after having waived it."""

    seat: str


AgreementEvent = (
    ClausePut
    | ClauseRemoved
    | ClauseMoved
    | ConfirmationAsked
    | ClauseAnswered
    | ReasonConfided
    | ClauseQueried
    | ClauseExplained
    | FactPut
    | FactRemoved
    | FactAnswered
    | FactDisputed
    | ClaimPut
    | AuthorityRecorded
    | AgreementWaived
    | AgreementWanted
)


# ------------------------------------------------------------ commands about the result


@command(MEDIATOR, "propose_outcome", in_room=True)
@dataclass(frozen=True, slots=True)
class ProposeOutcome:
    """To be read by both sides."""

    outcome: Outcome


@command(MEDIATOR, "take_back_outcome", in_room=True)
@dataclass(frozen=True, slots=True)
class TakeBackOutcome:
    pass


@command(PARTIES, "see_outcome", in_room=True, required=frozenset({"number"}))
@dataclass(frozen=True, slots=True)
class SeeOutcome:
    """`number`: which of the outcomes that were shown, counted from 1; 0 is the one that is shown now."""

    number: Number = 0


@command(PARTIES, "object_outcome", in_room=True, required=frozenset({"number", "reason"}))
@dataclass(frozen=True, slots=True)
class ObjectToOutcome:
    """It is not right, and why, for the mediator alone. `number`: as of `see_outcome`. A later one replaces it."""

    number: Number = 0
    reason: Text = ""


@command(MEDIATOR, "close", in_room=True)
@dataclass(frozen=True, slots=True)
class Close:
    """Close with the proposed outcome; parties have seen it, or `anyway` says why not."""

    anyway: Text = ""


@command(MEDIATOR | OFFICE)
@dataclass(frozen=True, slots=True)
class Correct:
    text: str


OutcomeCommand = ProposeOutcome | TakeBackOutcome | SeeOutcome | ObjectToOutcome | Close | Correct


# ------------------------------------------------------------ events of the result


@dataclass(frozen=True, slots=True)
class OutcomeProposed:
    """Shown to both parties; the room closes after."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OutcomeTakenBack:
    pass


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    seat: str


@dataclass(frozen=True, slots=True)
class OutcomeObjected:
    """What is not right about it, told to the mediator alone."""

    seat: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionClosed:
    outcome: Outcome
    anyway: str = ""  # why it was closed though not everybody present had seen the outcome


@dataclass(frozen=True, slots=True)
class Corrected:
    """A further entry to a closed session; nothing before it changes."""

    text: str


OutcomeEvent = OutcomeProposed | OutcomeTakenBack | OutcomeSeen | OutcomeObjected | SessionClosed | Corrected
