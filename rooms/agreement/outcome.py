"""How a mediation ends: what a sound outcome is, proposing, seeing, closing, correcting; and what counts as agreed.

The grounds of an ended mediation are those of the order the complaint is handled under, numbered as there. Whose answer
is a side's, which consents are missing, what is waived and what is signed is read off the draft
(`rooms.agreement.state`) in its session: seats say who speaks for a side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, assert_never

from journal.refusals import WrongState
from law.grounds import ending_grounds
from rooms import (
    CENT,
    MOST_LINE,
    MOST_TEXT,
    MOST_YUAN,
    BadOutcome,
    DraftSealed,
    DraftStands,
    NoOutcome,
    OutcomeNotSeen,
    Outdated,
    commands as c,
    events as e,
    line,
    optional,
)
from rooms.agreement.state import SIDES, AcceptedFact, AgreementDraft, Clause, ClauseAnswer, canonical
from rooms.events import SessionEvent
from rooms.seats import SeatState, side_of
from rooms.session import Asker, Session
from rooms.vocabulary import (
    ACTING,
    MINORS,
    PRINCIPALS,
    Age,
    Capacity,
    Outcome,
    OutcomeKind,
    Performance,
    Role,
    Side,
    Status,
    Term,
)

MOST_TERMS = 20


def decide_outcome(command: c.OutcomeCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.ProposeOutcome():
            return propose(command, session, now)
        case c.TakeBackOutcome():
            return take_back(session)
        case c.SeeOutcome():
            return see(command, session, who.seat)
        case c.ObjectToOutcome():
            return object_to(command, session, who.seat)
        case c.Close():
            return close(command, session)
        case c.Correct():
            return correct(command, session)
        case _:
            assert_never(command)


def propose(command: c.ProposeOutcome, session: Session, now: datetime) -> list[SessionEvent]:
    if command.outcome.kind is OutcomeKind.SETTLED and session.draft.clauses:
        raise DraftStands  # two truths about one settlement
    _fits_what_is_sealed(command.outcome, session)
    outcome = checked(command.outcome, session.order, now)
    return [] if session.proposed == outcome else [e.OutcomeProposed(outcome)]


def _fits_what_is_sealed(outcome: Outcome, session: Session) -> None:
    """An agreement in effect and "not settled" cannot both be true."""
    if session.sealed and outcome.kind is not OutcomeKind.SETTLED:
        raise DraftSealed


def take_back(session: Session) -> list[SessionEvent]:
    return [] if session.proposed is None else [e.OutcomeTakenBack()]


def _read_as_shown(number: int, session: Session) -> None:
    """NoOutcome; Outdated: what was read is not what is shown now."""
    if session.proposed is None:
        raise NoOutcome
    if number not in (0, session.proposals):
        raise Outdated(edition=session.proposals)


def object_to(command: c.ObjectToOutcome, session: Session, own: str) -> list[SessionEvent]:
    _read_as_shown(command.number, session)
    reason = line(command.reason, "reason", MOST_LINE)
    return [] if session.objections.get(own) == reason else [e.OutcomeObjected(own, reason)]


def see(command: c.SeeOutcome, session: Session, own: str) -> list[SessionEvent]:
    _read_as_shown(command.number, session)
    return [] if own in session.seen else [e.OutcomeSeen(own)]


def close(command: c.Close, session: Session) -> list[SessionEvent]:
    if session.proposed is None:
        raise NoOutcome
    _fits_what_is_sealed(session.proposed, session)
    anyway = optional(command.anyway, "anyway", MOST_LINE)
    unseen = [
        seat.id
        for seat in session.seats.values()
        if session.attends(seat) and seat.role in (Role.CONSUMER, Role.BUSINESS) and seat.id not in session.seen
    ]
    if unseen and not anyway:
        raise OutcomeNotSeen(seats=unseen)
    return [e.SessionClosed(session.proposed, anyway if unseen else "")]


def correct(command: c.Correct, session: Session) -> list[SessionEvent]:
    if session.status is not Status.CLOSED:
        raise WrongState(status=session.status.value)
    return [e.Corrected(line(command.text, "text", MOST_TEXT))]


def checked(outcome: Outcome, order: str, now: datetime) -> Outcome:
    """In its normal form: money with two decimals, loss recovered filled in. BadOutcome, TooLong, Missing."""
    kind = outcome.kind
    _demand((kind is OutcomeKind.SETTLED) is bool(outcome.terms), "terms")
    _demand(len(outcome.terms) <= MOST_TERMS, "terms")
    _demand((kind is OutcomeKind.ENDED) is (outcome.ground is not None), "ground")
    grounds = {ground.number for ground in ending_grounds(order)}
    _demand(outcome.ground is None or outcome.ground in grounds, "ground")
    _demand((kind is OutcomeKind.ADJOURNED) is (outcome.adjourned_to is not None), "adjourned_to")
    _demand(outcome.adjourned_to is None or outcome.adjourned_to > now, "adjourned_to")
    terms = tuple(checked_term(term, now, number) for number, term in enumerate(outcome.terms, 1))
    recovered = _money(outcome.loss_recovered, "loss_recovered")
    _demand(kind is OutcomeKind.SETTLED or not recovered, "loss_recovered")
    if not recovered:
        paid = (term.amount for term in terms if term.who is Side.BUSINESS and term.amount is not None)
        recovered = sum(paid, Decimal("0.00"))
        _demand(recovered <= MOST_YUAN, "loss_recovered")
    return replace(outcome, terms=terms, loss_recovered=recovered, note=optional(outcome.note, "note", MOST_TEXT))


def checked_term(term: Term, now: datetime, number: int = 0) -> Term:
    """In its normal form; a wrong one is named by its number, if it has one. BadOutcome, TooLong, Missing."""
    amount = None if term.amount is None else _money(term.amount, "amount", number)
    if term.performance is Performance.LATER:
        _demand(term.due is not None, "due", number)
        # "By today" is a day in the office's zone: anything within the last 24 hours can still be that.
        _demand(term.due is None or term.due > now - timedelta(days=1), "due", number)
    return replace(term, action=line(term.action, "action"), how=optional(term.how, "how"), amount=amount)


def _money(amount: Decimal, field: str, term: int = 0) -> Decimal:
    _demand(amount.is_finite() and 0 <= amount <= MOST_YUAN, field, term)
    exact = amount.quantize(CENT)
    _demand(exact == amount, field, term)
    return abs(exact)  # there is no minus nought


def _demand(holds: bool, problem: str, term: int = 0) -> None:
    if not holds:
        raise BadOutcome(problem=problem, **({"term": term} if term else {}))


def speakers(session: Session, side: Side) -> list[SeatState]:
    """Seats that can answer for a side: principals, then whoever acts for them, in the order of the seats."""
    seats = session.seats.values()
    principals = [seat for seat in seats if PRINCIPALS.get(seat.role) is side]
    return [*principals, *(seat for seat in seats if seat.role in ACTING and seat.side is side)]


def empowered(session: Session, seat: SeatState) -> bool:
    """Whether this seat may bind its side at all: in person, or as the mediator has recorded."""
    if not decides_alone(session, seat):
        return False  # a minor's guardian decides
    authority = session.draft.authorities.get(seat.id)
    if authority is not None:
        return authority.settles
    return seat.role is Role.CONSUMER or (seat.role is Role.BUSINESS and not seat.seat.organisation)


def decides_alone(session: Session, seat: SeatState) -> bool:
    """Whether they may decide without a guardian: of age, or 16 and living on their own earnings, as recorded."""
    if seat.age not in MINORS:
        return True
    held = session.draft.authorities.get(seat.id)
    return seat.age == Age.MINOR and held is not None and held.capacity is Capacity.SELF and bool(held.basis)


def decider(session: Session, side: Side) -> str:
    """The seat that answers for a side now: its principal, or in their absence who may settle for them; else ""."""
    if session.held is not None:  # nobody was in a room: who signs is each side's principal
        return next((seat.id for seat in session.seats.values() if PRINCIPALS.get(seat.role) is side), "")
    able = [seat for seat in speakers(session, side) if session.attends(seat) and empowered(session, seat)]
    return able[0].id if able else ""


def stance(session: Session, clause: Clause, side: Side) -> tuple[str, ClauseAnswer] | None:
    """Whose answer to the present edition is the side's, and which; None while there is none."""
    return _stance(session, session.draft.answers.get(clause.id, {}), clause.edition, side)


def view_of(session: Session, fact: AcceptedFact, side: Side) -> tuple[str, ClauseAnswer] | None:
    """Likewise of a fact."""
    return _stance(session, session.draft.accepted.get(fact.id, {}), fact.edition, side)


def _stance(
    session: Session, answers: Mapping[str, ClauseAnswer], edition: int, side: Side
) -> tuple[str, ClauseAnswer] | None:
    if all(answer.edition != edition for answer in answers.values()):
        return None
    for seat in speakers(session, side):  # principals come first: theirs is the last word
        answer = answers.get(seat.id)
        if answer is not None and answer.edition == edition and empowered(session, seat):
            return seat.id, answer
    return None


def missing(session: Session) -> Iterator[tuple[Clause, Side]]:
    """Every consent that is not there yet."""
    for clause in session.draft.clauses:
        for side in SIDES:
            given = stance(session, clause, side)
            if given is None or not given[1].agrees:
                yield clause, side


def agreed(session: Session) -> bool:
    """There is something to agree to, and each side has agreed to every clause as it stands. Of what was settled
    without a room, by whoever records it: the signature is the agreement."""
    if session.held is not None:
        return bool(session.draft.clauses) and session.held.agreement == "wanted"
    return bool(session.draft.clauses) and next(missing(session), None) is None


def undisputed(session: Session) -> tuple[AcceptedFact, ...]:
    """Facts that both sides accept as they are written now."""
    return tuple(
        fact
        for fact in session.draft.facts
        if all((view := view_of(session, fact, side)) is not None and view[1].agrees for side in SIDES)
    )


def waived_by(session: Session) -> tuple[Side, ...]:
    """Sides that want no written agreement."""
    return tuple(
        side
        for side in SIDES
        if any(seat.id in session.draft.waivers and empowered(session, seat) for seat in speakers(session, side))
    )


def waived(session: Session) -> bool:
    return len(waived_by(session)) == len(SIDES)


def digest(session: Session) -> str:
    """SHA-256, lower-case hex, of the canonical JSON of what is being signed."""
    return hashlib.sha256(canonical(content(session))).hexdigest()


def content(session: Session) -> dict[str, Any]:
    """What is being signed: whose it is, every text, and nothing about the way there."""
    return {
        "number": session.number,
        "session": session.id,
        "parties": [_party(session.draft, seat) for side in SIDES for seat in speakers(session, side)],
        "clauses": [
            {"id": clause.id, "number": clause.number, "edition": clause.edition, "text": clause.text}
            for clause in session.draft.clauses
        ],
        "facts": [{"id": fact.id, "edition": fact.edition, "text": fact.text} for fact in undisputed(session)],
        "waived": waived(session),
    }


def _party(draft: AgreementDraft, seat: SeatState) -> dict[str, Any]:
    authority = draft.authorities.get(seat.id)
    return {
        "seat": seat.id,
        "role": seat.role.value,
        "side": side_of(seat),
        "name": seat.name,
        "organisation": seat.seat.organisation,
        "capacity": None if authority is None else authority.capacity.value,
        "special": authority is not None and authority.special,
        "basis": "" if authority is None else authority.basis,
    }
