"""A session is moved to another time: links stay, wishes are answered, and only before it began."""

from __future__ import annotations

from datetime import timedelta

import pytest

import rooms
from journal.refusals import WrongState
from rooms import commands as c, events as e
from tests.rooms.scene import CO, CONSUMER, START, Scene, opened, scheduled

THURSDAY = START + timedelta(days=2)
UNTIL = THURSDAY + timedelta(hours=12)


def linked() -> Scene:
    scene = scheduled()
    scene.ask(c.IssueLink(CO, "link-1", START + timedelta(hours=12)))
    return scene


def test_a_session_is_moved_and_the_link_is_the_same_and_good_for_the_new_time() -> None:
    scene = linked()
    assert scene.ask(c.Reschedule(THURSDAY, UNTIL)) == [e.SessionRescheduled(THURSDAY, UNTIL)]
    assert (scene.state.starts, scene.state.rescheduled) == (THURSDAY, 1)
    assert (scene.state.seats[CO].link, scene.state.seats[CO].link_expires) == ("link-1", UNTIL)
    assert scene.ask(c.Reschedule(THURSDAY, UNTIL)) == []


def test_moved_to_an_earlier_time_no_link_ends_sooner() -> None:
    scene = linked()
    scene.ask(c.Reschedule(THURSDAY, UNTIL))
    scene.ask(c.Reschedule(START + timedelta(days=1), START + timedelta(days=1, hours=12)))
    assert scene.state.seats[CO].link_expires == UNTIL
    assert scene.state.rescheduled == 2


def test_a_party_chooses_a_time_and_moving_the_session_answers_the_wish() -> None:
    scene = linked()
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    scene.ask(c.AskOtherTime("周四上午", THURSDAY), CONSUMER)
    assert (scene.state.seats[CO].wish, scene.state.seats[CO].wish_starts) == ("周四上午", THURSDAY)
    scene.ask(c.Reschedule(THURSDAY, UNTIL))
    assert (scene.state.seats[CO].wish, scene.state.seats[CO].wish_starts) == ("", None)


def test_a_wish_that_is_not_met_is_answered_and_the_time_stays() -> None:
    scene = linked()
    scene.ask(c.ConfirmIdentity("code"), CONSUMER)
    scene.ask(c.AskOtherTime("周四上午", THURSDAY), CONSUMER)
    assert scene.ask(c.DeclineOtherTime(CO)) == [e.OtherTimeDeclined(CO)]
    assert (scene.state.starts, scene.state.seats[CO].wish, scene.state.seats[CO].wish_starts) == (START, "", None)
    assert scene.ask(c.DeclineOtherTime(CO)) == []
    with pytest.raises(WrongState):
        opened().ask(c.DeclineOtherTime(CO))


def test_a_session_that_began_or_a_time_gone_by_is_refused() -> None:
    with pytest.raises(rooms.BadValue):
        linked().ask(c.Reschedule(START - timedelta(hours=1), UNTIL))
    with pytest.raises(WrongState):
        opened().ask(c.Reschedule(THURSDAY, UNTIL))
