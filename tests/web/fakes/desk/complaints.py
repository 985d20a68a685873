"""Complaints that keep only what pages show."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from complaints.complaint import in_charge
from complaints.events import ComplaintRegistered
from complaints.notices.messages import NoteTold
from complaints.procedure import CalledBack
from complaints.record import PartyRecord
from complaints.record.identifiers import masked_phone
from complaints.views import ComplaintRow, Contact, NewComplaint, ShownDeadline, TellingView
from journal.refusals import Refused
from offices import Office, Officer
from rooms import commands as c
from rooms.views import ComplaintPage, ComplaintParty
from rooms.vocabulary import Role, Seat, Side
from tests.web.fakes.people import EAST_LAKE, NOW, Clock
from tests.web.fakes.records.sessions import FakeSessions, scheduled
from web.office.complaints import Complaints


class FakeComplaints(Complaints):
    def __init__(self, sessions: FakeSessions, clock: Clock) -> None:
        self.sessions, self.clock = sessions, clock
        self.pages: dict[str, ComplaintPage] = {}
        self.offices: dict[str, str] = {}  # complaint -> office id
        self.registered: list[NewComplaint] = []
        self.amendments: list[tuple[str, NewComplaint, int, str]] = []
        self.undone: list[tuple[str, int, str]] = []
        self.contacts: list[tuple[str, str, Contact, str]] = []
        self.looks: list[tuple[str, str, str]] = []
        self.before: dict[str, ComplaintPage] = {}  # as it was before the last note
        self.told_of: list[NoteTold] = []
        self.unrecorded = False  # a mediation has neither agreement nor record under seal
        self._ids = itertools.count(1)

    def keep(self, page: ComplaintPage, office: Office = EAST_LAKE) -> None:
        self.pages[page.row.id], self.offices[page.row.id] = page, office.id

    def of(self, officer: Officer, complaint: str) -> ComplaintPage:
        if self.offices.get(complaint) != officer.office.id:
            raise Refused("not_found", 404)
        return self.pages[complaint]

    def _state(self, officer: Officer, complaint: str, state: str) -> None:
        page = self.of(officer, complaint)
        self.pages[complaint] = replace(page, row=replace(page.row, state=state))

    def stand(self, complaint: str, state: str, *notes: str) -> None:
        """As if all that leads there had happened."""
        page = self.pages[complaint]
        telling = TellingView("termination", ("consumer", "business")) if "told" in notes else TellingView()
        self.keep(replace(page, row=replace(page.row, state=state), notes=notes, telling=telling))

    def state_of(self, complaint: str) -> str:
        return self.pages[complaint].row.state

    async def register(self, officer: Officer, new: NewComplaint, complaint: str = "") -> str:
        if not new.title:
            raise Refused("missing", field="title")
        if not new.consumer.phone.isdigit():
            raise Refused("bad_phone")
        complaint = complaint or f"c{next(self._ids)}"
        number = f"{officer.office.number_prefix}〔2026〕{1000 + len(self.pages)}号"
        row = complaint_row(complaint, number, new.title, new.consumer.name, new.business.organisation, new.amount)
        self.keep(replace(complaint_page(row), request=new.request, facts=new.facts), officer.office)
        self.registered.append(new)
        return complaint

    async def order(self, complaint: str) -> str:
        return self.pages[complaint].order

    async def accept(self, officer: Officer, complaint: str) -> None:
        self._state(officer, complaint, "accepted")

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        self._state(officer, complaint, "refused")

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        self._noted(officer, complaint, "kept", "settled", ("closed",))

    async def told(self, officer: Officer, complaint: str, told: NoteTold) -> None:
        self.told_of.append(told)
        self._noted(officer, complaint, "told", self.state_of(complaint), ("closed",))
        self.pages[complaint] = replace(self.pages[complaint], telling=TellingView())

    async def close_file(self, officer: Officer, complaint: str, represented: str = "", paper: str = "") -> None:
        if self.unrecorded and not paper:
            raise Refused("record_missing", 409)
        self.represented, self.paper = represented, paper
        self._noted(officer, complaint, "closed", "closed", ())

    def _noted(self, officer: Officer, complaint: str, what: str, state: str, then: tuple[str, ...]) -> None:
        page = self.of(officer, complaint)
        if what not in page.notes:
            raise Refused("wrong_state", 409)
        self.before[complaint] = page
        self.pages[complaint] = replace(page, row=replace(page.row, state=state), notes=then, last_note=what)

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        if self.of(officer, complaint).last_note != what:
            raise Refused("wrong_state", 409)
        self.pages[complaint] = self.before.pop(complaint)

    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str:
        if not reason and officer.id not in in_charge(self.of(officer, complaint).history):
            raise Refused("missing", field="reason")
        self.looks.append((complaint, which, reason))
        return "13800005076"

    async def note_term(self, officer: Officer, complaint: str, session: str, term: int, note: str) -> None:
        self._term(officer, complaint, session, term, True)

    async def take_back_term(self, officer: Officer, complaint: str, session: str, term: int, reason: str) -> None:
        self._term(officer, complaint, session, term, False)

    def _term(self, officer: Officer, complaint: str, session: str, term: int, kept: bool) -> None:
        page = self.of(officer, complaint)
        terms = [replace(one, kept=kept) if (one.session, one.number) == (session, term) else one for one in page.terms]
        self.pages[complaint] = replace(page, terms=terms)

    async def call_back(
        self,
        officer: Officer,
        complaint: str,
        whom: str,
        reached: bool,
        satisfied: str,
        note: str,
        seen: int | None = None,
    ) -> None:
        page = self.of(officer, complaint)
        self.pages[complaint] = replace(page, calls=(*page.calls, CalledBack(whom, reached, satisfied, note)))

    async def take_back_call(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        page = self.of(officer, complaint)
        self.pages[complaint] = replace(page, undone_calls=page.undone_calls | {ordinal})

    async def amend(self, officer: Officer, complaint: str, new: NewComplaint, seen: int, reason: str) -> None:
        page = self.of(officer, complaint)
        self.amendments.append((complaint, new, seen, reason))
        self.pages[complaint] = replace(page, record=replace(page.record, title=new.title))

    async def add_contact(
        self, officer: Officer, complaint: str, side: str, contact: Contact, reason: str, known: str = ""
    ) -> None:
        page = self.of(officer, complaint)
        old = page.record.business if side == "business" else page.record.consumer
        new = replace(
            old,
            phone_masked=masked_phone(contact.phone) or old.phone_masked,
            email=contact.email or old.email,
        )
        record = replace(page.record, business=new) if side == "business" else replace(page.record, consumer=new)
        self.pages[complaint] = replace(page, record=record)
        self.contacts.append((complaint, side, contact, known))

    async def undo_amendment(self, officer: Officer, complaint: str, ordinal: int, reason: str) -> None:
        self.of(officer, complaint)
        self.undone.append((complaint, ordinal, reason))

    async def schedule(
        self,
        officer: Officer,
        complaint: str,
        starts: datetime,
        extra: Sequence[tuple[Role, str, str, Side | None]],
        mode: str = "video",
        place: str = "",
    ) -> str:
        page = self.of(officer, complaint)
        session = f"x{next(self._ids)}"
        more = [Seat(f"s-extra{n}", role, name, side) for n, (role, name, _, side) in enumerate(extra, 1)]
        event = scheduled(complaint, page.row.number, page.row.title, starts, *more)
        self.sessions.append(session, replace(event, mode=mode, place=place))
        self._state(officer, complaint, "mediating")
        return session

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str:
        seat = Seat(f"s-added{next(self._ids)}", role, name, side)
        await self.sessions.submit(session, c.AddSeat(seat), officer.actor)
        return seat.id


def complaint_row(
    complaint: str, number: str, title: str, consumer: str, business: str, amount: Decimal | None
) -> ComplaintRow:
    deadline = ShownDeadline("accept", date(2026, 7, 1), date(2026, 6, 22), "15")
    return ComplaintRow(
        complaint, number, title, "hotline", "registered", NOW, amount, consumer, business, Decimal("0.00"), deadline
    )


def complaint_page(row: ComplaintRow) -> ComplaintPage:
    return ComplaintPage(
        row,
        request="退还未使用积分的价款",
        facts="充值3000积分，要求退款被拒绝",
        industry="婚姻服务",
        problem="合同",
        order="121",
        consumer=ComplaintParty(row.consumer, "138 **** 5076", "黄冈"),
        business=ComplaintParty("陈立", "139 **** 0031", "武汉", organisation=row.business),
        record=ComplaintRegistered(
            row.number,
            EAST_LAKE.id,
            row.channel,
            row.received,
            row.title,
            "退还未使用积分的价款",
            "充值3000积分，要求退款被拒绝",
            row.amount,
            PartyRecord(row.consumer, "sealed", "138 **** 5076", "黄冈"),
            PartyRecord("陈立", "sealed", "139 **** 0031", "武汉", organisation=row.business),
            "婚姻服务",
            "合同",
            "121",
        ),
        deadlines=[row.deadline] if row.deadline else [],
        sessions=[],
        history=[],
    )
