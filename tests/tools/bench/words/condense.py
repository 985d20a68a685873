"""What a record quotes by itself of invented mediations, against what a person would quote; and what it costs.

`tuned`: the rules' words were adjusted to these dialogues, so their figures flatter. `fresh`: written afterwards and
never looked at for changing them. Of sentences to be quoted, `found_share` are; of those quoted, `right_share` should
be. `offers_quoted` counts offers and words of private talks that would stand in a record: none may.
"""

from __future__ import annotations

import time
from typing import Any

from recordings.transcripts.condensing import condense
from tests.recordings.transcripts.dialogues import OFFER, PRIVATE, QUOTED, Dialogue, dialogues
from tests.tools.figures import Figures

LONG, LONG_QUICK = 2_000, 400  # lines of a long mediation


def measure(quick: bool) -> dict[str, Any]:
    figures, every, offers = Figures(), dialogues(), 0
    for name, some in (
        ("tuned", [one for one in every if not one.fresh]),
        ("fresh", [one for one in every if one.fresh]),
    ):
        wanted = right = quoted = 0
        for dialogue in some:
            taken = {line.line for line in condense(dialogue.transcript, dialogue.scene.history).taken}
            asked = {id for id, expected in dialogue.expected.items() if expected == QUOTED}
            wanted, right, quoted = wanted + len(asked), right + len(asked & taken), quoted + len(taken)
            offers += sum(dialogue.expected[id] in (OFFER, PRIVATE) for id in taken)
        figures.values[f"{name}_dialogues"] = len(some)
        figures.values[f"{name}_found_share"] = round(right / wanted, 2)
        figures.values[f"{name}_right_share"] = round(right / quoted, 2)
    figures.values["offers_quoted"] = offers
    figures.values["ms_of_a_long_one"] = _long(every[0], LONG_QUICK if quick else LONG)
    figures.at_least("tuned_found_share", 0.95)
    figures.at_least("fresh_found_share", 0.8)
    figures.at_least("fresh_right_share", 0.8)
    figures.at_most("offers_quoted", 0)
    figures.at_most("ms_of_a_long_one", 2_000)
    return figures.json()


def _long(dialogue: Dialogue, lines: int) -> float:
    said = [line.text for line in dialogue.lines]
    for n in range(lines):
        dialogue.say("CB"[n % 2], f"{n}号那天{said[n % len(said)]}")
    began = time.perf_counter()
    condense(dialogue.transcript, dialogue.scene.history)
    return round((time.perf_counter() - began) * 1000, 1)
