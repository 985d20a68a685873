"""What the desk does with a complaint: registering, deciding, scheduling, noting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from rooms.vocabulary import Role, Side
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """Full data of a complaint being registered; phones are complete here."""

    channel: str  # "hotline" | "director" | "board" | "12315" | "petition" | "window"
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer_name: str
    consumer_phone: str
    consumer_city: str = ""
    consumer_address: str = ""
    business_name: str = ""
    business_contact: str = ""
    business_phone: str = ""
    business_city: str = ""
    business_address: str = ""
    credit_code: str = ""
    industry: str = ""
    problem: str = ""


class Complaints(Protocol):
    async def register(self, officer: Officer, new: NewComplaint) -> str:
        """Complaint id. Refused: bad_phone, missing (params: field)."""
        ...

    async def order(self, complaint: str) -> str:
        """Which order applies, "121" or "20": it says what an ending ground's number means, to parties too."""
        ...

    async def accept(self, officer: Officer, complaint: str) -> None: ...

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        """`ground` 1–7 of Order 121 Art 16."""
        ...

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        """Everything promised in the settlement was done. Refused: wrong_state."""
        ...

    async def told(self, officer: Officer, complaint: str) -> None:
        """Both sides were told that mediation ended. Refused: wrong_state."""
        ...

    async def close_file(self, officer: Officer, complaint: str) -> None:
        """Nothing more is to be done. Refused: wrong_state."""
        ...

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        """The last of these notes was a mistake: "kept", "told" or "closed". Refused: wrong_state, missing."""
        ...

    async def reveal_phone(self, officer: Officer, complaint: str, whose: Side, reason: str) -> str:
        """The full number; the look is journaled on the complaint. Refused: missing (no reason)."""
        ...

    async def schedule(
        self, officer: Officer, complaint: str, starts: datetime, extra: Sequence[tuple[Role, str, str, Side | None]]
    ) -> str:
        """A session with the mediator's, consumer's and business's seats, and extra (role, name, phone, side).

        Returns the session id; links are issued separately. Accepts a registered complaint on the way.
        """
        ...

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str: ...
