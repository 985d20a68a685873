"""A typical case on the table: parties know of none before the mediator shows it; then all see the same."""

from __future__ import annotations

import pytest

from casebook.starter import starter
from journal import sealed
from journal.refusals import NotAllowed
from rooms import BadValue, NotInRoom, commands as c, events as e
from rooms.events import event_draft, session_entry
from rooms.floor.state import ShownCase
from rooms.live.audience import visible
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, Scene, live, opened, scheduled
from tests.rooms.whole import view

CASE = next(iter(starter()))
TITLE, LAW = {"zh": "健身房关门", "en": "Gym shut"}, {"zh": "民法典", "en": "Civil Code"}
LEAF = e.TypicalLeaf(CASE, "样例第1号", TITLE, "事实。", "退还。", [LAW], True)


def on_table(scene: Scene, seat: str) -> object:
    return view(scene.state, scene.timing, seat, scene.now)["typical"]


def test_nobody_sees_a_case_before_the_mediator_shows_one_and_then_all_see_the_same() -> None:
    scene = live()
    assert [on_table(scene, seat) for seat in (M, CO, BU)] == [None, None, None]
    scene.ask(c.ShowTypical(CASE, LEAF))
    seen = [on_table(scene, seat) for seat in (M, CO, BU)]
    assert seen[0] == seen[1] == seen[2]
    assert isinstance(seen[0], dict)
    assert seen[0]["title"]["zh"] == "健身房关门"
    scene.ask(c.PutTypicalAway())
    assert [on_table(scene, seat) for seat in (M, CO, BU)] == [None, None, None]


def test_showing_it_again_and_putting_nothing_away_change_nothing() -> None:
    scene = live()
    assert scene.ask(c.PutTypicalAway()) == []
    scene.ask(c.ShowTypical(CASE, LEAF))
    assert scene.ask(c.ShowTypical(CASE, LEAF)) == []
    assert isinstance(scene.state.shown_typical, ShownCase)


def test_only_the_mediator_shows_and_puts_away_and_only_what_the_casebook_has() -> None:
    scene = live()
    for actor in (CONSUMER, BUSINESS):
        with pytest.raises(NotAllowed):
            scene.ask(c.ShowTypical(CASE, LEAF), actor)
        with pytest.raises(NotAllowed):
            scene.ask(c.PutTypicalAway(), actor)
    with pytest.raises(BadValue):
        scene.ask(c.ShowTypical("no-such-case"))


def test_nothing_is_shown_outside_a_live_room() -> None:
    with pytest.raises(NotInRoom):
        scheduled().ask(c.ShowTypical(CASE, LEAF))


def test_at_the_door_there_is_no_table() -> None:
    scene = opened().bring(BU).prepare(CO)
    scene.ask(c.ShowTypical(CASE, LEAF))
    scene.ask(c.Arrive(), CONSUMER)
    assert "typical" not in view(scene.state, scene.timing, CO, scene.now)
    shown = next(x for x in scene.history if isinstance(x.event, e.TypicalShown))
    assert not visible(scene.state, shown, CO)
    assert visible(scene.state, shown, BU)


def test_the_record_keeps_what_was_shown() -> None:
    kept = event_draft(e.TypicalShown(LEAF), START)
    assert session_entry(sealed("session/s", 0, "", [kept])[0]).event == e.TypicalShown(LEAF)
