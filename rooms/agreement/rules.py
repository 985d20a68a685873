"""Decisions about the draft of an agreement, and about a mediation that was held without a room.

Clause by clause: an answer names the edition it is to and is refused when that is not the present one, so of an edit
and an answer at the same time one wins and the other is told. Any edit takes the answers to that clause away, and
only those.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar, assert_never

from journal.refusals import Missing, NotAllowed, TooLong, WrongState
from law.orders import APART, ELSEWHERE, MODES, ON_SITE
from rooms import (
    MOST_LINE,
    MOST_PLACE,
    MOST_TEXT,
    BadClause,
    BadOutcome,
    BadValue,
    DraftSealed,
    GuardianMissing,
    InCaucus,
    NoAuthority,
    NotAgreed,
    Outdated,
    PrincipalHere,
    UnknownClause,
    UnknownFact,
    commands as c,
    events as e,
    line,
    optional,
)
from rooms.agreement import outcome as consent, state as agreement_state
from rooms.agreement.outcome import MOST_TERMS, checked, checked_term, decider, empowered, speakers
from rooms.agreement.state import CLAUSE, FACT, AcceptedFact, Clause, ClauseAnswer
from rooms.events import SessionEvent
from rooms.seats import side_of
from rooms.session import Asker, Session, seat_of
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

_Written = TypeVar("_Written", Clause, AcceptedFact)

_OF_ONE = (c.QueryClause, c.ExplainClause, c.RecordAuthority)
"""Concerns nobody but the mediator and who asks."""

MOST_CLAUSES = 40
MOST_FACTS = 40
MOST_EVER = 200
"""Of either in a session, those that were removed again among them."""
MOST_WORDS = 1000
"""Of a clause. Longer ones nobody reads on a phone."""
MOST_HEADING = 40
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


def decide_agreement(command: c.AgreementCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    if session.sealed and not isinstance(command, c.ProposeAgreed):  # what was sealed is what it ends with
        raise DraftSealed
    if session.caucus is not None and not isinstance(command, _OF_ONE):
        raise InCaucus  # what everybody would see at once waits until everybody is together
    match command:
        case c.PutClause():
            return put_clause(command, session, now)
        case c.RemoveClause():
            return remove_clause(command, session)
        case c.RestoreClause():
            return restore_clause(command, session, now)
        case c.MoveClause():
            return move_clause(command, session)
        case c.AskConfirmation():
            clause = clause_of(session, command.clause)
            answered = clause.id not in {one.id for one, _ in consent.missing(session)}
            return [] if clause.asked and answered else [e.ConfirmationAsked(clause.id, clause.edition)]
        case c.AnswerClause():
            return answer_clause(command, session, who.seat)
        case c.QueryClause():
            clause = clause_of(session, command.clause)
            return [] if who.seat in clause.queries else [e.ClauseQueried(who.seat, clause.id, clause.edition)]
        case c.ExplainClause():
            clause = clause_of(session, command.clause)
            return [e.ClauseExplained(clause.id)] if clause.queries else []
        case c.PutFact():
            return put_fact(command, session)
        case c.RemoveFact():
            fact = _present(fact_of(session, command.fact), command.edition)
            return [e.FactRemoved(fact.id, fact.edition, fact.text)]
        case c.AnswerFact():
            return answer_fact(command, session, who.seat)
        case c.PutClaim(side=side):
            text = lawful(command.text, "text", MOST_WORDS)
            return [] if session.draft.claims.get(side, "") == text else [e.ClaimPut(side, text)]
        case c.RecordAuthority():
            return record_authority(command, session)
        case c.WaiveAgreement():
            return waive(command, session, who.seat)
        case c.ProposeAgreed():
            return propose_agreed(command, session, now)
        case _:
            assert_never(command)


# ------------------------------------------------------------ clauses


def preview(term: Term, session: Session, now: datetime) -> agreement_state.ClausePhrasing:
    """How a promise would read as a clause. DomainError as for putting it."""
    return agreement_state.phrased(checked_term(term, now, 1), called(session), now)


def put_clause(command: c.PutClause, session: Session, now: datetime) -> list[SessionEvent]:
    draft = session.draft
    before = clause_of(session, command.clause) if command.clause else None
    if before is None and len(draft.clauses) >= MOST_CLAUSES:
        raise TooLong(field="clauses", most=MOST_CLAUSES)
    if before is None and draft.put >= MOST_EVER:
        raise TooLong(field="clauses", most=MOST_EVER)
    if before is not None:
        _present(before, command.edition)
    term = (
        None
        if command.term is None
        else checked_term(command.term, now, before.number if before else len(draft.clauses) + 1)
    )
    others = sum(clause.term is not None and clause.id != command.clause for clause in draft.clauses)
    if term is not None and others >= MOST_TERMS:
        raise TooLong(field="terms", most=MOST_TERMS)
    made = None if term is None else agreement_state.phrased(term, called(session), now)
    text = lawful(command.text, "text", MOST_WORDS) or (made.text if made else "")
    if not text:
        raise Missing(field="text")
    if term is not None:
        for field, words in agreement_state.needed(term).items():
            if any(word not in text for word in words):
                raise BadClause(problem=field, words="、".join(words))
    event = e.ClausePut(
        before.id if before else f"{CLAUSE}{draft.put + 1}",
        before.edition + 1 if before else 1,
        text,
        lawful(command.plain, "plain", MOST_WORDS) or (made.plain if made else ""),
        lawful(command.gloss, "gloss", MOST_WORDS) or (made.gloss if made else ""),
        lawful(command.heading, "heading", MOST_HEADING) or (made.heading if made else ""),
        term,
        _answering(draft.answers.get(before.id, {}), before.edition) if before else (),
    )
    if before is not None and (before.text, before.plain, before.gloss, before.heading, before.term) == (
        event.text,
        event.plain,
        event.gloss,
        event.heading,
        event.term,
    ):
        return []
    return [event]


def remove_clause(command: c.RemoveClause, session: Session) -> list[SessionEvent]:
    clause = _present(clause_of(session, command.clause), command.edition)
    voids = _answering(session.draft.answers.get(clause.id, {}), clause.edition)
    return [e.ClauseRemoved(clause.id, clause.edition, clause.text, voids)]


def restore_clause(command: c.RestoreClause, session: Session, now: datetime) -> list[SessionEvent]:
    draft = session.draft
    gone = next((clause for clause in draft.removed if clause.id == command.clause), None)
    if gone is None:
        if draft.clause(command.clause) is not None:
            return []  # a second tap
        raise UnknownClause(clause=command.clause)
    if len(draft.clauses) >= MOST_CLAUSES or draft.put >= MOST_EVER:
        raise TooLong(field="clauses", most=MOST_CLAUSES)
    number = min(gone.number, len(draft.clauses) + 1)
    term = None if gone.term is None else checked_term(gone.term, now, number)
    if term is not None and len(draft.terms) >= MOST_TERMS:
        raise TooLong(field="terms", most=MOST_TERMS)
    back = e.ClausePut(gone.id, gone.edition + 1, gone.text, gone.plain, gone.gloss, gone.heading, term)
    return [back, e.ClauseMoved(gone.id, number)] if number <= len(draft.clauses) else [back]


def move_clause(command: c.MoveClause, session: Session) -> list[SessionEvent]:
    clause = clause_of(session, command.clause)
    if not 1 <= command.number <= len(session.draft.clauses):
        raise BadValue(field="number")
    return [] if clause.number == command.number else [e.ClauseMoved(clause.id, command.number)]


def answer_clause(command: c.AnswerClause, session: Session, own: str) -> list[SessionEvent]:
    _deciding(session, own)
    clause = _present(clause_of(session, command.clause), command.edition)
    reason = lawful(command.reason, "reason", MOST_LINE)
    if command.agrees:
        reason = ""
    told, confided = (reason, "") if command.told else ("", reason)
    before = session.draft.answers.get(clause.id, {}).get(own)
    same = before is not None and (before.edition, before.agrees) == (clause.edition, command.agrees)
    if same and before is not None and (before.reason, before.confided) == (told, confided):
        return []
    answer = e.ClauseAnswered(own, clause.id, clause.edition, command.agrees)
    # A reason has an entry of its own, so that it can be erased and the answer stays.
    answered: list[SessionEvent] = [] if same and told else [answer]
    if told:
        answered.append(replace(answer, reason=told))
    return [*answered, e.ReasonConfided(own, clause.id, clause.edition, confided)] if confided else answered


# ------------------------------------------------------------ facts


def put_fact(command: c.PutFact, session: Session) -> list[SessionEvent]:
    draft = session.draft
    text = lawful(command.text, "text", MOST_LINE)
    if not text:
        raise Missing(field="text")
    if not command.fact:
        if len(draft.facts) >= MOST_FACTS:
            raise TooLong(field="facts", most=MOST_FACTS)
        if draft.noted >= MOST_EVER:
            raise TooLong(field="facts", most=MOST_EVER)
        return [e.FactPut(f"{FACT}{draft.noted + 1}", 1, text)]
    fact = _present(fact_of(session, command.fact), command.edition)
    if fact.text == text:
        return []
    voids = _answering(draft.accepted.get(fact.id, {}), fact.edition)
    return [e.FactPut(fact.id, fact.edition + 1, text, voids)]


def answer_fact(command: c.AnswerFact, session: Session, own: str) -> list[SessionEvent]:
    _deciding(session, own)
    fact = _present(fact_of(session, command.fact), command.edition)
    reason = "" if command.agrees else lawful(command.reason, "reason", MOST_LINE)
    before = session.draft.accepted.get(fact.id, {}).get(own)
    same = before is not None and (before.edition, before.agrees) == (fact.edition, command.agrees)
    answered: list[SessionEvent] = [] if same else [e.FactAnswered(own, fact.id, fact.edition, command.agrees)]
    if reason and not (same and before is not None and before.confided == reason):
        answered.append(e.FactDisputed(own, fact.id, fact.edition, reason))
    return answered


# ------------------------------------------------------------ who, and in what form


def record_authority(command: c.RecordAuthority, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if seat.role not in ACTING and seat.role not in PRINCIPALS:
        raise NotAllowed
    if side_of(seat) is None:
        raise BadValue(field="seat")  # nobody acts for no side
    basis = lawful(command.basis, "basis", MOST_LINE)
    agent = command.capacity is Capacity.AGENT
    if agent and not basis:
        raise Missing(field="basis")
    if command.capacity is Capacity.SELF and seat.role not in PRINCIPALS:
        raise BadValue(field="capacity")
    if command.capacity is Capacity.SELF and seat.age in MINORS and (seat.age == Age.CHILD or not basis):
        # At 16, living on their own earnings, alone: the basis says so (Civil Code Art 18).
        raise GuardianMissing(seat=seat.id)
    known = session.draft.authorities.get(seat.id)
    special = command.special and agent
    if known is not None and (known.capacity, known.special, known.basis) == (command.capacity, special, basis):
        return []
    return [e.AuthorityRecorded(seat.id, command.capacity, special, basis)]


def waive(command: c.WaiveAgreement, session: Session, own: str) -> list[SessionEvent]:
    _deciding(session, own)
    draft = session.draft
    if not command.waived:
        return [e.AgreementWanted(own)] if own in draft.waivers else []
    if not consent.agreed(session):
        raise _not_agreed(session)
    return [] if own in draft.waivers else [e.AgreementWaived(own)]


def propose_agreed(command: c.ProposeAgreed, session: Session, now: datetime) -> list[SessionEvent]:
    """The outcome is the terms both have confirmed; the loss recovered is what the business pays."""
    if not consent.agreed(session):
        raise _not_agreed(session)
    if not session.draft.terms:
        raise BadClause(problem="promise")
    outcome = Outcome(OutcomeKind.SETTLED, session.draft.terms, Decimal("0.00"), note=command.note)
    outcome = checked(outcome, session.order, now)
    return [] if session.proposed == outcome else [e.OutcomeProposed(outcome)]


def _not_agreed(session: Session) -> NotAgreed:
    return NotAgreed(clauses=sorted({clause.number for clause, _ in consent.missing(session)}))


def _deciding(session: Session, own: str) -> None:
    """NoAuthority, PrincipalHere, NotAllowed."""
    seat = session.seats[own]
    side = side_of(seat)
    if side is None or seat not in speakers(session, side):
        raise NotAllowed
    if not empowered(session, seat):
        raise NoAuthority(seat=own)
    if decider(session, side) != own:
        raise PrincipalHere


# ------------------------------------------------------------ texts


def clause_of(session: Session, id: str) -> Clause:
    """UnknownClause."""
    clause = session.draft.clause(id)
    if clause is None:
        raise UnknownClause(clause=id)
    return clause


def fact_of(session: Session, id: str) -> AcceptedFact:
    """UnknownFact."""
    fact = session.draft.fact(id)
    if fact is None:
        raise UnknownFact(fact=id)
    return fact


def _present(written: _Written, edition: int) -> _Written:
    if written.edition != edition:
        raise Outdated(edition=written.edition)
    return written


def _answering(answers: Mapping[str, ClauseAnswer], edition: int) -> tuple[str, ...]:
    """Seats that had answered this edition."""
    return tuple(sorted(seat for seat, answer in answers.items() if answer.edition == edition))


def called(session: Session) -> dict[Side, str]:
    """As both sides are called in the agreement: a business by its organisation."""
    names = {Side.CONSUMER: "投诉人", Side.BUSINESS: "被投诉人"}
    for role, side in PRINCIPALS.items():
        seat = next((seat for seat in session.seats.values() if seat.role is role), None)
        if seat is not None:
            names[side] = (seat.seat.organisation if role is Role.BUSINESS else "") or seat.name
    return names


def lawful(value: str, field: str, most: int) -> str:
    """A text that may be signed: what is seen is all there is. Signs that hide, or turn others round, are left out."""
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " "))
    return optional(
        "".join(sign for sign in value if sign == "\n" or unicodedata.category(sign) not in _UNSEEN), field, most
    )


# ------------------------------------------------------------ a mediation held without a room


WANTED, WAIVED, AT_ONCE = "wanted", "waived", ""
AHEAD: Final = timedelta(minutes=5)  # a clock that is a little fast
LONGEST: Final = timedelta(hours=24)
MOST_PROOF: Final = 20


def decide_held_elsewhere(command: c.RecordHeld, session: Session, now: datetime) -> list[SessionEvent]:
    """Decide on the record of a mediation on site, by telephone or by other means (Order 121 Art 20).

    Who mediated makes it afterwards. Of a settlement that leaves something to be done, an agreement is signed unless
    both sides do without one (Art 24); they sign on their own phones, each by a personal link. WrongState, BadValue
    (field), BadOutcome, BadClause, Missing, TooLong.
    """
    if session.status is not Status.SCHEDULED:
        raise WrongState(status=session.status.value)
    held, outcome = sound(command, session.order, now)
    return [
        held,
        *_authority(command, session, held),
        *_clauses(session, outcome.terms, now),
        e.SessionClosed(outcome),
    ]


def sound(command: c.RecordHeld, order: str, now: datetime) -> tuple[e.HeldElsewhere, Outcome]:
    """Both in their normal form. BadValue (field), BadOutcome, Missing, TooLong."""
    held, outcome = _sound(command.held, now), checked(command.outcome, order, now)
    held = _going_on(held, outcome.kind is OutcomeKind.ADJOURNED)
    settled = outcome.kind is OutcomeKind.SETTLED
    if settled:
        line(held.consumer_by, "consumer_by")
        line(held.business_by, "business_by")
    later = any(term.performance is Performance.LATER for term in outcome.terms)
    if held.agreement and not settled:
        raise BadOutcome(problem="agreement")
    if later and not held.agreement:  # Order 121 Art 24: only what was done at once, or by both sides' wish
        raise BadOutcome(problem="agreement")
    if held.agreement == WANTED and command.capacity is Capacity.AGENT:
        line(command.basis, "basis")
    return held, outcome


def _sound(held: e.HeldElsewhere, now: datetime) -> e.HeldElsewhere:
    if held.mode not in ELSEWHERE:
        raise BadValue(field="mode")
    if held.agreement not in (WANTED, WAIVED, AT_ONCE):
        raise BadValue(field="agreement")
    if held.began > held.ended or held.ended - held.began > LONGEST or held.ended > now + AHEAD:
        raise BadValue(field="ended")
    if len(held.proof) > MOST_PROOF:
        raise BadValue(field="proof")
    place = line(held.place, "place", MOST_PLACE) if held.mode == ON_SITE else optional(held.place, "place", MOST_PLACE)
    return replace(
        held,
        place=place,
        consumer_by=optional(held.consumer_by, "consumer_by", MOST_PLACE),
        business_by=optional(held.business_by, "business_by", MOST_PLACE),
        others=optional(held.others, "others", MOST_PLACE),
        course=optional(held.course, "course", MOST_TEXT),
    )


def _going_on(held: e.HeldElsewhere, adjourned: bool) -> e.HeldElsewhere:
    """As before, where nothing else was agreed."""
    if not adjourned:
        return replace(held, next_mode="", next_place="")
    mode = held.next_mode or held.mode
    if mode not in MODES or mode == APART:
        raise BadValue(field="next_mode")
    place = line(held.next_place or held.place, "next_place", MOST_PLACE) if mode == ON_SITE else ""
    return replace(held, next_mode=mode, next_place=place)


def _authority(command: c.RecordHeld, session: Session, held: e.HeldElsewhere) -> list[SessionEvent]:
    """In what capacity a business's agreement is signed; who signs for a person is that person."""
    if held.agreement != WANTED or command.capacity is None:
        return []
    seat = next((one.id for one in session.seats.values() if one.role is Role.BUSINESS), "")
    basis = optional(command.basis, "basis")
    return [e.AuthorityRecorded(seat, command.capacity, command.capacity is Capacity.AGENT, basis)] if seat else []


def _clauses(session: Session, terms: tuple[Term, ...], now: datetime) -> list[SessionEvent]:
    """What was agreed, in the words that are signed."""
    names, found = called(session), list[SessionEvent]()
    for number, term in enumerate(terms, 1):
        made = agreement_state.phrased(term, names, now)
        if not made.text:
            raise BadClause(problem="promise")
        found.append(e.ClausePut(f"{CLAUSE}{number}", 1, made.text, made.plain, made.gloss, made.heading, term, ()))
    return found
