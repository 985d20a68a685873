"""What the outbox learned of a notice's message, as a fact of its complaint: taken by the gateway, or given up."""

from __future__ import annotations

import structlog

from complaints.errors import Busy, ComplaintError
from complaints.service import ComplaintService
from complaints.telling import NoteMessageGivenUp, NoteMessageTaken, TellingCommand
from journal import SYSTEM
from server.storage.message_store import StoredMessage

log = structlog.get_logger(__name__)


class Telling:
    def __init__(self, complaints: ComplaintService) -> None:
        self._complaints = complaints

    async def taken(self, message: StoredMessage, _reason: str) -> None:
        await self._note(message, NoteMessageTaken(message.id))

    async def given_up(self, message: StoredMessage, reason: str) -> None:
        await self._note(message, NoteMessageGivenUp(message.id, reason))

    async def _note(self, message: StoredMessage, command: TellingCommand) -> None:
        """Busy is raised, so that the outbox comes again; what the complaint refuses for good is only logged."""
        try:
            await self._complaints.submit(message.complaint, command, SYSTEM)
        except Busy:
            raise
        except ComplaintError as no:
            log.warning("a notice's message is of no complaint that can hear of it", id=message.id, code=no.code)
