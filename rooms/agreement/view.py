"""The draft of the agreement as one person in the room may know it: `draft` in the view of docs/wire.md.

Everybody in the room reads every clause and every fact, and who agrees. A reason told to the mediator alone, and who
asked what a clause means, is seen by the mediator and by whoever it came from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from rooms.agreement import consent
from rooms.agreement.consent import decider, speakers
from rooms.agreement.state import SIDES, AcceptedFact, Clause, ClauseAnswer, side_of
from rooms.codec import plain, wire_time
from rooms.seats import SeatState
from rooms.session import Session
from rooms.view import messages as w
from rooms.vocabulary import OutcomeKind, Side

REMOVED_SHOWN = 20


def draft_view(session: Session, seat: str) -> w.DraftView:
    draft = session.draft
    if session.over and (session.outcome is None or session.outcome.kind is not OutcomeKind.SETTLED):
        draft = replace(draft, clauses=(), removed=())  # what was offered on the way goes no further
    return {
        "clauses": [_clause(session, clause, seat) for clause in draft.clauses],
        "removed": [
            {"id": gone.id, "number": gone.number, "text": gone.text} for gone in draft.removed[-REMOVED_SHOWN:]
        ],
        "facts": [_fact(session, fact) for fact in draft.facts],
        "claims": {side: draft.claims.get(side, "") for side in SIDES},
        "deciders": {side: decider(session, side) for side in SIDES},
        "standing": _standing(session, session.seats[seat]),
        "authorities": {
            id: {"capacity": held.capacity, "special": held.special, "basis": held.basis, "settles": held.settles}
            for id, held in draft.authorities.items()
        },
        "unproven": [
            seat.id for side in SIDES for seat in speakers(session, side) if seat.in_room and not draft.empowered(seat)
        ],
        "agreed": consent.agreed(session),
        "missing": [{"clause": clause.id, "side": side} for clause, side in consent.missing(session)],
        "waived": list(consent.waived_by(session)),
        "at_once": draft.performed_at_once,
        "sealed": session.sealed,
    }


def _standing(session: Session, seat: SeatState) -> Literal["decides", "reads", "authority", "principal"]:
    """What this person is to the draft: `decides`, or why not: `reads`, `authority` (not recorded), `principal`."""
    side = side_of(seat)
    if side is None or seat not in speakers(session, side):
        return "reads"
    if not session.draft.empowered(seat):
        return "authority"
    return "decides" if decider(session, side) == seat.id else "principal"


def _clause(session: Session, clause: Clause, seat: str) -> w.ClauseView:
    mediator = seat == session.mediator_seat
    return {
        "id": clause.id,
        "number": clause.number,
        "edition": clause.edition,
        "heading": clause.heading,
        "text": clause.text,
        "before": clause.before,
        "plain": clause.plain,
        "gloss": clause.gloss,
        "term": plain(clause.term),
        "voided": _sides(session, clause.voided),
        "asked": clause.asked,
        "queries": [who for who in clause.queries if mediator or who == seat],
        "sides": {side: _answer(consent.stance(session, clause, side), mediator, seat) for side in SIDES},
    }


def _fact(session: Session, fact: AcceptedFact) -> w.FactView:
    return {
        "id": fact.id,
        "number": fact.number,
        "edition": fact.edition,
        "text": fact.text,
        "before": fact.before,
        "voided": _sides(session, fact.voided),
        "sides": {side: _answer(consent.view_of(session, fact, side), False, "") for side in SIDES},
    }


def _sides(session: Session, seats: tuple[str, ...]) -> list[Side]:
    """Whose answers they were."""
    sides = {side_of(session.seats[seat]) for seat in seats if seat in session.seats}
    return [side for side in Side if side in sides]


def _answer(stance: tuple[str, ClauseAnswer] | None, mediator: bool, seat: str) -> w.AnswerView | None:
    if stance is None:
        return None
    who, answer = stance
    return {
        "seat": who,
        "agrees": answer.agrees,
        "reason": answer.reason,
        "confided": answer.confided if mediator or who == seat else "",
        "at": wire_time(answer.at),
    }
