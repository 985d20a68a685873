"""A great file alone in its database is read without some indexes, and nobody sees a difference afterwards."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, insert, select
from sqlalchemy.engine import URL

from complaints.sample import Sample, samples
from journal.numbers import SAMPLE_MARK
from server import serving
from server.cli.imports import COLUMNS, row as exported
from server.db import postponed_indexes
from server.db.appending import GROWING
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import rebuild
from server.db.schema import marks_coming, respondent_marks
from server.identity.store import IdentityStore
from server.imports import importing, offline
from server.imports.offline import opened as opened_again
from server.serving.settings import Settings
from tests.server.app.office import FIRST
from tests.server.imports.conftest import Write, line
from tests.server.imports.quick import batches_of, opened, run
from tests.server.imports.test_one_way import (
    everything,
    export,
)

Look = Callable[[SqlJournal], Awaitable[None]]


@pytest.fixture
async def office(database: Database) -> Database:
    await IdentityStore(database).add_office(FIRST)
    return database


def postponed(database: Database) -> set[str]:
    return set(postponed_indexes.NAMES if database.sqlite else postponed_indexes.ON_POSTGRES)


async def indexes(database: Database) -> set[str]:
    async with database.read() as connection:
        asked = (
            "SELECT name FROM sqlite_master WHERE type = 'index'"
            if database.sqlite
            else "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        )
        return {name for (name,) in await connection.exec_driver_sql(asked)}


async def waiting(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(marks_coming))).scalar_one())


async def merged_by(database: Database) -> int:
    """How many parts of the word index become one. On PostgreSQL it has none."""
    if not database.sqlite:
        return 0
    async with database.read() as connection:
        asked = "SELECT v FROM complaint_words_config WHERE k = 'automerge'"
        told = (await connection.exec_driver_sql(asked)).scalar_one_or_none()
        return 4 if told is None else int(told)  # what SQLite does unless told


def full(folder: Path, *given: Sample) -> Path:
    """An export that names businesses by more than their name."""
    path = folder / "full.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(exported(replace(one, number=one.number.removeprefix(SAMPLE_MARK))) for one in given)
    return path


def looked(monkeypatch: pytest.MonkeyPatch, look: Look) -> None:
    """Look at the database before anything of a piece is written."""
    begin = SqlJournal.begin

    async def watched(self: SqlJournal, *given: Any) -> None:
        await look(self)
        await begin(self, *given)

    monkeypatch.setattr(SqlJournal, "begin", watched)


async def seen(database: Database, folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which of the indexes were there while a file was read that counts as great."""
    looks: list[set[str]] = []

    async def look(_: SqlJournal) -> None:
        looks.append(await indexes(database) & postponed(database))
        assert await merged_by(database) == (0 if not database.sqlite else 4 if looks[-1] else 16)

    with monkeypatch.context() as patched:
        looked(patched, look)
        assert (await run(batches_of(database, folder, great=0), path)).state == "done"
    (there,) = looks
    return there


async def test_what_is_left_behind_is_what_the_journal_says(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 7)
    whole = await indexes(office)
    for path in export(write, tmp_path):
        await run(batches_of(office, tmp_path, great=0), path)
    assert await indexes(office) == whole > postponed(office)
    assert await waiting(office) == 0
    assert await merged_by(office) in (0, 4)
    left = await everything(office)
    await rebuild(office)
    again = await everything(office)
    for name, rows in left.items():
        assert again[name] == rows, name


async def test_indexes_are_gone_only_while_a_great_file_is_read_by_who_is_alone(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(*[line(f"HL-{n}", facts="很长的事实" * 200) for n in range(3)])
    assert await seen(office, tmp_path, path, monkeypatch) == set()
    again = write(line("HL-10", facts="退款"), name="small.csv")  # three are there, and this is hardly one
    monkeypatch.setattr(offline, "_TIMES", 1)
    assert await seen(office, tmp_path, again, monkeypatch) == postponed(office)
    await run(batches_of(office, tmp_path), write(line("HL-11"), name="usual.csv"))
    with serving.locked(tmp_path, AssertionError()):
        long = write(*[line(f"HL-2{n}", facts="很长的事实" * 200) for n in range(3)], name="long.csv")
        assert await seen(office, tmp_path, long, monkeypatch) == postponed(office)


async def test_a_server_that_starts_meanwhile_makes_them_and_the_import_goes_on(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 2)
    waited: list[int] = []

    async def look(_: SqlJournal) -> None:
        waited.append(await waiting(office))
        if len(waited) == 2:
            assert await postponed_indexes.restore_indexes(office)

    looked(monkeypatch, look)
    batch = await run(batches_of(office, tmp_path, great=0), full(tmp_path, *samples(6, 3)))
    assert (batch.state, batch.taken) == ("done", 6)
    assert waited[0] == 0
    assert (waited[1] > 0) == office.sqlite
    assert waited[2:] == [0]
    async with office.read() as connection:
        marked = select(func.count(respondent_marks.c.complaint.distinct()))
        assert (await connection.execute(marked)).scalar_one() > 3


async def test_what_a_process_that_died_left_out_is_made_by_the_next(
    database: Database, database_url: URL, tmp_path: Path
) -> None:
    whole = await indexes(database)
    await postponed_indexes.drop_indexes(database)
    assert whole - await indexes(database) == postponed(database)
    url = SecretStr(database_url.render_as_string(hide_password=False))
    async with opened_again(Settings(data=tmp_path, database_url=url)):
        pass
    assert await indexes(database) == whole
    assert await merged_by(database) in (0, 4)


@pytest.mark.postgres
async def test_who_makes_them_waits_until_rows_that_are_being_written_are_there(postgres_database: URL) -> None:
    database = Database(postgres_database)
    await postponed_indexes.drop_indexes(database)
    async with database.write() as connection:
        await database.alone(connection, GROWING)
        await connection.exec_driver_sql("LOCK TABLE complaints IN ROW EXCLUSIVE MODE")  # as an INSERT does
        making = asyncio.create_task(postponed_indexes.restore_indexes(database))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not (await connection.exec_driver_sql(waits)).scalar_one():
            pass
        await connection.exec_driver_sql("LOCK TABLE complaint_words IN ROW EXCLUSIVE MODE")
    assert await making
    await database.close()


async def test_marks_that_wait_for_their_place_get_it_from_the_next(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    async with opened(tmp_path / "yuntiao.db") as database:
        await postponed_indexes.drop_indexes(database)
        async with database.write() as connection:
            for table in (marks_coming, respondent_marks):  # one that both have, and one
                await connection.execute(insert(table), {"mark": 7, "kind": "phone", "complaint": "c1"})
            await connection.execute(insert(marks_coming), {"mark": 5, "kind": "name", "complaint": "c2"})
        async with opened_again(settings):
            pass
        assert await waiting(database) == 0
        async with database.read() as connection:
            held = (await connection.execute(select(respondent_marks))).all()
        assert [tuple(row) for row in held] == [(5, "name", "c2"), (7, "phone", "c1")]


async def test_a_business_that_changes_before_its_marks_have_their_place_keeps_none_of_the_old(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 1)
    (sample,) = samples(1, 3)
    path = full(tmp_path, sample, replace(sample, business_address="武汉市洪山区珞喻路5号"))
    assert (await run(batches_of(office, tmp_path, great=0), path)).updated == 1
    left = (await everything(office))["respondent_marks"]
    await rebuild(office)
    assert (await everything(office))["respondent_marks"] == left != []
