"""Which role may do what in which office, which offices a supervisor oversees, and who changed that.

What somebody's role lets them ask of a service, whichever page or interface they came by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from offices.people import Office, Officer
from offices.refusal import Refused


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


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """`what`: "OfficeAdded" | "OfficeChanged"; `changes`: field -> [before, after]."""

    at: datetime
    by: str
    what: str
    office: str
    changes: Mapping[str, Sequence[Any]]


def require_role(officer: Officer, *roles: str) -> Officer:
    """The officer, whose role is one of these. Refused(403)."""
    if officer.role not in roles:
        raise Refused("not_allowed", 403)
    return officer
