"""How long a record is kept: held and lifted with a reason, erased by whoever has the right, never while it is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

import rooms
from journal import Actor, refusals
from rooms import commands as c, events as e
from rooms.record.rules import GRACE, Retention, later
from rooms.vocabulary import OutcomeKind
from tests.rooms.agreement.test_outcome import closed
from tests.rooms.scene import CO, COLLEAGUE, CONSUMER, MEDIATOR, START, SUPERVISOR, live, opened, scheduled, system

ADMINISTRATOR = Actor("officer", "u5", "何管理", "administrator", "o1")
ELSEWHERE = Actor("officer", "u6", "别处", "administrator", "o9")


@pytest.mark.parametrize("keeper", [SUPERVISOR, ADMINISTRATOR])
def test_a_keeper_holds_a_record_and_lifts_the_hold_with_a_reason(keeper: Actor) -> None:
    scene = closed()
    assert scene.ask(c.PlaceHold("法院调取"), keeper) == [e.HoldPlaced("法院调取")]
    assert scene.ask(c.PlaceHold("法院调取"), keeper) == []
    assert scene.state.hold is not None
    assert (scene.state.hold.reason, scene.state.hold.by, scene.state.hold.at) == ("法院调取", keeper, scene.now)
    with pytest.raises(rooms.UnderHold):
        scene.ask(c.OrderErasure("当事人要求"), keeper)
    with pytest.raises(rooms.UnderHold):
        system(scene, c.OrderErasure("retention", due=True))
    with pytest.raises(refusals.Missing):
        scene.ask(c.LiftHold(" "), keeper)
    assert scene.ask(c.LiftHold("案件审结"), keeper) == [e.HoldLifted("案件审结")]
    assert scene.ask(c.LiftHold("案件审结"), keeper) == []
    assert scene.state.hold is None


@pytest.mark.parametrize("command", [c.PlaceHold("x"), c.LiftHold("x"), c.OrderErasure("x"), c.NoteErased(1, 1, 1)])
@pytest.mark.parametrize("actor", [MEDIATOR, COLLEAGUE, CONSUMER, ELSEWHERE])
def test_nobody_else_decides_about_it(command: c.Command, actor: Actor) -> None:
    with pytest.raises(refusals.NotAllowed):
        closed().ask(command, actor)


def test_erasing_is_ordered_once_and_noted_once() -> None:
    scene = closed()
    with pytest.raises(refusals.WrongState):
        system(scene, c.NoteErased(3, 1000, 2))
    assert scene.ask(c.OrderErasure("当事人要求"), SUPERVISOR) == [e.ErasureOrdered("当事人要求")]
    assert system(scene, c.OrderErasure("retention", due=True)) == []
    with pytest.raises(refusals.WrongState):
        scene.ask(c.PlaceHold("太晚了"), SUPERVISOR)
    assert system(scene, c.NoteErased(3, 1000, 2)) == [e.RecordErased(3, 1000, 2)]
    assert system(scene, c.NoteErased(0, 0, 0)) == []
    erasure = scene.state.erasure
    assert erasure is not None
    assert (erasure.by, erasure.due, erasure.done) == (SUPERVISOR, False, e.RecordErased(3, 1000, 2))


def test_what_is_not_over_is_held_but_not_erased() -> None:
    scene = live()
    assert scene.ask(c.PlaceHold("已起诉"), SUPERVISOR)
    scene.ask(c.LiftHold("撤诉"), SUPERVISOR)
    with pytest.raises(refusals.WrongState):
        scene.ask(c.OrderErasure("x"), SUPERVISOR)


# ---------------------------------------------------------------- until when


def test_a_record_is_due_so_many_years_after_its_end_by_how_it_ended() -> None:
    scene = closed()
    assert Retention(3).until(scene.state) == later(scene.now, 3)
    assert Retention(3, {OutcomeKind.SETTLED: 2}).until(scene.state) == later(scene.now, 2)
    assert Retention(3, {OutcomeKind.ENDED: 1}).until(scene.state) == later(scene.now, 3)


def test_nothing_is_kept_longer_than_somebody_who_agreed_was_told() -> None:
    scene = opened().bring(CO)  # agreed to the text "v1"
    assert Retention(3).until(scene.state) is None  # not over
    done = closed().state
    assert Retention(3, promised=lambda text: {"v1": 1}.get(text)).until(done) == later(START, 1)
    assert Retention(3, promised=lambda text: 9).until(done) == later(START, 3)


def test_a_rule_that_shortens_makes_nothing_due_before_its_grace_is_over() -> None:
    was = Retention(3, version=1)
    since = later(START, 2)
    now = Retention(1, version=2, since=since, before=was)
    assert now.due(START, "settled") == since + GRACE  # by the new rule a year ago
    almost = since - timedelta(days=800)
    assert now.due(almost, "settled") == since + GRACE
    assert now.due(later(since, -1), "settled") == since + GRACE
    assert now.due(since, "settled") == later(since, 1)
    assert now.due(later(since, -3), "settled") == since  # was due anyway: nothing is put off
    assert now.due(START, "settled", promise=2) == since
    again = Retention(3, version=3, since=since + timedelta(days=1), before=now)
    assert again.due(START, "settled") == later(START, 3)  # taken back in time


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40)), min_size=1, max_size=6), st.integers(0, 4000),
       st.none() | st.integers(1, 9))  # fmt: skip
def test_no_row_of_rules_keeps_anything_longer_than_promised_or_loses_it_without_grace(
    rules: list[tuple[int, int]], age: int, promise: int | None
) -> None:
    """`rules`: years, and days after the rule before."""
    rule, at, end = Retention(rules[0][0], version=1), later(START, 12), later(START, 12) - timedelta(days=age)
    for number, (years, days) in enumerate(rules[1:], 2):
        at += timedelta(days=days)
        before, rule = rule, Retention(years, version=number, since=at, before=rule)
        due = rule.due(end, "settled", promise)
        assert due >= min(before.due(end, "settled", promise), at + GRACE)
        assert promise is None or due <= later(end, promise)
        assert due <= max(later(end, years), at + GRACE)


def test_a_29th_of_february_is_a_28th_where_there_is_none() -> None:
    leap = datetime(2028, 2, 29, 8, tzinfo=UTC)
    assert later(leap, 1) == datetime(2029, 2, 28, 8, tzinfo=UTC)
    assert later(leap, 4) == datetime(2032, 2, 29, 8, tzinfo=UTC)
    assert later(leap, -1) == datetime(2027, 2, 28, 8, tzinfo=UTC)


def test_a_cancelled_session_has_no_record_that_could_be_due() -> None:
    scene = scheduled()
    scene.ask(c.Cancel("改期"))
    assert Retention(1).until(scene.wait(days=800).state) is None
    with pytest.raises(refusals.WrongState):
        system(scene, c.OrderErasure("x"))
