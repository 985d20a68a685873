"""A mediation that came to an agreement: its parties, its desk, its papers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from complaints.views import PrintedPaper
from journal import Actor
from journal.refusals import Refused
from offices import Officer
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms import commands as c
from rooms.joining.invitations import Guest
from rooms.session import Session
from rooms.signing.state import SigningState
from rooms.views import Handwriting
from rooms.vocabulary import Capacity, Consent, Side, Term
from server.complaints.office_store import LawStore, StoredLaws
from server.identity.codes import OneTime, SigningCodes, Tickets
from server.identity.link_store import LinkStore
from server.identity.sign_in_store import TicketStore
from server.outbox.store import MessageStore
from server.signing import PaperRenderer, certificates
from server.signing.copies import PapersOnFile, Sent, SentNotices, SigningServices
from server.signing.desk import SigningService
from server.signing.saved_signature_store import SavedSignatures
from server.signing.seals import SealKeys
from tests.server.app.office import FIRST, IP, QUICK, World
from tests.server.signing.sheets import scribble

PRESS = PaperRenderer()
INK = Handwriting(400, 240, [[list(point) for point in stroke] for stroke in scribble().strokes])
DUE = datetime(2026, 7, 3, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
REFUND = Term(Side.BUSINESS, "退还剩余积分款", Decimal("2000"), DUE, "按原支付方式退回")
ATTACK = '#panic() </script><script>alert(1)</script> {{ 7*7 }} {% raw %} $x$ *粗* \\u{48} "]}'


class NoNotices(SentNotices):
    """Nobody was sent any."""

    async def sent(self, complaint: str, notice: str, whom: str) -> Sent:
        raise Refused("not_found", 404)

    async def opened(self, complaint: str, notice: str, whom: str) -> PrintedPaper:
        raise Refused("not_found", 404)


@dataclass
class Room:
    """A mediation whose clauses both have agreed to, with the desk under test."""

    world: World
    signing: SigningService
    papers: PapersOnFile
    seals: SealKeys
    complaint: str
    session: str
    seats: dict[str, str]  # role -> seat

    async def state(self) -> Session:
        return await self.world.rooms.state(self.session)

    async def current(self) -> SigningState:
        found = (await self.state()).signing
        assert found is not None
        return found

    async def ask(self, command: c.Command, who: Guest | Officer | None = None) -> None:
        actor: Actor = (who or self.world.zhou).actor
        await self.world.rooms.submit(self.session, command, actor)

    async def guest(self, role: str) -> Guest:
        seat = (await self.state()).seats[self.seats[role]]
        return Guest(self.session, seat.seat, "link", FIRST, verified=True)

    async def code(self, who: Guest, text: str) -> str:
        self.world.move(minutes=2)
        await self.signing.send_code(who, text, IP)
        return await self.world.newest_code()

    async def signs(self, role: str, drawn: bool = True) -> None:
        who, text = await self.guest(role), (await self.current()).text
        await self.ask(c.ReadThrough(text), who)
        await self.ask(c.AgreeElectronicForm(text, "electronic-1"), who)
        if drawn:
            await self.ask(c.ConsentHandwriting(text, "v1"), who)
        await self.signing.sign(who, text, await self.code(who, text), who.seat.name, INK if drawn else None, IP)

    async def signed(self) -> str:
        text = await self.signing.offer(self.world.zhou, self.session)
        await self.signs("consumer")
        await self.signs("business", drawn=False)
        await self.ask(c.ConsentHandwriting(text, "v1"))
        await self.signing.sign_as_mediator(self.world.zhou, self.session, text, "周敏", INK)
        return text

    async def sealed(self) -> bytes:
        await self.signing.seal(self.world.zhou, self.session, await self.signed())
        return await self.pdf()

    async def pdf(self, n: int = 0) -> bytes:
        document = (await self.state()).documents[n].sealed
        return self.papers.document(self.session, document.document, document.sha256)


async def bring(world: World, session: str, seat: str, name: str) -> None:
    actor = Actor("party", seat, name)
    for command in (
        c.ConfirmIdentity("code"),
        c.AnswerConsent(Consent.PARTICIPATE, True, "v1"),
        c.AnswerConsent(Consent.RECORD, False, "v1"),
        c.Arrive(),
    ):
        await world.rooms.submit(session, command, actor)
    await world.rooms.submit(session, c.Admit(seat), world.zhou.actor)


@pytest.fixture
async def room(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(certificates, "BITS", 2048)
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    links = LinkStore(world.database)
    papers = PapersOnFile(EncryptedFileStore(tmp_path / "documents", case_keys(tmp_path)))
    seals = SealKeys(tmp_path / "seals", world.seal, world.clock.now)
    await asyncio.to_thread(seals.create, FIRST.id, FIRST.name)
    codes = OneTime(links, world.outbox, world.seal, world.clock.now)
    desk = SigningService(
        SigningServices(
            world.journal,
            world.complaints,
            world.rooms,
            world.store,
            SigningCodes(codes, links, world.desk, world.seal, world.clock.now, "zh"),
            papers,
            PRESS,
            seals,
            None,
            world.outbox,
            MessageStore(world.database),
            Tickets(world.seal, world.clock.now, TicketStore(world.database)),
            NoNotices(),
            SavedSignatures(world.database, world.journal, world.seal, QUICK, world.clock.now),
            world.seal.open,
            StoredLaws(LawStore(world.database), world.complaints, world.store).library,
            world.clock.now,
            "https://tiaojie.example",
        )
    )
    state = await world.rooms.state(session)
    seats = {seat.role.value: seat.id for seat in state.seats.values()}
    made = Room(world, desk, papers, seals, complaint, session, seats)
    await made.ask(c.Arrive())
    for role in ("consumer", "business"):
        await bring(world, session, seats[role], state.seats[seats[role]].name)
    await made.ask(c.RecordAuthority(seats["business"], Capacity.HEAD))
    await made.ask(c.PutClause(term=REFUND))
    await made.ask(c.PutClause(text="履行完毕后双方再无争议。"))
    await agreed(made)
    return made


async def agreed(room: Room) -> None:
    for clause in (await room.state()).draft.clauses:
        for role in ("consumer", "business"):
            await room.ask(c.AnswerClause(clause.id, clause.edition, True), await room.guest(role))


def text_in(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"[\s\u200b\ufffe\u00ad\u0002]+", "", found)
