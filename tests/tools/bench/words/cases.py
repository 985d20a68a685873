"""How good the search for cases is: nDCG at ten against grades given by hand, over the starter set.

`written`: questions that the rules were made with. `held`: written before the rules were changed and never tuned to.
`spoken`: words split by the speaker. `alike`: complaints that look for their like. `letters_tuned`, `letters_varied`,
`letters_kept`: accounts in citizens' own words that look for their like, classed by triage alone, and `…_typed` by a
person who types their beginning; `…_top_three`: with a best case in the first three. `held` and `letters_kept` are
measured only and never read by who changes a rule; `misses` are the others'. `gain_…`: what a figure would lose without
a rule, in hundredths.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import mean
from typing import Any, Literal

from casebook.search import RULES, CaseQuestion, IndexSize, Rule, ranked
from casebook.search.entries import FLAT, WEIGHTS, listed_entry
from casebook.starter import starter
from law.catalogue import Days
from law.library import library
from server.casebook.case_index_store import question_of_complaint, typed_question
from tests.tools.data.grades import Graded, letters, ndcg, written
from tests.tools.figures import Figures

DAY = Days.both(date(2026, 5, 1))


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    questions = [(graded, question_of(graded)) for graded in written()]
    figures.values["written_queries_count"] = sum(bool(graded.ask) for graded, _ in questions)
    whole = _quality(questions)
    figures.values |= {f"{name}_ndcg_at_10": round(value, 4) for name, value in whole.items()}
    for rule in () if quick else RULES:
        _gain(figures, rule, whole, _quality(questions, {rule}))
    _gain(figures, "fields", whole, _quality(questions, weights=FLAT))
    misses = _letters(figures)
    figures.at_least("written_ndcg_at_10", 0.9)
    figures.at_least("held_ndcg_at_10", 0.8)
    figures.at_least("alike_ndcg_at_10", 0.9)
    figures.at_least("letters_kept_ndcg_at_10", 0.85)
    return figures.json() | {"misses": misses}


def _letters(figures: Figures) -> list[dict[str, str]]:
    """Figures of both sets; of the one that may be looked at whose best case is not among the first three."""
    misses = []
    entries = [listed_entry(case) for case in starter().values()]
    numbers = IndexSize.of(entries)
    sets: tuple[Literal["tuned", "varied", "kept"], ...] = ("tuned", "varied", "kept")
    for name in sets:
        for way, asked in (("", _unclassed), ("_typed", lambda account: typed_question(library(), account, DAY))):
            quality, first = [], []
            for graded in letters(name):
                found = ranked(asked(graded.facts), [one.entry for one in entries], numbers, 10)
                ids = [one.entry.id for one in found]
                quality.append(ndcg(ids, graded.grades))
                first.append(any(graded.grades.get(id) == 3 for id in ids[:3]))
                if not first[-1] and name != "kept":
                    why = " ".join(f"{reason.kind}:{reason.value}" for reason in found[0].why) if found else "nothing"
                    misses.append({"asked": graded.facts, "way": way or "alike", "first": f"{ids[:3]} {why}"})
            figures.values[f"letters_{name}{way}_ndcg_at_10"] = round(mean(quality), 4)
            figures.values[f"letters_{name}{way}_top_three"] = round(mean(first), 3)
    return misses


def _unclassed(account: str) -> CaseQuestion:
    """Nobody has said its classes: triage says how likely each is."""
    return question_of_complaint(library(), "", "", account, "", "", None, DAY)


def _gain(figures: Figures, rule: str, whole: Mapping[str, float], without: Mapping[str, float]) -> None:
    for name in ("written", "held", "alike", "spoken"):
        figures.values[f"gain_{rule}_{name}_points"] = round(100 * (whole[name] - without[name]), 2)


def question_of(graded: Graded) -> CaseQuestion:
    if graded.ask:
        return typed_question(library(), graded.ask, DAY)
    return question_of_complaint(
        library(),
        graded.title,
        graded.request,
        graded.facts,
        graded.problem,
        graded.industry,
        None if graded.amount is None else Decimal(graded.amount) / 100,
        DAY,
    )


def _quality(
    questions: Sequence[tuple[Graded, CaseQuestion]],
    without: Collection[Rule] = (),
    weights: Mapping[str, float] = WEIGHTS,
) -> dict[str, float]:
    samples_ = [listed_entry(case, weights) for case in starter().values()]
    entries, numbers = [one.entry for one in samples_], IndexSize.of(samples_)
    found: dict[str, list[float]] = {"written": [], "held": [], "alike": [], "spoken": []}
    for graded, question in questions:
        ids = [one.entry.id for one in ranked(question, entries, numbers, 10, without)]
        of = "alike" if not graded.ask else "held" if graded.held else "spoken" if graded.spoken else "written"
        found[of].append(ndcg(ids, graded.grades))
    return {name: mean(values) for name, values in found.items()}
