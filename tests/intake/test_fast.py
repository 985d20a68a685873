"""The fast way of an import is held to the slow one: the same events, rows, words, refusals and counts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import select, text

from complaints.channels.mapping import builtin
from complaints.complaint import Complaint
from complaints.events import ComplaintRegistered, to_draft
from complaints.record import ObjectRecord, PartyRecord, SourceNumber
from complaints.sample.samples import samples
from complaints.service import ComplaintService
from complaints.statistics.facts import fact, fold as fold_facts
from complaints.vocabulary import CHANNELS, PROBLEMS, REQUESTS
from journal.events import canonical, sealed, verify
from journal.merkle import leaf_hash, root_of
from law import WorkingCalendar
from law.calendar import Notice
from server.identity.sealing import KEY_BYTES, Seal
from server.intake import importing
from server.intake.batches import Batches
from server.intake.importing import Fast
from server.sample_command import COLUMNS, row as exported
from server.storage import sums, tree
from server.storage.bulk_store import BulkStore
from server.storage.complaint_rows import filed
from server.storage.engine import Database
from server.storage.fresh import _COLUMNS, _FACTS, Making, _utc
from server.storage.identity_store import IdentityStore
from server.storage.intake_store import Batch, IntakeStore
from server.storage.journal_store import SqlJournal, stream_events
from server.storage.projections import projectors, rebuild
from server.storage.tables import (
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
from server.storage.words import serial
from tests.identity.office import FIRST
from tests.intake.conftest import NOW, ZHOU, Write, line

KEY = b"k" * KEY_BYTES
HOTLINE = builtin("hotline")

# ---------------------------------------------------------------- one record

_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
_name = st.sampled_from(["甲健身馆", "武汉悦动（光谷店）有限公司", "ABC体育", "李", "", "𠮷野家"]) | _text
_party = st.builds(
    PartyRecord, name=_name, phone=_text, phone_masked=_text, phone_key=st.sampled_from(["", "a" * 64]), city=_text,
    organisation=_name, address=_text | st.sampled_from(["武汉市江夏区云桥路3号"]), credit_code=_text,
    age_band=st.sampled_from(["", "60_over"]), code_key=st.sampled_from(["", "0f" * 32]), email=_text,
)  # fmt: skip
_amount = st.none() | st.decimals(0, 10**8, places=2)
_object = st.builds(
    ObjectRecord,
    name=_text,
    brand=_name,
    shop=_name,
    platform=_text,
    paid=_amount,
    bought=st.none() | st.dates(date(1990, 1, 1)),
)
_received = st.datetimes(datetime(2019, 12, 30), datetime(2027, 6, 1), timezones=st.just(UTC))
_numbers = st.sampled_from(["", "HL-1", "917", "2026", "0917", "RX202607010003"])
_record = st.builds(
    ComplaintRegistered, number=st.just(""), office=st.just("o1"), channel=st.sampled_from(list(CHANNELS)),
    received=_received, title=_text, request=_text, amount=_amount,
    facts=_text | st.sampled_from(["退款917元，2026年", "Apple ＡＢ É"]), consumer=_party, business=_party,
    industry=_text, problem=_text, order=st.sampled_from(["121", "20"]),
    sources=_numbers.map(lambda number: (SourceNumber("hotline", number),) if number else ()), object=_object,
    requests=st.lists(st.sampled_from(list(REQUESTS)), max_size=2).map(tuple),
    industry_code=st.sampled_from(["", "F", "K7040", "zz"]), division=st.sampled_from(["", "420115"]),
    problem_class=st.sampled_from(["", *PROBLEMS]), keywords=st.lists(_text, max_size=2).map(tuple),
    secret=st.booleans(), also_reports=st.booleans(),
)  # fmt: skip
_NOTICE = Notice(2026, ((date(2026, 3, 4), "测试", "test"),), (date(2026, 3, 7),))


@settings(max_examples=150, deadline=None)
@given(_record, st.integers(1, 12_000), st.sampled_from([WorkingCalendar(), WorkingCalendar(notices=(_NOTICE,))]))
def test_what_is_made_of_a_record_is_what_the_journal_and_the_projectors_make(
    record: ComplaintRegistered, count: int, calendar: WorkingCalendar
) -> None:
    id, prefix, zone = "0" * 31 + "a", "东高一投", "Asia/Shanghai"
    made = Making(prefix, zone, calendar, NOW).fresh(7, id, record)
    number = f"{prefix}〔{made.year}〕{count:04d}号"
    whole = replace(record, number=number)
    (event,) = sealed(f"complaint/{id}", 0, "", [to_draft(whole, NOW, ZHOU)], salt=lambda: "5a" * 16)
    assert f"{made.before}{canonical(number)}{made.after}" == canonical(event.data)
    known = filed(id, Complaint(whole), zone, calendar)
    stored = dict(zip(_COLUMNS, made.complaint, strict=True))
    assert stored == {name: _stored(name, value) for name, value in known.row.items() if name != "number"}
    told = {*made.words.split(), *serial(f"{count:04d}")}
    assert told == set(known.words)
    followed = fold_facts([event])
    assert followed is not None
    reference = fact(id, followed, zone)
    assert made.fact == tuple(_stored(name, getattr(reference, name)) for name in _FACTS)


def _stored(name: str, value: Any) -> Any:
    """As SQLite keeps it."""
    import json

    if name in ("consumer", "business"):
        return canonical(value)
    match value:
        case datetime():
            return _utc(value)
        case date():
            return value.isoformat()
        case Decimal():
            return int(value * 100)
        case list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case bool():
            return int(value)
        case _:
            return value


# ---------------------------------------------------------------- whole files


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """The fast way is SQLite's alone."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    await IdentityStore(database).add_office(FIRST)
    yield database
    await database.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "office.db") as database:
        yield database


def batches_of(database: Database, folder: Path, fast: bool, processes: int = 0) -> Batches:
    journal, seal = SqlJournal(database, projectors()), Seal(KEY)
    service = ComplaintService(journal, seal, lambda: NOW)
    quick = Fast(BulkStore(database), processes, partial(Seal, KEY)) if fast else None
    return Batches(service, journal, IntakeStore(database), seal, folder, lambda: NOW, quick)


async def run(batches: Batches, path: Path) -> Batch:
    return await batches.run(await batches.begin(FIRST, ZHOU, HOTLINE, path, path.name), FIRST)


def export(write: Write, tmp_path: Path) -> list[Path]:
    """What clerks send: two years, doubles, refusals, blanks, sums; then some of it again with changes."""
    import csv

    many = tmp_path / "many.csv"
    with many.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for sample in samples(40, 3):
            rows.writerow(exported(sample))
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
    monkeypatch.setattr(importing, "MANY", 7)
    monkeypatch.setattr(importing, "AT_ONCE", 7)
    monkeypatch.setattr(sums, "FEW", 0)
    monkeypatch.setattr(sums, "MOST", 10)
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
        return WorkingCalendar(notices=(_NOTICE,))

    monkeypatch.setattr(BulkStore, "calendar", old)
    assert (await run(batches, write(line("HL-1")))).taken == 1
    async with office.read() as connection:
        (row,) = (await connection.execute(select(complaints))).mappings().all()
    assert not any(day["zh"] == "测试" for clock in row["deadlines"] for day in clock["days"])


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


async def test_rows_made_in_other_processes_come_in_their_order(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MANY", 5)
    batches = batches_of(office, tmp_path, fast=True, processes=2)
    batch = await run(batches, write(*(line(f"HL-{n:02d}") for n in range(23)), line("HL-99", amount="x")))
    assert (batch.taken, batch.refused, batch.state) == (23, 1, "done")
    async with office.read() as connection:
        asked = select(complaints.c.number, source_numbers.c.number.label("source")).join(
            source_numbers, source_numbers.c.complaint == complaints.c.id
        )
        rows = (await connection.execute(asked.order_by(complaints.c.number))).all()
    assert [row.source for row in rows] == [f"HL-{n:02d}" for n in range(23)]


def test_an_import_that_is_killed_is_read_on_and_takes_every_row_once(tmp_path: Path) -> None:
    """`kill -9` in the middle of a file on the command line; `--resume` finishes it."""
    data, export, rows = tmp_path / "data", tmp_path / "export.csv", 9_000
    data.mkdir()
    asyncio.run(_installed(data))
    words = [sys.executable, "-m", "server"]
    subprocess.run([*words, "sample", "complaints", str(rows), "--out", str(export)], check=True, timeout=120)
    command = [*words, "import", str(export), "--channel", "12315", "--data", str(data)]
    taking = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while (read := asyncio.run(_read(data))) == 0 and taking.poll() is None and time.monotonic() < until:
        time.sleep(0.02)  # looks again; what is waited for is the row, not the time
    os.killpg(taking.pid, signal.SIGKILL)
    taking.wait()
    assert 0 < read < rows
    resumed = subprocess.run(
        [*words, "import", "--resume", "--data", str(data)], capture_output=True, text=True, timeout=300, check=False
    )
    assert resumed.stdout.startswith(f"{rows} taken, 0 updated, 0 known already"), resumed
    assert asyncio.run(_count(data)) == rows
    assert "nothing" in subprocess.run(
        [*words, "import", "--resume", "--data", str(data)], capture_output=True, text=True, timeout=300, check=False
    ).stdout  # fmt: skip


async def _installed(data: Path) -> None:
    async with opened(data / "yuntiao.db"):
        pass


async def _read(data: Path) -> int:
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    unfinished = await IntakeStore(database).unfinished()
    await database.close()
    return unfinished[0].last_row if unfinished else 0


async def _count(data: Path) -> int:
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    async with database.read() as connection:
        streams = list((await connection.execute(select(complaints.c.id))).scalars())
        hashes = list((await connection.execute(select(events.c.hash).order_by(events.c.leaf))).scalars())
        assert (await tree.head(connection)).root() == root_of([leaf_hash(bytes.fromhex(one)) for one in hashes])
        assert len((await connection.execute(select(source_numbers))).all()) == len(streams)
    await database.close()
    return len(streams)
