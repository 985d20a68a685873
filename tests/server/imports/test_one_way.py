"""There is one way into the tables: what an import writes, what the same events write one by one, and what is made anew
from the journal are the same to the byte."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import Table, Text, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import CHANNELS, PROBLEMS, REQUESTS, STATUSES
from complaints.complaint import fold
from complaints.events import ComplaintRegistered, drafted, from_event, to_draft, unnumbered
from complaints.record import EarlierHandling, ObjectRecord, PartyRecord, SourceNumber, UnknownValue
from complaints.sample import samples
from complaints.state import STREAM
from journal import SYSTEM, Draft, WrittenData, canonical, verify
from journal.merkle import leaf_hash, root_of
from journal.numbers import SAMPLE_MARK
from law import WorkingCalendar
from server.cli.imports import COLUMNS, row as exported
from server.complaints import complaint_rows, days_of, follow
from server.complaints.office_store import DEFAULT_ZONE
from server.db import appending, bulk
from server.db.engine import Database
from server.db.journal import SqlJournal, stream_events
from server.db.projections import projectors, rebuild
from server.db.schema import (
    answers_awaited,
    clocks,
    complaint_facts,
    complaints,
    events,
    fact_days,
    fact_sums,
    facts_waiting,
    hook_deliveries,
    import_rows,
    marks_coming,
    messages,
    promises,
    respondent_conduct,
    respondent_marks,
    respondent_names,
    source_numbers,
)
from server.identity.store import IdentityStore
from server.imports import importing
from server.imports.store import IntakeStore
from server.statistics import fact_store
from tests.server.app.office import FIRST
from tests.server.imports.conftest import NOW, ZHOU, Write, line
from tests.server.imports.quick import (
    HOTLINE,
    NOTICE,
    batches_of,
    office as office,  # a fixture
    opened,
    run,
)

PROJECTED: tuple[Table, ...] = (
    complaints, complaint_facts, clocks, respondent_marks, marks_coming, respondent_conduct, source_numbers,
    answers_awaited, promises, facts_waiting, fact_days, fact_sums, respondent_names, messages, hook_deliveries,
)  # fmt: skip
_INDEXED = {
    "sqlite": "SELECT term, doc FROM temp.words_seen ORDER BY term, doc",
    "postgresql": "SELECT unnest(tsvector_to_array(words)) AS term, place FROM complaint_words ORDER BY 1, 2",
}


def export(write: Write, tmp_path: Path) -> list[Path]:
    """What clerks send: two years, doubles, refusals, blanks, sums; then some of it again with changes."""
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


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "other.db") as database:
        yield database


async def everything(database: Database) -> dict[str, Any]:
    """Every row that is projected from complaints, with the words they are found by."""
    async with database.write() as connection:
        await fact_store.settle(connection)  # what waits to be summed is a matter of when
    async with database.read() as connection:
        found = {table.name: await _rows(connection, table) for table in PROJECTED}
        if database.sqlite:
            made = "CREATE VIRTUAL TABLE temp.words_seen USING fts5vocab('main', 'complaint_words', 'instance')"
            await connection.execute(text(made))
        indexed = (await connection.execute(text(_INDEXED[connection.dialect.name]))).all()
        found["words"] = [tuple(row) for row in indexed]
        if database.sqlite:
            await connection.execute(text("DROP TABLE temp.words_seen"))
    # What was taken off again adds nothing.
    for name in ("fact_sums", "fact_days"):
        found[name] = [row for row in found[name] if any(type(one) is int and one for one in row)]
    return found


async def _rows(connection: AsyncConnection, table: Table) -> Sequence[tuple[Any, ...]]:
    return sorted((tuple(row) for row in await connection.execute(select(table))), key=str)


async def test_an_import_the_same_events_one_by_one_and_a_rebuild_leave_the_same_rows(
    database: Database, other: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 7)
    monkeypatch.setattr(fact_store, "FEW", 3)
    monkeypatch.setattr(bulk, "FEW", 2)
    await IdentityStore(database).add_office(FIRST)
    batches = batches_of(database, tmp_path)
    counts = []
    for path in export(write, tmp_path):
        batch = await run(batches, path)
        counts.append((batch.state, batch.taken, batch.updated, batch.duplicate, batch.refused, batch.last_row))
    assert counts == [("done", 40, 0, 0, 0, 41), ("done", 5, 0, 0, 2, 10), ("done", 2, 1, 2, 0, 6)]
    one_by_one = SqlJournal(other, projectors())
    async with database.read() as connection:
        wanted = select(events.c.stream, events.c.version).where(events.c.kind == STREAM).order_by(events.c.leaf)
        for stream, version in (await connection.execute(wanted)).all():
            entries = await stream_events(connection, stream)
            verify(entries)
            entry = entries[version - 1]
            await one_by_one.append(stream, version - 1, [Draft(entry.type, entry.data, entry.at, entry.actor)])
        hashes = list((await connection.execute(select(events.c.hash).order_by(events.c.leaf))).scalars())
        assert (await appending.head(connection)).root() == root_of([leaf_hash(bytes.fromhex(one)) for one in hashes])
    imported = await everything(database)
    assert len(imported["complaints"]) == 47
    assert len(imported["respondent_marks"]) > 40
    appended = await everything(other)
    for name, rows in imported.items():
        assert appended[name] == rows, name
    await rebuild(database)
    again = await everything(database)
    for name, rows in imported.items():
        assert again[name] == rows, name


async def test_what_is_kept_of_a_registration_is_the_text_that_was_hashed_imported_or_filed_here(
    database: Database, write: Write, tmp_path: Path
) -> None:
    await IdentityStore(database).add_office(FIRST)
    batches = batches_of(database, tmp_path)
    assert (await run(batches, write(line("HL-1", facts='"退款" \\ 917元\t\u2028', amount="12.5")))).taken == 1
    async with database.read() as connection:
        (name,) = (await connection.execute(select(events.c.stream).where(events.c.kind == STREAM))).scalars()
        (imported,) = await stream_events(connection, name)
    record = from_event(imported)
    assert isinstance(record, ComplaintRegistered)
    draft = to_draft(record, imported.at, imported.actor)
    await SqlJournal(database, projectors()).append(f"{STREAM}/{'f' * 32}", 0, [draft])
    async with database.read() as connection:
        kept = select(cast(events.c.data, Text)).where(events.c.kind == STREAM).order_by(events.c.leaf)
        texts = (await connection.execute(kept)).scalars().all()
        assert texts == [canonical(imported.data)] * 2
        for stream in (name, f"{STREAM}/{'f' * 32}"):
            verify(await stream_events(connection, stream))


async def test_an_import_is_announced_to_nobody_and_the_same_complaint_filed_here_is(
    office: Database, write: Write, tmp_path: Path
) -> None:
    from server.outbox.hook_store import HookStore, StoredHook

    hook = StoredHook("h1", FIRST.id, "平台", "https://example.org", "s", NOW, "zhou")
    await HookStore(office).add(hook)
    await run(batches_of(office, tmp_path), write(line("HL-1")))
    async with office.read() as connection:
        told = select(func.count()).select_from(hook_deliveries)
        assert (await connection.execute(told)).scalar_one() == 0
        (stream,) = (await connection.execute(select(events.c.stream).where(events.c.kind == STREAM))).scalars()
        (entry,) = await stream_events(connection, stream)
    await SqlJournal(office, projectors()).append(
        f"{STREAM}/another", 0, [Draft(entry.type, entry.data, entry.at, entry.actor)]
    )
    async with office.read() as connection:
        assert (await connection.execute(told)).scalar_one() == 1


async def test_a_file_of_known_rows_leaves_nothing_behind(office: Database, write: Write, tmp_path: Path) -> None:
    batches = batches_of(office, tmp_path)
    first = [line(f"HL-{n}") for n in range(6)]
    assert (await run(batches, write(*first))).taken == 6
    before = await everything(office)
    batch = await run(batches, write(*first, name="again.csv"))
    assert (batch.taken, batch.updated, batch.duplicate, batch.refused, batch.state) == (0, 0, 6, 0, "done")
    assert await everything(office) == before
    async with office.read() as connection:
        noted = list((await connection.execute(select(import_rows.c.outcome))).scalars())
    assert sorted(noted) == ["duplicate"] * 6 + ["taken"] * 6


async def test_a_batch_that_is_undone_can_be_taken_again(office: Database, write: Write, tmp_path: Path) -> None:
    batches = batches_of(office, tmp_path)
    batch = await run(batches, write(line("HL-1"), line("HL-2")))
    assert await batches.undo(batch, ZHOU, "上错了") == (2, 0)
    assert (await run(batches, write(line("HL-1"), line("HL-2")))).taken == 2
    before = await everything(office)
    await rebuild(office)
    assert await everything(office) == before


async def test_rows_made_before_a_holiday_was_entered_are_made_again(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = batches_of(office, tmp_path)

    async def old(self: IntakeStore, office: str) -> tuple[str, WorkingCalendar]:
        return DEFAULT_ZONE, WorkingCalendar(notices=(NOTICE,))

    monkeypatch.setattr(IntakeStore, "days", old)
    path = write(line("HL-1", time="2026-03-03 10:00"))
    assert (await run(batches, path)).taken == 1
    async with office.read() as connection:
        (row,) = (await connection.execute(select(complaints))).mappings().all()
    assert not any(day.zh == "测试" for clock in row["deadlines"] for day in days_of(clock))


async def test_a_number_another_import_takes_meanwhile_is_known_to_the_second(
    database: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await IdentityStore(database).add_office(FIRST)
    first, second = batches_of(database, tmp_path), batches_of(database, tmp_path)
    waiting = await second.begin(FIRST, ZHOU, HOTLINE, write(line("HL-1"), line("HL-2")), "b")
    path, begin, cut_in = write(line("HL-2"), name="a.csv"), SqlJournal.begin, [True]

    async def late(self: SqlJournal, *given: Any) -> None:
        if cut_in and cut_in.pop():
            await run(first, path)
        await begin(self, *given)

    monkeypatch.setattr(SqlJournal, "begin", late)
    batch = await second.run(waiting, FIRST)
    assert (batch.taken, batch.duplicate) == (1, 1)
    async with database.read() as connection:
        streams = list((await connection.execute(select(complaints.c.id))).scalars())
        assert len(streams) == 2
        for id in streams:
            assert fold(await stream_events(connection, f"{STREAM}/{id}")) is not None


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
    kind=st.sampled_from(["goods", "service", ""]),
    name=_text,
    brand=_name,
    shop=_name,
    platform=_text,
    paid=_amount,
    bought=st.none() | st.dates(date(1990, 1, 1)),
)
_received = st.datetimes(datetime(2019, 12, 30), datetime(2027, 6, 1), timezones=st.just(UTC))
_numbers = st.sampled_from(["", "HL-1", "917", "2026", "0917", "RX202607010003"])
_earlier = st.builds(
    EarlierHandling, state=st.sampled_from(list(STATUSES)), said=_text, accepted=st.none() | _received,
    ended=st.none() | _received, result=_text, recovered=_amount,
)  # fmt: skip
_record = st.builds(
    ComplaintRegistered, number=st.just(""), office=st.just("o1"), channel=st.sampled_from(list(CHANNELS)),
    received=_received, title=_text, request=_text, amount=_amount,
    facts=_text | st.sampled_from(["退款917元，2026年", "Apple ＡＢ É"]), consumer=_party, business=_party,
    industry=_text, problem=_text, order=st.sampled_from(["121", "20"]),
    sources=_numbers.map(lambda number: (SourceNumber("hotline", number),) if number else ()), object=_object,
    requests=st.lists(st.sampled_from(list(REQUESTS)), max_size=2).map(tuple),
    industry_code=st.sampled_from(["", "F", "K7040", "zz"]), division=st.sampled_from(["", "420115"]),
    problem_class=st.sampled_from(["", *PROBLEMS]), keywords=st.lists(_text, max_size=2).map(tuple),
    secret=st.booleans(), also_reports=st.booleans(), place=_text, publicity=st.sampled_from(["", "是"]),
    channel_due=st.sampled_from(["", "2026-07-01"]), earlier=st.none() | _earlier,
    unknown=st.lists(st.builds(UnknownValue, field=st.just("mode"), said=_text), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_record, st.integers(1, 12_000), st.sampled_from([WorkingCalendar(), WorkingCalendar(notices=(NOTICE,))]))
def test_rows_made_before_their_number_was_known_are_those_made_with_it(
    record: ComplaintRegistered, count: int, calendar: WorkingCalendar
) -> None:
    number = f"东高一投〔2026〕{count:04d}号"

    def made(record: ComplaintRegistered) -> Any:
        return complaint_rows("0" * 32, follow(None, record, NOW), DEFAULT_ZONE, calendar)

    assert made(record).numbered(number) == made(replace(record, number=number))


@settings(max_examples=150, deadline=None)
@given(_record)
def test_a_registration_is_written_as_every_other_event_would_be(record: ComplaintRegistered) -> None:
    written, plain = to_draft(record, NOW, SYSTEM).data, drafted(record, NOW, SYSTEM).data
    assert isinstance(written, WrittenData)
    assert written.text == canonical(plain)
    assert written == plain


@settings(max_examples=60, deadline=None)
@given(st.lists(_record, max_size=5))
def test_registrations_are_written_together_as_each_by_itself(records: list[ComplaintRegistered]) -> None:
    """What many have in common is written once: each stands there twice, and all of them with another's text too."""
    many = [*records, *records, *(replace(one, facts=records[0].facts, consumer=one.business) for one in records)]
    together = [some.numbered(one.number).text for some, one in zip(unnumbered(many), many, strict=True)]
    assert together == [canonical(drafted(one, NOW, SYSTEM).data) for one in many]
