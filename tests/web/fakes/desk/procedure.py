"""Steps of the procedure and holidays, as pages ask for them: what was asked is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

from complaints.leads import LeadCommand, LeadPage, LeadRow, NewLead
from complaints.procedure import ProcedureCommand
from complaints.record import AttachmentAdded
from complaints.views import DueBoard, DueRow, HolidayYear, OrdersInUse
from journal.refusals import Refused
from law.deadlines import HolidayNotice
from law.orders import OrderRule
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from tests.web.fakes.people import NOW
from web.office.administration import Holidays
from web.office.complaints import Procedure
from web.office.leads import Leads


class FakeProcedure(Procedure):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.asked: list[tuple[str, str, ProcedureCommand]] = []  # login, complaint, command
        self.refusal: Refused | None = None
        self.more = 0  # than the board shows
        self.in_use = OrdersInUse(OrderRule.RECEIPT)
        self.applied: list[tuple[str, str]] = []  # login, reason

    async def ask(self, officer: Officer, complaint: str, command: ProcedureCommand) -> None:
        self.complaints.of(officer, complaint)
        if self.refusal is not None:
            raise self.refusal
        self.asked.append((officer.login, complaint, command))

    async def board(self, officer: Officer, clock: str, now: datetime) -> DueBoard:
        rows = [
            DueRow("complaint", id, page.row.number, page.row.title, officer.office.name, page.row.deadline)
            for id, page in self.complaints.pages.items()
            if page.row.deadline and clock in ("", page.row.deadline.code)
        ]
        return DueBoard(soon=rows, counts={"accept": (0, 0, len(rows) + self.more)}, until=date(2026, 7, 1))

    async def orders(self, officer: Officer) -> OrdersInUse:
        return self.in_use

    async def apply_order(self, officer: Officer, reason: str) -> tuple[int, int]:
        self.applied.append((officer.login, reason))
        return self.in_use.older, 0


class FakeHolidays(Holidays):
    def __init__(self) -> None:
        self.known: dict[int, HolidayYear] = {}

    async def years(self, officer: Officer) -> Sequence[HolidayYear]:
        return list(self.known.values())

    async def enter(self, officer: Officer, notice: HolidayNotice) -> int:
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
        self.opened: list[NewLead] = []
        self.rows: list[LeadRow] = []
        self.pages: dict[str, LeadPage] = {}
        self.asked: list[LeadCommand] = []
        self.messaged: list[tuple[str, str]] = []

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        self.complaints.of(officer, complaint)
        self.handed.append((complaint, origin, title, content))

    async def open(self, officer: Officer, new: NewLead) -> str:
        self.opened.append(new)
        return "lead-1"

    async def leads(self, officer: Officer, state: str = "", mine: bool = False) -> Sequence[LeadRow]:
        return [row for row in self.rows if state in ("", row.state)]

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        if lead not in self.pages:
            raise Refused("not_found", 404)
        return self.pages[lead]

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None:
        await self.lead(officer, lead)
        self.asked.append(command)

    async def attach(self, officer: Officer, lead: str, number: str) -> None:
        await self.lead(officer, lead)
        raise Refused("not_found", 404)

    async def message(self, officer: Officer, lead: str, what: str, words: str) -> None:
        await self.lead(officer, lead)
        self.messaged.append((what, words))

    async def informant(self, officer: Officer, lead: str, reason: str) -> tuple[str, str]:
        opened = (await self.lead(officer, lead)).lead.opened
        return opened.informant, "13800005076"

    async def add_file(self, officer: Officer, lead: str, name: str, content: bytes, note: str) -> None:
        raise Refused("not_found", 404)

    async def take_file(
        self, officer: Officer, lead: str, attachment: str, original: bool
    ) -> tuple[AttachmentAdded, BinaryIO]:
        raise Refused("not_found", 404)

    async def remove_file(self, officer: Officer, lead: str, attachment: str, reason: str) -> None:
        raise Refused("not_found", 404)
