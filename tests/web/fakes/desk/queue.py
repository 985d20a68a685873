"""A queue that keeps what was held, and does none of it; views of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from complaints.triage import ConfirmTriage, confirm
from complaints.views import DueCase, HeldAct, Queue
from journal.refusals import Refused, refusal_of
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from web.office.complaints import QueueDesk, SavedViews


class FakeQueue(QueueDesk):
    def __init__(self, complaints: FakeComplaints, now: datetime) -> None:
        self.complaints, self.now = complaints, now
        self.held: dict[str, ConfirmTriage] = {}
        self.assigned: dict[str, str] = {}
        self.failed: list[HeldAct] = []

    async def queue(self, officer: Officer, after: str = "", at: str = "") -> Queue:
        waiting = [
            id_
            for id_, page in self.complaints.pages.items()
            if page.row.state == "registered"
            and id_ not in self.held
            and self.complaints.offices[id_] == officer.office.id
        ]
        left = [id_ for id_ in waiting if id_ > after] if not at else [at]
        shown = left[0] if left else ""
        held = [HeldAct(id_, self.complaints.pages[id_].row.number, self.now) for id_ in self.held]
        return Queue(shown, shown, len(waiting), len(waiting), 0, held, self.failed)

    async def hold(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        self.complaints.of(officer, complaint)
        with refusal_of():
            confirm(answers, None)
        self.held[complaint] = answers

    async def colleagues(self, officer: Officer) -> Sequence[tuple[str, str]]:
        return [(officer.id, officer.name)]

    async def assign(self, officer: Officer, complaint: str, to: str) -> None:
        self.complaints.of(officer, complaint)
        if to != officer.id:
            raise Refused("bad_choice", 400, field="to")
        self.assigned[complaint] = to

    async def undo(self, officer: Officer, complaint: str, act: str = "accept") -> None:
        self.complaints.of(officer, complaint)
        held: dict[str, str] | dict[str, ConfirmTriage] = self.assigned if act == "assign" else self.held
        if held.pop(complaint, None) is None:
            raise Refused("too_late", 409)

    async def next_due(self, officer: Officer, but: str) -> DueCase | None:
        return next(
            (
                DueCase(id_, page.row.number, self.now.date())
                for id_, page in self.complaints.pages.items()
                if id_ != but
            ),
            None,
        )

    async def dismiss(self, officer: Officer, complaint: str) -> None:
        self.complaints.of(officer, complaint)
        self.failed = [act for act in self.failed if act.complaint != complaint]


class FakeViews(SavedViews):
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    async def views(self, officer: Officer) -> Sequence[tuple[str, str]]:
        return [(name, query) for (whose, name), query in self.kept.items() if whose == officer.id]

    async def keep(self, officer: Officer, name: str, query: str) -> None:
        self.kept[officer.id, name] = query

    async def drop(self, officer: Officer, name: str) -> None:
        self.kept.pop((officer.id, name), None)
