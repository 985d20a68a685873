"""Messages that go nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from offices.people import Officer
from offices.systems import Message
from web.office.administration import Outbox


class FakeOutbox(Outbox):
    def __init__(self) -> None:
        self.kept: list[Message] = []

    async def messages(self, officer: Officer, page: int = 1) -> tuple[Sequence[Message], int]:
        return self.kept[20 * (page - 1) : 20 * page], len(self.kept)

    async def resend(self, officer: Officer, message: str) -> None:
        self.kept = [replace(m, state="queued", error="") if m.id == message else m for m in self.kept]
