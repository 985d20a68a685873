"""How long a record is kept: held and lifted with a reason, erased by whoever has the right, never while it is held."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journal import Actor
from rooms import commands as c, errors, events as e
from rooms.retention import Retention, later
from rooms.vocabulary import OutcomeKind
from tests.rooms.scene import CO, COLLEAGUE, CONSUMER, MEDIATOR, START, SUPERVISOR, live, opened, scheduled, system
from tests.rooms.test_outcome import closed

ADMINISTRATOR = Actor("officer", "u5", "何管理", "administrator", "o1")
ELSEWHERE = Actor("officer", "u6", "别处", "administrator", "o9")


@pytest.mark.parametrize("keeper", [SUPERVISOR, ADMINISTRATOR])
def test_a_keeper_holds_a_record_and_lifts_the_hold_with_a_reason(keeper: Actor) -> None:
    scene = closed()
    assert scene.ask(c.PlaceHold("法院调取"), keeper) == [e.HoldPlaced("法院调取")]
    assert scene.ask(c.PlaceHold("法院调取"), keeper) == []
    assert scene.state.hold is not None
    assert (scene.state.hold.reason, scene.state.hold.by, scene.state.hold.at) == ("法院调取", keeper, scene.now)
    with pytest.raises(errors.Held):
        scene.ask(c.OrderErasure("当事人要求"), keeper)
    with pytest.raises(errors.Held):
        system(scene, c.OrderErasure("retention", due=True))
    with pytest.raises(errors.Missing):
        scene.ask(c.LiftHold(" "), keeper)
    assert scene.ask(c.LiftHold("案件审结"), keeper) == [e.HoldLifted("案件审结")]
    assert scene.ask(c.LiftHold("案件审结"), keeper) == []
    assert scene.state.hold is None


@pytest.mark.parametrize("command", [c.PlaceHold("x"), c.LiftHold("x"), c.OrderErasure("x"), c.NoteErased(1, 1, 1)])
@pytest.mark.parametrize("actor", [MEDIATOR, COLLEAGUE, CONSUMER, ELSEWHERE])
def test_nobody_else_decides_about_it(command: c.Command, actor: Actor) -> None:
    with pytest.raises(errors.NotAllowed):
        closed().ask(command, actor)


def test_erasing_is_ordered_once_and_noted_once() -> None:
    scene = closed()
    with pytest.raises(errors.WrongState):
        system(scene, c.NoteErased(3, 1000, 2))
    assert scene.ask(c.OrderErasure("当事人要求"), SUPERVISOR) == [e.ErasureOrdered("当事人要求")]
    assert system(scene, c.OrderErasure("retention", due=True)) == []
    with pytest.raises(errors.WrongState):
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
    with pytest.raises(errors.WrongState):
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


def test_a_29th_of_february_is_a_28th_where_there_is_none() -> None:
    leap = datetime(2028, 2, 29, 8, tzinfo=UTC)
    assert later(leap, 1) == datetime(2029, 2, 28, 8, tzinfo=UTC)
    assert later(leap, 4) == datetime(2032, 2, 29, 8, tzinfo=UTC)
    assert later(leap, -1) == datetime(2027, 2, 28, 8, tzinfo=UTC)


def test_a_cancelled_session_has_no_record_that_could_be_due() -> None:
    scene = scheduled()
    scene.ask(c.Cancel("改期"))
    assert Retention(1).until(scene.wait(days=800).state) is None
    with pytest.raises(errors.WrongState):
        system(scene, c.OrderErasure("x"))
