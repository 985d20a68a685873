"""One server at a time on a PostgreSQL database, on whatever machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL

from journal import Draft
from journal.refusals import Unanswered
from server.db.engine import AlreadyServed, Database
from server.db.journal import SqlJournal
from server.serving.nodes.store import SoleServer
from tests.server.app.program import ANEW, serving, yuntiao
from tests.server.db.databases import create_postgres
from tests.server.db.test_group_commit import whole
from tests.server.serving.nodes.network import network
from tests.server.serving.nodes.pair import pair
from tests.tools.data.postgres import libpq

pytestmark = pytest.mark.postgres

HOLDERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def cut(url: URL) -> None:
    """As when the database restarts: whoever holds its lock is without a connection."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        holders = [pid for (pid,) in connection.execute(HOLDERS)]
        assert len(holders) == 1
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (holders[0],))


@pytest.fixture
def database_url(postgres_database: URL) -> URL:
    return postgres_database


@pytest.fixture
async def first(database: Database) -> AsyncIterator[SoleServer]:
    server = SoleServer(database)
    await server.take()
    yield server
    await server.give()


async def test_the_second_is_refused_until_the_first_has_ended(first: SoleServer, database: Database) -> None:
    second = SoleServer(database)
    with pytest.raises(AlreadyServed):
        await second.take(0.0)
    waiting = asyncio.create_task(second.take(30.0))
    await first.give()
    await waiting
    await second.give()


async def test_after_a_restart_of_the_database_it_is_taken_again(first: SoleServer, database: Database) -> None:
    lost: list[str] = []
    keeping = asyncio.create_task(first.keep(lambda: lost.append("lost")))
    cut(postgres := database.url)
    while True:
        with psycopg.connect(libpq(postgres)) as connection:
            if connection.execute(HOLDERS).fetchall():
                break
        await asyncio.sleep(0)
    with pytest.raises(AlreadyServed):
        await SoleServer(database).take(0.0)
    keeping.cancel()
    assert lost == []


async def test_whoever_finds_another_in_its_place_is_told(first: SoleServer, database: Database) -> None:
    cut(database.url)
    second, lost = SoleServer(database), asyncio.Event()
    await second.take()
    await asyncio.wait_for(first.keep(lost.set), 30)
    assert lost.is_set()
    await second.give()


@pytest.mark.long
async def test_a_second_program_is_refused_and_an_ousted_one_ends(tmp_path: Path, postgres_server: URL) -> None:
    url = create_postgres(postgres_server)
    there = {"YUNTIAO_DATABASE_URL": url.render_as_string(hide_password=False)}
    async with serving(tmp_path / "one", module=ANEW, **there) as program:
        beside = await yuntiao("serve", "--port", "0", "--media-port", "0", "--data", str(tmp_path / "two"), **there)
        assert beside.stderr is not None
        assert b"another yuntiao serves this database" in await beside.stderr.read()
        assert await beside.wait() == 2

        program.process.send_signal(signal.SIGSTOP)  # a machine that is cut off
        cut(url)
        database = Database(url)
        second = SoleServer(database)
        await second.take()
        program.process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(program.process.wait(), 30) == 2
        assert b"another yuntiao serves this database" in await program.log
        await second.give()
        await database.close()


@pytest.mark.links
async def test_a_server_alone_has_its_place_again_at_the_standby_with_all_that_was_acknowledged(tmp_path: Path) -> None:
    with network(("d", "e")) as net:
        async with pair(tmp_path / "databases", net, "d", "e") as databases:
            database = Database(await databases.create("journal"))
            await database.migrate()
            journal, server, lost = SqlJournal(database), SoleServer(database), asyncio.Event()
            await server.take()
            keeping = asyncio.create_task(server.keep(lost.set))
            noted = [Draft("Noted", {"n": n}, datetime.now(UTC)) for n in range(40)]
            for n, draft in enumerate(noted[:20]):
                await journal.append("session/x", n, [draft])
            await databases.fail_over()
            acknowledged = 20
            async with asyncio.timeout(30):
                while acknowledged < len(noted):
                    try:
                        await journal.append("session/x", acknowledged, [noted[acknowledged]])
                    except Unanswered:  # connections from before
                        continue
                    acknowledged += 1
                held = f"SELECT count(*) FROM ({HOLDERS}) AS held"
                while not await databases.primary.asked(held, "journal"):  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.1)
            assert [event.data["n"] for event in await journal.read("session/x")] == list(range(40))
            assert await whole(database) == 40
            assert not lost.is_set()
            keeping.cancel()
            await server.give()
            await database.close()
