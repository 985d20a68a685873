"""Decisions about a mediation that was held without a room: on site, by telephone or by other means (Order 121 Art 20).

Its record is made afterwards, by who mediated. Of a settlement that leaves something to be done, an agreement is
signed unless both sides do without one (Art 24); they sign on their own phones, each by a personal link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from law.modes import ELSEWHERE, MODES, ON_SITE
from rooms import commands as c, events as e, phrasing
from rooms.agreeing import called
from rooms.drafting import CLAUSE
from rooms.errors import BadClause, BadOutcome, BadValue, WrongState
from rooms.events import SessionEvent
from rooms.outcome import checked
from rooms.session import Session
from rooms.texts import MOST_PLACE, MOST_TEXT, line, optional
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Role, Status, Term

WANTED, WAIVED, AT_ONCE = "wanted", "waived", ""
AHEAD: Final = timedelta(minutes=5)  # a clock that is a little fast
LONGEST: Final = timedelta(hours=24)
MOST_PROOF: Final = 20


def decided(command: c.RecordHeld, session: Session, now: datetime) -> list[SessionEvent]:
    """WrongState, BadValue (field), BadOutcome, BadClause, Missing, TooLong."""
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
    if mode not in MODES:
        raise BadValue(field="next_mode")
    place = line(held.next_place or held.place, "next_place", MOST_PLACE) if mode == ON_SITE else ""
    return replace(held, next_mode=mode, next_place=place)


def _authority(command: c.RecordHeld, session: Session, held: e.HeldElsewhere) -> list[SessionEvent]:
    """By what right a business's agreement is signed; who signs for a person is that person."""
    if held.agreement != WANTED or command.capacity is None:
        return []
    seat = next((one.id for one in session.seats.values() if one.role is Role.BUSINESS), "")
    basis = optional(command.basis, "basis")
    return [e.AuthorityRecorded(seat, command.capacity, command.capacity is Capacity.AGENT, basis)] if seat else []


def _clauses(session: Session, terms: tuple[Term, ...], now: datetime) -> list[SessionEvent]:
    """What was agreed, in the words that are signed."""
    names, found = called(session), list[SessionEvent]()
    for number, term in enumerate(terms, 1):
        made = phrasing.phrased(term, names, now)
        if not made.text:
            raise BadClause(problem="promise")
        found.append(e.ClausePut(f"{CLAUSE}{number}", 1, made.text, made.plain, made.gloss, made.heading, term, ()))
    return found
