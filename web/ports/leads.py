"""Leads as pages know them: reports split off a complaint, signs of an offence found in mediation, and what figures
point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Protocol

from complaints.insight.aftermath import Aftermath
from complaints.leads import Lead, LeadCommand
from complaints.record.attachments import AttachmentAdded
from journal import Event
from web.ports.people import Officer
from web.ports.rows import Deadline


@dataclass(frozen=True, slots=True)
class LeadRow:
    """`origin`: one of `complaints.leads.ORIGINS`; `state`: "open" | "decided" | "joined" | "withdrawn"; `due` None
    once it is not open, and while its clock stands still. `informant`: of a report, "named" | "unnamed" | "anonymous".
    `number`: its own, or its complaint's where it is from before leads had numbers."""

    id: str
    number: str
    origin: str
    state: str
    title: str
    found: datetime
    due: date | None
    owner: str = ""  # user id
    owner_name: str = ""
    outcome: str = ""
    acted: date | None = None
    channel: str = ""  # of a report
    informant: str = ""
    in_time: bool | None = None  # decided within its period


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """A complaint attached to a lead, as who verifies it sees it: what is claimed, without who claims it."""

    id: str
    number: str
    received: date
    title: str
    facts: str
    amount: Decimal | None
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class OfferedMessage:
    """A message that can be sent to who reported. `text`: as it would read; `asks`: what has to be added to it,
    "authority" | "result" | ""; `said`: what is on file of that."""

    what: str  # complaints.leads.TOLD
    text: str
    asks: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class LeadPage:
    """`deadline`: its period of verification; `clocks`: those that run or stand still now. `records`: those that can be
    read, the newest first; `inspectors`: user ids and names it can be given to; `earlier`: reports by the same phone
    that it may be joined to; `offered`: messages that can be sent to who reported."""

    id: str
    lead: Lead
    deadline: Deadline
    history: Sequence[Event]
    records: Sequence[LeadRecord] = ()
    inspectors: Sequence[tuple[str, str]] = ()
    aftermath: Aftermath | None = None
    clocks: Sequence[Deadline] = ()
    earlier: Sequence[LeadRow] = ()
    offered: Sequence[OfferedMessage] = ()


@dataclass(frozen=True, slots=True)
class NewLead:
    """`subject` and `records` as in `complaints.leads.LeadOpened`. `key`: asked twice with the same, it is one lead."""

    origin: str
    title: str
    content: str
    about: str
    key: str
    subject: Mapping[str, str] = field(default_factory=dict)
    records: Sequence[str] = ()
    spot: str = ""


class Leads(Protocol):
    """Read by inspectors and supervisors only (Order 121 Art 37), within their offices."""

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        """By who mediates. Refused: not_found, not_allowed, wrong_state, missing, too_long."""
        ...

    async def open(self, officer: Officer, new: NewLead) -> str:
        """Its id. It belongs to the office most of its records are of. Refused: not_found when the officer sees none of
        the records, not_allowed, too_many."""
        ...

    async def leads(self, officer: Officer, state: str = "", mine: bool = False) -> Sequence[LeadRow]:
        """Open ones first, the earliest date first."""
        ...

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None: ...

    async def attach(self, officer: Officer, lead: str, number: str) -> None:
        """A complaint of the lead's office, by its number. Refused: not_found."""
        ...

    async def message(self, officer: Officer, lead: str, what: str, words: str) -> None:
        """Send who reported one of the offered messages, with what it asks for. Refused: missing, too_long (field
        "said"), bad_choice (the words name somebody), wrong_state."""
        ...

    async def informant(self, officer: Officer, lead: str, reason: str) -> tuple[str, str]:
        """Their name and whole number; that somebody looked stands in the lead's history."""
        ...

    async def add_file(self, officer: Officer, lead: str, name: str, content: bytes, note: str) -> None:
        """Refused: bad_upload, too_many, too_long."""
        ...

    async def take_file(
        self, officer: Officer, lead: str, attachment: str, original: bool
    ) -> tuple[AttachmentAdded, BinaryIO]: ...

    async def remove_file(self, officer: Officer, lead: str, attachment: str, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SpotAtHand:
    """A hot spot as a lead is opened from it. `about`: whom or what; `subject`: as in `complaints.leads.LeadOpened`;
    `sentence`: what was expected and seen since when, in the officer's language; `records`: ids."""

    id: str
    title: str
    about: str
    sentence: str
    subject: Mapping[str, str]
    records: Sequence[str]


class HotSpots(Protocol):
    """What leads need of hot spots."""

    async def at_hand(self, officer: Officer, spot: str) -> SpotAtHand:
        """Refused: not_found, also when it is another office's."""
        ...

    async def handed_on(self, officer: Officer, spot: str, lead: str) -> None:
        """A lead was opened of it; told twice, it is once. Refused: wrong_state when it was put aside."""
        ...
