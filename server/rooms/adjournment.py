"""An adjourned session goes on at the time that was announced: the same seats, fresh links, no desk work.

Owns what makes this safe to repeat: the next session's id follows from the one that was adjourned, and a seat that
ever had a link gets no second one. It is done in the mediator's name, who decided the time when closing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from complaints.commands import ScheduleMediation
from complaints.complaint import Complaint, State
from complaints.notice_views import NoticeWish
from complaints.notices.notice import NoticeKind
from complaints.service import ComplaintService
from law.orders import ROOM
from offices.people import Officer
from offices.refusal import Refused
from rooms.commands import Schedule
from rooms.errors import UnknownSession
from rooms.live.sessions import Sessions
from rooms.session import Session
from rooms.vocabulary import OutcomeKind, Role, Seat, SeatStatus
from server.complaints.notices import NoticeService
from server.complaints.service import authorised_until
from server.identity.links import JoinLinks
from server.identity.store import IdentityStore

log = structlog.get_logger(__name__)

_PRINCIPALS = frozenset({Role.MEDIATOR, Role.CONSUMER, Role.BUSINESS})


class Adjournment:
    """Called with every session that is over, also several times with the same one. Without `notices` nobody is told
    of one that goes on without a room; that stays owed on the complaint's page."""

    def __init__(
        self,
        complaints: ComplaintService,
        sessions: Sessions,
        links: JoinLinks,
        people: IdentityStore,
        now: Callable[[], datetime],
        notices: NoticeService | None = None,
    ) -> None:
        self._complaints = complaints
        self._sessions = sessions
        self._links = links
        self._people = people
        self._now = now
        self._notices = notices

    async def __call__(self, over: Session) -> None:
        starts = over.outcome.adjourned_to if over.outcome else None
        if over.outcome is None or over.outcome.kind is not OutcomeKind.ADJOURNED or starts is None:
            return
        mediator = await self._mediator(over)
        if mediator is None:
            log.warning("adjourned session has no mediator any more", session=over.id)
            return
        complaint = await self._complaints.state(over.complaint)
        session = next_session(over.id)
        if session not in complaint.sessions:
            if not self._goes_on(complaint, over, starts):
                return
            contacts = {seat.id: complaint.contacts.get(over.id, {}).get(seat.id, "") for seat in _invited(over)}
            command = ScheduleMediation(session, starts, over.mediator, contacts, *_how(over))
            await self._complaints.submit(over.complaint, command, mediator.actor)
            complaint = await self._complaints.state(over.complaint)
        if session in complaint.open_sessions:
            await self._hold(complaint, over, session, starts, mediator)

    def _goes_on(self, complaint: Complaint, over: Session, starts: datetime) -> bool:
        """Not when the office has arranged something else since, nor when the time passed while nobody was running:
        then the complaint waits on the desk."""
        return complaint.state is State.MEDIATING and complaint.sessions[-1] == over.id and starts > self._now()

    async def _hold(
        self, complaint: Complaint, over: Session, session: str, starts: datetime, mediator: Officer
    ) -> None:
        ordinal = complaint.sessions.index(session) + 1
        seats = tuple(_on_file(seat, complaint, mediator) for seat in _invited(over))
        try:
            state = await self._sessions.state(session)
        except UnknownSession:
            wanted = Schedule(
                over.complaint,
                over.number,
                over.office,
                ordinal,
                over.title,
                starts,
                seats,
                over.mediator,
                over.order,
                *_how(over),
            )
            await self._sessions.submit(session, wanted, mediator.actor)
        else:
            if state.over:
                return
        if _how(over)[0] == ROOM:
            await self._links.issue_first(mediator, session)
        elif self._notices is not None:
            await self._tell(self._notices, mediator, over.complaint, session)

    async def _tell(self, notices: NoticeService, mediator: Officer, complaint: str, session: str) -> None:
        """Time, place and mediator by a notice, as no link says them (Order 121 Art 20); once."""
        for known in (await self._complaints.state(complaint)).notices:
            if (known.issued.kind, known.issued.session) == (NoticeKind.MEDIATION, session):
                return
        try:
            await notices.issue(mediator, complaint, NoticeWish(NoticeKind.MEDIATION))
        except Refused as no:  # the complaint's page says that it is owed
            log.warning("the notice of an adjourned mediation was not issued", session=session, code=no.code)

    async def _mediator(self, over: Session) -> Officer | None:
        user, office = await self._people.user(over.mediator), await self._people.office(over.office)
        if user is None or office is None or (user.role, user.office) != ("mediator", office.id):
            return None
        return Officer(user.id, user.login, user.name, user.role, office, bool(user.totp_sealed), user.language)


def next_session(session: str) -> str:
    """The id of the session that goes on where this one was adjourned."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"session/{session}/adjourned").hex


def _how(over: Session) -> tuple[str, str]:
    """In which mode and at which place it goes on."""
    return (over.held.next_mode or over.held.mode, over.held.next_place) if over.held else (ROOM, "")


def _invited(over: Session) -> list[Seat]:
    """Both sides always; of the others nobody who was asked to leave or does not want to take part.

    A supervisor who looked on comes by themselves again, or not.
    """
    gone = (SeatStatus.REMOVED, SeatStatus.REFUSED)
    asked = (seat for seat in over.seats.values() if seat.role is not Role.SUPERVISOR)
    return [seat.seat for seat in asked if seat.role in _PRINCIPALS or seat.status not in gone]


def _on_file(seat: Seat, complaint: Complaint, mediator: Officer) -> Seat:
    """What somebody called themselves in the room changes no record."""
    match seat.role:
        case Role.MEDIATOR:
            return replace(seat, name=mediator.name)
        case Role.CONSUMER:
            return replace(seat, name=complaint.consumer.name)
        case Role.BUSINESS:
            return replace(seat, name=complaint.business.name or complaint.business.organisation)
        case Role.REPRESENTATIVE if not seat.guardian:
            until = authorised_until(complaint, seat.role, seat.name, seat.side, mediator.office.zone)
            return replace(seat, until=until or seat.until)
        case _:
            return seat
