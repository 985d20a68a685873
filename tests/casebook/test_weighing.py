"""What names are told by: lists of words and clues. How weights and grades are made: `tests/bench/test_training.py`."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from casebook.deidentifying import any_of, tagger

WORDS = files("casebook.deidentifying") / "words"
BY_FREQUENCY = "common_surnames"
CHARACTERS = ("common_surnames", "rare_surnames", "surnames_also_words", "not_given")


def lists() -> dict[str, list[str]]:
    tables = {file.name: tomllib.loads(file.read_text("utf-8")) for file in WORDS.iterdir()}
    return {
        f"{file}: {name}": list("".join(text.split())) if name in CHARACTERS else text.split()
        for file, table in tables.items()
        for name, text in table.items()
    }


@pytest.mark.parametrize("name", lists())
def test_a_list_has_each_word_once_in_order(name: str) -> None:
    words = lists()[name]
    assert len(set(words)) == len(words) > 1
    if not name.endswith(BY_FREQUENCY):
        assert words == sorted(words)


def test_of_words_that_begin_alike_the_longest_is_taken() -> None:
    assert any_of(["老板", "店", "老板娘"]) == "老板娘|老板|店"


def test_it_is_a_clue_whether_a_character_follows_another_in_texts_that_name_nobody() -> None:
    tea, odd = tagger.clues("我去退款", ())[2], tagger.clues("去听雨", ())[1]
    assert any(clue[0] == "q" and clue.endswith(",3w") for clue in tea)
    assert any(clue[0] == "q" and clue.endswith(",0") for clue in odd)
    assert all(grade in (1, 2, 3) and len(pair) == 2 for pair, grade in tagger.ordinary().items())


def test_runs_of_signs_beside_each_other_are_no_clues_to_each_of_their_characters() -> None:
    every = tagger.clues("-" * 2_000 + "a" * 2_000 + "中", ())
    assert max(len(clue) for one in every for clue in one) < 40
    assert "w+退款E" in tagger.clues("要求退款", ())[1]
