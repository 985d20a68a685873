"""What was acknowledged is there after the process was killed in the middle of its work."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from journal import Draft, verify
from journal.merkle import Inspection
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.remaking import reading
from tests import ROOT


@pytest.mark.parametrize("acknowledged", [5, 150])
async def test_every_acknowledged_event_survives_kill_9_and_verifies(database_url: URL, acknowledged: int) -> None:
    promised = await _kill_after(acknowledged, database_url)
    assert sum(promised.values()) >= acknowledged
    database = Database(database_url)
    await _alone(database)
    journal = SqlJournal(database)
    async with reading(database) as snapshot:
        inspection = Inspection([])
        async for leaf, event in snapshot.events():
            inspection.take(leaf, event)
        head = await snapshot.head()
        assert inspection.finish(head.size, head.hashes) == []
    for stream, newest in promised.items():
        events = await journal.read(stream)
        verify(events)
        # At most the one append that was under way may be there without having been acknowledged.
        assert newest <= len(events) <= newest + 1
        assert [event.data["n"] for event in events] == list(range(1, len(events) + 1))
        await journal.append(stream, len(events), [Draft("Noted", {"n": 0}, datetime.now(UTC))])  # and life goes on
    if database.sqlite:
        async with database.read() as connection:
            assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    await database.close()


async def _kill_after(lines: int, url: URL) -> dict[str, int]:
    """Newest acknowledged version of each stream, everything the program managed to print included."""
    address = url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.db.appender", address, cwd=ROOT, stdout=PIPE
    )
    assert process.stdout is not None
    promised: dict[str, int] = {}
    count = 0
    while line := await process.stdout.readline():
        if not line.endswith(b"\n"):
            break  # killed in the middle of a line
        stream, version = line.decode().split()
        promised[stream] = int(version)
        count += 1
        if count == lines:
            process.kill()
    assert await process.wait() == -9
    return promised


async def _alone(database: Database) -> None:
    """Return when a PostgreSQL server has noticed that its client is dead: until then it may still commit."""
    if database.sqlite:
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(10):
        alone = False
        while not alone:
            async with database.read() as connection:
                alone = (await connection.execute(others)).scalar_one() == 0
