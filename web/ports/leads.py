"""Leads as pages know them: reports split off a complaint, and signs of an offence found in mediation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from complaints.leads import Lead, LeadCommand
from journal import Event
from web.ports.people import Officer
from web.ports.rows import Deadline


@dataclass(frozen=True, slots=True)
class LeadRow:
    """`origin`: "report" | "mediation"; `state`: "open" | "decided"; `due` None once it is decided."""

    id: str
    number: str
    origin: str
    state: str
    title: str
    found: datetime
    due: date | None


@dataclass(frozen=True, slots=True)
class LeadPage:
    id: str
    lead: Lead
    deadline: Deadline
    history: Sequence[Event]


class Leads(Protocol):
    """Read by inspectors and supervisors only (Order 121 Art 37), within their offices."""

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        """By who mediates. Refused: not_found, not_allowed, wrong_state, missing, too_long."""
        ...

    async def leads(self, officer: Officer) -> Sequence[LeadRow]: ...

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None: ...
