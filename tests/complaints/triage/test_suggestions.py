"""Triage suggests, gives its reasons, and decides nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, strategies as st

import complaints
from complaints import BadChoice
from complaints.commands import Register
from complaints.complaint import evolve
from complaints.decisions import decide
from complaints.record.industries import DIVISIONS
from complaints.record.places import Jurisdiction
from complaints.triage import (
    IGNORE,
    LISTS,
    ConfirmTriage,
    Submission,
    TriageConfirmed,
    finer,
    finer_names,
    triage,
    word_list,
)
from complaints.triage.learned import Vocabulary, Weights, Zone, learned, read
from tests.complaints.record.test_record import FULL
from tests.tools import triage_weights
from tests.tools.bench.triage import accuracy, written
from tests.tools.triage_texts import Lesson, complaints_told

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


def test_twelve_months_are_no_crowd() -> None:
    def many(text: str) -> bool:
        return "mass" in [one.value for one in triage(Submission(facts=text)).urgency]

    assert not many("办了12个月的卡，还剩36个课时。")
    assert many("我们12个家长都没退到钱。")
    assert many("全楼158户都这样。")


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
        "problem": set(complaints.PROBLEMS),
        "request": set(complaints.REQUESTS),
        "urgency": set(complaints.URGENCIES),
        "report": {"report"},
    }
    for name in LISTS:
        assert set(word_list(name).words) <= known[name] | {IGNORE}
    model = learned().questions
    assert set(model["industry"].values) <= set(DIVISIONS)
    assert set(model["problem"].values) == set(complaints.PROBLEMS)
    assert set(model["request"].values) == set(complaints.REQUESTS)


def test_the_model_was_made_of_the_words_and_complaints_that_are_there() -> None:
    """`python -m tests.tools.triage_weights` makes it again."""
    assert learned().made == triage_weights.made_of()


@pytest.mark.long
def test_the_same_words_and_complaints_make_the_same_model() -> None:
    again, now = triage_weights.parsed_again("request"), learned()
    for feature, place in again.features.items():
        made = again.questions["request"].rows[place]
        assert abs(now.questions["request"].rows[now.features[feature]] - made).max() < 0.1, feature


def test_the_written_sentences_use_values_there_are_and_what_was_learned_is_known() -> None:
    sets = written()
    assert len(sets["tuned"]) >= 150
    assert len(sets["fresh"]) >= 50
    assert min(len(sets["stranger"]), len(sets["kept"])) >= 200
    assert len(sets["unseen"]) >= 100
    assert len({row.submission.facts for rows in sets.values() for row in rows}) == sum(map(len, sets.values()))
    for row in (row for rows in sets.values() for row in rows):
        assert row.industry in DIVISIONS
        assert row.problem in complaints.PROBLEMS
        assert (row.requests or set()) <= set(complaints.REQUESTS)
        assert (row.urgency or set()) <= set(complaints.URGENCIES)
    # What was learned from says only that it was learned; `yuntiao bench triage` measures on what was not.
    stranger = accuracy(sets["stranger"])
    assert stranger["industry_share"] >= 0.95
    assert stranger["problem_share"] >= 0.95
    assert stranger["requests_share"] >= 0.95
    assert stranger["urgency_share"] >= 0.85


def test_what_12315_calls_it_is_told_within_its_class_and_rolls_up_to_it() -> None:
    def called(text: str, problem: str) -> str:
        name = finer(Submission(facts=text), problem)
        return "" if name is None else name.zh

    assert called("健身房锁门了，老板跑路，年卡还有半年。", "contract") == "关门停业"
    assert called("看房交的定金不退。", "contract") == "订金定金"
    assert called("面包里吃出一截铁丝。", "safety") == "食品中有异物"
    assert called("你好。", "safety") == ""
    theirs = json.loads((files("complaints.channels") / "builtin" / "words_12315.json").read_text("utf-8"))["problems"]
    for problem, names in finer_names().items():
        assert {name.zh for name in names} <= set(theirs[problem])


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


def test_what_was_bought_decides_the_trade_and_not_where() -> None:
    def trade(text: str) -> str:
        return triage(Submission(facts=text)).industry[0].value

    assert trade("在商场里的健身房办了年卡，教练都走了，要求退卡。") == "R89"
    assert trade("小区门口的理发店把我头发烫坏了。") == "O80"
    assert trade("医院对面的水果店卖给我的西瓜是馊的。") == "F52"


def test_one_thing_bought_repaired_and_rented_is_of_three_trades() -> None:
    def trade(text: str) -> str:
        return triage(Submission(facts=text)).industry[0].value

    assert trade("店里买的投影仪用了三天就黑屏，退货。") == "F52"
    assert trade("投影仪送去修，换了灯泡第二天又黑屏，重新修好。") == "O81"
    assert trade("租的投影仪开机就黑屏，租金退给我。") == "L71"


def test_a_word_within_the_name_of_a_thing_does_not_tell_its_trade() -> None:
    def trade(text: str) -> str:
        return triage(Submission(facts=text)).industry[0].value

    assert trade("买的染发膏抹上去头皮痒，退。") == "F52"
    assert trade("理发店染发染得头皮痒，退。") == "O80"
    assert trade("按摩椅坐了两天就不动了，退货。") == "F52"
    assert trade("速冻饺子一袋里半袋是碎的，退。") == "F52"


def test_what_is_done_with_a_thing_tells_the_trade_without_its_name() -> None:
    def trade(text: str) -> str:
        return triage(Submission(facts=text)).industry[0].value

    assert trade("收音机拿去让他换了个旋钮，第二天旋钮又掉了，重新弄好。") == "O81"
    assert trade("收音机拆封第二天旋钮就掉了，退货。") == "F52"
    assert trade("收音机寄出去到了少了一个旋钮，箱子是重新封过的，赔。") == "G60"


def test_whom_a_letter_greets_does_not_take_the_place_of_what_it_is_about() -> None:
    plain = triage(Submission(facts="健身房办的两年卡，店关了，要求退钱。")).industry[0]
    greeted = triage(Submission(facts="尊敬的市长您好！来电人反映：健身房办的两年卡，店关了，要求退钱。")).industry[0]
    assert greeted.value == plain.value == "R89"
    # But for 的, which stands in the greeting first.
    weights = [sum(one.weight for one in told.mentions) for told in (greeted, plain)]
    assert weights[0] == pytest.approx(weights[1], rel=0.02)


def test_what_is_not_sure_never_has_the_figure_of_what_is() -> None:
    for question in ("industry", "problem"):
        told = [
            getattr(triage(row.submission), question)[:1]
            for name in ("tuned", "stranger", "held_out")
            for row in written()[name]
        ]
        sure, unsure = ([one.confidence for (one,) in filter(None, told) if one.sure is way] for way in (True, False))
        assert max(unsure) < min(sure)


def test_what_is_measured_only_is_not_learned_from() -> None:
    learned_from = {one.text for one in complaints_told()}
    for name in ("kept", "unseen"):
        assert learned_from.isdisjoint(row.submission.facts for row in written()[name])


def heard(unheard: float, blotted: float, times: int) -> list[triage_weights.Table]:
    """Of thirty lessons of a hundred characters, each of which is read in two features."""
    recipe = replace(triage_weights.RECIPES["industry"], unheard=unheard, blotted=blotted)
    features = {str(n): 1.0 for n in range(200)}
    spans = {str(n): (n // 2, n // 2 + 1) for n in range(200)}
    whole = triage_weights.table([features] * 30, {str(n): n for n in range(200)}, [spans] * 30)
    chance = np.random.default_rng(1)
    return [whole.heard(recipe, chance) for _ in range(times)]


def test_what_is_heard_of_lessons_is_another_part_each_time() -> None:
    some, other = heard(0.5, 0.0, 2)
    ones, by_row = np.ones((200, 1), np.float32), np.ones((30, 1), np.float32)
    assert 0.4 < len(some.value) / 6_000 < 0.6
    assert some.times(ones).mean() == pytest.approx(100, rel=0.05)
    assert some.times(ones).sum() == pytest.approx(some.back(by_row).sum())
    assert (some.back(by_row) != other.back(by_row)).any()


def test_of_a_stretch_that_is_blotted_out_nothing_is_heard() -> None:
    some, other = heard(0.0, 0.3, 2)
    assert 0.6 < len(some.value) / 6_000 < 0.8
    for one in (some, other):
        assert ((one.column[::2] // 2) == (one.column[1::2] // 2)).all()  # both of a character, or neither
    first = [set(one.column[one.row == 0]) for one in (some, other)]
    assert first[0] != first[1]
    assert len({frozenset(some.column[some.row == at]) for at in range(30)}) > 20  # others in each lesson


def test_a_text_that_is_told_at_length_is_no_second_text() -> None:
    once, again = (
        Lesson((), (), {"problem": frozenset({"quality"})}, of="written", again=more) for more in (False, True)
    )
    rows = [{"烩面": 1.0, "里": 1.0}, {"里": 1.0}, {"里": 1.0}, {"烩面": 1.0}, {"烩面": 1.0}]
    asked = triage_weights.Question(
        triage_weights.RECIPES["problem"], ("quality",), [once, once, once, again, again], rows, (), (), (), {}
    )
    assert list(asked.vocabulary([False] * 5)) == ["里"]


def test_few_right_ones_make_nothing_sure() -> None:
    surely = triage_weights.surely(np.array([30, 296, 300]), np.array([30, 300, 300]))
    assert surely[0] < 0.97
    assert surely[1] > 0.97
    assert surely[2] > surely[1]


def test_one_account_is_of_another_class_by_what_went_wrong() -> None:
    def problem(text: str) -> str:
        return triage(Submission(facts=text)).problem[0].value

    assert problem("理发说好六十，剪完要收一百八，多收的退给我。") == "price"
    assert problem("理发店说总监亲自剪，来的是学徒，根本没有总监，退钱。") == "publicity"
    assert problem("理发店充的六百没用完就关门了，退剩下的。") == "contract"
    assert problem("理发剪得一边长一边短，给我重新修。") == "quality"
    assert problem("理发剪刀把耳朵剪破了，缝了两针，药费要他出。") == "safety"


def test_what_is_asked_for_decides_over_rude_words_beside_it() -> None:
    told = triage(Submission(facts="学费的事去找校长，校长骂我没素质，我也不计较，把没上的课的钱退给我就行。"))
    assert told.problem[0].value == "contract"
    assert [one.value for one in told.requests] == ["refund"]
    told = triage(Submission(facts="店员当着大家的面骂我没素质，我不要钱，要她给我道歉。"))
    assert told.problem[0].value == "dignity"
    assert [one.value for one in told.requests] == ["apology"]


def test_of_several_sentences_the_surest_says_more_and_one_says_as_much_as_the_whole() -> None:
    rows = np.array([[8, 0], *[[0, 1.7]] * 5], np.float32)

    known = {word: n for n, word in enumerate(("病倒", "拖着", "等着", "推给", "不理", "再说"))}

    def likeliest(kind: str, text: str) -> str:
        spots = read([Zone("facts", text, 0.0, 1.0)], Vocabulary(known.get, {})).matter
        trust = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
        asked = Weights(("safety", "contract"), kind, 1.0, 0.9, trust, np.zeros(2, np.float32), rows, rows.sum(1))
        return asked.suggest(spots)[0].value

    assert likeliest("one", "。".join(known)) == "contract"
    assert likeliest("sentences", "。".join(known)) == "safety"
    assert likeliest("sentences", "".join(known)) == "contract"


def test_english_is_understood() -> None:
    text = "The gym closed last week and I have a year left on my membership. I want my money back."
    told = triage(Submission(facts=text))
    assert told.industry[0].value == "R89"
    assert told.problem[0].value == "contract"
    assert [one.value for one in told.requests] == ["refund"]
    assert any("gym" in word for word in told.industry[0].words)


def test_what_is_hardly_told_is_suggested_but_not_as_sure() -> None:
    told = triage(Submission(facts="那个东西弄得我一家人都不高兴，给个说法。"))
    for suggestions in (told.industry, told.problem):
        assert not any(one.sure for one in suggestions)


def test_a_choice_is_sure_only_with_words_that_say_so() -> None:
    told = triage(Submission(facts="理发店办的剪发卡还剩八百，店门锁了，老板电话打不通，要求退卡里的钱。"))
    assert told.industry[0].sure
    assert told.problem[0].sure
    assert told.industry[0].words[0].startswith("理发")
