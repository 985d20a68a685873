"""What pages ask about leads, reports and consultations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import BinaryIO, Protocol

from aiohttp import web

from complaints.consultations import ConsultationCommand
from complaints.leads import LeadCommand
from complaints.leads.views import (
    ConsultationPage,
    ConsultationRow,
    LeadPage,
    LeadRow,
    NewConsultation,
    NewLead,
    NewReport,
    ReportFigures,
    ReportFilter,
)
from complaints.record import AttachmentAdded
from complaints.views import PrintedPaper
from offices.people import Officer


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

    async def book(self, officer: Officer, wanted: ReportFilter) -> PrintedPaper:
        """The register on paper, who reported masked. Refused: too_many."""
        ...

    async def form(self, officer: Officer, lead: str) -> PrintedPaper:
        """A report's register form, who reported masked. Refused: not_found, also of a lead nobody reported."""
        ...

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        """To the report of this number. Refused: not_found, bad_choice (another informant's), wrong_state."""
        ...

    async def separate(self, officer: Officer, lead: str, reason: str) -> None: ...


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


LEADS: web.AppKey[Leads] = web.AppKey("leads", Leads)


REPORTS: web.AppKey[Reports] = web.AppKey("reports", Reports)


CONSULTATIONS: web.AppKey[Consultations] = web.AppKey("consultations", Consultations)
