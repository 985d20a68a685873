"""How fast the search for cases is among many, and how much it finds there; and how long printing a year's book takes.
How good it is says `yuntiao bench cases`.

`generated`: a complaint of the seeded generator, told a second time by another channel, looks among as many cases as
the times are measured on; the same dispute counts 3, the same trade and problem 2, the same trade 1. On SQLite, and on
PostgreSQL too as `tests.tools.data.postgres` says; both must find the same. `exhaustive_…`: how much of what ranking
every case would find is found by the index's candidates. `book_of_300_cases_s`: A4, on this process's CPU.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from casebook import Case
from casebook.search import CaseQuestion, Filters, plan, ranked, wanted_tokens
from casebook.search.entries import IndexEntry, Listed, listed_entry
from casebook.starter import starter
from complaints.sample import Sample, samples
from law.library import library
from server.casebook import case_index_store
from server.casebook.case_index_store import question_of_complaint, typed_question
from server.casebook.yearbook import YearbookRenderer, book_of
from server.db.engine import Database
from tests.tools.bench.words.cases import DAY, question_of
from tests.tools.data.grades import ndcg, written
from tests.tools.data.postgres import named, postgres
from tests.tools.figures import Figures, quantile

CASES, CASES_QUICK, SEED, AGAIN = 100_000, 5_000, 8, 60
PRINTED, PRINTED_QUICK = 300, 30


def generated(count: int, seed: int = SEED) -> tuple[list[Case], list[tuple[Sample, str]]]:
    """Cases of invented disputes, and complaints that tell some of them again, each with the dispute's case."""
    chance = Random(seed)
    found: dict[int, Case] = {}
    again: list[tuple[Sample, str]] = []
    for one in samples(int(count * 1.2) + 50, seed):
        if one.dispute in found:
            again.append((one, found[one.dispute].id))
        elif len(found) < count:
            found[one.dispute] = _case(one, chance)
    return list(found.values()), again


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        figures.on_disk(Path(folder))
        many = _many(CASES_QUICK if quick else CASES)
        figures.values["cases_count"] = len(many.made)
        found = asyncio.run(_measured(figures, f"sqlite+aiosqlite:///{folder}/cases.db", many, ""))
        if named():
            with postgres() as url:
                other = asyncio.run(_measured(figures, url, many, "postgres_"))
            same = sum(one == two for one, two in zip(found, other, strict=True))
            figures.values["postgres_same_lists_share"] = round(same / len(found), 4)
            figures.at_least("postgres_same_lists_share", 1.0)
    printed = PRINTED_QUICK if quick else PRINTED
    figures.values[f"book_of_{printed}_cases_s"] = round(_printing(printed), 2)
    for prefix in ("", "postgres_") if named() else ("",):
        figures.at_least(f"{prefix}exhaustive_first_ten_share", 0.9)
        figures.at_most(f"{prefix}search_p95_ms", 50.0)
        figures.at_most(f"{prefix}alike_p95_ms", 50.0)
    figures.at_most(f"book_of_{printed}_cases_s", 20.0)
    return figures.json()


def _printing(count: int) -> float:
    """The starter set's cases, again and again."""
    cases = [replace(one, id=f"{one.id}-{n}") for n, one in zip(range(count), itertools.cycle(starter().values()))]
    began = time.process_time()
    YearbookRenderer().print(book_of(cases, DAY.event.year, "测"))
    return time.process_time() - began


@dataclass(frozen=True, slots=True)
class _Many:
    """Invented cases as the index keeps them, and complaints that tell some of them again."""

    made: Sequence[Listed]
    told: Sequence[tuple[Sample, str]]
    asks: Sequence[CaseQuestion]
    likes: Sequence[CaseQuestion]


def _many(count: int) -> _Many:
    made, again = generated(count)
    told = again[:AGAIN]
    asks = [question_of(graded) for graded in written() if graded.ask]
    asks.extend(typed_question(library(), one.title, DAY) for one, _ in told)
    return _Many([listed_entry(case) for case in made], told, asks, [_like(one) for one, _ in told])


async def _measured(figures: Figures, url: str, many: _Many, prefix: str) -> list[list[str]]:
    """The lists that were found."""
    database = Database(url)
    await database.migrate()
    await case_index_store.complete(database)
    began = time.perf_counter()
    async with database.write() as connection:
        for at in range(0, len(many.made), 1000):
            await case_index_store.put(connection, many.made[at : at + 1000])
    figures.values[f"{prefix}indexing_ms_per_case"] = round((time.perf_counter() - began) * 1000 / len(many.made), 3)
    await _analyse(database)
    every = [one.entry for one in (*many.made, *map(listed_entry, starter().values()))]
    lists: list[list[str]] = []
    shares = []
    for name, questions in (("search", many.asks), ("alike", many.likes)):
        asked = await _asked(database, questions, every)
        figures.values[f"{prefix}{name}_p50_ms"] = round(quantile(asked.taken, 0.5), 2)
        figures.values[f"{prefix}{name}_p95_ms"] = round(quantile(asked.taken, 0.95), 2)
        figures.values[f"{prefix}{name}_p50_cpu_ms"] = round(quantile(asked.worked, 0.5), 2)
        figures.values[f"{prefix}{name}_p95_cpu_ms"] = round(quantile(asked.worked, 0.95), 2)
        shares.append(mean(asked.shares))
        figures.values[f"{prefix}exhaustive_{name}_share"] = round(shares[-1], 4)
        lists.extend(asked.lists)
    figures.values[f"{prefix}exhaustive_first_ten_share"] = round(min(shares), 4)
    values = [
        ndcg(ids, _grades(sample, id_, every))
        for (sample, id_), ids in zip(many.told, lists[len(many.asks) :], strict=True)
    ]
    figures.values[f"{prefix}generated_ndcg_at_10"] = round(mean(values), 4)
    await database.close()
    return lists


async def _analyse(database: Database) -> None:
    """As PostgreSQL's own vacuum does some time after such a load."""
    if not database.sqlite:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql("VACUUM ANALYZE case_words, case_entries, case_terms")


@dataclass(slots=True)
class _Asked:
    """Milliseconds of each question, by the clock and of this process's work; how much of an exhaustive search's score
    is found; and what is."""

    taken: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    lists: list[list[str]] = field(default_factory=list)


async def _asked(database: Database, questions: Sequence[CaseQuestion], every: Sequence[IndexEntry]) -> _Asked:
    asked = _Asked()
    for at, question in enumerate(questions):
        began, work = time.perf_counter(), time.process_time()
        async with database.read() as connection:
            numbers = await case_index_store.token_numbers(connection, wanted_tokens(question))
            found = await case_index_store.candidates(
                connection, plan(question, numbers), Filters(samples=True).marks()
            )
        best = ranked(question, found, numbers, 10)
        asked.worked.append((time.process_time() - work) * 1000)
        asked.taken.append((time.perf_counter() - began) * 1000)
        asked.lists.append([one.entry.id for one in best])
        if at % 12 == 0:
            ideal = ranked(question, every, numbers, 10)
            if total := sum(one.score for one in ideal):
                asked.shares.append(sum(one.score for one in best) / total)
    return asked


def _grades(sample: Sample, told: str, every: Sequence[IndexEntry]) -> dict[str, int]:
    alike = [one for one in every if not one.sample and one.industry == sample.industry_code]
    return {one.id: 2 if one.problem == sample.problem else 1 for one in alike} | {told: 3}


def _like(one: Sample) -> CaseQuestion:
    return question_of_complaint(
        library(), one.title, one.request, one.facts, one.problem, one.industry_code, one.amount, DAY
    )


def _case(one: Sample, chance: Random) -> Case:
    claimed = one.amount
    settled = None if claimed is None or chance.random() < 0.2 else (claimed * chance.randint(30, 100) / 100)
    return Case(
        id=f"made-{one.dispute}",
        number="",
        title_zh=one.title,
        title_en="",
        industry=one.industry_code,
        problem=one.problem,
        tags=(),
        facts=one.facts,
        claims=one.request,
        process="",
        outcome="",
        experience="",
        articles=(),
        comment="",
        comment_by="",
        claimed=claimed,
        settled=None if settled is None else settled.quantize(Decimal("0.01")),
        days=chance.randint(2, 60),
        event_date=one.bought,
        state="published",
        edition=1,
        sample=False,
        office="made",
    )
