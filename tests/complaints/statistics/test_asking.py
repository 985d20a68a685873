"""Questions in words: what each is read as, and what is said instead of a guess."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from complaints.statistics import find_statistic
from complaints.statistics.asking import LONGEST, NotUnderstood, Reading, read_question
from complaints.statistics.figures import GROUPS, NARROWED_BY, crossed, read_narrowed, write_narrowed

TODAY = date(2026, 11, 30)
OFFICES = {"东湖高新区市场监管一所": "o1", "一所": "o1", "二所": "o2", "三所": "", "区局": "below:o3"}
QUESTIONS = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("questions.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def read(question: str) -> tuple[str, ...]:
    try:
        told = read_question(question, TODAY, OFFICES)
    except NotUnderstood as no:
        return "?", no.why, "|".join(no.words)
    days = f"{told.period.first}", f"{told.period.last}"
    return told.statistic, *days, told.by, told.against, told.office or "-", write_narrowed(told.only) or "-"


def test_two_hundred_questions_are_read_as_a_person_read_them() -> None:
    assert len(QUESTIONS) >= 200
    assert {question: read(question) for question, *_ in QUESTIONS} == {
        question: tuple(reading) for question, *reading in QUESTIONS
    }


@given(
    st.lists(
        st.sampled_from([*(q for q, *_ in QUESTIONS), "“x”", "zz", "年", "月", "比", "13月", "第9季度"]), max_size=4
    )
)
def test_whatever_is_asked_a_reading_is_one_of_our_definitions_or_there_is_none(pieces: list[str]) -> None:
    try:
        told = read_question("".join(pieces), TODAY, OFFICES)
    except NotUnderstood:
        return
    assert find_statistic(told.statistic)
    assert told.by in GROUPS or crossed(told.by)
    assert all(by in NARROWED_BY for by, _ in told.only)
    assert read_narrowed(write_narrowed(told.only)) == told.only


def test_a_word_is_told_one_meaning_only() -> None:
    def words(under: Any) -> list[str]:
        return under if isinstance(under, list) else [word for one in under.values() for word in words(one)]

    known = tomllib.loads(files("complaints.statistics").joinpath("asking.toml").read_text("utf-8"))
    assert [word for word, times in Counter(words(known)).items() if times > 1] == []


def test_a_period_that_is_read_is_one_that_pages_show() -> None:
    for question in ("近11年投诉", "1989年投诉", "去年3月5日到1日", "13月投诉"):
        with pytest.raises(NotUnderstood) as no:
            read_question(question, TODAY, OFFICES)
        assert no.value.why == "period", question


def test_each_word_is_used_or_known_to_say_nothing() -> None:
    told = read_question("上个月健身房退费比去年多吗，主要是哪几家？", TODAY, OFFICES)
    assert isinstance(told, Reading)
    assert [term.words for term in told.terms] == ["上个月", "健身房", "退费", "比", "去年", "多吗", "哪几家"]


def test_where_no_period_is_named_it_is_this_year_so_far_and_that_is_said() -> None:
    told = read_question("受理了多少", TODAY, OFFICES)
    assert (told.period.first, told.period.last) == (date(2026, 1, 1), TODAY)
    assert told.assumed == ("period",)


@pytest.mark.parametrize(("question", "why"), [("", "empty"), ("  ", "empty"), ("多" * (LONGEST + 1), "long")])
def test_nothing_and_too_much_are_no_question(question: str, why: str) -> None:
    with pytest.raises(NotUnderstood) as no:
        read_question(question, TODAY, OFFICES)
    assert no.value.why == why


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("industry:H62;channel:hotline,12315", (("industry", ("H62",)), ("channel", ("hotline", "12315")))),
        ("office:o2;month:2026-01;said:", ()),
        (";;:,,;said: 退费 ,", (("said", ("退费",)),)),
        ("problem:" + ",".join(f"p{n}" for n in range(40)), (("problem", tuple(f"p{n}" for n in range(12))),)),
    ],
)
def test_of_an_address_only_what_is_known_is_taken_and_not_too_much(address: str, kept: object) -> None:
    assert read_narrowed(address) == kept
