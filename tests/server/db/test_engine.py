"""Transactions, settings and migrations, on each engine."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, StatementError

from server.casebook import case_index_store
from server.complaints import listing_store
from server.db.engine import Database
from server.db.schema import complaints, log_nodes, metadata, officer_sessions, offices
from server.db.schema.base import among, every_one

OFFICE = {"id": "o1", "name": "一所", "short": "一所", "phone": "027", "number_prefix": "东", "zone": "Asia/Shanghai"}
NOON = datetime(2026, 4, 14, 12, 0, 0, 123456, tzinfo=UTC)


def _ours(name: str | None, *_: object) -> bool:
    """Not the word indexes, whose tables are the engine's own affair."""
    return not (name or "").startswith((listing_store.NAME, case_index_store.NAME))


async def test_the_migrations_make_exactly_the_tables_the_program_uses(empty_url: URL) -> None:
    database = Database(empty_url)
    await database.migrate()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_migrating_again_and_from_two_processes_at_once_changes_nothing(empty_url: URL) -> None:
    one, two = Database(empty_url), Database(empty_url)
    await asyncio.gather(one.migrate(), two.migrate())
    await one.migrate()
    async with one.read() as connection:
        tables = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    assert {table for table in tables if _ours(table)} == set(metadata.tables) | {"alembic_version"}
    await one.close()
    await two.close()


def test_closing_waits_for_a_connection_that_was_given_up_in_a_statement(tmp_path: Path) -> None:
    """Its thread would answer to a loop that is closed, in the server's log."""
    faults: list[threading.ExceptHookArgs] = []
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) SELECT max(i) FROM n"

    async def give_up() -> threading.Thread:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
        connection = await database.engine.connect()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        counting = asyncio.ensure_future(driver.execute(count))
        await asyncio.sleep(0)  # it stands in the thread's queue
        driver.stop()  # as SQLAlchemy does with a connection whose task was cancelled
        counting.cancel()
        await database.close()
        await connection.invalidate()
        return cast(threading.Thread, driver._thread)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", faults.append)
        asyncio.run(give_up()).join()
    assert faults == []


async def test_a_transaction_that_raises_leaves_nothing_behind(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await connection.execute(offices.insert().values(OFFICE))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail()
    assert await _count(database) == 0


async def test_what_a_block_wrote_is_seen_by_others_only_after_it_ends(database: Database, other: Database) -> None:
    async with database.write() as connection:
        await connection.execute(offices.insert().values(OFFICE))
        assert await _count(other) == 0
    assert await _count(other) == 1


@pytest.mark.parametrize("first", ["statement", "stream"])
async def test_a_snapshot_is_of_the_moment_of_its_first_statement(first: str, database: Database) -> None:
    async def add(id_: str) -> None:
        async with database.write() as writer:
            await writer.execute(offices.insert().values(OFFICE | {"id": id_}))

    async with database.read(snapshot=True) as connection:
        await add("o1")
        wanted = select(offices.c.id).order_by(offices.c.id)
        if first == "statement":
            found = list((await connection.execute(wanted)).scalars())
        else:
            found = [row.id async for row in await connection.stream(wanted)]
        await add("o2")
        assert found == list((await connection.execute(wanted)).scalars()) == ["o1"]
    async with database.read():
        pass  # nothing was asked, so there is nothing to end
    assert await _count(database) == 2


async def test_writers_of_one_process_and_of_another_all_get_their_turn(database: Database, other: Database) -> None:
    async def add(which: Database, number: int) -> None:
        async with which.write() as connection:
            await connection.execute(select(func.count()).select_from(offices))  # reads first: no lock upgrade may fail
            await connection.execute(offices.insert().values(OFFICE | {"id": f"o{number}"}))

    await asyncio.gather(*(add(database if n % 2 else other, n) for n in range(40)))
    assert await _count(database) == 40


async def test_a_writer_cancelled_in_its_transaction_lets_the_next_one_in(database: Database) -> None:
    inside = asyncio.Event()

    async def hold() -> None:
        async with database.write() as connection:
            await connection.execute(offices.insert().values(OFFICE))
            inside.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await inside.wait()
    holder.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holder
    async with database.write() as connection:
        await connection.execute(offices.insert().values(OFFICE))
    assert await _count(database) == 1


async def test_times_come_back_to_the_microsecond_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    async with database.write() as connection:
        await connection.execute(complaints.insert().values(_complaint(received=shanghai)))
    async with database.read() as connection:
        back = (await connection.execute(select(complaints.c.received))).scalar_one()
        found = (await connection.execute(select(complaints.c.id).where(complaints.c.received == NOON))).scalar_one()
    assert (back, back.tzinfo, found) == (NOON, UTC, "c1")


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="zone"):
        async with database.write() as connection:
            await connection.execute(complaints.insert().values(_complaint(received=NOON.replace(tzinfo=None))))


async def test_money_is_exact_and_adds_up_in_the_database(database: Database) -> None:
    async with database.write() as connection:
        for number in range(3):
            await connection.execute(complaints.insert().values(_complaint(id=f"c{number}", amount=Decimal("0.10"))))
    async with database.read() as connection:
        total = (await connection.execute(select(func.sum(complaints.c.amount)))).scalar_one()
    assert total == Decimal("0.30")


async def test_many_values_are_bound_as_they_are(database: Database) -> None:
    texts = ["o1", "", "NULL", "a,b", '"quoted"', "back\\slash", "{brace}", " 两端空格 ", "line\nbreak", "it's"]
    async with database.write() as connection:
        await connection.execute(insert(offices), [OFFICE | {"id": one} for one in texts])
    async with database.read() as connection:
        each = every_one(connection, offices.c.id, texts)
        assert list((await connection.execute(select(each.c.value))).scalars()) == texts
        numbers = every_one(connection, log_nodes.c.level, [3, 1, 2])  # not what was made for texts
        assert list((await connection.execute(select(numbers.c.value))).scalars()) == [3, 1, 2]
        for some in (texts, texts[3:7], []):
            there = select(offices.c.id).where(among(connection, offices.c.id, some))
            assert set((await connection.execute(there)).scalars()) == set(some)


async def test_a_third_decimal_of_money_is_refused_instead_of_rounded(database: Database) -> None:
    with pytest.raises(StatementError, match="two decimals"):
        async with database.write() as connection:
            await connection.execute(complaints.insert().values(_complaint(amount=Decimal("1.005"))))


async def test_a_commit_is_on_disk_before_it_is_acknowledged(database: Database) -> None:
    async with database.read() as connection:
        if database.sqlite:
            assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2  # FULL
            assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        else:
            assert (await connection.execute(text("SHOW synchronous_commit"))).scalar_one() == "on"


async def test_references_between_tables_hold(database: Database) -> None:
    orphan = {"token_hash": "t", "user": "nobody", "created": NOON, "seen": NOON, "expires": NOON}
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(officer_sessions.insert().values(orphan))


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        Database("sqlite+aiosqlite:///:memory:")


async def _count(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(offices))).scalar_one()


def _complaint(**changed: object) -> dict[str, object]:
    texts = (
        "number", "title", "request", "facts", "industry", "problem", "law_order", "running", "problem_class",
        "industry_code", "division", "brand",
    )  # fmt: skip
    words = dict.fromkeys([*texts, "channel", "state", "office", "consumer_title", "business_title"], "")
    row = {"id": "c1", "received": NOON, "consumer": {}, "business": {}, "deadlines": [], "loss_recovered": Decimal(0)}
    return words | row | changed
