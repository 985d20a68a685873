"""Triage suggests, gives its reasons, and decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from complaints import BadChoice, vocabulary
from complaints.commands import Register
from complaints.complaint import evolve
from complaints.decisions import decide
from complaints.record.industries import DIVISIONS
from complaints.record.places import Jurisdiction
from complaints.triage import IGNORE, LISTS, SURE, ConfirmTriage, Submission, TriageConfirmed, triage, word_list
from tests.complaints.record.test_record import FULL
from tests.tools.bench.triage import accuracy, written

NOW = datetime(2026, 6, 9, tzinfo=UTC)
FACTS = "在火锅店吃饭，六岁的女儿被热汤烫伤，要求赔偿医药费。"


def test_each_suggestion_says_which_words_led_to_it_and_where_they_stand() -> None:
    told = triage(Submission(facts=FACTS))
    assert told.industry[0].value == "H62"
    assert told.problem[0].value == "safety"
    assert {one.value for one in told.urgency} == {"children", "injury"}
    assert [one.value for one in told.requests] == ["damages"]
    for suggestions in (told.industry, told.problem, told.urgency, told.requests):
        for one in suggestions:
            assert 0 < one.confidence < 1
            assert one.mentions
            for mention in one.mentions:
                assert FACTS[mention.start : mention.end] == mention.word


@given(st.text(max_size=300))
def test_whatever_is_written_every_mention_is_really_there(text: str) -> None:
    told = triage(Submission(title=text, request=text, facts=text, business=text, place=text))
    for suggestions in (told.industry, told.problem, told.requests, told.urgency, told.division, told.reports):
        for one in suggestions:
            assert all(text[mention.start : mention.end] == mention.word for mention in one.mentions)
            assert 0 < one.confidence < 1


def test_a_text_without_a_sign_leads_to_no_suggestion() -> None:
    told = triage(Submission(facts="你好，请问怎么办。"))
    every = (told.industry, told.problem, told.requests, told.urgency, told.jurisdiction, told.reports)
    assert not any(every)


def test_what_is_denied_is_not_urgent() -> None:
    assert not triage(Submission(facts="幸好没有受伤，商家态度也好。")).urgency
    assert [one.value for one in triage(Submission(facts="手指受伤了。")).urgency] == ["injury"]


def test_in_the_account_a_request_counts_only_where_it_is_asked_for() -> None:
    assert not triage(Submission(facts="商家拒绝退款。")).requests
    assert [one.value for one in triage(Submission(facts="商家拒绝。要求退款。")).requests] == ["refund"]
    assert [one.value for one in triage(Submission(request="退款")).requests] == ["refund"]


def test_an_eighteen_year_old_is_no_child_and_seventy_is_old() -> None:
    def whom(text: str) -> list[str]:
        return [one.value for one in triage(Submission(facts=text)).urgency]

    assert whom("我今年十八岁。") == whom("我今年28岁。") == []
    assert whom("今年8岁。") == ["children"]
    assert whom("父亲今年76岁。") == whom("七十多岁的母亲。") == ["elderly"]


def test_a_mixed_submission_is_noticed() -> None:
    assert triage(Submission(request="退款，并请查处其无证经营")).reports[0].words == ("查处", "无证经营")


def test_the_place_leads_to_the_area_by_name_before_division() -> None:
    zone = Jurisdiction("zone", "office-1", "光谷", (), ("光谷步行街", "东湖高新"))
    county = Jurisdiction("county", "office-2", "洪山", ("420111",), ())
    city = Jurisdiction("city", "office-3", "市局", ("420100",), ())

    def whose(place: str) -> list[str]:
        return [one.value for one in triage(Submission(place=place), [city, county, zone]).jurisdiction]

    assert whose("武汉市洪山区光谷步行街3号")[0] == "zone"
    assert whose("武汉市洪山区珞喻路")[0] == "county"
    assert whose("武汉市江岸区")[0] == "city"
    assert whose("长沙市岳麓区") == []


def test_the_lists_speak_only_for_values_there_are() -> None:
    known = {
        "industry": set(DIVISIONS),
        "problem": set(vocabulary.PROBLEMS),
        "request": set(vocabulary.REQUESTS) | {IGNORE},
        "urgency": set(vocabulary.URGENCIES) | {IGNORE},
        "report": {"report"},
    }
    for name in LISTS:
        assert set(word_list(name).words) <= known[name]
    for rule in word_list("problem").extra["otherwise"]:
        assert rule.split()[2] in vocabulary.PROBLEMS


def test_the_written_sentences_use_values_there_are_and_the_lists_do_not_get_worse() -> None:
    sets = written()
    assert len(sets["tuned"]) >= 150
    assert len(sets["fresh"]) >= 50
    assert min(len(sets["stranger"]), len(sets["kept"])) >= 200
    assert len({row.submission.facts for rows in sets.values() for row in rows}) == sum(map(len, sets.values()))
    for row in (row for rows in sets.values() for row in rows):
        assert row.industry in DIVISIONS
        assert row.problem in vocabulary.PROBLEMS
        assert (row.requests or set()) <= set(vocabulary.REQUESTS)
        assert (row.urgency or set()) <= set(vocabulary.URGENCIES)
    tuned, fresh = accuracy(sets["tuned"]), accuracy(sets["fresh"])
    assert tuned["industry_share"] >= 0.95
    assert tuned["problem_share"] >= 0.85
    assert fresh["requests_share"] >= 0.85
    assert fresh["urgency_share"] >= 0.85
    assert fresh["industry_right_when_sure_share"] >= 0.8


def test_a_confirmation_is_an_event_and_the_record_says_what_was_confirmed() -> None:
    complaint = evolve(None, decide(Register(FULL), None, NOW)[0], NOW)
    wanted = ConfirmTriage("6210", "safety", ("damages",), ("children",), "武汉市洪山区", "zone", changed=("division",))
    (event,) = decide(wanted, complaint, NOW)
    assert event == TriageConfirmed(
        "H6210", "safety", ("damages",), ("children",), "420111", "zone", changed=("division",)
    )
    after = evolve(complaint, event, NOW)
    assert (after.record.industry_code, after.record.problem_class) == ("H6210", "safety")
    assert (after.record.division, after.record.urgency) == ("420111", ("children",))
    assert after.state is complaint.state
    assert decide(wanted, after, NOW) == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("industry_code", ConfirmTriage(industry_code="Z99")),
        ("problem_class", ConfirmTriage(problem_class="magic")),
        ("requests", ConfirmTriage(requests=("refund", "refund"))),
        ("urgency", ConfirmTriage(urgency=("boredom",))),
        ("division", ConfirmTriage(division="朝阳区")),
        ("changed", ConfirmTriage(changed=("number",))),
    ],
)
def test_a_value_outside_the_vocabulary_is_not_confirmed(field: str, wrong: ConfirmTriage) -> None:
    complaint = evolve(None, decide(Register(FULL), None, NOW)[0], NOW)
    with pytest.raises(BadChoice) as refused:
        decide(wrong, complaint, NOW)
    assert refused.value.params == {"field": field}


def test_where_no_listed_word_speaks_pairs_of_characters_do_with_their_reason_and_never_surely() -> None:
    text = "充电宝半夜鼓得像馒头，把床单烧出个洞。"
    told = triage(Submission(facts=text))
    best = told.problem[0]
    assert best.confidence < SURE
    assert best.mentions
    assert all(text[one.start : one.end] == one.word for one in best.mentions)
    assert triage(Submission(facts="……")).problem == []
