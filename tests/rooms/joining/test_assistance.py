"""A helper beside somebody: agreed to, seen by all, in the record; no seat, and no say."""

from __future__ import annotations

import pytest

from journal.refusals import Missing, NotAllowed, TooLong, WrongState
from rooms import BadValue, ConsentNeeded, UnknownSeat, commands as c, events as e
from rooms.live.audience import visible
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, OB, OBSERVER, M, Scene, live, opened, scheduled
from tests.rooms.whole import view

SITTING = c.Assist("王小华", "station", True)


def helper(scene: Scene, seat: str, of: str = CO) -> object:
    body = view(scene.state, scene.timing, seat, scene.now)
    return next(each["helper"] for each in body["seats"] if each["id"] == of)


def test_the_person_says_who_sits_with_them_and_everybody_sees_it() -> None:
    scene = live()
    assert scene.ask(SITTING, CONSUMER) == [e.SeatAssisted(CO, "王小华", "station", CO)]
    for seat in (M, CO, BU):
        assert helper(scene, seat) == {"name": "王小华", "relation": "station"}
        assert visible(scene.state, scene.history[-1], seat)
    assert helper(scene, M, BU) is None
    assert scene.ask(SITTING, CONSUMER) == []


def test_it_can_be_said_at_the_door_and_is_taken_along() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    scene.ask(SITTING, CONSUMER)
    scene.ask(c.Admit(CO))
    assert helper(scene, M) == {"name": "王小华", "relation": "station"}


def test_the_mediator_says_it_for_somebody_who_told_them() -> None:
    scene = live()
    assert scene.ask(c.Assist("王小华", "family", True, CO)) == [e.SeatAssisted(CO, "王小华", "family", M)]


def test_it_ends_by_either_and_another_takes_the_place() -> None:
    scene = live()
    scene.ask(SITTING, CONSUMER)
    scene.ask(c.Assist("李大姐", "community", True), CONSUMER)
    assert helper(scene, BU) == {"name": "李大姐", "relation": "community"}
    assert scene.ask(c.EndAssistance(CO)) == [e.AssistanceEnded(CO, M)]
    assert helper(scene, BU) is None
    assert scene.ask(c.EndAssistance(), CONSUMER) == []


def test_without_the_persons_word_there_is_no_helper() -> None:
    with pytest.raises(ConsentNeeded):
        live().ask(c.Assist("王小华", "station", False), CONSUMER)


def test_nobody_speaks_for_anothers_seat() -> None:
    scene = live().bring(OB)
    with pytest.raises(NotAllowed):
        scene.ask(c.Assist("王小华", "station", True, CO), BUSINESS)
    with pytest.raises(NotAllowed):
        scene.ask(SITTING, OBSERVER)
    with pytest.raises(NotAllowed):
        scene.ask(c.Assist("王小华", "station", True, M))
    with pytest.raises(UnknownSeat):
        scene.ask(c.Assist("王小华", "station", True, "s-nobody"))


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (c.Assist("", "station", True), Missing),
        (c.Assist("名" * 41, "station", True), TooLong),
        (c.Assist("王小华", "boss", True), BadValue),
    ],
)
def test_a_helper_has_a_name_and_a_known_part(command: c.Assist, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        live().ask(command, CONSUMER)


def test_whoever_is_not_here_has_nobody_beside_them() -> None:
    with pytest.raises(WrongState):
        scheduled().ask(c.Assist("王小华", "station", True, CO))
