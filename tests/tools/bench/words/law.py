"""How good and how fast the search in the law at hand is, on citizens' own questions (`tests/tools/data/statutes`).

`tuned`: what the search was made with. `kept`: left out of it; `unseen`: likewise, by who wrote what triage learns
from, before writing that. Those two are measured only and never read by who changes a word; `misses` are of `tuned`.
An article that answers must be among the first five found. Times are of requests of generated complaints.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal

from complaints.sample import samples
from complaints.triage import law_search
from law.catalogue import Days
from law.library import library
from tests.tools.data.grades import asked_of_the_law
from tests.tools.figures import Figures, quantile

SEARCHES, SEARCHES_QUICK, SEED = 2_000, 500, 4754
DAY = Days.both(date(2026, 11, 1))
PARTS: tuple[Literal["tuned", "kept", "unseen"], ...] = ("tuned", "kept", "unseen")


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    misses: list[dict[str, str]] = []
    for part in PARTS:
        asked = asked_of_the_law(part)
        unanswered = list(_unanswered(asked))
        figures.values[f"{part}_count"] = len(asked)
        figures.values[f"{part}_among_five_share"] = round(1 - len(unanswered) / len(asked), 3)
        if part == "tuned":
            misses = unanswered
    requests = [one.request for one in samples(SEARCHES_QUICK if quick else SEARCHES, SEED)]
    seconds = [_search(request) for request in requests]
    figures.values["search_p50_ms"] = round(quantile(seconds, 0.5) * 1000, 3)
    figures.values["search_p95_ms"] = round(quantile(seconds, 0.95) * 1000, 3)
    figures.at_least("kept_among_five_share", 0.9)
    figures.at_least("unseen_among_five_share", 0.9)
    figures.at_most("search_p95_ms", 50.0)
    return figures.json() | {"misses": misses}


def _unanswered(asked: Iterable[tuple[str, frozenset[str]]]) -> Iterator[dict[str, str]]:
    for ask, answers in asked:
        found = [hit.article.id for hit in law_search(library(), ask, DAY, 5)]
        if answers.isdisjoint(found):
            yield {"asked": ask, "answers": " ".join(sorted(answers)), "found": " ".join(found)}


def _search(request: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    law_search(library(), request, DAY)
    return time.perf_counter() - began
