"""Classifying a complaint, and the areas offices answer for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from complaints.events import ComplaintRegistered
from complaints.record.places import Jurisdiction
from complaints.triage.confirmation import ConfirmTriage, TriageConfirmed
from complaints.triage.suggestions import Submission, Triage
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Area:
    jurisdiction: Jurisdiction
    office: str  # its office's short name


@dataclass(frozen=True, slots=True)
class TriagePage:
    """`record` is the record as it is now; `official` names finer codes of its industry, where they were imported."""

    suggested: Triage
    submission: Submission
    record: ComplaintRegistered
    areas: Sequence[Area]
    official: Mapping[str, str]
    confirmed: TriageConfirmed | None


class TriageDesk(Protocol):
    async def confirm(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        """Refused: bad_choice (params: field), wrong_state, not_found."""
        ...


class Jurisdictions(Protocol):
    """An administrator's own office only."""

    async def areas(self, officer: Officer) -> Sequence[Jurisdiction]: ...

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        """A new area, or with an `area` that exists that one anew. Refused: missing, too_long, bad_choice (field)."""
        ...

    async def drop(self, officer: Officer, area: str) -> None:
        """One that is not there is no fault."""
        ...
