"""An assisted seat: somebody sits with a party to help, at a station or at home. Everybody sees who.

A helper has no seat: they decide nothing, and what they say is said by nobody. The person agrees, on their own page or
asked by the mediator.
"""

from __future__ import annotations

from typing import assert_never

from rooms import commands as c, events as e
from rooms.errors import BadValue, ConsentNeeded, NotAllowed, WrongState
from rooms.events import SessionEvent
from rooms.invitations import seat_of
from rooms.rights import ASSISTED, Asker
from rooms.seats import SeatState
from rooms.session import Session
from rooms.texts import MOST_NAME, line
from rooms.vocabulary import SeatStatus

RELATIONS = ("station", "family", "community", "volunteer", "other")

_HERE = (SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING)


def decided(command: c.AssistanceCommand, session: Session, who: Asker) -> list[SessionEvent]:
    seat = seat_of(session, command.seat or who.seat)
    if seat.id != who.seat and not who.mediator:
        raise NotAllowed
    if seat.seat.role not in ASSISTED:
        raise NotAllowed
    match command:
        case c.Assist():
            return _assist(command, seat, who)
        case c.EndAssistance():
            return [] if seat.helper is None else [e.AssistanceEnded(seat.id, who.seat)]
        case _:
            assert_never(command)


def _assist(command: c.Assist, seat: SeatState, who: Asker) -> list[SessionEvent]:
    if seat.status not in _HERE:
        raise WrongState(status=seat.status.value)
    if command.relation not in RELATIONS:
        raise BadValue(field="relation")
    helper = line(command.helper, "helper", MOST_NAME)
    if not command.agreed:
        raise ConsentNeeded
    if seat.helper is not None and (seat.helper.name, seat.helper.relation) == (helper, command.relation):
        return []
    return [e.SeatAssisted(seat.id, helper, command.relation, who.seat)]
