"""An installation whose log can be kept, signed and checked: real database, real key, real files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import Certificate
from sqlalchemy import text

from journal import Actor, Draft, Event
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.remaking import reading
from server.evidence.log_check import LogReport, check
from server.evidence.log_keeper import CheckpointCopies, CheckpointKeeper, KnownKeys, installation_signer
from server.evidence.log_store import LogStore, StoredCheckpoint

START = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
ZHOU = Actor("officer", "u1", "周敏", "mediator", "o1")


class House:
    def __init__(self, database: Database, data: Path) -> None:
        self.database, self.data = database, data
        self.time = START
        self.journal, self.store = SqlJournal(database), LogStore(database)
        self.copies = CheckpointCopies(data)
        self.keeper = self.another_keeper()

    def now(self) -> datetime:
        return self.time

    def another_keeper(self, ask: Collection[tuple[str, str]] = ()) -> CheckpointKeeper:
        """As after a restart."""
        keys = KnownKeys(self.journal, self.now)
        signer, every = lambda: installation_signer(self.data), timedelta(minutes=10)
        return CheckpointKeeper(self.store, keys, signer, self.data, every, self.now, ask)

    async def note(self, stream: str, count: int = 1) -> list[Event]:
        """Append so many facts."""
        after = await self.journal.last(stream)
        drafts = [Draft("Noted", {"n": after + n, "text": "退款"}, self.time, ZHOU) for n in range(1, count + 1)]
        return await self.journal.append(stream, after, drafts)

    async def sign(self) -> StoredCheckpoint:
        self.time += timedelta(minutes=10)
        made = await self.keeper.make()
        assert made is not None
        return made

    async def lived(self) -> None:
        """Three streams, and two checkpoints of ours; entries since the last one."""
        await self.sign()  # adopts the key: leaf 0
        await self.note("session/a", 3)  # leaves 1–3
        await self.note("complaint/c", 2)  # 4–5
        await self.sign()
        await self.note("session/a", 2)  # 6–7
        await self.sign()
        await self.note("session/b", 2)  # 8–9

    async def check(
        self, *against: tuple[str, str], key: tuple[str, bytes] | None = None, roots: Sequence[Certificate] = ()
    ) -> LogReport:
        async with reading(self.database) as snapshot:
            return await check(snapshot, self.data, against, key, roots)

    async def sql(self, *statements: str, **values: object) -> None:
        """What a database administrator types."""
        async with self.database.write() as connection:
            for statement in statements:
                await connection.execute(text(statement), values)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    data = tmp_path / "data"
    data.mkdir()
    return House(database, data)
