"""Who may ask what of a session, as the commands declare it, and what an actor is to one.

Whether it can be done *now* is for the decisions; a right only says that this kind of person may ask it at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from journal import Actor
from journal.refusals import NotAllowed
from rooms import commands as c
from rooms.declarations import DECLARED, OutsideRole, Standing
from rooms.session import Session
from rooms.vocabulary import Role

RIGHTS: Mapping[type[c.Command], frozenset[Standing]] = {kind: DECLARED[kind].by for kind in get_args(c.Command)}

IN_ROOM: frozenset[type[c.Command]] = frozenset(kind for kind in RIGHTS if DECLARED[kind].in_room)
"""Asked only by somebody who is in the room."""


@dataclass(frozen=True, slots=True)
class Asker:
    """An actor as the session sees them: their seat ("" without one) and what they are."""

    seat: str
    standings: frozenset[Standing]

    @property
    def mediator(self) -> bool:
        return Role.MEDIATOR in self.standings


def asker(session: Session, actor: Actor) -> Asker:
    """NotAllowed for a party whose seat is not of this session."""
    if actor.kind == "system":
        return Asker("", frozenset({OutsideRole.SYSTEM}))
    if actor.kind == "party":
        seat = session.seats.get(actor.id)
        if seat is None or seat.signs_in:
            raise NotAllowed
        return Asker(actor.id, frozenset({seat.role}))
    if actor.id == session.mediator:
        return Asker(session.mediator_seat, frozenset({Role.MEDIATOR, OutsideRole.OFFICE, OutsideRole.OFFICER}))
    watches = session.observing_seat(actor.id)
    return Asker(watches, _officer(session.office, actor) | (frozenset({Role.SUPERVISOR}) if watches else frozenset()))


def scheduler(office: str, actor: Actor) -> Asker:
    """Somebody asking before there is a session."""
    if actor.kind == "party":
        raise NotAllowed
    return Asker("", frozenset({OutsideRole.SYSTEM}) if actor.kind == "system" else _officer(office, actor))


def _officer(office: str, actor: Actor) -> frozenset[Standing]:
    colleague = actor.office == office and actor.role in ("mediator", "administrator")
    supervisor = actor.role == "supervisor"
    keeper = supervisor or (actor.office == office and actor.role == "administrator")
    standings = {OutsideRole.OFFICE: colleague, OutsideRole.KEEPER: keeper, OutsideRole.SUPERVISOR: supervisor}
    return frozenset({OutsideRole.OFFICER, *(standing for standing, holds in standings.items() if holds)})
