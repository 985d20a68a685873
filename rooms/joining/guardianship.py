"""Minors in the room: what is asked of them, who decides for them, and who has to be there with them. Pure.

Civil Code Arts 17-20 and 23: somebody under 18 acts through a guardian; who is 16 or 17 and lives on their own earnings
acts alone (Art 18). PIPL Art 31: of a child under 14 nothing is processed before a guardian has agreed to it.
"""

from __future__ import annotations

from typing import Final

from rooms import commands as c, events as e
from rooms.errors import BadValue, GuardianNeeded, WrongState
from rooms.seats import SeatState
from rooms.session import Session
from rooms.texts import MOST_NAME, line, optional
from rooms.vocabulary import MINORS, Age, Capacity, Role

ASKED: Final = frozenset({Role.CONSUMER, Role.COMPANION})
"""Whose age is asked on the way in: people who come for themselves. Everybody else acts for somebody, or for a firm."""


def age_asked(seat: SeatState) -> bool:
    """Whether the page of ages is for them. Of whom the complaint says it, the age is known; for a child it still asks
    the guardian."""
    return seat.role in ASKED and (not seat.seat.age or seat.seat.age == Age.CHILD)


def age_open(seat: SeatState) -> bool:
    """Whether something about their age is still to be answered before they are asked anything else."""
    return seat.role in ASKED and (not seat.age or unconsented(seat))


def unconsented(seat: SeatState) -> bool:
    """A child for whom no guardian has agreed."""
    return seat.age == Age.CHILD and not seat.guardian_text


def guarded(session: Session, ward: SeatState) -> bool:
    """A guardian of theirs is in the room, or they need none."""
    if ward.role is not Role.CONSUMER or session.draft.decides_alone(ward):
        return True
    own = (seat for seat in session.seats.values() if seat.side == ward.side and seat.in_room)
    return any(is_guardian(session, seat) for seat in own)


def is_guardian(session: Session, seat: SeatState) -> bool:
    held = session.draft.authorities.get(seat.id)
    return held.capacity is Capacity.GUARDIAN if held is not None else bool(seat.seat.guardian)


def admitted(session: Session, seat: SeatState) -> list[e.SessionEvent]:
    """What goes with letting a guardian in: the capacity in which they act, once."""
    if not seat.seat.guardian or seat.id in session.draft.authorities:
        return []
    return [e.AuthorityRecorded(seat.id, Capacity.GUARDIAN, False, seat.seat.guardian)]


def state_age(command: c.StateAge, seat: SeatState) -> list[e.SessionEvent]:
    """GuardianNeeded for a child whose guardian has not agreed; Missing without the guardian's name."""
    if seat.in_room:
        raise WrongState(status=seat.status.value)
    if seat.role not in ASKED or command.age not in frozenset(Age):
        raise BadValue(field="age")
    told: list[e.SessionEvent] = [] if seat.age == command.age else [e.AgeStated(seat.id, command.age)]
    if command.age not in MINORS:
        return told
    name, relation = line(command.guardian, "guardian", MOST_NAME), line(command.relation, "relation", MOST_NAME)
    text = optional(command.text, "text", MOST_NAME) if command.consents else ""
    if command.age == Age.CHILD and not text:
        raise GuardianNeeded
    if (seat.guardian, seat.guardian_relation, seat.guardian_text) != (name, relation, text):
        told.append(e.GuardianNamed(seat.id, name, relation, text))
    return told
