"""Notices that keep only what pages show."""

from __future__ import annotations

from dataclasses import replace

from complaints.commands import Command
from complaints.views import Foreseen, NoticeList, NoticeReceiver, NoticeRow, NoticeWish, PrintedPaper, ReadableNotice
from journal.refusals import Refused
from offices import Officer
from tests.web.fakes.desk.complaints import FakeComplaints
from web.office.complaints import Notices


class FakeNotices(Notices):
    def __init__(self, complaints: FakeComplaints) -> None:
        self.complaints = complaints
        self.wishes: list[NoticeWish] = []  # as issued or looked at
        self.decisions: list[Command] = []  # that were foreseen
        self.message = "您的投诉已受理。"  # "": nobody has a mobile number

    def stand(self, complaint: str, *owed: str, drafts: tuple[str, ...] = ()) -> None:
        """As if all that leads there had happened."""
        page = self.complaints.pages[complaint]
        known = page.notices.issued
        self.complaints.pages[complaint] = replace(page, notices=NoticeList(known, owed, owed, drafts))

    async def preview(self, officer: Officer, complaint: str, wish: NoticeWish) -> PrintedPaper:
        self.complaints.of(officer, complaint)
        self.wishes.append(wish)
        return PrintedPaper("投诉受理通知书（草稿）.pdf", b"%PDF-1.7 draft")

    async def foreseen(self, officer: Officer, complaint: str, decision: Command, wish: NoticeWish) -> Foreseen:
        page = self.complaints.of(officer, complaint)
        self.decisions.append(decision)
        sheet = ReadableNotice(
            "", "东高一投受〔2026〕0001号", "东湖所", "投诉受理通知书", "丁小禾：", [("text", "决定受理。")], ""
        )
        return Foreseen(sheet, [("consumer", page.consumer.name, page.consumer.phone, self.message)])

    async def issue(self, officer: Officer, complaint: str, wish: NoticeWish) -> str:
        page = self.complaints.of(officer, complaint)
        known = [row for row in page.notices.issued if row.kind == wish.kind and row.state == "standing"]
        if known and known[0].number != wish.replaces:
            raise Refused("notice_standing", 409, number=known[0].number)
        self.wishes.append(wish)
        number = f"东高一投受〔2026〕{len(self.wishes):04d}号"
        to = [
            NoticeReceiver("consumer", page.consumer.name, page.consumer.phone, "queued"),
            NoticeReceiver("business", page.business.name, "", "by_hand"),
        ]
        row = NoticeRow(
            f"n{len(self.wishes)}",
            wish.kind,
            number,
            page.row.received,
            officer.name,
            to,
            "standing",
            replaces=wish.replaces,
        )
        older = [
            replace(one, state="replaced", replaced_by=number) if one.number == wish.replaces else one
            for one in page.notices.issued
        ]
        left = tuple(kind for kind in page.notices.owed if kind != wish.kind)
        notices = replace(page.notices, issued=[row, *older], owed=left)
        self.complaints.pages[complaint] = replace(page, notices=notices)
        return number

    async def withdraw(self, officer: Officer, complaint: str, notice: str, reason: str) -> None:
        page = self.complaints.of(officer, complaint)
        rows = [
            replace(one, state="withdrawn", reason=reason) if one.id == notice else one for one in page.notices.issued
        ]
        self.complaints.pages[complaint] = replace(page, notices=replace(page.notices, issued=rows))

    async def file(self, officer: Officer, complaint: str, notice: str) -> PrintedPaper:
        page = self.complaints.of(officer, complaint)
        for row in page.notices.issued:
            if row.id == notice:
                return PrintedPaper(f"投诉受理通知书 {row.number}.pdf", b"%PDF-1.7")
        raise Refused("not_found", 404)
