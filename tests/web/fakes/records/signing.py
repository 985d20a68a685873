"""Signing that takes everything and remembers it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from complaints import ConfirmationView, RulingNoted
from complaints.views import PrintedPaper
from journal.refusals import Refused
from offices import Officer
from rooms.joining.invitations import Guest
from rooms.views import AskedStatement, CopyRow, CopyVisit, Handwriting, SignerRow, SigningVisit, ToSign
from tests.web.fakes.people import EAST_LAKE, ZHOU
from web.room import SigningByLink

TEXT = "ab" * 32
SECRET, TICKET, COPY_CODE = "secret-of-a-copy", "ticket-of-a-file", "246810"
PDF = b"%PDF-1.7 your copy"
ROW = CopyRow("d1", "agreement", "东高一调〔2026〕0312号", datetime(2026, 6, 24, 2, tzinfo=UTC), "cd" * 32)


class FakeConfirmations:
    """Implements `Confirmations`: one agreement, whose papers are handed out and whose ruling is noted."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        day = date(2026, 6, 24)
        self.seen = ConfirmationView(
            "x0", "东高一调〔2026〕0312号", day, date(2026, 7, 24), 12, ("identity", "evidence")
        )

    async def view(self, officer: Officer, session: str) -> ConfirmationView:
        return self.seen

    async def archive(self, officer: Officer, session: str, court: str) -> tuple[str, BinaryIO]:
        self.done.append(("archive", session, court))
        return f"judicial-confirmation-{session}.zip", io.BytesIO(b"PK papers")

    async def note_ruling(self, officer: Officer, ruling: RulingNoted, name: str, content: bytes) -> None:
        if ruling.day.year > 2026:
            raise Refused("bad_day", 422, field="day")
        if not content.startswith(b"%PDF"):
            raise Refused("bad_upload", 422, why="kind")
        day, upheld = ruling.day.isoformat(), str(ruling.upheld)
        self.done.append(("ruling", ruling.session, ruling.court, ruling.number, day, upheld, ruling.note, name))

    async def take_back(self, officer: Officer, session: str, reason: str) -> None:
        self.done.append(("undo", session, reason))


class FakeSigning:
    def __init__(self) -> None:
        self.signed: list[tuple[str, str, str, Handwriting | None]] = []  # seat or officer, code, name, handwriting
        self.done: list[str] = []
        self.rows: list[CopyRow] = []

    async def offer(self, officer: Officer, session: str) -> str:
        self.done.append("offer")
        return TEXT

    async def text(self, session: str, text: str, seat: str = "") -> Mapping[str, Any]:
        if text != TEXT:
            raise Refused("not_found", 404)
        return {"text": TEXT, "title": "消费争议调解书"}

    async def send_code(self, guest: Guest, text: str, ip: str) -> str:
        self.done.append(f"code {guest.seat.id}")
        return "138****2046"

    async def sign(self, guest: Guest, text: str, code: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        self.signed.append((guest.seat.id, code, name, drawn))

    async def sign_as_mediator(
        self, officer: Officer, session: str, text: str, name: str, drawn: Handwriting | None
    ) -> None:
        self.signed.append((officer.id, "", name, drawn))

    async def sign_with_saved(self, officer: Officer, session: str, text: str, code: str) -> None:
        self.signed.append((officer.id, code, "", None))

    async def seal(self, officer: Officer, session: str, text: str) -> None:
        self.done.append("seal")

    async def file(self, officer: Officer, session: str) -> None:
        self.done.append("file")

    async def documents(self, session: str) -> Sequence[CopyRow]:
        return self.rows

    async def copy_for_guest(self, guest: Guest, document: str) -> PrintedPaper:
        return self._printed(document)

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> PrintedPaper:
        return self._printed(document)

    async def visit(self, secret: str) -> CopyVisit:
        if secret != SECRET:
            raise Refused("link_expired", 410)
        return CopyVisit(ZHOU.office, "138****2046", ROW.number)

    async def send_copy_code(self, secret: str, ip: str) -> str:
        self.done.append("copy code")
        return "138****2046"

    async def open_copies(self, secret: str, code: str, ip: str) -> Sequence[CopyRow]:
        if code != COPY_CODE:
            raise Refused("bad_code", 400, left=4)
        return [CopyRow(ROW.id, ROW.kind, ROW.number, ROW.at, ROW.sha256, ticket=TICKET)]

    async def copy_by_ticket(self, ticket: str) -> PrintedPaper:
        if ticket != TICKET:
            raise Refused("link_expired", 410)
        return self._printed("d1")

    def _printed(self, document: str) -> PrintedPaper:
        if document != "d1":
            raise Refused("not_found", 404)
        return PrintedPaper("消费争议调解书 东高一调〔2026〕0312号.pdf", PDF)


LINK, SIGNER = "secret-of-a-signing", "ticket-of-a-signer"


class FakeSigningByLink(SigningByLink):
    def __init__(self) -> None:
        self.signed: list[str] = []  # names
        self.drawn: list[Handwriting | None] = []
        self.refused: list[str] = []
        self.asked: list[AskedStatement] = []  # what the record quotes of them; an agreement quotes nobody
        self.answers: dict[str, tuple[bool, str]] = {}

    async def ask(self, officer: Officer, session: str) -> None: ...

    async def signers(self, officer: Officer, session: str) -> Sequence[SignerRow]:
        return []

    async def own_link(self, session: str, seat: str) -> str:
        return ""

    async def visit(self, secret: str) -> SigningVisit:
        if secret != LINK:
            raise Refused("link_expired", 410)
        return SigningVisit(EAST_LAKE, "138****5076", "东高一调〔2026〕0312号", bool(self.signed))

    async def send_code(self, secret: str, ip: str) -> str:
        return (await self.visit(secret)).phone

    async def open(self, secret: str, code: str, ip: str) -> ToSign:
        await self.visit(secret)
        if code != COPY_CODE:
            raise Refused("bad_code", 400)
        return await self.look(SIGNER)

    async def look(self, ticket: str) -> ToSign:
        if ticket != SIGNER:
            raise Refused("link_expired", 410)
        text: dict[str, Any] = {
            "kind": "record" if self.asked else "agreement",
            "title": "消费争议调解书",
            "office": "东湖所",
            "number": "东高一调〔2026〕0312号",
            "rows": [{"label": "调解方式", "value": "电话"}],
            "before": [{"style": "heading", "text": "协议内容"}],
            "clauses": [{"label": "第一条", "text": "退还货款238.00元。"}],
            "after": [],
        }
        return ToSign(ticket, "丁小禾", text, self.asked)

    async def answer(self, ticket: str, answers: Mapping[str, tuple[bool, str]]) -> None:
        self.answers |= answers

    async def sign(self, ticket: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        self.signed.append(name)
        self.drawn.append(drawn)

    async def refuse(self, ticket: str, reason: str) -> None:
        self.refused.append(reason)
