from __future__ import annotations

import pytest

from tests.web.office.audit.test_sentences import VOICE
from web.office.audit.sentences import Received, alone, consent_clauses

BOTH: Received = {"a": ["b"], "b": ["a"]}
ONE: Received = {"a": ["b"], "b": []}
NONE: Received = {}


@pytest.mark.parametrize(
    ("hears", "sees", "told"),
    [
        (NONE, NONE, []),
        (BOTH, BOTH, ["Ding, Chen hear and see each other"]),
        (BOTH, NONE, ["Ding, Chen hear each other, nobody sees anybody"]),
        (ONE, ONE, ["Ding hears and sees Chen"]),
        (ONE, BOTH, ["Ding hears and sees Chen", "Chen sees Ding"]),
        (BOTH, ONE, ["Ding hears and sees Chen", "Chen hears Ding"]),
        (NONE, ONE, ["nobody hears anybody", "Ding sees Chen"]),
    ],
)
def test_each_clause_says_one_thing(hears: Received, sees: Received, told: list[str]) -> None:
    assert consent_clauses(hears, sees, VOICE) == told


def test_alone_is_who_neither_receives_nor_is_received() -> None:
    assert alone(["a", "b", "c"], ONE, NONE) == ["c"]
