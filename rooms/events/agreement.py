"""What can have happened to the draft of an agreement: its clauses, the facts both accept, and the answers to each.

What a party tells the mediator alone (`ReasonConfided`) is an event of its own, so that who may know of it is a matter
of its kind. `edition` counts from 1; an answer belongs to one edition and to no other.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Capacity, Side, Term


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
    """`reason` is for everybody in the room, "" when none was given to all."""

    seat: str
    clause: str
    edition: int
    agrees: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReasonConfided:
    """Why somebody does not agree, told to the mediator alone."""

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
class ClaimPut:
    """What a side asks for and why, as the mediator has written it down; "" takes it back."""

    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class AuthorityRecorded:
    """By what right somebody acts for a side, as the mediator has checked it. `basis`: the paper they showed."""

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
    | ClaimPut
    | AuthorityRecorded
    | AgreementWaived
    | AgreementWanted
)
