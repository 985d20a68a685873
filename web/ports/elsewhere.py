"""Recording a mediation that was held without a room."""

from __future__ import annotations

from typing import Protocol

from rooms.commands import RecordHeld
from web.ports.people import Officer
from web.ports.systems import System


class Elsewhere(Protocol):
    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        """A mediation without a room took place; the session it is on file as. Refused: bad_choice, session_open, and
        what rooms.agreement.rules refuses."""
        ...

    async def record_once(
        self, system: System, complaint: str, command: RecordHeld, key: str, digest: str
    ) -> tuple[str, bool]:
        """As `record`, with an officer's own token; the session, and whether it was recorded just now. `digest`: of
        what was asked. The same key records once, however often it is sent. Refused(409): key_reused."""
        ...
