"""A batch from its file to its report: taken, updated, known, refused, mended, undone, interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from complaints.channels import mapping
from complaints.channels.mapping import builtin, from_plain
from complaints.channels.reading import Numbered, ReadingContext, RowReader
from complaints.commands import Accept
from complaints.complaint import fold
from complaints.service import ComplaintService
from complaints.state import ComplaintState, stream
from journal import verify
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import rebuild
from server.db.schema import complaints, import_rows, source_numbers
from server.identity import Seal
from server.imports import batches as batches_module, importing
from server.imports.batches import Batches, ConfinedTable
from server.imports.encoding import ROW, refused
from server.imports.store import Batch
from server.statistics import fact_store
from tests.server.app.office import FIRST
from tests.server.imports.conftest import FULL, NOW, ZHOU, Write, line
from tests.server.imports.quick import KEY
from tests.server.statistics.test_statistics import summed

HOTLINE = builtin("hotline")


async def run(batches: Batches, path: Path) -> Batch:
    return await batches.run(await batches.begin(FIRST, ZHOU, HOTLINE, path, path.name), FIRST)


def counts(batch: Batch) -> tuple[int, int, int, int]:
    return batch.taken, batch.updated, batch.duplicate, batch.refused


async def made(database: Database) -> list[dict[str, object]]:
    async with database.read() as connection:
        rows = await connection.execute(select(complaints).order_by(complaints.c.number))
        return [dict(row) for row in rows.mappings()]


async def test_rows_become_complaints_with_numbers_streams_and_rows_like_any_other(
    batches: Batches, journal: SqlJournal, database: Database, write: Write
) -> None:
    batch = await run(batches, write(line("HL-1"), line("HL-2", business="乙餐馆")))
    assert (batch.state, counts(batch)) == ("done", (2, 0, 0, 0))
    first, second = await made(database)
    assert (first["number"], second["number"]) == ("东高一投〔2026〕0001号", "东高一投〔2026〕0002号")
    assert (first["state"], first["running"], first["business_title"]) == ("registered", "accept", "甲健身馆")
    entries = await journal.read(stream(str(first["id"])))
    verify(entries)
    state = fold(entries)
    assert state is not None
    assert state.record.sources[0].number == "HL-1"
    assert "13800001234" not in str(entries)
    assert not list(batches.path(batch.id).parent.iterdir())  # the file was read and is gone


async def test_projections_made_anew_are_those_the_import_wrote(
    batches: Batches, database: Database, write: Write
) -> None:
    await run(batches, write(line("HL-1"), line("HL-2")))
    before = await made(database)
    await rebuild(database)
    assert await made(database) == before
    async with database.read() as connection:
        assert len((await connection.execute(select(source_numbers))).all()) == 2


async def test_the_same_file_once_more_makes_nothing_new_and_a_change_is_taken_over(
    batches: Batches, journal: SqlJournal, database: Database, write: Write
) -> None:
    await run(batches, write(line("HL-1"), line("HL-2")))
    assert counts(await run(batches, write(line("HL-1"), line("HL-2")))) == (0, 0, 2, 0)
    assert counts(await run(batches, write(line("HL-1", amount="99"), line("HL-3"), line("HL-3")))) == (1, 1, 1, 0)
    rows = await made(database)
    assert [str(row["amount"]) for row in rows] == ["99.00", "2360.00", "2360.00"]
    assert counts(await run(batches, write(line("HL-1", amount="99")))) == (0, 0, 1, 0)
    assert [entry.type for entry in await journal.read(stream(str(rows[0]["id"])))] == [
        "ComplaintRegistered",
        "SourceUpdated",
    ]


async def test_a_change_to_what_is_already_being_handled_is_put_before_a_person(
    batches: Batches, journal: SqlJournal, database: Database, write: Write
) -> None:
    await run(batches, write(line("HL-1")))
    (row,) = await made(database)
    service = ComplaintService(journal, batches._seal, lambda: NOW)
    await service.submit(str(row["id"]), Accept(), ZHOU)
    batch = await run(batches, write(line("HL-1", amount="99")))
    assert counts(batch) == (0, 0, 0, 1)
    (refused,), _ = await batches.store.rows(batch.id, ("refused",))
    assert refused.problems is not None
    assert refused.problems[0]["code"] == "changed"


async def test_a_refused_row_keeps_its_reasons_and_its_cells_sealed_until_it_is_mended(
    batches: Batches, database: Database, write: Write
) -> None:
    batch = await run(batches, write(line("HL-1"), line("HL-2", phone="1.38E+10", amount="三百")))
    assert counts(batch) == (1, 0, 0, 1)
    async with database.read() as connection:
        stored = (await connection.execute(select(import_rows).where(import_rows.c.outcome == "refused"))).one()
    assert "丁小禾" not in str(stored)
    assert [(one["code"], one["column"]) for one in stored.problems] == [
        ("bad_amount", "金额(元)"),
        ("digits_lost", "联系电话"),
    ]
    cells = await batches.cells(batch, 3)
    assert (cells["来电人"], cells["联系电话"]) == ("丁小禾", "1.38E+10")
    again = await batches.mend(batch, 3, FIRST, ZHOU, cells | {"联系电话": "13800005678"})
    assert again.outcome == "refused"
    assert (await batches.cells(batch, 3))["联系电话"] == "13800005678"
    mended = await batches.mend(batch, 3, FIRST, ZHOU, cells | {"联系电话": "13800005678", "金额(元)": "300"})
    assert mended.outcome == "taken"
    after = await batches.store.batch(batch.id)
    assert after is not None
    assert counts(after) == (2, 0, 0, 0)
    with pytest.raises(LookupError):
        await batches.mend(batch, 3, FIRST, ZHOU, cells)
    assert len(await made(database)) == 2


async def test_what_the_complaint_itself_refuses_is_a_reason_of_the_row_too(batches: Batches, write: Write) -> None:
    path = write("HL-1,2026-06-08,丁小禾,13800001234,,甲,事情,,", name="a.csv")
    path.write_text(
        path.read_text().replace("性别", "统一社会信用代码").replace("13800001234,,", "13800001234,91420100MA4KXX0X0X,")
    )
    batch = await run(batches, path)
    (row,), _ = await batches.store.rows(batch.id, ("refused",))
    assert row.problems == [{"code": "bad_check", "column": "统一社会信用代码", "params": {}}]


async def test_an_undone_batch_takes_back_what_nobody_touched_and_its_numbers_can_come_again(
    batches: Batches, journal: SqlJournal, database: Database, write: Write
) -> None:
    batch = await run(batches, write(line("HL-1"), line("HL-2")))
    touched = (await made(database))[1]
    service = ComplaintService(journal, batches._seal, lambda: NOW)
    await service.submit(str(touched["id"]), Accept(), ZHOU)
    assert await batches.undo(batch, ZHOU, "上错了文件") == (1, 1)
    assert [row["state"] for row in await made(database)] == [ComplaintState.UNDONE, ComplaintState.ACCEPTED]
    after = await batches.store.batch(batch.id)
    assert after is not None
    assert after.state == "undone"
    assert counts(await run(batches, write(line("HL-1"), line("HL-2")))) == (1, 0, 1, 0)


async def test_many_are_undone_between_two_commits_and_the_figures_are_those_made_anew(
    batches: Batches, journal: SqlJournal, database: Database, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "UNDONE_AT_ONCE", 4)
    kept = await run(batches, write(line("HL-0")))
    batch = await run(batches, write(*(line(f"HL-{n}") for n in range(1, 11))))
    news = journal.follow(["complaint"])
    assert await batches.undo(batch, ZHOU, "上错了文件") == (10, 0)
    told = [await anext(news) for _ in range(10)]
    assert {event.type for event in told} == {"ImportUndone"}
    now = await summed(database)
    async with database.write() as connection:
        await fact_store.refill(connection)
    assert (await summed(database), kept.id == batch.id) == (now, False)
    assert await batches.undo(batch, ZHOU, "再试一次") == (10, 0), "asked again it counts what it had undone"


async def test_an_interrupted_import_goes_on_behind_the_last_row_it_noted(
    batches: Batches, database: Database, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 3)
    path = write(*(line(f"HL-{n}") for n in range(10)))
    batch = await batches.begin(FIRST, ZHOU, HOTLINE, path, path.name)

    class PowerCut(Exception):
        pass

    def until(frames: Iterator[Sequence[Numbered]]) -> Iterator[Sequence[Numbered]]:
        for frame in frames:
            yield frame[:4]
            raise PowerCut

    def cut(*given: Any) -> ConfinedTable:
        table = ConfinedTable(*given)
        table.frames = until(table.frames)
        return table

    monkeypatch.setattr("server.imports.batches.ConfinedTable", cut)
    with pytest.raises(PowerCut):
        await batches.run(batch, FIRST)
    monkeypatch.undo()
    (left,) = await batches.store.unfinished()
    assert (left.last_row, left.taken) == (4, 3)
    assert counts(await batches.run(left, FIRST)) == (10, 0, 0, 0)
    assert len(await made(database)) == 10


async def test_a_file_that_breaks_off_in_the_middle_keeps_what_stood_before(
    batches: Batches, database: Database, write: Write
) -> None:
    batch = await run(batches, write(line("HL-1"), '"HL-2' + "，很长" * 100_000))
    assert batch.error == {"code": "open_quote", "params": {"row": 3}}
    assert (batch.state, counts(batch)) == ("failed", (1, 0, 0, 0))
    assert len(await made(database)) == 1


async def test_two_imports_at_once_take_a_number_once(
    batches: Batches, database: Database, journal: SqlJournal, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await batches.begin(FIRST, ZHOU, HOTLINE, write(line("HL-1"), line("HL-2")), "a")
    second = await batches.begin(FIRST, ZHOU, HOTLINE, write(line("HL-2"), line("HL-3"), name="b.csv"), "b")
    known, cut_in = batches.store.known, [second]

    async def slow(*given: object) -> object:
        found = await known(*given)  # type: ignore[arg-type]
        if cut_in:
            await batches.run(cut_in.pop(), FIRST)
        return found

    monkeypatch.setattr(batches.store, "known", slow)
    batch = await batches.run(first, FIRST)
    assert counts(batch) == (1, 0, 1, 0)
    assert len(await made(database)) == 3


async def test_an_office_keeps_a_mapping_of_its_own_and_may_go_back(batches: Batches) -> None:
    plain = HOTLINE.plain()
    plain["columns"]["facts"] = ["事情"]
    await batches.set_mapping(FIRST.id, from_plain(plain), "hotline", ZHOU)
    assert (await batches.mapping(FIRST.id, "hotline")).columns["facts"] == ("事情",)
    assert await batches.mapping("office-2", "hotline") == HOTLINE
    await batches.set_mapping(FIRST.id, None, "hotline", ZHOU)
    assert await batches.mapping(FIRST.id, "hotline") == HOTLINE


def test_of_a_refused_cell_half_a_character_is_all_that_is_not_kept() -> None:
    seal, found = Seal(KEY), mapping.header_of(HOTLINE, FULL.split(","))
    cells = line("HL-1", facts="商家\ud800停业").split(",")
    (row,) = RowReader(HOTLINE, found, ReadingContext(FIRST.id, FIRST.number_prefix, FIRST.zone, NOW)).read(
        [(2, cells)]
    )
    kept = refused(row.row, row.number, cells, found, row.problems, seal)
    assert [one["code"] for one in kept.problems or ()] == ["unreadable_text"]
    assert json.loads(seal.open(kept.cells_sealed or "", ROW))["诉求内容"] == "商家?停业"
