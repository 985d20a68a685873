"""How good and how fast the search for cases is: nDCG at ten against grades given by hand, and times on many cases.

`written`: questions over the starter set that the rules were made with. `held`: written before the rules were changed
and never tuned to. `spoken`: words split by the speaker. `alike`: complaints that look for their like among the
samples. `generated`: a complaint of the seeded generator, told a second time by another channel, looks among as many
cases as the times are measured on; the same dispute counts 3, the same trade and problem 2, the same trade 1.
`gain_…`: what the figure would lose without a rule, in hundredths. `exhaustive_…`: how much of what ranking every case
would find is found by the index's candidates.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from casebook.case import Case
from casebook.search.entries import FLAT, WEIGHTS, Entry, entry
from casebook.search.measuring import Graded, ndcg, written
from casebook.search.question import Filters, Question
from casebook.search.ranking import RULES, Numbers, Rule, plan, ranked, wanted_tokens
from casebook.starter import starter
from complaints.sample.samples import Sample, samples
from law.articles import Days
from law.library import library
from server.bench.figures import Figures, quantile
from server.case_questions import like_complaint, typed
from server.storage import case_index
from server.storage.engine import Database

CASES, CASES_QUICK, SEED, AGAIN = 100_000, 5_000, 8, 60
_DAY = Days.both(date(2026, 5, 1))


def generated(count: int, seed: int = SEED) -> tuple[list[Case], list[tuple[Sample, str]]]:
    """Cases of invented disputes, and complaints that tell some of them again, each with the dispute's case."""
    chance = Random(seed)  # noqa: S311 - invented, no secret
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
    questions = [(graded, _question(graded)) for graded in written()]
    figures.values["written_queries_count"] = sum(bool(graded.ask) for graded, _ in questions)
    whole = _quality(questions)
    figures.values |= {f"{name}_ndcg_at_10": round(value, 4) for name, value in whole.items()}
    for rule in RULES:
        _gain(figures, rule, whole, _quality(questions, {rule}))
    _gain(figures, "fields", whole, _quality(questions, weights=FLAT))
    with tempfile.TemporaryDirectory() as folder:
        figures.on_disk(Path(folder))
        asyncio.run(_measured(figures, f"sqlite+aiosqlite:///{folder}/cases.db", CASES_QUICK if quick else CASES))
    figures.at_least("written_ndcg_at_10", 0.9)
    figures.at_least("held_ndcg_at_10", 0.8)
    figures.at_least("alike_ndcg_at_10", 0.9)
    figures.at_least("exhaustive_first_ten_share", 0.9)
    figures.at_most("search_p95_ms", 50.0)
    figures.at_most("alike_p95_ms", 50.0)
    return figures.json()


def _gain(figures: Figures, rule: str, whole: Mapping[str, float], without: Mapping[str, float]) -> None:
    for name in ("written", "held", "alike", "spoken"):
        figures.values[f"gain_{rule}_{name}_points"] = round(100 * (whole[name] - without[name]), 2)


def _question(graded: Graded) -> Question:
    if graded.ask:
        return typed(library(), graded.ask, _DAY)
    return like_complaint(
        library(),
        graded.title,
        graded.request,
        graded.facts,
        graded.problem,
        graded.industry,
        None if graded.amount is None else Decimal(graded.amount) / 100,
        _DAY,
    )


def _quality(
    questions: Sequence[tuple[Graded, Question]],
    without: Collection[Rule] = (),
    weights: Mapping[str, float] = WEIGHTS,
) -> dict[str, float]:
    entries = [entry(case, weights) for case in starter().values()]
    numbers = Numbers(len(entries), Counter(token for one in entries for token in one.tokens))
    found: dict[str, list[float]] = {"written": [], "held": [], "alike": [], "spoken": []}
    for graded, question in questions:
        ids = [one.entry.id for one in ranked(question, entries, numbers, 10, without)]
        of = "alike" if not graded.ask else "held" if graded.held else "spoken" if graded.spoken else "written"
        found[of].append(ndcg(ids, graded.grades))
    return {name: mean(values) for name, values in found.items()}


async def _measured(figures: Figures, url: str, count: int) -> None:
    made, again = generated(count)
    database = Database(url)
    await database.migrate()
    await case_index.complete(database)
    entries = [entry(case) for case in made]
    began = time.perf_counter()
    async with database.write() as connection:
        for at in range(0, len(entries), 1000):
            await case_index.put(connection, entries[at : at + 1000])
    figures.values["cases_count"] = len(entries)
    figures.values["indexing_ms_per_case"] = round((time.perf_counter() - began) * 1000 / len(entries), 3)
    told = again[:AGAIN]
    every = [*entries, *(entry(case) for case in starter().values())]
    asks = [_question(graded) for graded in written() if graded.ask]
    asks.extend(typed(library(), one.title, _DAY) for one, _ in told)
    likes = [_like(one) for one, _ in told]
    for name, questions in (("search", asks), ("alike", likes)):
        taken, worked, share = await _asked(database, questions, every)
        figures.values[f"{name}_p50_ms"] = round(quantile(taken, 0.5), 2)
        figures.values[f"{name}_p95_ms"] = round(quantile(taken, 0.95), 2)
        figures.values[f"{name}_p95_cpu_ms"] = round(quantile(worked, 0.95), 2)
        figures.values[f"exhaustive_{name}_share"] = round(share, 4)
    figures.values["exhaustive_first_ten_share"] = min(
        figures.values["exhaustive_search_share"], figures.values["exhaustive_alike_share"]
    )
    figures.values["generated_ndcg_at_10"] = round(await _found_again(database, told, likes, made), 4)
    await database.close()


async def _asked(
    database: Database, questions: Sequence[Question], every: Sequence[Entry]
) -> tuple[list[float], list[float], float]:
    """Milliseconds of each, by the clock and of work; and how much of an exhaustive search's score is found."""
    taken, worked, shares = [], [], []
    for at, question in enumerate(questions):
        began, work = time.perf_counter(), time.process_time()
        async with database.read() as connection:
            numbers = await case_index.numbers(connection, wanted_tokens(question))
            found = await case_index.candidates(connection, plan(question, numbers), Filters().marks())
        best = ranked(question, found, numbers, 10)
        worked.append((time.process_time() - work) * 1000)
        taken.append((time.perf_counter() - began) * 1000)
        if at % 12 == 0:
            ideal = ranked(question, every, numbers, 10)
            if total := sum(one.score for one in ideal):
                shares.append(sum(one.score for one in best) / total)
    return taken, worked, mean(shares)


async def _found_again(
    database: Database, told: Sequence[tuple[Sample, str]], likes: Sequence[Question], made: Sequence[Case]
) -> float:
    values = []
    classes = [(case.id, case.industry, case.problem) for case in made]
    for (sample, id_), question in zip(told, likes, strict=True):
        async with database.read() as connection:
            numbers = await case_index.numbers(connection, wanted_tokens(question))
            found = await case_index.candidates(connection, plan(question, numbers), [])
        grades = {
            case: 2 if problem == sample.problem else 1
            for case, industry, problem in classes
            if industry == sample.industry_code
        } | {id_: 3}
        values.append(ndcg([one.entry.id for one in ranked(question, found, numbers, 10)], grades))
    return mean(values) if values else 0.0


def _like(one: Sample) -> Question:
    return like_complaint(
        library(), one.title, one.request, one.facts, one.problem, one.industry_code, one.amount, _DAY
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
