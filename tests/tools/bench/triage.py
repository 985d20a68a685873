"""What triage gets right, on sentences written by hand and on generated complaints, and what it costs.

`tuned`, `fresh`, `held_out`: sentences by who wrote the first word lists; `stranger` and `kept`: citizens' own words,
labelled by a writer who had not read those lists (`tests/tools/data/triage`); `unseen`: by who wrote what was learned
from later, before writing it; `drawn`: by four more writers, to briefs drawn by lot, with many rare trades and half of
them not to be named. All but `kept`, `unseen` and `drawn` are learned from (`tests.tools.triage_weights`, which tells
what is right of those it leaves out), so their figures say nothing; those three are measured only and never read by who
changes a list. `…_english` are those of them in English.
`generated`: complaints of the seeded generator, whose words other people chose. Of industry and problem the first
suggestion must be the label; of requests and urgencies the set must be the same. `sure` figures count only suggestions
that the panel offers as chosen. What it costs is told beside looking for listed words of all five questions in the same
texts, taking turns in one run (`to_listed_words_ratio`), with the words that led there read off (`explained_…`) too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from statistics import median
from typing import Any

import tests.tools.data
from complaints.sample import samples
from complaints.triage import (
    ACCOUNT,
    LISTS,
    MATTER,
    TRADE,
    Submission,
    TriageSuggestion,
    finer,
    finer_names,
    triage,
    word_list,
)
from tests.tools.figures import Figures

GENERATED, GENERATED_QUICK, SEED = 5_000, 500, 4754
TURNS = 5
DAY = date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Labelled:
    """`requests` and `urgency` None: this set does not say."""

    submission: Submission
    industry: str
    problem: str
    requests: frozenset[str] | None
    urgency: frozenset[str] | None


def written() -> dict[str, list[Labelled]]:
    """The hand-written sentences by set."""
    found: dict[str, list[Labelled]] = {}
    strangers = files(tests.tools.data) / "triage"
    sources = (strangers / f"{name}.tsv" for name in ("labelled", "stranger", "kept", "unseen", "drawn"))
    for line in (line for source in sources for line in source.read_text("utf-8").splitlines()):
        if not line.startswith("#"):
            name, industry, problem, requests, urgency, text = line.split("\t")
            found.setdefault(name, []).append(
                Labelled(Submission(facts=text), industry, problem, _set(requests), _set(urgency))
            )
    return found


def generated(count: int) -> list[Labelled]:
    return [
        Labelled(
            Submission(
                title=one.title,
                request=one.request,
                facts=one.facts,
                business=one.business_name,
                object=one.bought_what,
                place=one.business_address,
            ),
            one.industry_code[:3],
            one.problem,
            None,
            None,
        )
        for one in samples(count, SEED)
    ]


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    sets = {**written(), "generated": generated(GENERATED_QUICK if quick else GENERATED)}
    for name in ("stranger", "kept", "unseen", "drawn"):
        sets[f"{name}_english"] = [row for row in sets[name] if row.submission.facts.isascii()]
    for name, rows in sets.items():
        figures.values[f"{name}_count"] = len(rows)
        figures.values |= {f"{name}_{figure}": value for figure, value in accuracy(rows).items()}
    texts = [row.submission for row in sets["generated"][:GENERATED_QUICK]]
    figures.values |= _cost(texts)
    misses = list(wrong(sets["stranger"]))
    figures.values |= dict(by_either_reader(sets["kept"]))
    figures.values["finer_within_its_class_share"] = _share(_finer())
    figures.at_least("tuned_requests_share", 0.9)
    figures.at_least("fresh_requests_share", 0.85)
    figures.at_least("fresh_urgency_share", 0.85)
    figures.at_least("held_out_industry_share", 0.75)
    figures.at_least("held_out_problem_share", 0.7)
    figures.at_least("kept_industry_share", 0.9)
    figures.at_least("kept_problem_share", 0.88)
    figures.at_least("kept_industry_right_when_sure_share", 0.97)
    figures.at_least("kept_problem_right_when_sure_share", 0.97)
    figures.at_least("drawn_industry_right_when_sure_share", 0.97)
    figures.at_most("to_listed_words_ratio", 4.0)
    return figures.json() | {"misses": misses}


def _cost(texts: Sequence[Submission]) -> dict[str, float]:
    """Milliseconds of processor a complaint, and their ratios: medians of turns."""

    def explained(text: Submission) -> None:
        told = triage(text)
        for one in (*told.industry, *told.problem, *told.requests):
            assert one.words

    ways: dict[str, Callable[[Submission], object]] = {
        "": triage,
        "explained_": explained,
        "listed": lambda text: [
            list(word_list(name).mentions(field, getattr(text, field)))
            for name in LISTS
            for field in {"industry": TRADE, "problem": MATTER}.get(name, ACCOUNT)
        ],
    }
    turns = []
    for _ in range(TURNS):
        turn = {}
        for name, way in ways.items():
            began = time.process_time()
            for text in texts:
                way(text)
            turn[name] = (time.process_time() - began) / len(texts) * 1000
        turns.append(turn)
    found = {f"{name}ms_per_complaint": round(median(turn[name] for turn in turns), 3) for name in ("", "explained_")}
    for name in ("", "explained_"):
        found[f"{name}to_listed_words_ratio"] = round(median(turn[name] / turn["listed"] for turn in turns), 3)
    return found


def _finer() -> Iterator[bool]:
    """Of sentences of a class, whether 12315's name of each is told."""
    class_of = {name.zh: problem for problem, names in finer_names().items() for name in names}
    for line in (files(tests.tools.data) / "triage" / "finer.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, text = line.split("\t")
            told = finer(Submission(facts=text), class_of[name])
            yield told is not None and told.zh == name


def accuracy(rows: Sequence[Labelled]) -> dict[str, float]:
    """Shares of the rows, three decimals."""
    judged = [(row, triage(row.submission)) for row in rows]
    found: dict[str, float] = {}
    for question in ("industry", "problem"):
        pairs: list[tuple[str, Sequence[TriageSuggestion]]] = [
            (getattr(row, question), getattr(told, question)) for row, told in judged
        ]
        found[f"{question}_share"] = _share(bool(told) and told[0].value == label for label, told in pairs)
        found[f"{question}_among_three_share"] = _share(label in [one.value for one in told] for label, told in pairs)
        sure = [(label, told[0].value) for label, told in pairs if told and told[0].sure]
        found[f"{question}_sure_share"] = round(len(sure) / len(rows), 3)
        found[f"{question}_right_when_sure_share"] = _share(label == value for label, value in sure)
    for question in ("requests", "urgency"):
        labelled = [(getattr(row, question), told) for row, told in judged if getattr(row, question) is not None]
        if labelled:
            found[f"{question}_share"] = _share(
                label == {one.value for one in getattr(told, question)} for label, told in labelled
            )
    return found


def by_either_reader(rows: Sequence[Labelled]) -> Iterator[tuple[str, float]]:
    """Of `kept`, with the labels of a second reader counted as right too."""
    lines = (files(tests.tools.data) / "triage" / "second.tsv").read_text("utf-8").splitlines()[1:]
    labels = [line.split("\t") for line in lines]
    for at, question in enumerate(("industry", "problem")):
        right = []
        for row, label in zip(rows, labels, strict=True):
            told: Sequence[TriageSuggestion] = getattr(triage(row.submission), question)
            right.append(bool(told) and told[0].value in (getattr(row, question), *label[at].split("/")))
        yield f"kept_{question}_by_either_reader_share", _share(right)


def wrong(rows: Iterable[Labelled]) -> Iterator[dict[str, str]]:
    """Each first suggestion that is not the label, and how sure it was."""
    for row in rows:
        told = triage(row.submission)
        for question in ("industry", "problem"):
            suggested: Sequence[TriageSuggestion] = getattr(told, question)
            if not suggested or suggested[0].value != getattr(row, question):
                said = f"{suggested[0].value} {suggested[0].confidence:.2f}" if suggested else "nothing"
                yield {question: getattr(row, question), "said": said, "text": row.submission.facts}


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return round(sum(answers) / len(answers), 3) if answers else 0.0


def _set(text: str) -> frozenset[str] | None:
    return None if text == "-" else frozenset(filter(None, text.split(",")))
