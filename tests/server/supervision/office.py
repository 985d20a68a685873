"""A week of mediations, a signed log, and the desk that a supervisor asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from journal.notes import Checkpoint, checkpoint_body
from offices import Officer
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.evidence.log_store import LogStore, StoredCheckpoint
from server.identity.store import IdentityStore, User
from server.supervision.reports import PlanScheduler, Practices, QuarterReportService
from server.supervision.service import SupervisionService
from tests.server.db.history import SETTLED, Teller
from tests.server.db.readers import FIRST, LIN, ZHOU

SUNDAY = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 23:00 in Wuhan
MONDAY = SUNDAY + timedelta(hours=10)  # 09:00
GU = Officer("u-gu", "gu", "顾青", "supervisor", FIRST, totp=False)


class Clock:
    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Bureau:
    database: Database
    journal: SqlJournal
    tell: Teller
    clock: Clock
    planning: PlanScheduler
    desk: SupervisionService

    async def sign(self, at: datetime = SUNDAY) -> None:
        """A checkpoint of the log as it is; whose signature it bears is not the question here."""
        store = LogStore(self.database)
        size, root = await store.head()
        body = checkpoint_body(Checkpoint("yuntiao/test", size, root, at))
        await store.put(StoredCheckpoint(size, at, f"{body}\n\u2014 yuntiao/test {'A' * 92}\n"))

    async def week(self, count: int = 30, before: datetime = SUNDAY) -> None:
        """Settled mediations of half an hour, one every two hours, the last one an hour before."""
        for n in range(count):
            opened = before - timedelta(hours=2 * (count - n)) + timedelta(minutes=30)
            await self.tell.mediated(f"c{n}", f"m{n}", SETTLED, opened=opened, minutes=30)


async def bureau(database: Database, journal: SqlJournal, tell: Teller) -> Bureau:
    clock, store = Clock(), IdentityStore(database)
    await store.add_user(User(GU.id, GU.login, GU.name, GU.role, FIRST.id, "argon2", SUNDAY))
    planning = PlanScheduler(database, journal, store, clock)
    reports, practices = QuarterReportService(database, journal, planning, clock), Practices(database, clock)
    desk = SupervisionService(database, journal, planning, reports, practices, clock)
    return Bureau(database, journal, tell, clock, planning, desk)


__all__ = ["FIRST", "GU", "LIN", "MONDAY", "SUNDAY", "ZHOU", "Bureau", "bureau"]
