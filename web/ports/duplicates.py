"""Complaints that may be one dispute, as the page of one of them shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from complaints.changes.messages import MergedComplaint
from complaints.duplicates.signals import Hint, Resemblance
from web.ports.people import Officer
from web.ports.rows import ComplaintRow


@dataclass(frozen=True, slots=True)
class Suggested:
    row: ComplaintRow
    resemblance: Resemblance
    mergeable: bool  # both are at a stage where one can go into the other


@dataclass(frozen=True, slots=True)
class Earlier:
    """The same person's complaint of the same business that another office received before (Order 121 Art 14): who has
    it, and nothing of what it says."""

    office: str
    number: str
    received: datetime


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Of one complaint. `merged`: the one it went into; `took`: those that went into it."""

    suggested: Sequence[Suggested] = ()
    hints: Sequence[Hint] = ()
    merged: MergedComplaint | None = None
    took: Sequence[MergedComplaint] = ()
    earlier: Earlier | None = None


class Duplicates(Protocol):
    """Refused(404) for another office's complaint, on either side."""

    async def of(self, officer: Officer, complaint: str) -> Lookalikes: ...

    async def merge(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        """`gone` goes into `kept`, whose number serves both. Refused(409): one of them is past that."""
        ...

    async def undo(self, officer: Officer, kept: str, gone: str, reason: str) -> None: ...

    async def dismiss(self, officer: Officer, complaint: str, other: str, reason: str) -> None:
        """They are two disputes: neither is suggested to the other again."""
        ...
