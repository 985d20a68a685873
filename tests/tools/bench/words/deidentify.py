"""How much of the personal data planted in a seeded corpus is found, by kind; each miss is listed under `misses`.

A value counts as found when every letter, digit and character of it is hidden. The corpus's own names, words and forms
are not the finders' (`tests.tools.data.planted_texts`); rules were tuned on other seeds. How people really write
is asked of texts written by hand (`written.toml`): `written_…` the rules were made with, `held_…` they were not;
`drawn_…` (letters and papers with names drawn by lot) and `plain_…` (prose in which little is named) may be read, and
nothing is learnt from them.
`precision_…` counts what was hidden and was nothing, on the same texts.

Six kinds of texts (`data/deidentify`) are by a writer who had not read the rules. `tuned_…` are there to be tuned
with: what is missed and what is hidden without need (`false alarm`) is told in its context. `kept_…` are for measuring
only: counted, never told. So are `sealed_…`, written before a round of work and measured after it only.

`…_one_stand_in_share`: in texts that mark who is who, how many of the people and businesses are called by one stand-in
wherever they are named (what was not hidden is none); `…_stand_in_of_one_share`: how many stand-ins mean one alone.
"""

from __future__ import annotations

import time
from itertools import chain
from typing import Any

from tests.tools.data.planted_texts import planted
from tests.tools.data.recall import (
    Kept,
    Measured,
    Miss,
    drawn,
    everyday,
    kept_apart,
    measure as measured_on,
    papers_drawn,
    plain_prose,
    sealed,
    strangers,
    written,
)
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
    told = [_told(miss) for miss in found.misses]
    fresh = (("drawn", chain(drawn(), papers_drawn())), ("plain", plain_prose()))
    for name, ours in (("written", written(False)), ("held", written(True)), *fresh):
        by_hand = measured_on(ours)
        _shares(figures, name, by_hand)
        told += [_told(miss) for miss in by_hand.misses]
    for name, by_kind in (("tuned", strangers(kept=False)), ("kept", strangers(kept=True)), ("sealed", sealed())):
        for what, texts in by_kind.items():
            by_stranger = measured_on(texts)
            _shares(figures, f"{name}_{what}", by_stranger)
            if name == "tuned":
                told += [_told(miss) | {"form": f"{what}: {miss.form}"} for miss in by_stranger.misses]
                told += [
                    {"false alarm": kind, "form": what, "value": words, "around": around}
                    for kind, words, around in by_stranger.alarms
                ]
        every = [*chain.from_iterable(by_kind.values())]
        _shares(figures, name, measured_on(every))
        who = kept_apart((*every, *everyday()) if name == "tuned" else every)
        if who.entities:
            _who_is_who(figures, name, who)
        if name == "tuned":
            told += [{"stand-ins": one, "of": " / ".join(several)} for one, several in who.torn]
    for name in ("kept", "sealed"):
        for what in ("letters", "court"):
            figures.at_least(f"{name}_{what}_recall_share", 0.97)
            figures.at_least(f"{name}_{what}_precision_share", 0.9)
    figures.at_least("recall_share", 0.99)
    figures.at_least("precision_on_planted_share", 0.9)
    figures.at_most("ms_per_case", 200.0)
    return figures.json() | {"misses": told}


def _shares(figures: Figures, name: str, found: Measured) -> None:
    """Of one set: recall and precision, then by kind of mark."""
    figures.values[f"{name}_marked_count"] = found.planted.total()
    figures.values[f"{name}_recall_share"] = round(found.recall, 4)
    figures.values[f"{name}_precision_share"] = round(found.precision, 4)
    for kind in sorted(found.planted):
        figures.values[f"{name}_{kind}_marked_count"] = found.planted[kind]
        figures.values[f"{name}_{kind}_recall_share"] = round(found.recall_of(kind), 3)
    for kind in sorted(found.needless):
        figures.values[f"{name}_{kind}_false_alarms_count"] = found.needless[kind]


def _who_is_who(figures: Figures, name: str, found: Kept) -> None:
    figures.values[f"{name}_entities_count"] = found.entities
    figures.values[f"{name}_one_stand_in_share"] = round(found.one_share, 4)
    figures.values[f"{name}_stand_in_of_one_share"] = round(found.alone_share, 4)


def _told(miss: Miss) -> dict[str, str]:
    return {"kind": miss.kind, "form": miss.form, "value": miss.value, "left": miss.left, "around": miss.around}
