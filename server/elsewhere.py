"""Recording a mediation that was held without a room, by form and by interface. Implements `web.ports.Elsewhere`.

By telephone a session is made and recorded in one press; one on site was arranged before and is recorded here. What a
session would refuse is refused before one is made.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from complaints.complaint import Complaint
from complaints.service import ComplaintService
from law.modes import ROOM
from rooms.agreement.rules import sound
from rooms.commands import RecordHeld
from rooms.errors import RoomError, UnknownSession
from rooms.vocabulary import Status
from server.complaint_desk import ComplaintDesk
from server.refusing import said
from web.ports import Officer, Refused, Sessions, System


class Keys(Protocol):
    async def request(self, token: str, key: str, digest: str, made: str, now: datetime) -> tuple[str, str]:
        """Keep what a key stands for: the digest and what was made for the first who came with it."""
        ...


class ElsewhereDesk:
    def __init__(
        self,
        desk: ComplaintDesk,
        complaints: ComplaintService,
        sessions: Sessions,
        keys: Keys,
        now: Callable[[], datetime],
    ) -> None:
        self._desk, self._complaints, self._sessions, self._keys, self._now = desk, complaints, sessions, keys, now
        self._turn = asyncio.Lock()  # of the same key the second finds it done

    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        state = await self._theirs(officer, complaint)
        self._sound(state, command)
        session = await self._arranged(officer, sorted(state.open_sessions))
        return await self._recorded(officer, complaint, command, session)

    async def record_once(
        self, system: System, complaint: str, command: RecordHeld, key: str, digest: str
    ) -> tuple[str, bool]:
        """The key is kept before anything is made, with the session it is about: a crash between records none twice."""
        if not system.own:
            raise Refused("not_allowed", 403)
        async with self._turn:
            state = await self._theirs(system, complaint)
            arranged, refusal = "", None
            try:
                arranged = await self._arranged(system, sorted(state.open_sessions))
            except Refused as no:
                refusal = no
            made = arranged or uuid.uuid4().hex
            first, session = await self._keys.request(system.token, key, digest, made, self._now())
            if first != digest:
                raise Refused("key_reused", 409)
            if await self._is_recorded(session):
                return session, False
            if refusal is not None:
                raise refusal
            self._sound(state, command)
            return await self._recorded(system, complaint, command, session), True

    async def _theirs(self, officer: Officer, complaint: str) -> Complaint:
        if officer.role != "mediator":
            raise Refused("not_allowed", 403)
        with said():
            state = await self._complaints.state(complaint)
        if state.record.office != officer.office.id:
            raise Refused("not_found", 404)
        return state

    def _sound(self, state: Complaint, command: RecordHeld) -> None:
        with said():
            if not set(command.held.proof) <= {one.attachment for one in state.attachments}:
                raise Refused("bad_choice", 400, field="proof")
            sound(command, state.record.order, self._now())

    async def _recorded(self, officer: Officer, complaint: str, command: RecordHeld, session: str) -> str:
        """`session`: which it is, made where it is not there yet; "" for a new one."""
        held = command.held
        if not session or not await self._is_there(session):
            session = await self._desk.schedule(officer, complaint, held.began, [], held.mode, held.place, session)
        with said():
            await self._sessions.submit(session, command, officer.actor)
        return session

    async def _is_there(self, session: str) -> bool:
        try:
            await self._sessions.state(session)
        except UnknownSession:
            return False
        return True

    async def _is_recorded(self, session: str) -> bool:
        return await self._is_there(session) and (await self._sessions.state(session)).held is not None

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
