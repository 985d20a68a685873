"""Triage and areas as pages ask for them: what was confirmed is kept, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from complaints.events import ComplaintRegistered
from complaints.record import PartyRecord
from complaints.record.places import Jurisdiction, describe_area
from complaints.triage import ConfirmTriage, Submission, classified, confirm, triage
from complaints.views import AnsweredArea, TriagePage
from journal.refusals import DomainError, Refused
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from web.office.administration import Jurisdictions
from web.office.complaints import TriageDesk

FACTS = "在火锅店吃火锅，服务员上菜时孩子被热汤烫伤，要求饭店赔偿医药费，并举报其无证经营。"
PLACE = "武汉市洪山区光谷步行街"
EAST = Jurisdiction("a1", "o1", "光谷片区", ("420111",), ("光谷步行街",))


def triage_page(facts: str = FACTS) -> TriagePage:
    submission = Submission(facts=facts, place=PLACE)
    record = ComplaintRegistered(
        number="东高一投〔2026〕0917号",
        office="o1",
        channel="hotline",
        received=datetime(2026, 6, 22, tzinfo=UTC),
        title="烫伤",
        request="赔偿",
        facts=facts,
        amount=Decimal("500.00"),
        consumer=PartyRecord("丁小禾"),
        business=PartyRecord("陈立"),
        industry="",
        problem="",
        order="121",
    )
    return TriagePage(triage(submission, [EAST]), submission, record, [AnsweredArea(EAST, "一所")], {}, None)


class FakeTriage(TriageDesk):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.confirmed: list[ConfirmTriage] = []

    async def confirm(self, officer: Officer, complaint: str, answers: ConfirmTriage) -> None:
        page = self.complaints.of(officer, complaint)
        try:
            events = confirm(answers, page.triage.confirmed if page.triage else None)
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        self.confirmed.append(answers)
        if page.triage and events:
            known = replace(page.triage, confirmed=events[0], record=classified(page.triage.record, events[0]))
            self.complaints.pages[complaint] = replace(page, triage=known)


class FakeJurisdictions(Jurisdictions):
    def __init__(self) -> None:
        self.known: dict[str, Jurisdiction] = {}

    async def areas(self, officer: Officer) -> Sequence[Jurisdiction]:
        return [area for area in self.known.values() if area.office == officer.office.id]

    async def draw(self, officer: Officer, area: str, name: str, divisions: str, words: str) -> None:
        try:
            made = describe_area(area or f"a{len(self.known)}", officer.office.id, name, divisions, words)
        except DomainError as no:
            raise Refused(no.code, 400, **no.params) from None
        self.known[made.id] = made

    async def drop(self, officer: Officer, area: str) -> None:
        self.known.pop(area, None)
