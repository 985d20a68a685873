from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

import rooms
from journal import Actor, refusals
from rooms import commands as c, events as e
from rooms.agreement import outcome
from rooms.agreement.outcome import decider
from rooms.agreement.state import Clause, ClauseAnswer
from rooms.live.audience import visible
from rooms.view.parts import draft_view
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Role, Seat, Side, Term
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, OBSERVER, M, Scene, live, party, settled
from tests.rooms.whole import view

DUE = datetime(2026, 7, 3, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
REFUND = Term(Side.BUSINESS, "退还积分款", Decimal("2000"), DUE, "按原支付方式退回")
PEACE = "以上履行完毕，双方就本次消费再无其他争议。"


def drafted() -> Scene:
    """Both in the room, it is recorded who acts for the company, two clauses on the table."""
    scene = live()
    scene.ask(c.RecordAuthority(BU, Capacity.HEAD))
    scene.ask(c.PutClause(term=REFUND))
    scene.ask(c.PutClause(text=PEACE, heading="了结"))
    return scene


def agree(scene: Scene, clause: str, *actors: Actor) -> None:
    for actor in actors or (CONSUMER, BUSINESS):
        scene.ask(c.AnswerClause(clause, edition(scene, clause), True), actor)


def edition(scene: Scene, clause: str) -> int:
    found = scene.state.draft.clause(clause)
    assert found is not None
    return found.edition


def agreed() -> Scene:
    scene = drafted()
    agree(scene, "c1")
    agree(scene, "c2")
    return scene


# ------------------------------------------------------------ clauses


def test_a_promise_becomes_a_clause_with_capital_numerals_and_plain_words_with_the_weekday() -> None:
    clause = drafted().state.draft.clauses[0]
    assert clause.text == (
        "缘分科技应于2026年7月3日17时前退还积分款，向陈女士支付人民币2,000.00元（大写：贰仟元整），支付方式：按原支付方式退回。"
    )
    assert (
        clause.plain
        == "白话：最迟7月3日（星期五）下午5点，缘分科技退还积分款，2,000.00元交给陈女士（按原支付方式退回）。"
    )
    assert "¥2,000.00" in clause.gloss
    assert "Friday, 3 July 2026, 17:00" in clause.gloss


def test_what_is_done_on_the_spot_needs_no_day() -> None:
    scene = live()
    scene.ask(c.PutClause(term=replace(REFUND, due=None, performance=Performance.ON_THE_SPOT)))
    assert "当场" in scene.state.draft.clauses[0].text
    assert draft_view(scene.state, scene.state.mediator_seat)["at_once"]


def test_a_text_of_ones_own_must_hold_the_amount_and_the_day_of_its_promise() -> None:
    scene = live()
    for text, problem in (("七月退两千。", "amount"), ("退2,000.00元（贰仟元整）。", "due")):
        with pytest.raises(rooms.BadClause) as refusal:
            scene.ask(c.PutClause(text=text, term=REFUND))
        assert refusal.value.params["problem"] == problem
    scene.ask(c.PutClause(text="2026年7月3日17时前退2,000.00元（贰仟元整）。", term=REFUND))


def test_signs_that_hide_or_turn_others_do_not_get_into_a_text() -> None:
    scene = live()
    scene.ask(c.PutClause(text="退\u202e0002\u202c元\u200b\x00\r\n给她"))
    assert scene.state.draft.clauses[0].text == "退0002元\n给她"


def test_an_edit_takes_away_the_answers_to_that_clause_and_only_those_and_shows_what_it_said_before() -> None:
    scene = agreed()
    (put,) = scene.ask(c.PutClause("c1", 1, term=replace(REFUND, amount=Decimal("1800"))))
    assert isinstance(put, e.ClausePut)
    assert put.voids == (BU, CO)
    draft = scene.state.draft
    assert [(clause.id, side) for clause, side in outcome.missing(scene.state)] == [
        ("c1", Side.CONSUMER),
        ("c1", Side.BUSINESS),
    ]
    assert draft.clauses[0].before.count("2,000.00") == 1
    assert not outcome.agreed(scene.state)


def test_the_same_text_again_changes_nothing() -> None:
    scene = agreed()
    assert scene.ask(c.PutClause("c1", 1, term=REFUND)) == []
    assert outcome.agreed(scene.state)


def test_an_answer_to_what_was_there_before_is_refused() -> None:
    scene = drafted()
    scene.ask(c.PutClause("c2", 1, text="改了。"))
    with pytest.raises(rooms.Outdated) as refusal:
        scene.ask(c.AnswerClause("c2", 1, True), CONSUMER)
    assert refusal.value.params == {"edition": 2}
    with pytest.raises(rooms.Outdated):
        scene.ask(c.PutClause("c2", 1, text="又改了。"))
    with pytest.raises(rooms.Outdated):
        scene.ask(c.RemoveClause("c2", 1))


def test_a_clause_moves_without_losing_its_answers_and_the_digest_follows_the_order() -> None:
    scene = agreed()
    before = outcome.digest(scene.state)
    scene.ask(c.MoveClause("c2", 1))
    draft = scene.state.draft
    assert [(clause.id, clause.number) for clause in draft.clauses] == [("c2", 1), ("c1", 2)]
    assert outcome.agreed(scene.state)
    assert outcome.digest(scene.state) != before


def test_a_removed_clause_is_remembered_and_its_id_is_never_given_again() -> None:
    scene = drafted()
    scene.ask(c.RemoveClause("c2", 1))
    scene.ask(c.PutClause(text="另一条。"))
    assert [clause.id for clause in scene.state.draft.clauses] == ["c1", "c3"]
    assert [gone.text for gone in scene.state.draft.removed] == [PEACE]
    with pytest.raises(rooms.UnknownClause):
        scene.ask(c.AnswerClause("c2", 1, True), CONSUMER)


def test_while_one_side_is_talked_to_in_private_the_draft_stands_still() -> None:
    scene = drafted()
    scene.ask(c.StartCaucus(Side.CONSUMER))
    for command, actor in (
        (c.PutClause(text="只给一千八。"), MEDIATOR),
        (c.AnswerClause("c1", 1, True), CONSUMER),
        (c.PutFact(text="甲。"), MEDIATOR),
    ):
        with pytest.raises(rooms.InCaucus):
            scene.ask(command, actor)
    scene.ask(c.QueryClause("c1"), CONSUMER)
    scene.ask(c.EndCaucus())
    agree(scene, "c1")


# ------------------------------------------------------------ answers


def test_it_is_agreed_when_each_side_has_agreed_to_every_clause() -> None:
    scene = drafted()
    agree(scene, "c1")
    agree(scene, "c2", CONSUMER)
    assert not outcome.agreed(scene.state)
    agree(scene, "c2", BUSINESS)
    assert outcome.agreed(scene.state)
    scene.ask(c.AnswerClause("c1", 1, False), CONSUMER)
    assert not outcome.agreed(scene.state)


def test_an_empty_draft_is_no_agreement() -> None:
    scene = live()
    assert not outcome.agreed(scene.state)


def test_an_answer_is_tied_to_its_entry_in_the_journal() -> None:
    scene = drafted()
    scene.wait(seconds=31)
    agree(scene, "c1", CONSUMER)
    answer = scene.state.draft.answers["c1"][CO]
    assert answer == ClauseAnswer(1, True, "", scene.now, scene.history[-1].version)


def test_a_reason_goes_to_the_mediator_alone_unless_it_is_told_to_all() -> None:
    scene = drafted()
    events = scene.ask(c.AnswerClause("c1", 1, False, "最多接受一千八"), CONSUMER)
    assert events == [
        e.ClauseAnswered(CO, "c1", 1, False),
        e.ReasonConfided(CO, "c1", 1, "最多接受一千八"),
    ]
    events = scene.ask(c.AnswerClause("c1", 1, False, "日期太晚", True), CONSUMER)
    assert events == [e.ClauseAnswered(CO, "c1", 1, False, "日期太晚")]
    assert scene.state.draft.answers["c1"][CO].confided == ""


def test_only_parties_and_who_acts_for_them_answer() -> None:
    scene = drafted().bring("s-o").bring("s-i")
    for actor in (MEDIATOR, OBSERVER, party("s-i")):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(c.AnswerClause("c1", 1, True), actor)


def test_for_a_company_nobody_answers_before_it_is_recorded_by_what_right() -> None:
    scene = live()
    scene.ask(c.PutClause(text=PEACE))
    with pytest.raises(rooms.NoAuthority):
        scene.ask(c.AnswerClause("c1", 1, True), BUSINESS)
    with pytest.raises(refusals.Missing):
        scene.ask(c.RecordAuthority(BU, Capacity.AGENT, True))
    scene.ask(c.RecordAuthority(BU, Capacity.AGENT, False, "授权委托书"))
    with pytest.raises(rooms.NoAuthority):
        scene.ask(c.AnswerClause("c1", 1, True), BUSINESS)
    scene.ask(c.RecordAuthority(BU, Capacity.AGENT, True, "授权委托书，2026年4月18日"))
    agree(scene, "c1", BUSINESS)


AGENT = party("s-r")


def represented() -> Scene:
    scene = drafted()
    scene.ask(c.AddSeat(Seat("s-r", Role.REPRESENTATIVE, "陈先生", Side.CONSUMER)), MEDIATOR)
    return scene.bring("s-r")


def test_a_representative_answers_only_with_authority_and_while_the_party_is_away() -> None:
    scene = represented()
    with pytest.raises(rooms.NoAuthority):
        scene.ask(c.AnswerClause("c1", 1, True), AGENT)
    scene.ask(c.RecordAuthority("s-r", Capacity.AGENT, True, "授权委托书"))
    with pytest.raises(rooms.PrincipalHere):
        scene.ask(c.AnswerClause("c1", 1, True), AGENT)
    scene.ask(c.Leave(), CONSUMER)
    assert decider(scene.state, Side.CONSUMER) == "s-r"
    agree(scene, "c1", AGENT, BUSINESS)
    assert [clause.id for clause, _ in outcome.missing(scene.state)] == ["c2", "c2"]


def test_an_answer_given_for_a_party_ends_with_the_authority() -> None:
    scene = represented()
    scene.ask(c.RecordAuthority("s-r", Capacity.AGENT, True, "授权委托书"))
    scene.ask(c.Leave(), CONSUMER)
    agree(scene, "c1", AGENT, BUSINESS)
    scene.ask(c.RecordAuthority("s-r", Capacity.AGENT, False, "授权委托书，一般授权"))
    assert ("c1", Side.CONSUMER) in [(clause.id, side) for clause, side in outcome.missing(scene.state)]


# ------------------------------------------------------------ facts, questions, waivers


def test_a_fact_is_undisputed_once_both_accept_it_as_it_is_written() -> None:
    scene = drafted()
    scene.ask(c.PutFact(text="3月2日付款3,000.00元，购买3,000积分"))
    scene.ask(c.AnswerFact("f1", 1, True), CONSUMER)
    assert outcome.undisputed(scene.state) == ()
    scene.ask(c.AnswerFact("f1", 1, True), BUSINESS)
    assert [fact.id for fact in outcome.undisputed(scene.state)] == ["f1"]
    scene.ask(c.PutFact("f1", 1, "3月2日付款3,000.00元"))
    assert outcome.undisputed(scene.state) == ()
    with pytest.raises(rooms.Outdated):
        scene.ask(c.AnswerFact("f1", 1, True), CONSUMER)


def test_why_a_fact_was_not_so_is_the_mediators_to_read_and_stays_optional() -> None:
    scene = drafted()
    scene.ask(c.PutFact(text="3月2日付款3,000.00元"))
    assert scene.ask(c.AnswerFact("f1", 1, False), CONSUMER) == [e.FactAnswered(CO, "f1", 1, False)]
    told = scene.ask(c.AnswerFact("f1", 1, False, "是3月5日付的"), CONSUMER)
    assert told == [e.FactDisputed(CO, "f1", 1, "是3月5日付的")]
    assert scene.ask(c.AnswerFact("f1", 1, False, "是3月5日付的"), CONSUMER) == []

    def read(seat: str) -> str:
        seen = view(scene.state, scene.timing, seat, scene.now)["draft"]["facts"][0]["sides"]["consumer"]
        return str(seen["confided"] + seen["reason"])

    assert (read(M), read(CO), read(BU)) == ("是3月5日付的", "是3月5日付的", "")
    entry = next(one for one in scene.history if one.event == told[0])
    assert [visible(scene.state, entry, seat) for seat in (M, CO, BU)] == [True, True, False]
    assert scene.ask(c.AnswerFact("f1", 1, True, "还是认了"), CONSUMER) == [e.FactAnswered(CO, "f1", 1, True)]
    assert read(M) == ""
    with pytest.raises(rooms.TooLong):
        scene.ask(c.AnswerFact("f1", 1, False, "字" * 501), CONSUMER)


def test_a_question_stays_until_it_is_explained_or_the_clause_is_answered_or_changed() -> None:
    scene = drafted()

    def open_questions() -> tuple[str, ...]:
        clause = scene.state.draft.clause("c1")
        assert isinstance(clause, Clause)
        return clause.queries

    scene.ask(c.QueryClause("c1"), CONSUMER)
    assert scene.ask(c.QueryClause("c1"), CONSUMER) == []
    assert open_questions() == (CO,)
    scene.ask(c.ExplainClause("c1"))
    assert open_questions() == ()
    scene.ask(c.QueryClause("c1"), CONSUMER)
    agree(scene, "c1", CONSUMER)
    assert open_questions() == ()


def test_both_may_do_without_a_written_agreement_but_only_of_what_they_agreed_to() -> None:
    scene = drafted()
    with pytest.raises(rooms.NotAgreed) as refusal:
        scene.ask(c.WaiveAgreement(True), CONSUMER)
    assert refusal.value.params == {"clauses": [1, 2]}
    scene = agreed()
    scene.ask(c.WaiveAgreement(True), CONSUMER)
    assert not outcome.waived(scene.state)
    before = outcome.digest(scene.state)
    scene.ask(c.WaiveAgreement(True), BUSINESS)
    assert outcome.waived(scene.state)
    assert outcome.digest(scene.state) != before
    scene.ask(c.WaiveAgreement(False), BUSINESS)
    assert outcome.waived_by(scene.state) == (Side.CONSUMER,)
    scene.ask(c.WaiveAgreement(True), BUSINESS)
    scene.ask(c.PutClause("c2", 1, text="改了。"))
    assert outcome.waived_by(scene.state) == ()


# ------------------------------------------------------------ the outcome


def test_the_outcome_is_taken_over_from_what_was_agreed() -> None:
    scene = agreed()
    (proposed,) = scene.ask(c.ProposeAgreed("双方当场核对。"))
    assert isinstance(proposed, e.OutcomeProposed)
    assert proposed.outcome.kind is OutcomeKind.SETTLED
    assert proposed.outcome.terms == (replace(REFUND, amount=Decimal("2000.00")),)
    assert str(proposed.outcome.loss_recovered) == "2000.00"


def test_nothing_is_taken_over_while_a_clause_is_open() -> None:
    scene = agreed()
    scene.ask(c.PutClause("c2", 1, text="改了。"))
    with pytest.raises(rooms.NotAgreed) as refusal:
        scene.ask(c.ProposeAgreed())
    assert refusal.value.params == {"clauses": [2]}


def test_an_edit_after_the_outcome_was_shown_takes_it_back() -> None:
    scene = agreed()
    scene.ask(c.ProposeAgreed())
    scene.ask(c.SeeOutcome(), CONSUMER)
    events = scene.ask(c.PutClause("c1", 1, term=replace(REFUND, amount=Decimal("1800"))))
    assert events[1:] == [e.OutcomeTakenBack()]
    assert scene.state.proposed is None


def test_an_agreement_that_a_party_no_longer_wants_is_no_outcome() -> None:
    scene = agreed()
    scene.ask(c.ProposeAgreed())
    scene.ask(c.AnswerClause("c2", 1, False, "还是不行"), BUSINESS)
    assert scene.state.proposed is None


def test_beside_a_drafted_agreement_no_settlement_is_typed() -> None:
    scene = drafted()
    with pytest.raises(rooms.DraftStands):
        scene.ask(c.ProposeOutcome(settled(scene.now)))
    scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)))
    assert scene.state.proposed is not None


def test_free_clauses_alone_are_no_settlement() -> None:
    scene = live()
    scene.ask(c.RecordAuthority(BU, Capacity.HEAD))
    scene.ask(c.PutClause(text=PEACE))
    agree(scene, "c1")
    with pytest.raises(rooms.BadClause):
        scene.ask(c.ProposeAgreed())


def test_what_was_offered_on_the_way_to_nothing_is_not_shown_afterwards() -> None:
    scene = drafted()
    scene.ask(c.PutFact(text="3月2日付款3,000.00元"))
    scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)))
    scene.ask(c.Close("双方均已知晓"))
    for seat in (CO, BU):
        body = view(scene.state, scene.timing, seat, scene.now)
        assert body["draft"]["clauses"] == []
        assert len(body["draft"]["facts"]) == 1


# ------------------------------------------------------------ what others see


def test_a_confided_reason_and_a_question_are_seen_by_the_mediator_and_whoever_they_came_from() -> None:
    scene = drafted()
    scene.ask(c.QueryClause("c1"), CONSUMER)
    events = scene.ask(c.AnswerClause("c2", 1, False, "最多一千八"), CONSUMER)
    for seat, knows in ((M, True), (CO, True), (BU, False)):
        clauses = view(scene.state, scene.timing, seat, scene.now)["draft"]["clauses"]
        assert (clauses[1]["sides"]["consumer"]["confided"] == "最多一千八") is knows
        assert clauses[1]["sides"]["consumer"]["agrees"] is False
        assert (clauses[0]["queries"] == [CO]) is knows
        assert visible(scene.state, scene.history[-1], seat) is knows
    assert isinstance(events[-1], e.ReasonConfided)


# ------------------------------------------------------------ what was removed comes back


def test_a_removed_clause_comes_back_where_it_stood_word_for_word_with_no_answers() -> None:
    scene = agreed()
    before = scene.state.draft.clauses
    assert len(before) >= 2
    scene.ask(c.RemoveClause(before[0].id, before[0].edition))
    scene.ask(c.RestoreClause(before[0].id))
    draft = scene.state.draft
    assert [(one.id, one.number, one.text, one.term) for one in draft.clauses] == [
        (one.id, one.number, one.text, one.term) for one in before
    ]
    assert draft.clauses[0].edition == before[0].edition + 1
    assert draft.removed == ()
    assert not outcome.agreed(scene.state)
    assert {clause.id for clause, _ in outcome.missing(scene.state)} == {before[0].id}
    assert scene.ask(c.RestoreClause(before[0].id)) == []  # a second tap


def test_one_that_was_never_removed_cannot_come_back() -> None:
    with pytest.raises(rooms.UnknownClause):
        agreed().ask(c.RestoreClause("c99"))


def test_both_are_asked_again_while_an_answer_is_missing_and_not_after() -> None:
    scene = drafted()
    for _ in range(2):
        (asked,) = scene.ask(c.AskConfirmation("c1"))
        assert isinstance(asked, e.ConfirmationAsked)
    agree(scene, "c1")
    assert scene.ask(c.AskConfirmation("c1")) == []
