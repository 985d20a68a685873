"""Decisions about the session, its seats, the links to them, and who sits with a party to help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from journal import Actor
from journal.refusals import NotAllowed, WrongState
from law.orders import MODES, ON_SITE, ORDERS
from offices import Office
from rooms import (
    MOST_NAME,
    MOST_PLACE,
    BadSeat,
    BadValue,
    ConsentNeeded,
    LinkExpired,
    LinkUnknown,
    Outdated,
    RoomFull,
    commands as c,
    events as e,
    line,
)
from rooms.events import SessionEvent
from rooms.joining.seat_messages import WAYS
from rooms.seats import SeatState
from rooms.session import MOST_SEATS, Asker, Session, seat_of
from rooms.vocabulary import ASSISTED, Role, Seat, SeatStatus, Status


def schedule(command: c.Schedule, session: Session | None) -> list[SessionEvent]:
    if session is not None:
        raise WrongState(status=session.status.value)
    if len(command.seats) > MOST_SEATS:
        raise RoomFull(most=MOST_SEATS)
    if len({seat.id for seat in command.seats}) != len(command.seats):
        raise BadSeat(problem="twice")
    if sum(seat.role is Role.MEDIATOR for seat in command.seats) != 1:
        raise BadSeat(problem="mediator")
    for seat in command.seats:
        _sound(seat)
    if command.ordinal < 1:
        raise BadValue(field="ordinal")
    if command.order not in ORDERS:
        raise BadValue(field="order")
    if command.mode not in MODES:
        raise BadValue(field="mode")
    return [
        e.SessionScheduled(
            command.complaint,
            command.number,
            command.office,
            command.ordinal,
            line(command.title, "title"),
            command.starts,
            command.seats,
            command.mediator,
            command.order,
            command.mode,
            line(command.place, "place", MOST_PLACE) if command.mode == ON_SITE else "",
        )
    ]


def decide_invitation(command: c.InvitationCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.Cancel():
            return cancel(command, session)
        case c.Reschedule():
            return reschedule(command, session, now)
        case c.DeclineOtherTime():
            return decline_other_time(command, session)
        case c.AddSeat():
            return add_seat(command, session)
        case c.CorrectPhone():
            return correct_phone(command, session)
        case c.IssueLink():
            return issue_link(command, session, now)
        case c.HandOverLink():
            return hand_over_link(command, session)
        case c.RevokeLink():
            return revoke_link(command, session)
        case c.OpenLink():
            return open_link(command, session, who.seat, now)
        case _:
            assert_never(command)


def cancel(command: c.Cancel, session: Session) -> list[SessionEvent]:
    if session.status is not Status.SCHEDULED:
        raise WrongState(status=session.status.value)
    return [e.SessionCancelled(line(command.reason, "reason"))]


def reschedule(command: c.Reschedule, session: Session, now: datetime) -> list[SessionEvent]:
    if session.status is not Status.SCHEDULED:
        raise WrongState(status=session.status.value)
    if command.starts <= now or command.links_until <= command.starts:
        raise BadValue(field="starts")
    if command.starts == session.starts:
        return []
    return [e.SessionRescheduled(command.starts, command.links_until)]


def decline_other_time(command: c.DeclineOtherTime, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if session.status is not Status.SCHEDULED:
        raise WrongState(status=session.status.value)
    return [e.OtherTimeDeclined(seat.id)] if seat.wish else []


def add_seat(command: c.AddSeat, session: Session) -> list[SessionEvent]:
    seat = command.seat
    if session.taken >= MOST_SEATS:
        raise RoomFull(most=MOST_SEATS)
    if seat.id in session.seats:
        raise BadSeat(problem="twice")
    if seat.role is Role.MEDIATOR:
        raise BadSeat(problem="mediator")
    _sound(seat)
    return [e.SeatAdded(seat)]


def correct_phone(command: c.CorrectPhone, session: Session) -> list[SessionEvent]:
    seat, phone = seat_of(session, command.seat), command.phone.strip()
    if session.over or seat.role is Role.MEDIATOR:
        raise WrongState(status=session.status.value)
    if len(phone) > MOST_NAME:
        raise BadValue(field="phone")
    return [] if seat.seat.phone == phone else [e.PhoneCorrected(seat.id, phone)]


def issue_link(command: c.IssueLink, session: Session, now: datetime) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if seat.signs_in:
        raise BadSeat(problem=seat.role.value)
    if command.expires <= now:
        raise BadValue(field="expires")
    if seat.link == command.link:
        return []
    if command.replaces not in (None, seat.link):
        raise Outdated
    replaced: list[SessionEvent] = [e.LinkRevoked(seat.id, seat.link, "replaced")] if seat.link else []
    return [*replaced, e.LinkIssued(seat.id, command.link, command.expires)]


def hand_over_link(command: c.HandOverLink, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if command.way not in WAYS:
        raise BadValue(field="way")
    if not seat.link or seat.link != command.link:
        raise LinkUnknown
    return [] if seat.handed == command.way else [e.LinkHandedOver(seat.id, seat.link, command.way)]


def revoke_link(command: c.RevokeLink, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if not seat.link or seat.link != command.link:
        return []
    return [e.LinkRevoked(seat.id, seat.link, line(command.reason, "reason"))]


def open_link(command: c.OpenLink, session: Session, own: str, now: datetime) -> list[SessionEvent]:
    seat = session.seats[own]
    if not seat.link or seat.link != command.link:
        raise LinkUnknown
    if seat.link_expires is not None and seat.link_expires <= now:
        raise LinkExpired
    return [] if seat.link_opened else [e.LinkOpened(own, command.link)]


def _sound(seat: Seat) -> None:
    if not seat.id:
        raise BadSeat(problem="id")
    if seat.role is Role.SUPERVISOR:
        raise BadSeat(problem="supervisor")  # comes by themselves, and only announced
    line(seat.name, "name", MOST_NAME)


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """Whose a link is, for an officer who opened it. `fault`: why it is no good any more, "" while it is."""

    office: Office
    session: Session
    seat: SeatState
    fault: str


# ------------------------------------------------------------ assistance


RELATIONS = ("station", "family", "community", "volunteer", "other")

_HERE = (SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING)


def decide_assistance(command: c.AssistanceCommand, session: Session, who: Asker) -> list[SessionEvent]:
    """Decide on somebody who sits with a party to help, at a station or at home. Everybody sees who.

    A helper has no seat: they decide nothing, and what they say is said by nobody. The person agrees, on their own page
    or asked by the mediator.
    """
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


@dataclass(frozen=True, slots=True)
class Guest:
    """A person behind a join link: which seat of which session, and how far they have come."""

    session: str
    seat: Seat
    link: str
    office: Office
    verified: bool  # one-time code confirmed on this device

    @property
    def actor(self) -> Actor:
        return Actor("party", self.seat.id, self.seat.name, self.seat.role, self.office.id)
