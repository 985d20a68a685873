"""Whoever lets people in hears what changed of what they came by, whichever process changed it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import structlog

from server.db import engine
from server.db.engine import KEPT, PRUNED, Database, Holder
from server.db.schema import credential_changes
from tests.server.db.databases import crowded

ZHOU, CONSUMER = Holder(officer="zhou"), Holder(session="s1", seat="consumer")


async def change(database: Database, *holders: Holder) -> None:
    async with database.write() as connection:
        for holder in holders:
            await database.credentials.changed(connection, holder)


@pytest.fixture
def heard(database: Database) -> list[Holder]:
    """What a process is told, in order."""
    told: list[Holder] = []
    database.credentials.subscribers.append(lambda *holder: told.append(Holder(*holder)))
    return told


async def test_a_change_is_heard_in_its_own_process_once_and_after_its_commit(
    database: Database, heard: list[Holder]
) -> None:
    await database.credentials.listen(database.read)
    async with database.write() as connection:
        await database.credentials.changed(connection, ZHOU)
        assert heard == []
    assert heard == [ZHOU]
    await database.credentials.listen(database.read)
    assert heard == [ZHOU]


async def test_a_change_that_was_rolled_back_is_heard_nowhere(
    database: Database, other: Database, heard: list[Holder]
) -> None:
    await database.credentials.listen(database.read)
    for process in (database, other):
        with contextlib.suppress(ZeroDivisionError):
            async with process.write() as connection:
                await process.credentials.changed(connection, ZHOU)
                raise ZeroDivisionError
    await database.credentials.listen(database.read)
    assert heard == []


async def test_what_another_process_changes_is_heard_once_and_in_its_order(
    database: Database, other: Database, heard: list[Holder]
) -> None:
    await change(other, ZHOU)
    await database.credentials.listen(database.read)
    assert heard == []  # it was changed before anybody was let in
    await change(other, CONSUMER, ZHOU)
    await change(other, CONSUMER)
    await database.credentials.listen(database.read)
    await database.credentials.listen(database.read)
    assert heard == [CONSUMER, ZHOU, CONSUMER]


@pytest.mark.parametrize(  # SQLite has one writer: numbers are drawn in the order of the commits
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_what_is_committed_after_a_later_number_is_heard_too(
    database: Database, other: Database, heard: list[Holder]
) -> None:
    await database.credentials.listen(database.read)
    async with other.write() as connection:
        await other.credentials.changed(connection, ZHOU)
        await change(other, CONSUMER)
        await database.credentials.listen(database.read)
    await database.credentials.listen(database.read)
    assert heard == [CONSUMER, ZHOU]


async def test_only_the_last_changes_are_kept(database: Database, other: Database) -> None:
    await change(other, *[ZHOU] * (KEPT + PRUNED + 5))
    async with database.read() as connection:
        kept = (await connection.execute(credential_changes.select())).all()
    assert KEPT <= len(kept) < KEPT + PRUNED


async def test_what_another_process_changes_is_heard_also_after_pages_have_taken_every_connection(
    database: Database, other: Database, heard: list[Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 0.05)
    monkeypatch.setattr(engine, "POLL", 0.01)
    await database.credentials.listen(database.read)
    news = asyncio.Event()
    database.credentials.subscribers.append(lambda *_: news.set())
    watching = asyncio.create_task(database.credentials.watch(database.read))
    with structlog.testing.capture_logs() as said:
        async with crowded(database), asyncio.timeout(30):
            while "changes of credentials by other processes could not be read" not in [one["event"] for one in said]:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0)
    await change(other, ZHOU)
    await asyncio.wait_for(news.wait(), 30)
    assert heard == [ZHOU]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
