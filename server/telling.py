"""What the outbox learned of a message that tells somebody what was decided, as a fact of the complaint or the report
that it is about: the gateway took it, or it was given up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from complaints.clocks import local_day
from complaints.errors import Busy, ComplaintError
from complaints.leads import LeadService, NoteInformantMessageLost, NoteInformantMessageTaken
from complaints.notices.telling import NoteMessageGivenUp, NoteMessageTaken
from complaints.service import ComplaintService
from journal import SYSTEM
from server.storage.identity_store import IdentityStore
from server.storage.message_store import StoredMessage

log = structlog.get_logger(__name__)


class Telling:
    def __init__(
        self, complaints: ComplaintService, leads: LeadService, store: IdentityStore, now: Callable[[], datetime]
    ) -> None:
        self._complaints, self._leads, self._store, self._now = complaints, leads, store, now

    async def taken(self, message: StoredMessage, _reason: str) -> None:
        if message.lead:
            office = await self._store.office(message.office)
            assert office is not None
            command = NoteInformantMessageTaken(message.id, local_day(self._now(), office.zone))
            await _heard(message, self._leads.submit(message.lead, command, SYSTEM))
        else:
            await _heard(message, self._complaints.submit(message.complaint, NoteMessageTaken(message.id), SYSTEM))

    async def given_up(self, message: StoredMessage, reason: str) -> None:
        if message.lead:
            lost = NoteInformantMessageLost(message.id, reason)
            await _heard(message, self._leads.submit(message.lead, lost, SYSTEM))
        else:
            gone = NoteMessageGivenUp(message.id, reason)
            await _heard(message, self._complaints.submit(message.complaint, gone, SYSTEM))


async def _heard(message: StoredMessage, noting: Awaitable[object]) -> None:
    """Busy is raised, so that the outbox comes again; what is refused for good is only logged."""
    try:
        await noting
    except Busy:
        raise
    except ComplaintError as no:
        log.warning("a message is of nothing that can hear of it", id=message.id, code=no.code)
