"""Samples never count in a real office: every way in and every place that counts or suggests, one by one."""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casebook.search import Filters
from casebook.starter import starter
from casebook.views import ComplaintAccount
from complaints import Invented
from complaints.sample import filing, samples
from journal.numbers import SAMPLE_MARK, is_sample
from journal.refusals import Refused
from law.catalogue import Days
from law.library import Library, library
from server.app import demo
from server.casebook import case_index_store, exchange
from server.casebook.case_index_store import CaseSearch
from server.casebook.store import published_in
from server.casebook.yearbook import gather, sample_book
from server.cli.imports import COLUMNS, row as exported
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints
from tests.server.app.office import FIRST
from tests.server.imports.conftest import ZHOU
from tests.server.imports.quick import HOTLINE, batches_of, office as office  # a fixture

DAYS = Days.both(date(2026, 6, 24))
GYM = ComplaintAccount(
    "健身房停业退卡", "退还剩余卡款", "在健身会所办了年卡，上个月关门停业，老板失联。", "contract", "R8930", None
)


async def catalogue_alone() -> Library:
    return library()


def sample_file(folder: Path, many: int = 30) -> Path:
    path = folder / "samples.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(exported(sample) for sample in samples(many, 7))
    return path


# ---------------------------------------------------------------- complaints: no way in


async def test_no_import_takes_a_sample_into_a_real_office(office: Database, tmp_path: Path) -> None:
    batches = batches_of(office, tmp_path)
    path = sample_file(tmp_path)
    preview = await batches.preview(path, HOTLINE, FIRST)
    assert [[one.code for one in row.problems] for row in preview.rows] == [["sample"]] * len(preview.rows)
    batch = await batches.run(await batches.begin(FIRST, ZHOU, HOTLINE, path, path.name), FIRST)
    assert (batch.taken, batch.refused) == (0, 30)
    async with office.read() as connection:
        for table in (complaints, complaint_facts):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0


async def test_a_demo_office_takes_them_and_its_number_says_so_on_every_line(office: Database, tmp_path: Path) -> None:
    batches, path = batches_of(office, tmp_path), sample_file(tmp_path)
    batch = await batches.run(await batches.begin(demo.OFFICE, ZHOU, HOTLINE, path, path.name), demo.OFFICE)
    assert batch.taken == 30
    async with office.read() as connection:
        numbers = (await connection.execute(select(complaints.c.number))).scalars().all()
    assert len(numbers) == 30
    assert all(map(is_sample, numbers))


async def test_nobody_registers_a_sample_in_a_real_office_by_form_or_interface(
    office: Database, tmp_path: Path
) -> None:
    """What pages, the interface, mail and messages of other systems all go through."""
    service = batches_of(office, tmp_path).complaints
    given = filing(next(iter(samples(1, 7))), FIRST.id, FIRST.number_prefix)
    with pytest.raises(Invented):
        await service.register(given, ZHOU)
    with pytest.raises(Invented):
        service.record(given, complete=False)
    assert await service.register(given._replace(prefix=demo.OFFICE.number_prefix), ZHOU)


# ---------------------------------------------------------------- cases: nothing counts or suggests them


Consumer = Callable[[Database], Awaitable[list[str]]]
"""Numbers of the cases it would count, print or suggest."""


def finder(database: Database, samples: bool = False) -> CaseSearch:
    return CaseSearch(database, catalogue_alone, samples)


async def suggested(database: Database) -> list[str]:
    return [one.case.number for one in (await finder(database).alike(GYM, DAYS, 10)).cases]


async def counted_in_the_range(database: Database) -> list[str]:
    return ["counted"] * (await finder(database).alike(GYM, DAYS, 10)).came_to.cases


async def found_by_words(database: Database) -> list[str]:
    return [one.case.number for one in await finder(database).find("健身房停业", Filters(), DAYS, 10)]


async def newest(database: Database) -> list[str]:
    return [one.case.number for one in await finder(database).find("", Filters(), DAYS, 10)]


async def printed_in_the_book(database: Database) -> list[str]:
    return [one.case.number for one in (await gather(database, 2026, "某局", None)).cases]


async def published_that_year(database: Database) -> list[str]:
    return [one.number for one in await published_in(database, 2026, None, FIRST.zone, 100)]


async def shown_to_a_room(database: Database) -> list[str]:
    leaves = [await finder(database).leaf(None, case.id) for case in starter().values()]  # type: ignore[arg-type]
    return [leaf.number for leaf in leaves if leaf is not None]


CONSUMERS: dict[str, Consumer] = {
    one.__name__: one
    for one in (
        suggested, counted_in_the_range, found_by_words, newest, printed_in_the_book, published_that_year,
        shown_to_a_room,
    )
}  # fmt: skip


@pytest.mark.parametrize("consumer", CONSUMERS)
async def test_no_case_the_program_brought_along_counts_in_a_real_office(office: Database, consumer: str) -> None:
    await case_index_store.complete(office)
    assert await CONSUMERS[consumer](office) == []


async def test_samples_are_found_when_asked_for_and_each_is_marked(office: Database) -> None:
    await case_index_store.complete(office)
    found = await finder(office).find("健身房停业", Filters(samples=True), DAYS, 10)
    assert found
    assert all(one.case.sample and one.case.number.startswith(SAMPLE_MARK) for one in found)
    assert (await finder(office, samples=True).alike(GYM, DAYS, 10)).came_to.cases > 0  # a demo's cockpit


def test_samples_are_printed_in_a_book_of_their_own_each_with_its_mark() -> None:
    book = sample_book(2026)
    assert book.figures == ()
    assert all(is_sample(one.case.number) for one in book.cases)
    assert SAMPLE_MARK in book.office


async def test_an_exchange_file_brings_no_invented_case_into_a_real_casebook(office: Database) -> None:
    case = replace(next(iter(starter().values())), office=FIRST.id)
    _, content = exchange.written_cases([case], "json", False, {FIRST.id: FIRST.name}, library(), {})
    with pytest.raises(Refused, match="case_file") as no:
        await exchange.read_cases("cases.json", content, date(2026, 6, 24), {})
    assert no.value.params == {"why": "sample"}
    assert await exchange.read_cases("cases.json", content, date(2026, 6, 24), {}, samples=True)
