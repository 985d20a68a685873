"""An installation with one office, and importers on it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from complaints.channels.mapping import builtin
from complaints.service import ComplaintService
from law.deadlines import HolidayNotice
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import KEY_BYTES, Seal
from server.identity.store import IdentityStore
from server.imports import offline
from server.imports.batches import Batches
from server.imports.importing import EncoderPool
from server.imports.store import Batch, IntakeStore
from tests.server.app.office import FIRST
from tests.server.imports.conftest import NOW, ZHOU

KEY = b"k" * KEY_BYTES
HOTLINE = builtin("hotline")
NOTICE = HolidayNotice(2026, ((date(2026, 3, 4), "测试", "test"),), (date(2026, 3, 7),))


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    await IdentityStore(database).add_office(FIRST)
    yield database
    await database.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "office.db") as database:
        yield database


def batches_of(database: Database, folder: Path, processes: int = 0, great: int = offline.GREAT) -> Batches:
    journal, seal = SqlJournal(database, projectors()), Seal(KEY)
    service = ComplaintService(journal, seal, lambda: NOW)
    reading = offline.Postponing(database, folder, great).reading
    pool = EncoderPool(processes, partial(Seal, KEY), reading)
    return Batches(service, journal, IntakeStore(database), seal, folder, lambda: NOW, pool)


async def run(batches: Batches, path: Path) -> Batch:
    return await batches.run(await batches.begin(FIRST, ZHOU, HOTLINE, path, path.name), FIRST)
