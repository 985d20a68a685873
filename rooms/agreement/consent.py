"""What counts as agreed: whose answer is a side's, which consents are missing, what is waived, what is signed.

Reads the draft (`rooms.agreement.state`) in its session: seats say who speaks for a side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from rooms.agreement.state import (
    ACTING,
    PRINCIPALS,
    SIDES,
    AcceptedFact,
    AgreementDraft,
    Clause,
    ClauseAnswer,
    canonical,
    side_of,
)
from rooms.seats import SeatState
from rooms.session import Session
from rooms.vocabulary import Side


def speakers(session: Session, side: Side) -> list[SeatState]:
    """Seats that can answer for a side: principals, then whoever acts for them, in the order of the seats."""
    seats = session.seats.values()
    principals = [seat for seat in seats if PRINCIPALS.get(seat.role) is side]
    return [*principals, *(seat for seat in seats if seat.role in ACTING and seat.side is side)]


def decider(session: Session, side: Side) -> str:
    """The seat that answers for a side now: its principal, or in their absence who may settle for them; else ""."""
    if session.held is not None:  # nobody was in a room: who signs is each side's principal
        return next((seat.id for seat in session.seats.values() if PRINCIPALS.get(seat.role) is side), "")
    able = [seat for seat in speakers(session, side) if seat.in_room and session.draft.empowered(seat)]
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
        if answer is not None and answer.edition == edition and session.draft.empowered(seat):
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
        if any(seat.id in session.draft.waivers and session.draft.empowered(seat) for seat in speakers(session, side))
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
