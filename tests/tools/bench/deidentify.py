"""How much of the personal data planted in a seeded corpus is found, by kind; each miss is listed under `misses`.

A value counts as found when every letter, digit and character of it is hidden. The corpus's own names, words and forms
are not the finders' (`tests.tools.data.planted_texts`); rules were tuned on other seeds. How people really write
is asked of texts written by hand (`written.toml`): `written_…` the rules were made with, `held_…` they were not.
`precision_…` counts what was hidden and was nothing, on the same texts.
"""

from __future__ import annotations

import time
from typing import Any

from tests.tools.data.planted_texts import planted
from tests.tools.data.recall import measure as measured_on, written
from tests.tools.figures import Figures

CASES, CASES_QUICK, SEED = 1_000, 150, 20_261_125


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    count = CASES_QUICK if quick else CASES
    began = time.perf_counter()
    found = measured_on(planted(count, SEED))
    spent = time.perf_counter() - began
    figures.values["cases_count"] = count
    figures.values["planted_count"] = found.planted.total()
    figures.values["recall_share"] = round(found.recall, 5)
    figures.values["precision_on_planted_share"] = round(found.precision, 4)
    for kind in sorted(found.planted):
        figures.values[f"{kind}_planted_count"] = found.planted[kind]
        figures.values[f"{kind}_recall_share"] = round(found.recall_of(kind), 5)
    figures.values["ms_per_case"] = round(spent / count * 1000, 2)
    missed = list(found.misses)
    for name, held in (("written", False), ("held", True)):
        by_hand = measured_on(written(held))
        figures.values[f"{name}_marked_count"] = by_hand.planted.total()
        figures.values[f"{name}_recall_share"] = round(by_hand.recall, 4)
        figures.values[f"{name}_precision_share"] = round(by_hand.precision, 4)
        for kind in sorted(by_hand.planted):
            figures.values[f"{name}_{kind}_recall_share"] = round(by_hand.recall_of(kind), 3)
        missed.extend(by_hand.misses)
    figures.at_least("recall_share", 0.99)
    figures.at_least("precision_on_planted_share", 0.9)
    figures.at_most("ms_per_case", 200.0)
    misses = [
        {"kind": miss.kind, "form": miss.form, "value": miss.value, "left": miss.left, "around": miss.around}
        for miss in missed
    ]
    return figures.json() | {"misses": misses}
