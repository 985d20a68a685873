"""Articles to look up, and what a mediator writes down for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from law.library import Library
from web.ports.people import Officer


class LawShelf(Protocol):
    async def library(self) -> Library:
        """The catalogue with the official texts there are now."""
        ...


@dataclass(frozen=True, slots=True)
class PrivateNote:
    """`edition` counts from 1, 0 before anything was written."""

    edition: int = 0
    text: str = ""
    changed: datetime | None = None


class PrivateNotes(Protocol):
    """Only of the officer who conducts the session. Refused: not_found."""

    async def read(self, officer: Officer, session: str) -> PrivateNote: ...

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        """`seen`: the edition this page showed. Refused: note_changed (409) when another page wrote since, too_long."""
        ...
