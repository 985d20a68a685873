from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

import rooms
from journal import refusals
from rooms import commands as c, events as e
from rooms.agreement.outcome import checked
from rooms.live.audience import visible
from rooms.view.parts import members_of
from rooms.view.seat_view import ViewExtras
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Side, Status, Term
from tests.rooms.scene import (
    BU,
    BUSINESS,
    CO,
    COLLEAGUE,
    CONSUMER,
    MEDIATOR,
    START,
    STRANGER,
    SUPERVISOR,
    M,
    Scene,
    live,
    opened,
    settled,
    system,
)

PAYS = Term(Side.BUSINESS, "退款", Decimal("1"), performance=Performance.ON_THE_SPOT)


def closed() -> Scene:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.SeeOutcome(), CONSUMER)
    scene.ask(c.SeeOutcome(), BUSINESS)
    scene.ask(c.Close())
    return scene


def test_the_loss_recovered_is_what_the_business_pays_unless_said_otherwise() -> None:
    terms = (
        replace(PAYS, amount=Decimal("1500.5")),
        replace(PAYS, amount=Decimal("500")),
        replace(PAYS, who=Side.CONSUMER, amount=Decimal("30")),
    )
    outcome = checked(Outcome(OutcomeKind.SETTLED, terms), "121", START)
    assert str(outcome.loss_recovered) == "2000.50"
    assert str(outcome.terms[1].amount) == "500.00"
    said = checked(Outcome(OutcomeKind.SETTLED, terms, Decimal("1800")), "121", START)
    assert str(said.loss_recovered) == "1800.00"


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (Outcome(OutcomeKind.SETTLED), "terms"),
        (Outcome(OutcomeKind.SETTLED, (PAYS,) * 21), "terms"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, amount=Decimal("-0.01")),)), "amount"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, amount=Decimal("0.001")),)), "amount"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, amount=Decimal("1000000000.01")),)), "amount"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, amount=Decimal("NaN")),)), "amount"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, amount=Decimal("1E-999999")),)), "amount"),
        (Outcome(OutcomeKind.SETTLED, (replace(PAYS, performance=Performance.LATER),)), "due"),
        (
            Outcome(
                OutcomeKind.SETTLED, (replace(PAYS, performance=Performance.LATER, due=START - timedelta(days=2)),)
            ),
            "due",
        ),
        (Outcome(OutcomeKind.SETTLED, (PAYS,), Decimal("-1")), "loss_recovered"),
        (Outcome(OutcomeKind.SETTLED, (PAYS,), ground=3), "ground"),
        (Outcome(OutcomeKind.NOT_SETTLED, (PAYS,)), "terms"),
        (Outcome(OutcomeKind.NOT_SETTLED, (), Decimal("5")), "loss_recovered"),
        (Outcome(OutcomeKind.ENDED), "ground"),
        (Outcome(OutcomeKind.ENDED, ground=0), "ground"),
        (Outcome(OutcomeKind.ENDED, ground=9), "ground"),
        (Outcome(OutcomeKind.ADJOURNED), "adjourned_to"),
        (Outcome(OutcomeKind.ADJOURNED, adjourned_to=START), "adjourned_to"),
    ],
)
def test_an_unsound_outcome_is_refused_with_what_is_wrong(outcome: Outcome, problem: str) -> None:
    with pytest.raises(rooms.BadOutcome) as refusal:
        checked(outcome, "121", START)
    assert refusal.value.params["problem"] == problem


def test_a_mediation_ends_only_on_a_ground_of_the_order_its_complaint_is_handled_under() -> None:
    for order, last in (("121", 8), ("20", 7)):
        scene = opened(order)
        with pytest.raises(rooms.BadOutcome) as refusal:
            scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=last + 1)))
        assert refusal.value.params["problem"] == "ground"
        scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=last)))
        scene.ask(c.Close())
        assert scene.state.outcome == Outcome(OutcomeKind.ENDED, ground=last)


def test_a_wrong_term_is_named_by_its_number() -> None:
    with pytest.raises(rooms.BadOutcome) as refusal:
        checked(Outcome(OutcomeKind.SETTLED, (PAYS, replace(PAYS, amount=Decimal("-1")))), "121", START)
    assert refusal.value.params == {"problem": "amount", "term": 2}


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(OutcomeKind.NOT_SETTLED, note="分歧较大"),
        Outcome(OutcomeKind.ENDED, ground=8),
        Outcome(OutcomeKind.ADJOURNED, adjourned_to=START + timedelta(days=3)),
    ],
)
def test_every_kind_of_outcome_closes_a_session(outcome: Outcome) -> None:
    scene = opened()
    scene.ask(c.ProposeOutcome(outcome))
    scene.ask(c.Close())
    assert scene.state.outcome == outcome
    assert scene.state.status is Status.CLOSED


def test_it_closes_only_when_the_parties_present_have_seen_how() -> None:
    scene = live()
    with pytest.raises(rooms.NoOutcome):
        scene.ask(c.Close())
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.SeeOutcome(), CONSUMER)
    with pytest.raises(rooms.OutcomeNotSeen) as refusal:
        scene.ask(c.Close())
    assert refusal.value.params == {"seats": [BU]}
    scene.ask(c.SeeOutcome(), BUSINESS)
    assert isinstance(scene.ask(c.Close())[0], e.SessionClosed)


def test_a_party_who_left_need_not_have_seen_it_and_a_reason_serves_for_one_who_will_not_look() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.Leave(), BUSINESS)
    (close, *_) = scene.ask(c.Close("消费者网络中断"))
    assert isinstance(close, e.SessionClosed)
    assert close.anyway == "消费者网络中断"


def test_a_changed_outcome_must_be_seen_again() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.SeeOutcome(), CONSUMER)
    assert scene.ask(c.ProposeOutcome(settled())) == []
    scene.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)))
    assert scene.state.seen == ()
    scene.ask(c.TakeBackOutcome())
    with pytest.raises(rooms.NoOutcome):
        scene.ask(c.SeeOutcome(), CONSUMER)


def test_what_is_not_right_about_it_is_told_to_the_mediator_alone_and_gone_with_the_outcome() -> None:
    scene = live()
    with pytest.raises(rooms.NoOutcome):
        scene.ask(c.ObjectToOutcome(0, "金额不对"), CONSUMER)
    scene.ask(c.ProposeOutcome(settled()))
    for wrong in ("", "不" * (rooms.MOST_LINE + 1)):
        with pytest.raises(refusals.DomainError):
            scene.ask(c.ObjectToOutcome(1, wrong), CONSUMER)
    with pytest.raises(rooms.Outdated):
        scene.ask(c.ObjectToOutcome(2, "金额不对"), CONSUMER)
    assert scene.ask(c.ObjectToOutcome(1, "金额不对"), CONSUMER) == [e.OutcomeObjected(CO, "金额不对")]
    assert scene.ask(c.ObjectToOutcome(1, "金额不对"), CONSUMER) == []
    assert scene.ask(c.ObjectToOutcome(1, "日期也不对"), CONSUMER) == [e.OutcomeObjected(CO, "日期也不对")]
    told = {
        seat: members_of("outcome", scene.state, seat, ViewExtras())["outcome"]["objections"] for seat in (M, CO, BU)
    }
    assert told[M] == told[CO] == [{"seat": CO, "reason": "日期也不对"}]
    assert told[BU] == []
    objected = next(entry for entry in scene.history if isinstance(entry.event, e.OutcomeObjected))
    assert [visible(scene.state, objected, seat) for seat in (M, CO, BU)] == [True, True, False]
    assert scene.state.seen == (), "to object is not to have read it"
    scene.ask(c.TakeBackOutcome())
    assert scene.state.objections == {}
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.ObjectToOutcome(0, "不"), MEDIATOR)


def test_only_the_mediator_closes() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    for actor in (CONSUMER, BUSINESS, COLLEAGUE, SUPERVISOR, STRANGER):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(c.Close("算了"), actor)


def test_closing_ends_speaking_recording_and_every_route() -> None:
    scene = live()
    system(scene, c.NoteSpeaking(CO, True))
    system(scene, c.NoteRecording(e.RecordingStarted(CO)))
    scene.ask(c.ProposeOutcome(settled()))
    events = scene.ask(c.Close("双方均已知晓"))
    assert events[1:] == [e.SpeakingStopped(CO), e.RecordingStopped(CO, "closed"), e.Routed({}, {}, ())]


def test_a_closed_session_takes_only_what_is_about_its_record() -> None:
    scene = closed()
    with pytest.raises(rooms.AlreadyClosed):
        scene.ask(c.Close())
    for command in (c.Arrive(), c.Say("等等"), c.ProposeOutcome(settled()), c.StartRecess(), c.SetDoor(True)):
        with pytest.raises(rooms.AlreadyClosed):
            scene.ask(command)
    assert system(scene, c.NoteConnection(CO, False)) == []
    segment = e.SegmentSealed(CO, "x1/a.webm", "0" * 64, 10, START, START)
    assert system(scene, c.NoteRecording(segment)) == [segment]
    assert system(scene, c.NoteRecording(segment)) == []
    assert scene.ask(c.NoteView("record"), SUPERVISOR) == [e.Viewed("record")]


def test_what_was_archived_is_noted_once_for_each_store_and_only_of_a_closed_session() -> None:
    scene, archived = closed(), e.Archived("x1/a.webm", "s3://first", "0" * 64)
    assert system(scene, c.NoteRecording(archived)) == [archived]
    assert system(scene, c.NoteRecording(archived)) == []
    moved = replace(archived, store="s3://second")
    assert system(scene, c.NoteRecording(moved)) == [moved]
    with pytest.raises(refusals.WrongState):
        system(live(), c.NoteRecording(archived))


def test_a_correction_is_a_further_entry_signed_by_the_office() -> None:
    scene = closed()
    before = scene.state.outcome
    scene.ask(c.Correct("金额应为2,000.00元"), COLLEAGUE)
    assert scene.state.outcome == before
    assert scene.state.corrections[0].by == COLLEAGUE
    for actor in (CONSUMER, SUPERVISOR, STRANGER):
        with pytest.raises(refusals.NotAllowed):
            scene.ask(c.Correct("改一下"), actor)
    with pytest.raises(refusals.WrongState):
        live().ask(c.Correct("未结束"), MEDIATOR)
