"""Files whose years are over, as pages need them: what is due, the lists that were drawn, the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from web.ports.notices import Printed
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class DueFile:
    """`kind` "files" of a complaint or "leads"; its `years` from `end` were over on `due`."""

    kind: str
    case: str
    name: str
    end: datetime
    years: int
    due: datetime


@dataclass(frozen=True, slots=True)
class AppraisalItem:
    """`state`: "destroy" | "keep" (as proposed), "destroyed", "left" (something keeps it again). Days as ISO 8601."""

    kind: str
    case: str
    name: str
    end: str
    years: int
    due: str
    state: str


@dataclass(frozen=True, slots=True)
class AppraisalRow:
    """`waits`: id of the request for a second person's yes, "" when none waits. `under_way`: a second person agreed,
    and not all of it is done yet. `certificate`: SHA-256 of the PDF."""

    id: str
    number: str
    at: datetime
    by: str
    reason: str
    items: Sequence[AppraisalItem]
    waits: str
    under_way: bool
    done: datetime | None
    second: str
    certificate: str


class Appraisals(Protocol):
    """Of the reader's own office."""

    async def due(self, by: Officer) -> Sequence[DueFile]:
        """The longest over first, at most 200."""
        ...

    async def lists(self, by: Officer) -> Sequence[AppraisalRow]:
        """Newest first."""
        ...

    async def one(self, by: Officer, list_: str) -> AppraisalRow:
        """Refused(404)."""
        ...

    async def propose(self, by: Officer, token: str, decisions: Mapping[str, str], reason: str) -> str:
        """`decisions`: case -> "destroy" | "keep". Asks a second person; the list's id. Refused: missing (field
        "reason", "files"), changed_since (one of them is not due any more), busy."""
        ...

    async def certificate(self, by: Officer, list_: str) -> Printed:
        """Of what was carried out. Refused(404)."""
        ...
