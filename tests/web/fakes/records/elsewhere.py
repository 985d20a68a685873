"""Recording without a room that keeps to the rules of rooms and remembers what it was asked."""

from __future__ import annotations

from journal.refusals import DomainError, Refused
from offices import Officer
from offices.systems import System
from rooms.agreement.rules import sound
from rooms.commands import RecordHeld
from tests.web.fakes.people import Clock
from web.office.complaints import Elsewhere


class FakeElsewhere(Elsewhere):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.recorded: list[RecordHeld] = []
        self.keys: dict[tuple[str, str], str] = {}

    async def record(self, officer: Officer, complaint: str, command: RecordHeld) -> str:
        if complaint != "c0":
            raise Refused("not_found", 404)
        try:
            sound(command, "121", self.clock())
        except DomainError as no:
            raise Refused(no.code, 409, **no.params) from None
        self.recorded.append(command)
        return "s-held"

    async def record_once(
        self, system: System, complaint: str, command: RecordHeld, key: str, digest: str
    ) -> tuple[str, bool]:
        fresh = (system.id, key) not in self.keys
        if self.keys.setdefault((system.id, key), digest) != digest:
            raise Refused("key_reused", 409)
        return (await self.record(system, complaint, command), True) if fresh else ("s-held", False)
