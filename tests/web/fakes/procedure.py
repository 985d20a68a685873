"""Steps of the procedure and holidays, as pages ask for them: what was asked is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from complaints.leads import LeadCommand
from complaints.procedure import ProcedureCommand
from law.calendar import Notice
from tests.web.fakes.complaints import FakeComplaints
from tests.web.fakes.people import NOW
from web.ports import (
    Board,
    DueRow,
    Holidays,
    HolidayYear,
    LeadPage,
    LeadRow,
    Leads,
    Officer,
    Procedure,
    Refused,
)


class FakeProcedure(Procedure):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.asked: list[tuple[str, str, ProcedureCommand]] = []  # login, complaint, command
        self.refusal: Refused | None = None

    async def ask(self, officer: Officer, complaint: str, command: ProcedureCommand) -> None:
        self.complaints.of(officer, complaint)
        if self.refusal is not None:
            raise self.refusal
        self.asked.append((officer.login, complaint, command))

    async def board(self, officer: Officer, clock: str, now: datetime) -> Board:
        rows = [
            DueRow("complaint", id, page.row.number, page.row.title, officer.office.name, page.row.deadline)
            for id, page in self.complaints.pages.items()
            if page.row.deadline and clock in ("", page.row.deadline.code)
        ]
        return Board(soon=rows, counts={"accept": (0, 0, len(rows))}, until=date(2026, 7, 1))


class FakeHolidays(Holidays):
    def __init__(self) -> None:
        self.known: dict[int, HolidayYear] = {}

    async def years(self, officer: Officer) -> Sequence[HolidayYear]:
        return list(self.known.values())

    async def enter(self, officer: Officer, notice: Notice) -> int:
        self.known[notice.year] = HolidayYear(notice, NOW, officer.name)
        return 0

    async def withdraw(self, officer: Officer, year: int) -> int:
        if self.known.pop(year, None) is None:
            raise Refused("not_found", 404)
        return 0


class FakeLeads(Leads):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.handed: list[tuple[str, str, str, str]] = []  # complaint, origin, title, content

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        self.complaints.of(officer, complaint)
        self.handed.append((complaint, origin, title, content))

    async def leads(self, officer: Officer) -> Sequence[LeadRow]:
        return []

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        raise Refused("not_found", 404)

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None:
        raise Refused("not_found", 404)
