"""Recording a mediation that was held without a room, for pages. Implements `web.ports.Elsewhere`.

By telephone a session is made and recorded in one press; one on site was arranged before and is recorded here. What a
session would refuse is refused before one is made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from complaints.service import ComplaintService
from law.modes import ROOM
from rooms.commands import RecordHeld
from rooms.elsewhere import sound
from rooms.errors import RoomError
from rooms.vocabulary import Status
from server.complaint_desk import ComplaintDesk
from server.refusing import said
from web.ports import Officer, Refused, Sessions


class ElsewhereDesk:
    def __init__(
        self, desk: ComplaintDesk, complaints: ComplaintService, sessions: Sessions, now: Callable[[], datetime]
    ) -> None:
        self._desk, self._complaints, self._sessions, self._now = desk, complaints, sessions, now

    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        if officer.role != "mediator":
            raise Refused("not_allowed", 403)
        with said():
            state = await self._complaints.state(complaint)
            if state.record.office != officer.office.id:
                raise Refused("not_found", 404)
            if not set(command.held.proof) <= {one.attachment for one in state.attachments}:
                raise Refused("bad_choice", 400, field="proof")
            sound(command, state.record.order, self._now())
        session = await self._arranged(officer, sorted(state.open_sessions))
        if not session:
            held = command.held
            session = await self._desk.schedule(officer, complaint, held.began, [], held.mode, held.place)
        with said():
            await self._sessions.submit(session, command, officer.actor)
        return session

    async def _arranged(self, officer: Officer, open_: list[str]) -> str:
        """One of theirs that was to be held elsewhere and is not recorded yet, "" for none. Refused(409) while one that
        is held in a room is open."""
        for session in open_:
            try:
                state = await self._sessions.state(session)
            except RoomError:
                continue
            if state.mode == ROOM:
                raise Refused("session_open", 409)
            if state.status is Status.SCHEDULED and state.mediator == officer.id:
                return session
        return ""
