"""What a room shows besides itself: its office, and the complaint as its mediator sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from complaints.clocks import open_clocks, running
from complaints.complaint import Complaint
from complaints.errors import UnknownComplaint
from complaints.record.record import PartyRecord
from complaints.service import ComplaintService
from law import WorkingCalendar
from rooms.session import Session
from rooms.view.seat_view import RoomContext
from server.storage.identity_store import IdentityStore


class SurroundingsOf:
    """Called by a room with its session."""

    def __init__(
        self,
        complaints: ComplaintService,
        offices: IdentityStore,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
    ) -> None:
        self._complaints = complaints
        self._offices = offices
        self._calendar = calendar

    async def __call__(self, session: Session) -> RoomContext:
        office = await self._offices.office(session.office)
        if office is None:
            return RoomContext()
        try:
            complaint = await self._complaints.state(session.complaint)
        except UnknownComplaint:
            return RoomContext(office.name, office.phone)
        case = _case(complaint, office.zone, await self._calendar(office.id))
        # Until it is decided; and once granted, whoever was recused does not go on with a session that had begun.
        suspended = complaint.recusal is not None or session.mediator in complaint.recused
        return RoomContext(office.name, office.phone, case, suspended=suspended)


def _case(complaint: Complaint, zone: str, calendar: WorkingCalendar) -> dict[str, Any]:
    record = complaint.record
    heeded = {one.code: one for one in open_clocks(complaint, zone, calendar)}
    clock = heeded.get("mediate") or running(complaint, zone, calendar)  # in the room: the mediation's
    return {
        "request": record.request,
        "facts": record.facts,
        "attachments": [
            {"id": one.attachment, "name": one.name, "kind": one.kind, "about": one.about}
            for one in complaint.attachments
        ],
        "amount": None if record.amount is None else f"{record.amount:.2f}",
        "consumer": _party(record.consumer),
        "business": _party(record.business),
        "deadline": None
        if clock is None or clock.standing
        else {
            "code": clock.code,
            "due": clock.due.isoformat(),
            "article": {"zh": clock.article_zh, "en": clock.article_en},
        },
        "industry": record.industry,
        "problem": record.problem,
    }


def _party(party: PartyRecord) -> dict[str, str]:
    return {
        "name": party.name,
        "organisation": party.organisation,
        "city": party.city,
        "phone": party.phone_masked,
        "detail": party.detail,
    }
