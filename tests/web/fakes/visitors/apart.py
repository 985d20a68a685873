"""Asynchronous mediation as pages ask for it: every visit counts until it is ended, nothing was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from offices import Officer
from rooms.joining.invitations import Guest
from rooms.view import LineView


class FakeApart:
    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.drafts: dict[str, str] = {}

    async def begin(self, officer: Officer, session: str, until: datetime) -> None:
        self.asked.append((session, until))

    async def move_end(self, officer: Officer, session: str, until: datetime) -> None:
        self.asked.append((session, until))

    async def call(self, officer: Officer, session: str, starts: datetime | None) -> None:
        self.asked.append((session, starts))

    async def open_room(self, officer: Officer, session: str) -> None:
        self.asked.append((session, "room"))

    async def nudge(self, officer: Officer, session: str, seat: str) -> None:
        self.asked.append((session, seat))

    def ticket(self, guest: Guest) -> str:
        return f"visit-{guest.link}"

    async def visits(self, guest: Guest, ticket: str) -> bool:
        return ticket == self.ticket(guest)

    async def note_visit(self, guest: Guest) -> None:
        self.asked.append((guest.session, guest.seat.id))

    async def draft(self, guest: Guest, of: str) -> str:
        return self.drafts.get(f"{guest.link} {of}", "")

    async def keep_draft(self, guest: Guest, of: str, text: str) -> None:
        self.drafts[f"{guest.link} {of}"] = text

    async def lines(self, session: str, seat: str) -> Sequence[LineView]:
        return ()
