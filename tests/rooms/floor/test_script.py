"""The script card's ticks: the mediator's, kept by the server, nobody else's to see."""

from __future__ import annotations

import pytest

from journal.refusals import NotAllowed
from rooms import commands as c, events as e
from rooms.errors import BadValue
from rooms.floor.state import ITEMS, KNOWN
from rooms.live.audience import visible
from rooms.vocabulary import Phase
from tests.rooms.scene import BU, CO, CONSUMER, M, live
from tests.rooms.whole import view
from web.office.audit.sentences import WORDS

TICK = "consumer_statement.used_and_left"


def test_every_phase_has_its_list_and_the_record_a_sentence_for_each() -> None:
    assert ITEMS.keys() == set(Phase)
    assert all(ITEMS.values())
    assert WORDS["script"].keys() == KNOWN


def test_ticks_are_kept_and_taken_back() -> None:
    scene = live()
    scene.ask(c.CheckItem(TICK))
    assert scene.ask(c.CheckItem(TICK)) == []
    assert view(scene.state, scene.timing, M, scene.now)["script"] == [TICK]
    scene.ask(c.CheckItem(TICK, False))
    assert view(scene.state, scene.timing, M, scene.now)["script"] == []


def test_nobody_else_sees_or_sets_them() -> None:
    scene = live()
    scene.ask(c.CheckItem(TICK))
    entry = next(entry for entry in scene.history if isinstance(entry.event, e.ItemChecked))
    for seat in (CO, BU):
        assert view(scene.state, scene.timing, seat, scene.now)["script"] == []
        assert not visible(scene.state, entry, seat)
    assert visible(scene.state, entry, M)
    with pytest.raises(NotAllowed):
        scene.ask(c.CheckItem(TICK), CONSUMER)


@pytest.mark.parametrize("item", ["", "opening", "opening.nothing", "opening.identity"])
def test_there_is_no_other_item(item: str) -> None:
    with pytest.raises(BadValue):
        live().ask(c.CheckItem(item))
