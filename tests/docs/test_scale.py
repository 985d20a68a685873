"""What docs/scale.md says follows from what it states, and what it states was measured."""

from __future__ import annotations

import json

import pytest

from tests.tools import scale

TEXT = scale.DOCUMENT.read_text()
REPORT = json.loads(scale.REPORT.read_text())


def test_every_number_of_the_document_follows_from_its_inputs() -> None:
    assert scale.reckoned(TEXT, REPORT) == TEXT


def test_its_picture_is_of_the_same_run() -> None:
    assert scale.picture(REPORT) == scale.PICTURE.read_text()


def test_another_input_makes_other_numbers() -> None:
    other = {**REPORT, "figures": {**REPORT["figures"], "full_media_cpu_per_room": 1.0}}
    told = scale.reckoned(TEXT, other)
    assert "| media | `media_cores = rooms * full_media_cpu_per_room` | 100 | 1,000 | 3,000 |" in told
    assert told != TEXT


def test_a_formula_is_arithmetic_over_what_is_stated() -> None:
    assert scale.value_of("ceil(rooms * a / 16) + 1", {"rooms": 100, "a": 0.5}) == 5
    with pytest.raises(KeyError):
        scale.value_of("rooms * unsaid", {"rooms": 1})
    with pytest.raises(ValueError, match="more than arithmetic"):
        scale.value_of("rooms.real", {"rooms": 1})
