"""The fast way of an import is held to the slow one: the same events, rows, words, refusals and counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from complaints.sample.samples import samples
from journal.events import verify
from journal.merkle import leaf_hash, root_of
from journal.numbers import SAMPLE_MARK
from law import WorkingCalendar
from server.cli.sample import COLUMNS, row as exported
from server.db import tree
from server.db.clock_rows import days_of
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.projections import rebuild
from server.db.schema import (
    complaint_facts,
    complaints,
    events,
    fact_days,
    fact_sums,
    facts_waiting,
    import_rows,
    respondent_marks,
    source_numbers,
)
from server.imports import importing
from server.imports.bulk_store import BulkStore
from server.statistics import sum_store
from tests.identity.office import FIRST
from tests.intake.conftest import ZHOU, Write, line
from tests.intake.quick import (
    HOTLINE,
    NOTICE,
    batches_of,
    office as office,  # a fixture
    opened,
    run,
)


def export(write: Write, tmp_path: Path) -> list[Path]:
    """What clerks send: two years, doubles, refusals, blanks, sums; then some of it again with changes."""
    import csv

    many = tmp_path / "many.csv"
    with many.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for sample in samples(40, 3):
            rows.writerow(exported(replace(sample, number=sample.number.removeprefix(SAMPLE_MARK))))
    first = write(
        line("HL-1"), line("HL-2", time="2025-12-31 23:30"), line("HL-3", phone="1.38E+10"), "",
        line("", business="乙"),
        line("HL-4", facts="退款917元，共2026笔0003"), line("HL-5", business=""),
        "合计,,,,,,,", line("HL-6", amount="abc"),
    )  # fmt: skip
    again = write(
        line("HL-1"), line("HL-7"), line("HL-2", time="2025-12-31 23:30", amount="9"), line("HL-8"), line("HL-8"),
        name="again.csv",
    )  # fmt: skip
    return [many, first, again]


async def everything(database: Database) -> dict[str, Any]:
    """All rows, with what is random or made up in each run (ids, salts, hashes, sealed numbers) taken out."""
    wanted: dict[str, Any] = {}
    async with database.read() as connection:
        found = [dict(row) for row in (await connection.execute(select(complaints))).mappings()]
        numbers = {row["id"]: row["number"] for row in found}
        projected = complaint_facts, fact_sums, fact_days, facts_waiting, respondent_marks, source_numbers
        for table in (complaints, *projected, import_rows):
            rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
            if table is fact_sums:  # what was taken off again adds nothing
                rows = [row for row in rows if any(isinstance(one, int) and one for one in row.values())]
            wanted[table.name] = sorted((_plain(row, numbers) for row in rows), key=str)
        entries = (await connection.execute(select(events).order_by(events.c.leaf))).mappings()
        wanted["events"] = [
            _plain({name: entry[name] for name in ("version", "type", "data", "actor_name", "actor_id")}, numbers)
            for entry in entries
            if entry["kind"] == "complaint"
        ]
        words = "SELECT count(*) FROM complaint_words WHERE complaint_words MATCH :word"
        for word in ("退款", "917", "0003", "2026", "东高一投", "甲健", "zzoffice6f31"):
            wanted[word] = (await connection.execute(text(words), {"word": f'"{word}"'})).scalar_one()
    return wanted


_RANDOM = {"phone", "other_phone", "code_sealed", "id_sealed", "cells_sealed", "batch", "place"}


def _plain(value: Any, numbers: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part, numbers) for name, part in sorted(value.items()) if name not in _RANDOM}
    if isinstance(value, list):
        return [_plain(part, numbers) for part in value]
    return numbers.get(value, value) if isinstance(value, str) else value


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "other.db") as database:
        yield database


async def test_files_taken_either_way_leave_the_same_behind(
    office: Database, other: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN", "AT_ONCE"):
        monkeypatch.setattr(importing, size, 7)
    monkeypatch.setattr(sum_store, "FEW", 0)
    monkeypatch.setattr(sum_store, "MOST", 10)
    wrote, write_fast = [], BulkStore.write

    async def watched(self: BulkStore, *given: Any) -> bool:
        wrote.append(await write_fast(self, *given))
        return wrote[-1]

    monkeypatch.setattr(BulkStore, "write", watched)
    slow, fast = batches_of(office, tmp_path, fast=False), batches_of(other, tmp_path, fast=True)
    counts = []
    for path in export(write, tmp_path):
        for batches in (slow, fast):
            batch = await run(batches, path)
            counts.append((batch.state, batch.taken, batch.updated, batch.duplicate, batch.refused, batch.last_row))
    assert counts[0::2] == counts[1::2]
    assert counts[0][1] > 30
    assert wrote.count(True) >= 8  # the double HL-8 sends its piece the slow way
    assert False not in wrote
    assert counts[4][1:5] == (2, 1, 2, 0)
    one, two = await everything(office), await everything(other)
    for name in one:
        assert one[name] == two[name], name
    async with other.read() as connection:
        hashes = list((await connection.execute(select(events.c.hash).order_by(events.c.leaf))).scalars())
        assert (await tree.head(connection)).root() == root_of([leaf_hash(bytes.fromhex(one)) for one in hashes])
        for stream in (await connection.execute(select(events.c.stream).distinct())).scalars():
            verify(await stream_events(connection, stream))
    before = await everything(other)
    await rebuild(other)
    assert await everything(other) == before


async def test_a_file_of_known_rows_is_read_once_and_leaves_nothing_behind(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = batches_of(office, tmp_path, fast=True)
    first = [line(f"HL-{n}") for n in range(6)]
    assert (await run(batches, write(*first))).taken == 6
    before = await everything(office)

    async def slow(self: importing.Importer, *given: Any) -> Any:
        raise AssertionError("a known row went the slow way")

    with monkeypatch.context() as patched:
        patched.setattr(importing.Importer, "_sorted", slow)
        batch = await run(batches, write(*first, name="again.csv"))
    assert (batch.taken, batch.updated, batch.duplicate, batch.refused, batch.state) == (0, 0, 6, 0, "done")
    after = await everything(office)
    assert [row["outcome"] for row in after["import_rows"]].count("duplicate") == 6
    assert {**after, "import_rows": 0} == {**before, "import_rows": 0}


async def test_a_batch_taken_the_fast_way_is_undone_and_its_words_are_found_no_more_often(
    office: Database, write: Write, tmp_path: Path
) -> None:
    batches = batches_of(office, tmp_path, fast=True)
    batch = await run(batches, write(line("HL-1"), line("HL-2")))
    assert await batches.undo(batch, ZHOU, "上错了") == (2, 0)
    assert (await run(batches, write(line("HL-1"), line("HL-2")))).taken == 2


async def test_a_holiday_entered_meanwhile_sends_the_piece_the_slow_way(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = batches_of(office, tmp_path, fast=True)

    async def old(self: BulkStore, office: str) -> WorkingCalendar:
        return WorkingCalendar(notices=(NOTICE,))

    monkeypatch.setattr(BulkStore, "calendar", old)
    assert (await run(batches, write(line("HL-1")))).taken == 1
    async with office.read() as connection:
        (row,) = (await connection.execute(select(complaints))).mappings().all()
    assert not any(day.zh == "测试" for clock in row["deadlines"] for day in days_of(clock))


async def test_a_number_another_import_takes_meanwhile_is_known_to_the_second(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = batches_of(office, tmp_path, fast=True), batches_of(office, tmp_path, fast=True)
    waiting = await second.begin(FIRST, ZHOU, HOTLINE, write(line("HL-1"), line("HL-2")), "b")
    path, write_fast, cut_in = write(line("HL-2"), name="a.csv"), BulkStore.write, [True]

    async def late(self: BulkStore, *given: Any) -> bool:
        if cut_in and cut_in.pop():
            await run(first, path)
        return await write_fast(self, *given)

    monkeypatch.setattr(BulkStore, "write", late)
    batch = await second.run(waiting, FIRST)
    assert (batch.taken, batch.duplicate) == (1, 1)
