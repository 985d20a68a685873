"""What somebody is asked in an asynchronous mediation just now, and so what everybody else waits for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rooms.agreement.outcome import decider, stance, view_of
from rooms.apart.rules import apart_on
from rooms.declarations import CONFERRING
from rooms.seats import SeatState
from rooms.session import Session
from rooms.vocabulary import Role, Side


class TaskKind(StrEnum):
    CODE = "code"  # to come at all: nobody has shown yet who they are
    CONSENT = "consent"
    RIGHTS = "rights"
    STATEMENT = "statement"
    EXHIBIT = "exhibit"
    OFFER = "offer"
    RULE = "rule"  # of the double-blind offers
    FIGURE = "figure"
    FACT = "fact"
    CLAUSE = "clause"
    SIGN = "sign"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Task:
    """`about`: id or number of what it is about, "" where there is only one."""

    kind: TaskKind
    about: str = ""


def open_tasks(session: Session, seat: SeatState) -> tuple[Task, ...]:
    """In the order in which they are best done; () for who only watches, and once it is over or in the room."""
    apart = apart_on(session)
    if apart is None or seat.role not in CONFERRING:
        return ()
    if not seat.confirmed:
        return (Task(TaskKind.CODE),)
    if not seat.participate:
        return (Task(TaskKind.CONSENT),)
    if seat.id not in apart.read:
        return (Task(TaskKind.RIGHTS),)
    found: list[Task] = []
    principal = seat.role in (Role.CONSUMER, Role.BUSINESS)
    if principal and seat.id not in session.written and not session.sealed and session.proposed is None:
        found.append(Task(TaskKind.STATEMENT))
    return (*found, *_offers(session, seat), *_draft(session, seat), *_end(session, seat, principal))


def _offers(session: Session, seat: SeatState) -> list[Task]:
    found: list[Task] = []
    for one in session.exhibits.standing:
        theirs = one.side is not None and one.side is not seat.side and not one.private
        if theirs and one.ready and seat.side is not None and seat.side not in one.answers:
            found.append(Task(TaskKind.EXHIBIT, one.id))
    assert session.apart is not None
    found += [
        Task(TaskKind.OFFER, str(offer.number)) for offer in session.apart.offers.values() if offer.open_for(seat.side)
    ]
    gap = session.concessions.gap
    if gap is not None and gap.open and seat.side is not None:
        if seat.side not in gap.agreed:
            found.append(Task(TaskKind.RULE, str(gap.number)))
        elif gap.agreed == frozenset(Side) and seat.side not in gap.figures:
            found.append(Task(TaskKind.FIGURE, str(gap.number)))
    return found


def _draft(session: Session, seat: SeatState) -> list[Task]:
    side = seat.side
    if side is None or decider(session, side) != seat.id or session.sealed:
        return []
    facts = [Task(TaskKind.FACT, fact.id) for fact in session.draft.facts if view_of(session, fact, side) is None]
    clauses = [
        Task(TaskKind.CLAUSE, clause.id) for clause in session.draft.clauses if stance(session, clause, side) is None
    ]
    return [*facts, *clauses]


def _end(session: Session, seat: SeatState, principal: bool) -> list[Task]:
    found: list[Task] = []
    signing = session.signing
    asked = signing is not None and signing.open and seat.id in signing.parties
    if signing is not None and asked and seat.id not in signing.hands and seat.id not in signing.refusals:
        found.append(Task(TaskKind.SIGN))
    if session.proposed is not None and principal and seat.id not in session.seen:
        found.append(Task(TaskKind.OUTCOME))
    return found
