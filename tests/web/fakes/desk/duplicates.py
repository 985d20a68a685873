"""Duplicates that are what a test says, and remember what was made of them."""

from __future__ import annotations

from complaints.views import Lookalikes
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from web.office.complaints import Duplicates


class FakeDuplicates(Duplicates):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.alike = Lookalikes()
        self.asked: list[tuple[str, ...]] = []

    async def of(self, officer: Officer, complaint: str) -> Lookalikes:
        return self.alike

    async def merge(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        self.complaints.of(officer, kept)
        self.complaints.of(officer, gone)
        self.asked.append(("merge", kept, gone))

    async def undo(self, officer: Officer, kept: str, gone: str, reason: str) -> None:
        self.complaints.of(officer, kept)
        self.asked.append(("undo", kept, gone, reason))

    async def dismiss(self, officer: Officer, complaint: str, other: str, reason: str) -> None:
        self.complaints.of(officer, complaint)
        self.asked.append(("dismiss", complaint, other))
