from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from rooms import commands as c
from rooms.record.minutes import Minutes, minutes, numeral
from rooms.vocabulary import Capacity, Opening, Outcome, OutcomeKind, Phase, Side
from tests.rooms.agreement.test_agreeing import agree, agreed, drafted
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, Scene, live


def closed(scene: Scene, outcome: Outcome | None = None) -> Minutes:
    scene.ask(c.ProposeAgreed() if outcome is None else c.ProposeOutcome(outcome))
    scene.ask(c.Close("双方均已知晓"))
    return minutes(scene.history)


def texts(made: Minutes) -> list[str]:
    return [step.text for step in made.steps]


def test_the_record_says_when_by_whom_how_and_with_whom() -> None:
    scene = live().bring("s-i")
    scene.ask(c.CoverOpening(Opening.RECUSAL))
    scene.ask(c.EnterPhase(Phase.DISCUSSION))
    scene.wait(minutes=20)
    made = closed(scene, Outcome(OutcomeKind.NOT_SETTLED, note="对退款比例分歧较大"))
    assert (made.number, made.ordinal, made.cause) == ("东高一投〔2026〕12号", 1, "积分退款")
    assert made.began == scene.state.opened
    assert made.ended == scene.now
    assert made.host == made.note_taker == "李调解"
    assert made.mode == "网络音视频调解"
    assert [(person.name, person.side) for person in made.parties] == [
        ("陈女士", Side.CONSUMER),
        ("周经理", Side.BUSINESS),
    ]
    assert [person.name for person in made.others] == ["译员"]
    assert texts(made)[:2] == ["李调解主持，调解开始。", "进入开场。"]
    assert "询问是否申请回避。" in texts(made)
    assert "投诉人陈女士到场。" in texts(made)
    assert made.reason == "对退款比例分歧较大"
    assert [step.at for step in made.steps] == sorted(step.at for step in made.steps)


def test_a_failure_holds_facts_and_claims_and_not_a_word_of_what_was_offered() -> None:
    scene = drafted()
    scene.ask(c.PutFact(text="3月2日付款3,000.00元"))
    scene.ask(c.PutFact(text="客服说过可以退一半"))
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.AnswerFact("f1", 1, True), actor)
    scene.ask(c.AnswerFact("f2", 1, False), BUSINESS)
    scene.ask(c.PutClaim(Side.CONSUMER, "退还剩余积分款2,360.00元，因为没有用过。"))
    scene.ask(c.PutClaim(Side.BUSINESS, "积分售出不退，已提示。"))
    agree(scene, "c1", CONSUMER)
    scene.ask(c.AnswerClause("c1", 1, False, "最多一千八"), BUSINESS)
    scene.ask(c.AnswerClause("c2", 1, False, "太早", True), BUSINESS)
    scene.ask(c.Say("那就一千八吧"), BUSINESS)
    scene.ask(c.StartCaucus(Side.CONSUMER))
    scene.ask(c.EndCaucus())
    made = closed(scene, Outcome(OutcomeKind.NOT_SETTLED, note="双方未能达成一致"))
    assert made.facts == ("3月2日付款3,000.00元",)
    assert made.claims == {
        Side.CONSUMER: "退还剩余积分款2,360.00元，因为没有用过。",
        Side.BUSINESS: "积分售出不退，已提示。",
    }
    assert made.clauses == ()
    whole = str(asdict(made))
    for offered in ("一千八", "2,000", "太早", "再无其他争议", "退一半"):
        assert offered not in whole
    assert "调解员与投诉人单独谈，不录制，内容不记入本记录。" in texts(made)


def test_a_settlement_holds_its_clauses_and_when_both_had_agreed_to_each_as_it_stands() -> None:
    scene = agreed()
    scene.wait(minutes=3)
    scene.ask(c.PutClause("c2", 1, text="双方互不追究。"))
    scene.wait(minutes=1)
    agree(scene, "c2")
    made = closed(scene)
    assert [clause.text for clause in made.clauses][1] == "双方互不追究。"
    said = [step for step in made.steps if step.text.startswith("双方确认协议")]
    assert [step.text for step in said] == ["双方确认协议第一条。", "双方确认协议第二条。"]
    assert (said[1].at - said[0].at).total_seconds() == 240
    assert "核对被投诉人周经理的身份：负责人。" in texts(made)
    assert made.outcome is not None
    assert made.outcome.terms[0].amount == Decimal("2000.00")


def test_who_acts_for_a_side_stands_there_with_the_paper_they_showed() -> None:
    scene = live()
    scene.ask(c.RecordAuthority(BU, Capacity.AGENT, True, "授权委托书，2026年4月18日"))
    made = minutes(scene.history)
    person = next(person for person in made.parties if person.seat == BU)
    assert person.authority is not None
    assert person.authority.basis == "授权委托书，2026年4月18日"
    assert "核对被投诉人周经理的身份：委托代理人，特别授权（授权委托书，2026年4月18日）。" in texts(made)
    assert next(person for person in made.parties if person.seat == CO).authority is None


def test_a_waiver_of_both_is_in_the_record() -> None:
    scene = agreed()
    for actor in (CONSUMER, BUSINESS):
        scene.ask(c.WaiveAgreement(True), actor)
    made = closed(scene)
    assert made.waived
    assert [text for text in texts(made) if "不需要" in text] == [
        "投诉人表示不需要制作调解书。",
        "被投诉人表示不需要制作调解书。",
    ]


def test_clauses_are_numbered_in_chinese() -> None:
    assert [numeral(n) for n in (1, 9, 10, 11, 20, 21, 40)] == ["一", "九", "十", "十一", "二十", "二十一", "四十"]
