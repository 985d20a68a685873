"""Which role may do what in which office, and which offices a supervisor oversees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from web.ports.people import Office, Officer, OfficerRole


@dataclass(frozen=True, slots=True)
class Overseer:
    """A supervisor and the ids of the offices they oversee besides their own. `waits`: a request that does."""

    officer: Officer
    offices: frozenset[str]
    waits: str = ""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """`what`: "AccessChanged" (`detail`: office, whose, permission, before, after) or "OverseenChanged" (office,
    supervisor, name, before, after: ids of offices). `number` counts from 1."""

    number: int
    at: datetime
    by: str
    what: str
    detail: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class AccessTable:
    """`withheld`: office, role, permission. `waits`: requests for giving back, by office and role."""

    offices: Sequence[Office]
    withheld: frozenset[tuple[str, str, str]]
    waits: Mapping[tuple[str, str], str]
    overseers: Sequence[Overseer]
    changes: Sequence[AccessChange]


class AccessDesk(Protocol):
    """For administrators; who is not of a unit that receives for the bureau sees their own office and changes nothing.

    What reveals takes a second person: those return the id of its request, and "" when nothing waits. `token`: of the
    session that asks. Refused: not_allowed (403), not_found (404), missing (field
    "reason"), beyond_limits, waits_already, busy.
    """

    async def table(self, by: Officer) -> AccessTable: ...

    async def set(
        self, by: Officer, token: str, office: str, role: OfficerRole, allowed: Collection[str], reason: str
    ) -> str:
        """Of the permissions that can be edited these and no others; withheld at once, given back by two."""
        ...

    async def oversee(self, by: Officer, token: str, supervisor: str, offices: Collection[str], reason: str) -> str: ...

    async def undo(self, by: Officer, token: str, number: int, reason: str) -> str:
        """What stood before one change; one that was changed again since is refused: changed_since."""
        ...
