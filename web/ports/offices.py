"""The offices of the bureau, for their administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from complaints.notices.notice import Words
from web.ports.people import Office, Officer


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """`what`: "OfficeAdded" | "OfficeChanged"; `changes`: field -> [before, after]."""

    at: datetime
    by: str
    what: str
    office: str
    changes: Mapping[str, Sequence[Any]]


class Offices(Protocol):
    """The administrator of a unit that receives for the bureau adds and changes; Refused(403) not_allowed to others."""

    async def offices(self, officer: Officer) -> Sequence[Office]: ...

    async def changes(self, officer: Officer) -> Sequence[OfficeChange]: ...

    async def add(self, officer: Officer, office: Office) -> None:
        """Refused: missing, too_long, bad_choice (field: the id or the prefix is taken or cannot be)."""
        ...

    async def may_change(self, officer: Officer, office: Office) -> bool:
        """Where no unit receives for the bureau, an office's own administrator may, but for that it receives."""
        ...

    async def words(self, officer: Officer, office: Office) -> Words:
        """Of its number series."""
        ...

    async def number(self, officer: Officer, office: str, wanted: Words) -> None:
        """The words before the numbers of its papers, instead of those before. Refused: not_found, not_allowed,
        bad_choice (field: a kind whose words cannot be, or would give a number twice)."""
        ...

    async def change(self, officer: Officer, wanted: Office) -> None:
        """All but its id, prefix and zone. Refused: not_found, missing, too_long."""
        ...
