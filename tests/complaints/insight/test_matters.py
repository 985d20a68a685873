"""One matter is told once: whatever is the same seen from another side stands beside the first, also when several
businesses together are what a word or a trade is about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from complaints.insight.bursts import Alarm
from complaints.insight.examination import heads
from complaints.insight.series import RESPONDENT, TRADE, WORD


def alarm(kind: str, key: str, seen: int) -> Alarm:
    return Alarm(kind, 0, key, 7, seen, 0.5, 1e-9, 3.0, 0, seen, 0.5)


def told(rows: dict[str, list[int]], *alarms: Alarm) -> dict[str, list[str]]:
    examined: Any = SimpleNamespace(tested=SimpleNamespace(alarms=list(alarms)))
    found = heads(examined, lambda one: np.array(rows[one.key], np.int64))
    return {head.key: [other.key for other in also] for head, _, also in cast(Any, found)}


def test_a_word_of_two_businesses_complaints_is_not_told_beside_both() -> None:
    rows = {"甲": list(range(10)), "乙": list(range(10, 20)), "跑路": list(range(20))}
    assert told(rows, alarm(RESPONDENT, "甲", 10), alarm(RESPONDENT, "乙", 10), alarm(WORD, "跑路", 20)) == {
        "乙": ["跑路"], "甲": [],
    }  # fmt: skip


def test_what_is_left_over_and_odd_is_a_matter_of_its_own() -> None:
    rows = {"甲": list(range(10)), "跑路": list(range(40))}
    assert told(rows, alarm(RESPONDENT, "甲", 10), alarm(WORD, "跑路", 40)) == {"甲": [], "跑路": []}


def test_two_that_have_nothing_in_common_are_two() -> None:
    rows = {"甲": list(range(10)), "R90|contract": list(range(50, 60))}
    assert set(told(rows, alarm(RESPONDENT, "甲", 10), alarm(TRADE, "R90|contract", 10))) == {"甲", "R90|contract"}
