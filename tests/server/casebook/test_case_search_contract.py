"""The index of cases gives the same list on SQLite and on PostgreSQL: the one that ranking every case would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from casebook.search import CaseQuestion, Filters, IndexSize, asked, plan, ranked, wanted_tokens
from casebook.search.entries import Listed, listed_entry
from casebook.starter import starter
from law.catalogue import Days
from law.library import library
from server.casebook import case_index_store
from server.casebook.case_index_store import typed_question
from server.db.engine import Database
from tests.tools.bench.casebook import generated
from tests.tools.data.grades import written

DAYS = Days.both(date(2026, 5, 1))
MANY = [listed_entry(case) for case in generated(600)[0]]
SAMPLES = [listed_entry(case) for case in starter().values()]


EVERY = Filters(samples=True)


async def found(database: Database, question: CaseQuestion, filters: Filters = EVERY, most: int = 10) -> list[str]:
    async with database.read() as connection:
        numbers = await case_index_store.token_numbers(connection, wanted_tokens(question))
        entries = await case_index_store.candidates(connection, plan(question, numbers), filters.marks())
    return [one.entry.id for one in ranked(question, entries, numbers, most)]


def all_of(every: Sequence[Listed], question: CaseQuestion, most: int = 10) -> list[str]:
    return [one.entry.id for one in ranked(question, [one.entry for one in every], IndexSize.of(every), most)]


@pytest.fixture
async def filled(database: Database) -> Database:
    await case_index_store.complete(database)
    async with database.write() as connection:
        await case_index_store.put(connection, MANY)
    return database


async def test_either_engine_gives_the_list_that_ranking_every_case_gives(filled: Database) -> None:
    questions = [typed_question(library(), graded.ask, DAYS) for graded in written() if graded.ask][::3]
    for question in questions:
        best = all_of([*SAMPLES, *MANY], question, 3)
        assert (await found(filled, question))[: len(best)] == best, [group.label for group in question.groups]


async def test_the_samples_are_there_from_the_first_start_and_made_anew_only_when_something_changed(
    database: Database,
) -> None:
    assert await case_index_store.complete(database) == len(starter())
    assert await case_index_store.complete(database) == 0
    assert (await found(database, asked("健身房跑路", library(), DAYS)))[0] == "sample-gym-closed"


async def test_a_case_taken_out_is_found_no_more_and_leaves_no_count_behind(filled: Database) -> None:
    question = asked("翡翠手镯 直播", library(), DAYS)
    assert "sample-livestream-jade" in await found(filled, question)
    async with filled.write() as connection:
        await case_index_store.take_out(connection, "sample-livestream-jade")
        await case_index_store.take_out(connection, "nobody")
    assert "sample-livestream-jade" not in await found(filled, question)
    rest = IndexSize.of([one for one in (*SAMPLES, *MANY) if one.entry.id != "sample-livestream-jade"])
    async with filled.read() as connection:
        numbers = await case_index_store.token_numbers(connection, list(rest.having))
    assert numbers == rest


async def test_filters_keep_only_what_they_name(filled: Database) -> None:
    question = asked("退款", library(), DAYS)
    known = {one.entry.id: one.entry for one in (*SAMPLES, *MANY)}
    for filters, holds in (
        (Filters(industry="R89", samples=True), lambda one: one.industry.startswith("R89")),
        (Filters(industry="R", samples=True), lambda one: one.industry.startswith("R")),
        (Filters(problem="price", samples=True), lambda one: one.problem == "price"),
        (Filters(article="consumer-55", samples=True), lambda one: "consumer-55" in one.articles),
        (Filters(year=2025, samples=True), lambda one: one.event_date.year == 2025),
        (Filters(settled=False, samples=True), lambda one: one.settled is None),
        (Filters(), lambda one: not one.sample),
    ):
        ids = await found(filled, question, filters, 40)
        if filters.article:
            ids = await found(filled, asked("欺诈", library(), DAYS), filters, 40)
        assert ids, filters
        assert all(holds(known[id]) for id in ids), filters


async def test_cases_of_one_day_stand_beside_each_other(database: Database) -> None:
    await case_index_store.complete(database)
    one = next(iter(starter().values()))
    twins = [listed_entry(replace(one, id=f"twin-{number}", event_date=date(2026, 1, 1))) for number in range(40)]
    async with database.write() as connection:
        await case_index_store.put(connection, twins)
        newest = await case_index_store.newest(connection, Filters(samples=True).marks(), 100)
    assert {one.id for one in newest} >= {one.entry.id for one in twins}
    days = [one.event_date for one in newest]
    assert days == sorted(days, reverse=True)
