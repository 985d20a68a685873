"""A database that is on one of several machines."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from journal import Actor, Draft
from journal.refusals import Unanswered
from server.db.engine import Database, connecting
from server.db.journal import SqlJournal
from tests.server.db.databases import end_the_wait, standby_that_never_answers
from tests.tools.data.postgres import libpq


def test_of_several_machines_the_one_that_may_be_written_to_is_asked_for_however_they_are_named() -> None:
    for named in ("?host=a,b&port=1,2", "?host=a:1&host=b:2"):
        found = connecting(make_url(f"postgresql+psycopg://u@/db{named}"))
        assert (found["host"], found["port"], found["target_session_attrs"]) == ("a,b", "1,2", "read-write")
        assert found["connect_timeout"] == 2


def test_what_an_address_says_by_itself_stays() -> None:
    found = connecting(make_url("postgresql+psycopg://u@/db?host=a,b&target_session_attrs=any&tcp_user_timeout=9000"))
    assert (found["target_session_attrs"], found["tcp_user_timeout"]) == ("any", "9000")
    assert "connect_timeout" not in connecting(make_url("postgresql+psycopg://u@a/db"))


@pytest.mark.postgres
async def test_a_machine_that_says_nothing_is_passed_over_and_when_all_do_it_is_told(postgres_server: URL) -> None:
    gone = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        there = postgres_server.query["host"]
        database = Database(postgres_server.update_query_dict({"host": f"127.0.0.1,{there}", "port": f"{port},5432"}))
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        await database.close()

        database = Database(
            postgres_server.update_query_dict({"host": "127.0.0.1,127.0.0.1", "port": f"{port},{port}"})
        )
        with pytest.raises(Unanswered):
            async with database.read():
                pass
        await database.close()
        gone.set()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_what_was_cut_while_nobody_appended_is_not_taken_for_the_next_append(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, said = SqlJournal(database), Draft("Noted", {}, datetime.now(UTC))
    await journal.append("note/x", 0, [said])
    with psycopg.connect(libpq(database.url), autocommit=True) as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")

    async def noted(_: object) -> Draft:
        return said

    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 60.0)
    monkeypatch.setattr("server.db.engine.time", later)
    (event,) = await journal.along("note/x", noted)  # which is not tried again, as an append is
    assert event.version == 2


@pytest.mark.postgres
@pytest.mark.parametrize("appends", [False, True])
async def test_what_its_standby_may_not_have_is_not_acknowledged(postgres_database: URL, appends: bool) -> None:
    database = Database(postgres_database)
    journal = SqlJournal(database)
    said = Draft("Said", {}, datetime(2026, 3, 2, tzinfo=UTC), Actor("officer", "u1", "周敏", "mediator", "o1"))

    async def writes(version: int) -> None:
        if appends:
            await journal.append("session/s", version, [said])
        else:
            async with database.write() as connection:
                await connection.execute(text("CREATE TABLE IF NOT EXISTS anything (id int)"))
                await connection.execute(text("DROP TABLE anything"))

    await writes(0)
    with (
        psycopg.connect(libpq(postgres_database), autocommit=True) as administrator,
        standby_that_never_answers(administrator),
    ):
        writing = asyncio.ensure_future(writes(1))
        await asyncio.to_thread(end_the_wait, administrator)
        with pytest.raises(ConnectionError):
            await writing
    await writes(2)
    if appends:
        assert [event.version for event in await journal.read("session/s")] == [1, 2, 3]
    await database.close()
