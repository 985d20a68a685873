"""A small office on a real database: what the tests of identity, outbox and desk stand on.

Real: SQLite, journal, rooms, stores, sealing, services. Only the clock is moved by hand and nobody has media.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from argon2 import PasswordHasher

from complaints.record import PartyTyped
from complaints.service import ComplaintService
from complaints.views import NewComplaint
from journal.clock import HandClock
from media.engine import Admission, MediaEngine, MediaEvent, Negotiated, RoomClosed, RouteMatrix, Source
from offices import Office, Officer
from rooms.floor.rules import ShownTexts
from rooms.live.registry import Rooms
from rooms.views import IssuedLink
from server.complaints.service import OfficeComplaints
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import Seal
from server.identity.link_store import LinkStore
from server.identity.links import JoinLinks, LinkServices
from server.identity.officers import Officers, officer_from
from server.identity.sign_ins import Passwords
from server.identity.store import IdentityStore
from server.outbox.notifiers import LogNotifier, OutboxMessage, Taken
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore

NOW = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
PASSWORD = "unter-den-linden-94"
FIRST = Office("office-1", "东湖高新区市场监管一所", "一所", "027-00001201", "东高一投")
SECOND = Office("office-2", "东湖高新区市场监管二所", "二所", "027-00001202", "东高二投")
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # the strength is argon2's own business
IP = "192.0.2.10"
SEAL = Seal(bytes(range(32)))
ZHOU, OTHER = "zhoumin", "wanglin"


class NoMedia(MediaEngine):
    """Takes everything and reports nothing but ends."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def admit(self, room: str, participant: str) -> Admission:
        return Negotiated()

    async def publish(self, room: str, participant: str, sdp: str, sources: Mapping[str, Source]) -> str:
        return ""

    async def answer(self, room: str, participant: str, sdp: str) -> None: ...

    async def restart(self, room: str, participant: str) -> None: ...

    async def route(self, room: str, matrix: RouteMatrix) -> None: ...

    async def pin(self, room: str, participant: str, pinned: str) -> None: ...

    async def remove(self, room: str, participant: str) -> None: ...

    async def close_room(self, room: str) -> None:
        self._events.put_nowait(RoomClosed(room))

    async def events(self) -> AsyncIterator[MediaEvent]:
        while True:
            yield await self._events.get()


@dataclass
class Phones(LogNotifier):
    """Takes every message and keeps it, as the phones of the invited would."""

    received: list[OutboxMessage] = field(default_factory=list)
    refuse: Exception | None = None  # raised instead of taking anything

    async def deliver(self, notice: OutboxMessage) -> Taken:
        if self.refuse is not None:
            raise self.refuse
        self.received.append(notice)
        return Taken()


@dataclass
class World:
    """Everything of one installation, and a mediator of each of two offices."""

    clock: HandClock
    database: Database
    journal: SqlJournal
    seal: Seal
    store: IdentityStore
    officers: Officers
    complaints: ComplaintService
    rooms: Rooms
    desk: OfficeComplaints
    outbox: OutboxService
    phones: Phones
    links: JoinLinks
    zhou: Officer
    other: Officer

    async def register(self, officer: Officer | None = None, consumer_phone: str = "138 0000 5076") -> str:
        return await self.desk.register(officer or self.zhou, filing(self.clock.now(), consumer_phone))

    async def session(self, starts: datetime | None = None) -> str:
        return await self.desk.schedule(self.zhou, await self.register(), starts or self.clock.now(), [])

    async def invite(self, seat: str = "consumer", session: str = "", send: bool = False) -> IssuedLink:
        return await self.links.issue(self.zhou, session or await self.session(), seat, send)

    async def code_for(self, device: str, ip: str = IP) -> str:
        """Ask for a code and read it on the phone it went to."""
        await self.links.send_code(device, ip)
        return await self.newest_code()

    async def newest_code(self) -> str:
        await self.outbox.deliver_due()
        codes = [notice for notice in self.phones.received if notice.kind == "code"]
        found = re.search(r"\d{6}", codes[-1].text)
        assert found
        return found.group()

    async def events(self, session: str) -> list[str]:
        return [event.type for event in await self.journal.read(f"session/{session}")]

    def move(self, **by: float) -> None:
        self.clock.move(timedelta(**by))


def filing(received: datetime, consumer_phone: str = "138 0000 5076") -> NewComplaint:
    return NewComplaint(
        channel="12315",
        received=received - timedelta(days=4),
        title="知遇桥婚恋网积分退款",
        request="退还剩余积分",
        facts="购买3,000积分，用去640积分。",
        amount=Decimal("2360.00"),
        consumer=PartyTyped("丁小禾", consumer_phone, "湖北黄冈"),
        business=PartyTyped(
            "陈立",
            "13900000812",
            "湖北武汉",
            organisation="武汉知遇桥信息技术有限公司",
            credit_code="91420100MA0DEM013Y",
        ),
    )


def secret_of(link: IssuedLink) -> str:
    return link.url.rpartition("/j/")[2]


async def founded(folder: Path) -> Path:
    """A database file with the two offices and their people, to be copied: making it takes longer than most tests."""
    path = folder / "template.db"
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    store = IdentityStore(database)
    officers = Officers(store, SEAL, HandClock(NOW).now, QUICK)
    administrator = await officers.found(FIRST, "admin", "何静", PASSWORD)
    await officers.add_officer(administrator, ZHOU, "周敏", "mediator", PASSWORD)
    await store.add_office(SECOND)
    elsewhere = Officer("x", "x", "x", "administrator", SECOND, totp=False)
    await officers.add_officer(elsewhere, OTHER, "王琳", "mediator", PASSWORD)
    await database.close()
    return path


@asynccontextmanager
async def office(folder: Path, template: Path) -> AsyncIterator[World]:
    """`template`: what `founded` made."""
    clock = HandClock(NOW)
    shutil.copy(template, folder / "yuntiao.db")
    database = Database(f"sqlite+aiosqlite:///{folder / 'yuntiao.db'}")
    journal = SqlJournal(database, projectors())
    seal, store = SEAL, IdentityStore(database)
    officers = Officers(store, seal, clock.now, QUICK)
    complaints = ComplaintService(journal, seal, clock.now)
    rooms = Rooms(journal, NoMedia(), clock, shown=ShownTexts("v1", "v1", "v1"))
    desk = OfficeComplaints(complaints, rooms)
    phones = Phones()
    outbox = OutboxService(MessageStore(database), phones, seal, clock.now)
    links = JoinLinks(
        LinkServices(LinkStore(database), store, rooms, desk, outbox, seal, clock.now, "https://tiaojie.example")
    )
    zhou, other = await _officer(store, ZHOU, FIRST), await _officer(store, OTHER, SECOND)
    await rooms.start()
    try:
        yield World(
            clock, database, journal, seal, store, officers, complaints, rooms, desk, outbox, phones, links, zhou, other
        )
    finally:
        await rooms.stop()
        await database.close()


async def _officer(store: IdentityStore, login: str, of: Office) -> Officer:
    user = await store.user_by_login(login)
    assert user is not None
    return officer_from(user, of)
