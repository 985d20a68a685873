"""What the program has of training lies there as the script makes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from operator import sub
from pathlib import Path

import pytest

from tests.tools.deidentify_training import FOLDER, grade_pairs, graded, train_weights


@pytest.mark.long
def test_weights_are_what_training_makes_of_the_texts_that_may_be_read(tmp_path: Path) -> None:
    """Whoever changes a finder, a list, a clue or a text makes them again. Other processors add up otherwise."""
    train_weights(tmp_path / "weights.json")
    made, there = (json.loads((folder / "weights.json").read_text()) for folder in (tmp_path, FOLDER))
    both = made["clues"].keys() & there["clues"].keys()
    assert len(both) > 0.98 * max(len(made["clues"]), len(there["clues"]))
    differ = [clue for clue in both if max(map(abs, map(sub, made["clues"][clue], there["clues"][clue]))) > 10]
    assert len(differ) < 0.02 * len(both)


def test_pairs_of_characters_lie_there_as_the_texts_of_nobody_have_them(tmp_path: Path) -> None:
    """Who adds a few complaints need not count them again; who changes how they are counted must."""
    grade_pairs(tmp_path / "pairs.json")
    made, there = ({*_graded(folder / "pairs.json")} for folder in (tmp_path, FOLDER))
    assert len(made & there) > 0.95 * max(len(made), len(there))
    assert ("3", "退款") in there
    assert "听雨" not in {pair for _, pair in there}


def _graded(file: Path) -> Iterator[tuple[str, str]]:
    table = json.loads(file.read_text("utf-8"))
    return ((grade, one + two) for grade, of in table.items() for one, others in of.items() for two in others)


def test_a_character_is_graded_by_how_much_more_often_names_have_it_than_other_words() -> None:
    names = [f"王{middle}{last} 1 nr" for middle in "小晓" for last in "兰芳"]
    made = graded([*names, "张兰 3 nr", "李兰 3 nr", "小 9000 a", "芳 10 n", "时王 5 n", "无名 2 n"])
    assert "晓" in made["middle"]["4"]
    assert "小" in made["middle"]["1"] + made["middle"]["2"]
    assert {"兰", "芳"} <= set(made["last"]["4"])
    assert made["single"] == {"1": "", "2": "", "3": "", "4": "兰"}
    assert "王" in made["family"]["4"]
    assert "名" not in "".join(made["last"].values())
