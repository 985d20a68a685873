"""What the desk does with a complaint: registering, deciding, scheduling, noting."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from complaints.notices.telling import NoteTold
from complaints.record.parties import Person
from complaints.record.record import NOTHING_BOUGHT, ObjectRecord, SourceNumber
from complaints.service import Authorised
from law.modes import ROOM
from rooms.vocabulary import Role, Side
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A complaint as an officer types it, numbers complete: `complaints.service.Filing` without its office."""

    channel: str
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: Person
    business: Person
    industry: str = ""
    problem: str = ""
    mode: str = ""
    sources: tuple[SourceNumber, ...] = ()
    joint: tuple[Person, ...] = ()
    representatives: tuple[str, ...] = ()
    proxy: Authorised | None = None
    object: ObjectRecord = NOTHING_BOUGHT
    requests: tuple[str, ...] = ()
    problem_class: str = ""
    industry_code: str = ""
    division: str = ""
    jurisdiction: str = ""
    urgency: tuple[str, ...] = ()
    secret: bool = False
    wants_reply: bool = True
    keywords: tuple[str, ...] = ()
    also_reports: bool = False


class Complaints(Protocol):
    async def register(self, officer: Officer, new: NewComplaint, complaint: str = "") -> str:
        """Complaint id, its own choice unless given.

        Refused: missing, too_long, bad_phone, bad_check, bad_choice (params: field), bad_amount.
        """
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

    async def told(self, officer: Officer, complaint: str, told: NoteTold) -> None:
        """Somebody was told of what was decided, otherwise than by a message.

        Refused: wrong_state, missing, bad_choice, bad_day, too_long (params: field).
        """
        ...

    async def close_file(self, officer: Officer, complaint: str, represented: str = "", paper: str = "") -> None:
        """Nothing more is to be done. `represented`: how those represented in a joint complaint agreed to its
        settlement. `paper`: where the record of the mediation is kept, where none is under seal here.

        Refused: wrong_state, untold, missing, too_long, record_missing.
        """
        ...

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        """The last of these notes was a mistake: "kept", "told" or "closed". Refused: wrong_state, missing."""
        ...

    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str:
        """A full number by its id in `complaints.record.parties`; the look is journaled on the complaint.

        Refused: missing (no reason), bad_choice (no such number on file).
        """
        ...

    async def note_term(self, officer: Officer, complaint: str, session: str, term: int, note: str) -> None:
        """One promise of a settlement was kept. Refused: wrong_state, too_long."""
        ...

    async def take_back_term(self, officer: Officer, complaint: str, session: str, term: int, reason: str) -> None:
        """It was not. Refused: wrong_state, missing (no reason)."""
        ...

    async def take_back_call(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        """Refused: wrong_state, missing, too_long."""
        ...

    async def kept_terms(self, complaint: str) -> Collection[tuple[str, int]]:
        """Session and number, from 1, of promises noted as kept one by one."""
        ...

    async def call_back(
        self, officer: Officer, complaint: str, whom: str, reached: bool, satisfied: str, note: str
    ) -> None:
        """A party was asked how it went (Order 121 Art 26). Refused: wrong_state, bad_choice."""
        ...

    async def amend(self, officer: Officer, complaint: str, new: NewComplaint, seen: int, reason: str) -> None:
        """Correct what is on file. A number left empty stays, "-" removes it; `seen`: amendments the page showed.

        Refused: as `register`, unchanged, wrong_state (somebody else corrected it meanwhile).
        """
        ...

    async def undo_amendment(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        """Refused: missing (no reason), wrong_state (taken back already, or changed since)."""
        ...

    async def schedule(
        self,
        officer: Officer,
        complaint: str,
        starts: datetime,
        extra: Sequence[tuple[Role, str, str, Side | None]],
        mode: str = ROOM,
        place: str = "",
    ) -> str:
        """A session, in a room or elsewhere (law.modes), with the mediator's, consumer's and business's seats, and
        extra (role, name, phone, side).

        Returns the session id; links are issued separately. Accepts a registered complaint on the way.
        """
        ...

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str: ...
