"""What is found for a question, in which order and why; how good that is by the grades given by hand."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import mean

import pytest
from hypothesis import given, strategies as st

from casebook.search import (
    RULES,
    CaseQuestion,
    IndexSize,
    Ranked,
    Rule,
    asked,
    collapsed,
    near_copies,
    plan,
    ranked,
)
from casebook.search.entries import (
    concepts,
    digests,
    entry,
    impact_table,
    listed_entry,
    mended,
    plain,
    said,
    segments,
    split,
    terms,
)
from casebook.starter import PREFIX, starter
from law.catalogue import Days
from law.library import library
from server.casebook.case_index_store import question_of_complaint, typed_question
from tests.tools.data.grades import ndcg, written

DAYS = Days.both(date(2026, 5, 1))
LISTED = [listed_entry(case) for case in starter().values()]
ENTRIES = [one.entry for one in LISTED]
NUMBERS = IndexSize.of(LISTED)


def found(question: CaseQuestion, most: int = 10, without: Collection[Rule] = ()) -> list[Ranked]:
    return ranked(question, ENTRIES, NUMBERS, most, without)


def first(words: str) -> str:
    return found(typed_question(library(), words, DAYS))[0].entry.id.removeprefix(PREFIX)


@pytest.mark.parametrize(
    ("words", "case"),
    [
        ("储值卡 换老板", "hair-card-new-owner"),
        ("老板卷款跑路 健身房", "gym-closed"),
        ("消费欺诈 三倍赔偿 羽绒服", "fake-down-jacket"),
        ("诚意金", "earnest-or-advance"),
        ("Kitten ill", "pet-sick-week"),
        ("缺斤短两", "seafood-short-weight"),
        ("猫", "pet-sick-week"),
        ("拆了封还能退吗", "opened-box-return"),
        ("健身房关了门", "gym-closed"),
    ],
)
def test_words_that_mean_the_same_lead_to_the_same_case(words: str, case: str) -> None:
    assert first(words) == case


def test_earnest_money_and_advance_are_told_apart_but_found_together() -> None:
    ids = [one.entry.id.removeprefix(PREFIX) for one in found(asked("定金", library(), DAYS))]
    assert ids[0] == "earnest-double-car"
    assert "earnest-or-advance" in ids
    advance = found(asked("诚意金", library(), DAYS))
    kinds = {one.entry.id.removeprefix(PREFIX): one.why[0].kind for one in advance}
    assert kinds["earnest-double-car"] == "also"


def test_a_citation_finds_the_cases_that_rest_on_it_and_says_so() -> None:
    hits = found(asked("消法第55条", library(), DAYS))
    assert hits
    assert all("consumer-55" in one.entry.articles for one in hits)
    assert {(reason.kind, reason.value) for reason in hits[0].why} >= {("article", "consumer-55")}


def test_nothing_is_found_for_words_no_case_has() -> None:
    assert found(asked("阿拉斯加雪橇", library(), DAYS)) == []
    assert not asked("  ！？ ", library(), DAYS)


def test_a_complaint_finds_its_like_by_class_words_articles_and_amount_and_names_each() -> None:
    question = question_of_complaint(
        library(), "健身房停业", "退还余额", "办了一年的健身卡，门店关门，老板联系不上。", "contract", "R8930",
        Decimal("5000"), DAYS,
    )  # fmt: skip
    best = found(question)[0]
    assert best.entry.id == "sample-gym-closed"
    assert {reason.kind for reason in best.why} >= {"word", "industry", "problem"}
    every = {reason.kind for one in found(question) for reason in one.why}
    assert every >= {"article", "amount"}


def test_of_two_cases_alike_the_one_of_nearer_amount_comes_first_and_an_own_before_a_sample() -> None:
    near, far = (replace(ENTRIES[0], id=name, claimed=sum_) for name, sum_ in (("near", 500_000), ("far", 40_000)))
    question = CaseQuestion((), trades=(("R8930", 1.0),), problems=(("contract", 1.0),), amount=480_000, like=True)
    assert [one.entry.id for one in ranked(question, [far, near], NUMBERS, 5)] == ["near", "far"]
    own = replace(near, id="zz-own", sample=False)
    assert [one.entry.id for one in ranked(question, [near, own], NUMBERS, 5)] == ["zz-own", "near"]


def test_a_doubtful_class_still_tells_and_none_decides_alone() -> None:
    gym, hotel = (replace(ENTRIES[0], id=code, industry=code) for code in ("R8930", "H6110"))
    doubtful = CaseQuestion((), trades=(("H6110", 0.5), ("R8930", 0.3)), like=True)
    both = {one.entry.id: one.score for one in ranked(doubtful, [gym, hotel], NUMBERS, 5)}
    assert both["H6110"] > both["R8930"] > both["H6110"] / 2


def test_a_complaint_nobody_has_classed_is_looked_up_in_every_likely_trade() -> None:
    question = question_of_complaint(
        library(), "", "", "买的那个用了两天就不行了，师傅说要另外收钱", "", "", None, DAYS
    )
    assert len(question.trades) > 1
    assert question.trades[0][1] < 0.9
    assert sum(share for _, share in question.trades) <= 1


def test_goods_are_met_by_another_word_for_them_but_for_two_kinds_of_earnest_money() -> None:
    by_word = [{concept for one in said(text) for concept in one.concepts} for text in ("席梦思塌了", "乳胶垫塌了")]
    assert "thing 床垫" in by_word[0] & by_word[1]
    assert "thing 定金" not in concepts()  # the list of synonyms knows 定金 from 诚意金


def test_the_order_does_not_depend_on_the_order_cases_come_in() -> None:
    question = typed_question(library(), "预付款退费", DAYS)
    backwards = ranked(question, ENTRIES[::-1], NUMBERS, 20)
    assert [one.entry.id for one in backwards] == [one.entry.id for one in found(question, 20)]


@pytest.mark.parametrize(("group", "least"), [("written", 0.93), ("held", 0.82), ("alike", 0.95)])
def test_the_grades_given_by_hand_are_met(group: str, least: float) -> None:
    assert mean(measured(group)) >= least


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "amount"])
def test_every_rule_of_ranking_earns_its_place(rule: Rule) -> None:
    gains = [mean(measured(group)) - mean(measured(group, rule)) for group in ("written", "held", "alike")]
    assert max(gains) > 0.001
    assert sum(gains) > 0


@functools.cache
def measured(group: str, *without: Rule) -> list[float]:
    return [
        ndcg([one.entry.id for one in found(question, 10, without)], grades) for question, grades in questions(group)
    ]


@functools.cache
def questions(group: str) -> list[tuple[CaseQuestion, Mapping[str, int]]]:
    """Each is worked out once and ranked with and without every rule."""
    every = []
    for graded in written():
        if group == ("alike" if not graded.ask else "held" if graded.held else "written"):
            if graded.ask:
                question = typed_question(library(), graded.ask, DAYS)
            else:
                amount = None if graded.amount is None else Decimal(graded.amount) / 100
                question = question_of_complaint(
                    library(), graded.title, graded.request, graded.facts, graded.problem, graded.industry, amount, DAYS
                )
            every.append((question, graded.grades))
    return every


def test_there_are_sixty_graded_questions_and_all_grade_cases_that_exist() -> None:
    assert sum(bool(graded.ask) for graded in written()) >= 60
    assert all(graded.grades and graded.grades.keys() <= starter().keys() for graded in written())


def test_a_perfect_order_is_worth_one_and_the_opposite_less() -> None:
    grades = {"a": 3, "b": 1}
    assert ndcg(["a", "b"], grades) == 1.0
    assert ndcg(["b", "a"], grades) == pytest.approx(0.7098, abs=1e-4)
    assert ndcg(["c"], grades) == 0.0


@given(st.text(max_size=60))
def test_any_text_can_be_asked_and_its_tokens_suit_both_indexes(text: str) -> None:
    question = asked(text, library(), DAYS)
    for step in plan(question, NUMBERS):
        for either in step:
            assert either
            assert all(token.isalnum() and token == token.lower() for token in either)
    assert all(token.isalnum() for token in segments(text, searched=True))
    found(question)


def test_rare_characters_become_tokens_every_index_takes() -> None:
    assert plain("𠮷野") == "u20bb7野"


def test_no_word_of_the_groups_is_lost_behind_a_longer_one_of_its_own_group() -> None:
    for concept in concepts().values():
        for word in concept.words:
            assert any(concept.id in one.concepts for one in said(word)), (concept.id, word)


def test_an_entry_keeps_impacts_below_a_hundred_and_the_title_says_most() -> None:
    said = terms(starter()[PREFIX + "gym-closed"])
    assert all(0 < impact < 100 for impact in said.values())
    assert said["健身房"] > said["招牌"]


def test_what_is_packed_of_many_cases_is_read_again_token_by_token() -> None:
    said = {case.id: terms(case) for case in starter().values()}
    asked_for = ["nobody", *sorted({token for each in said.values() for token in each})[::7], "退款"]
    read = impact_table([one.impacts for one in ENTRIES], asked_for)
    for at, one in enumerate(ENTRIES):
        assert read[at].tolist() == [said[one.id].get(token, 0) for token in asked_for]
        assert len(digests(one.impacts)) == len(said[one.id])
    assert impact_table([], ["退款"]).shape == (0, 1)
    assert impact_table([b""], ["退款"]).tolist() == [[0]]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("拆了封", "拆封"),
        ("拆过封的", "拆封的"),
        ("退不了款", "退款"),
        ("办了卡店就关了门", "办了卡店就关门"),
        ("超过期限", "超过期限"),
        ("通过程序", "通过程序"),
        ("除了钱", "除了钱"),
        ("为了解决", "为了解决"),
        ("没有完成交易", "没有完成交易"),
    ],
)
def test_a_word_the_speaker_split_is_put_together_and_an_ordinary_one_stays(text: str, whole: str) -> None:
    assert mended(text) == whole
    assert split(text) == ([] if text == whole else split(text))


def test_a_case_that_tells_it_split_is_found_by_the_word() -> None:
    assert "关门" in terms(replace(starter()[PREFIX + "gym-closed"], facts="会员办卡后门店关了门。"))


def test_near_copies_stand_behind_the_best_of_them_and_are_counted() -> None:
    gym = starter()[PREFIX + "gym-closed"]
    copies = [entry(replace(gym, id=f"copy-{n}", claimed=Decimal(1000 + n), days=n)) for n in range(4)]
    every = [*ENTRIES, *copies]
    question = typed_question(library(), "健身房跑路怎么退钱", DAYS)
    listed = ranked(question, every, NUMBERS, 40)
    assert sum(one.entry.id.startswith("copy-") for one in listed[:5]) == 4, "they crowd the list"
    shown = collapsed(listed, 5)
    assert shown[0].alike == 4
    assert sum(near_copies(shown[0].entry, one.entry) for one in shown[1:]) == 0
    assert [one.entry.id for one in collapsed(found(question), 10)] == [one.entry.id for one in found(question)], (
        "samples are no copies of each other"
    )


def test_another_trade_is_no_copy_however_alike_the_words() -> None:
    gym = starter()[PREFIX + "gym-closed"]
    assert near_copies(entry(gym), entry(replace(gym, id="x")))
    assert not near_copies(entry(gym), entry(replace(gym, id="x", industry="O8040")))
    assert not near_copies(entry(gym), ENTRIES[1])
