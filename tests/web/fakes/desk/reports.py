"""Reports and consultations that remember what was asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from complaints.consultations import ConsultationCommand
from complaints.leads import (
    ConsultationPage,
    ConsultationRow,
    LeadRow,
    NewConsultation,
    NewReport,
    ReportFigures,
    ReportFilter,
)
from complaints.views import PrintedPaper
from journal.refusals import Refused
from offices import Officer
from web.office.leads import Consultations, Reports


class FakeReports(Reports):
    def __init__(self) -> None:
        self.registered: list[NewReport] = []
        self.printed: list[ReportFilter] = []
        self.joined: list[tuple[str, str, str]] = []
        self.rows: Sequence[LeadRow] = ()
        self.more = False
        self.asked: ReportFilter | None = None

    async def register(self, officer: Officer, new: NewReport) -> tuple[str, str]:
        self.registered.append(new)
        return "lead-1", "东高一投举〔2026〕0001号"

    async def reports(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
        return self.rows, len(self.rows)

    async def saved(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], bool]:
        self.asked = wanted
        return self.rows, self.more

    async def figures(self, officer: Officer, wanted: ReportFilter) -> ReportFigures:
        return ReportFigures()

    async def book(self, officer: Officer, wanted: ReportFilter) -> PrintedPaper:
        self.printed.append(wanted)
        return PrintedPaper("举报登记簿.pdf", b"%PDF-1.7")

    async def form(self, officer: Officer, lead: str) -> PrintedPaper:
        return PrintedPaper("举报登记表.pdf", b"%PDF-1.7")

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        self.joined.append((lead, into, how))

    async def separate(self, officer: Officer, lead: str, reason: str) -> None: ...


class FakeConsultations(Consultations):
    def __init__(self) -> None:
        self.registered: list[NewConsultation] = []
        self.rows: Sequence[ConsultationRow] = ()
        self.more = False
        self.asked: tuple[str, str] | None = None

    async def register(self, officer: Officer, new: NewConsultation) -> str:
        self.registered.append(new)
        return "asked-1"

    async def consultations(
        self, officer: Officer, state: str, kind: str, page: int
    ) -> tuple[Sequence[ConsultationRow], int]:
        return self.rows, len(self.rows)

    async def saved(self, officer: Officer, state: str, kind: str) -> tuple[Sequence[ConsultationRow], bool]:
        self.asked = state, kind
        return self.rows, self.more

    async def counts(self, officer: Officer, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        return {}

    async def consultation(self, officer: Officer, consultation: str) -> ConsultationPage:
        raise Refused("not_found", 404)

    async def ask(self, officer: Officer, consultation: str, command: ConsultationCommand) -> None:
        await self.consultation(officer, consultation)

    async def person(self, officer: Officer, consultation: str, reason: str) -> tuple[str, str]:
        raise Refused("not_found", 404)
