"""Reports and consultations as pages know them: registered, listed, counted; a report's file is a lead's
(`web.ports.leads`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from complaints.consultations import Consultation, ConsultationCommand
from journal import Event
from web.ports.leads import LeadRow
from web.ports.notices import Printed
from web.ports.people import Officer

REPORTS_PAGE = 50
"""Rows of a page of the register, and of consultations."""
MOST_PRINTED = 1_000
"""Reports in one printed register."""


@dataclass(frozen=True, slots=True)
class NewReport:
    """As typed. `key`: asked twice with the same, it is one report. `subject`: `law.competence.SUBJECTS`."""

    key: str
    channel: str
    mode: str
    received: datetime
    title: str
    content: str
    about: str
    subject: str = "conduct"
    place: str = ""
    credit_code: str = ""
    informant: str = ""
    phone: str = ""
    real_name: bool = False
    insider: bool = False
    source: str = ""
    row: str = ""  # of an import: "<batch>/<row>"


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """`first` and `last`: local days of receipt; `state`: of `LeadRow`, "" for all."""

    first: date
    last: date
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Of the reports received in a period, without those registered by mistake. `filed`: a case was filed; `in_time`
    and `late`: of the decided; `overdue`: open past their date. `by_channel`, `by_outcome`: counts by value."""

    received: int = 0
    named: int = 0
    anonymous: int = 0
    joined: int = 0
    open: int = 0
    decided: int = 0
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    by_outcome: Mapping[str, int] = field(default_factory=dict)

    @property
    def filed(self) -> int:
        return self.by_outcome.get("case", 0)


class Reports(Protocol):
    """Registered by who takes reports in, who reads no more of them; read by inspectors and supervisors only (Order
    121 Art 37), within their offices."""

    async def register(self, officer: Officer, new: NewReport) -> tuple[str, str]:
        """Its id and number. Refused: not_allowed, missing, too_long, bad_choice, bad_phone, bad_check."""
        ...

    async def reports(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
        """The newest first, and how many there are."""
        ...

    async def figures(self, officer: Officer, wanted: ReportFilter) -> ReportFigures: ...

    async def book(self, officer: Officer, wanted: ReportFilter) -> Printed:
        """The register on paper, who reported masked. Refused: too_many."""
        ...

    async def form(self, officer: Officer, lead: str) -> Printed:
        """A report's register form, who reported masked. Refused: not_found, also of a lead nobody reported."""
        ...

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        """To the report of this number. Refused: not_found, bad_choice (another informant's), wrong_state."""
        ...

    async def separate(self, officer: Officer, lead: str, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ConsultationRow:
    """`state`: `complaints.consultations.STATES`; `kind`: `law.matters.MATTERS`; `answered`: a local day."""

    id: str
    number: str
    kind: str
    state: str
    title: str
    received: datetime
    channel: str
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class ConsultationPage:
    id: str
    consultation: Consultation
    history: Sequence[Event]


@dataclass(frozen=True, slots=True)
class NewConsultation:
    """As typed. `key`: asked twice with the same, it is one consultation."""

    key: str
    kind: str
    channel: str
    mode: str
    received: datetime
    title: str
    content: str
    person: str = ""
    phone: str = ""
    source: str = ""
    row: str = ""  # of an import: "<batch>/<row>"


class Consultations(Protocol):
    """Of an officer's own office; a supervisor reads those they oversee. Inspectors see none."""

    async def register(self, officer: Officer, new: NewConsultation) -> str:
        """Its id. Refused: not_allowed, missing, too_long, bad_choice, bad_phone."""
        ...

    async def consultations(
        self, officer: Officer, state: str, kind: str, page: int
    ) -> tuple[Sequence[ConsultationRow], int]:
        """The newest first, those to be answered before all others; and how many there are."""
        ...

    async def counts(self, officer: Officer, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        """Received from `first` to `last` (local days): kind -> (received, answered)."""
        ...

    async def consultation(self, officer: Officer, consultation: str) -> ConsultationPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def ask(self, officer: Officer, consultation: str, command: ConsultationCommand) -> None: ...

    async def person(self, officer: Officer, consultation: str, reason: str) -> tuple[str, str]:
        """Name and whole number; that somebody looked stands in the history."""
        ...
