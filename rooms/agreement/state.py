"""The draft of an agreement: its clauses, the facts that both sides accept, and who has answered what.

Owns `AgreementDraft`, the session's part that events of `rooms.agreement.messages` change; what may be asked of it is
decided in `rooms.agreement.rules`. An answer is to one edition of one clause. It counts as its side's when a principal
gave it, or whoever acted for an absent one under an authority that still stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from rooms import events as e
from rooms.vocabulary import MINORS, Age, Capacity, Performance, Role, Side, Term

if TYPE_CHECKING:
    from rooms.seats import SeatState

PRINCIPALS = {Role.CONSUMER: Side.CONSUMER, Role.BUSINESS: Side.BUSINESS}
ACTING = frozenset({Role.REPRESENTATIVE, Role.LAWYER})
SIDES = tuple(Side)

CLAUSE, FACT = "c", "f"
"""How their ids begin; a number follows that is never given twice in a session."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`number` is its place, from 1. `before`: the text of the edition before, "" in the first; `voided`: whose answers
    the last edit took away."""

    id: str
    number: int
    edition: int
    text: str
    plain: str = ""
    term: Term | None = None
    gloss: str = ""
    heading: str = ""
    before: str = ""
    voided: tuple[str, ...] = ()
    asked: bool = False  # both were asked to answer this edition
    queries: tuple[str, ...] = ()  # seats that asked the mediator what it means


@dataclass(frozen=True, slots=True)
class AcceptedFact:
    id: str
    number: int
    edition: int
    text: str
    before: str = ""
    voided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """To one edition. `reason` everybody may read, `confided` only the mediator; `version` is its journal entry."""

    edition: int
    agrees: bool
    reason: str
    at: datetime
    version: int
    confided: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """As the mediator has recorded it. `special`: it reaches as far as settling."""

    capacity: Capacity
    special: bool
    basis: str
    at: datetime
    version: int

    @property
    def settles(self) -> bool:
        return self.capacity is not Capacity.AGENT or self.special


@dataclass(frozen=True, slots=True)
class Waiver:
    at: datetime
    version: int


Answers = Mapping[str, Mapping[str, ClauseAnswer]]
"""Id of a clause or fact -> seat -> what it answered last, perhaps to an edition that is no more."""


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    clauses: tuple[Clause, ...] = ()
    facts: tuple[AcceptedFact, ...] = ()
    answers: Answers = field(default_factory=dict)
    accepted: Answers = field(default_factory=dict)  # facts, likewise
    claims: Mapping[Side, str] = field(default_factory=dict)  # what each side asks for, and why
    authorities: Mapping[str, Authority] = field(default_factory=dict)  # by seat
    waivers: Mapping[str, Waiver] = field(default_factory=dict)  # by seat
    removed: tuple[Clause, ...] = ()
    put: int = 0  # clauses there ever were
    noted: int = 0  # facts there ever were

    def clause(self, id: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.id == id), None)

    def fact(self, id: str) -> AcceptedFact | None:
        return next((fact for fact in self.facts if fact.id == id), None)

    def empowered(self, seat: SeatState) -> bool:
        """Whether this seat may bind its side at all: in person, or as the mediator has recorded."""
        if not self.decides_alone(seat):
            return False  # a minor's guardian decides
        authority = self.authorities.get(seat.id)
        if authority is not None:
            return authority.settles
        return seat.role is Role.CONSUMER or (seat.role is Role.BUSINESS and not seat.seat.organisation)

    def decides_alone(self, seat: SeatState) -> bool:
        """Whether they may decide without a guardian: of age, or 16 and living on their own earnings, as recorded."""
        if seat.age not in MINORS:
            return True
        held = self.authorities.get(seat.id)
        return seat.age == Age.MINOR and held is not None and held.capacity is Capacity.SELF and bool(held.basis)

    @property
    def performed_at_once(self) -> bool:
        """Nothing that was promised is left to do (Order 121 Art 24)."""
        return all(term.performance is Performance.ON_THE_SPOT for term in self.terms)

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(clause.term for clause in self.clauses if clause.term is not None)


EMPTY = AgreementDraft()


def canonical(content: Any) -> bytes:
    """UTF-8, names sorted, no spaces."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def side_of(seat: SeatState) -> Side | None:
    """Of a principal by their role; of everybody else as the seat says."""
    return PRINCIPALS.get(seat.role, seat.side)


def draft_after(draft: AgreementDraft, event: e.AgreementEvent, at: datetime, version: int) -> AgreementDraft:
    """The draft after an event of it; `at` and `version` are the entry's."""
    match event:
        case e.ClausePut():
            return _put(draft, event)
        case e.ClauseRemoved(clause=id):
            gone = tuple(clause for clause in draft.clauses if clause.id == id)
            kept = [clause for clause in draft.clauses if clause.id != id]
            return replace(draft, clauses=_numbered(kept), removed=(*draft.removed, *gone), waivers={})
        case e.ClauseMoved(clause=id, number=number):
            moved = [clause for clause in draft.clauses if clause.id == id]
            kept = [clause for clause in draft.clauses if clause.id != id]
            return replace(draft, clauses=_numbered([*kept[: number - 1], *moved, *kept[number - 1 :]]))
        case e.ConfirmationAsked(clause=id):
            return _changed(draft, id, asked=True)
        case e.ClauseAnswered(seat=seat, clause=id, edition=edition, agrees=agrees, reason=reason):
            answer = ClauseAnswer(edition, agrees, reason, at, version)
            answered = replace(draft, answers=_answered(draft.answers, id, seat, answer))
            return _changed(answered, id, queries=_without(answered.clause(id), seat))
        case e.ReasonConfided(seat=seat, clause=id, reason=reason):
            before = draft.answers.get(id, {}).get(seat)
            if before is None:
                return draft
            return replace(draft, answers=_answered(draft.answers, id, seat, replace(before, confided=reason)))
        case e.ClauseQueried(seat=seat, clause=id):
            return _changed(draft, id, queries=(*_without(draft.clause(id), seat), seat))
        case e.ClauseExplained(clause=id):
            return _changed(draft, id, queries=())
        case e.FactPut():
            return _noted(draft, event)
        case e.FactRemoved(fact=id):
            facts = tuple(fact for fact in draft.facts if fact.id != id)
            return replace(draft, facts=tuple(replace(fact, number=n) for n, fact in enumerate(facts, 1)))
        case e.FactAnswered(seat=seat, fact=id, edition=edition, agrees=agrees):
            answer = ClauseAnswer(edition, agrees, "", at, version)
            return replace(draft, accepted=_answered(draft.accepted, id, seat, answer))
        case e.ClaimPut(side=side, text=text):
            rest = {other: said for other, said in draft.claims.items() if other is not side}
            return replace(draft, claims={**rest, side: text} if text else rest)
        case e.AuthorityRecorded(seat=seat, capacity=capacity, special=special, basis=basis):
            authority = Authority(capacity, special, basis, at, version)
            return replace(draft, authorities={**draft.authorities, seat: authority})
        case e.AgreementWaived(seat=seat):
            return replace(draft, waivers={**draft.waivers, seat: Waiver(at, version)})
        case e.AgreementWanted(seat=seat):
            return replace(draft, waivers={who: waiver for who, waiver in draft.waivers.items() if who != seat})
        case _:
            assert_never(event)


def _put(draft: AgreementDraft, event: e.ClausePut) -> AgreementDraft:
    before = draft.clause(event.clause)
    made = Clause(
        event.clause,
        len(draft.clauses) + 1 if before is None else before.number,
        event.edition,
        event.text,
        event.plain,
        event.term,
        event.gloss,
        event.heading,
        "" if before is None else before.text,
        event.voids,
    )
    # Whoever wanted nothing in writing said so of what was there; and a clause that is new is there to be read first.
    if before is None:
        return replace(draft, clauses=(*draft.clauses, made), put=draft.put + 1, waivers={})
    clauses = tuple(made if clause.id == made.id else clause for clause in draft.clauses)
    return replace(draft, clauses=clauses, waivers={})


def _noted(draft: AgreementDraft, event: e.FactPut) -> AgreementDraft:
    before = draft.fact(event.fact)
    number = len(draft.facts) + 1 if before is None else before.number
    made = AcceptedFact(
        event.fact, number, event.edition, event.text, "" if before is None else before.text, event.voids
    )
    if before is None:
        return replace(draft, facts=(*draft.facts, made), noted=draft.noted + 1)
    return replace(draft, facts=tuple(made if fact.id == made.id else fact for fact in draft.facts))


def _numbered(clauses: list[Clause]) -> tuple[Clause, ...]:
    return tuple(replace(clause, number=number) for number, clause in enumerate(clauses, 1))


def _changed(draft: AgreementDraft, id: str, **change: Any) -> AgreementDraft:
    return replace(
        draft, clauses=tuple(replace(clause, **change) if clause.id == id else clause for clause in draft.clauses)
    )


def _answered(answers: Answers, id: str, seat: str, answer: ClauseAnswer) -> Answers:
    return {**answers, id: {**answers.get(id, {}), seat: answer}}


def _without(clause: Clause | None, seat: str) -> tuple[str, ...]:
    return () if clause is None else tuple(other for other in clause.queries if other != seat)
