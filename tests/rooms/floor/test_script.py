"""What the mediator ticks, on the list of every dispute and on the card of its kind: nobody else's to see."""

from __future__ import annotations

import pytest

from journal import Draft, sealed
from journal.refusals import NotAllowed
from rooms import BadValue, commands as c, events as e
from rooms.events import event_draft, session_entry
from rooms.floor.cards import ours
from rooms.floor.state import ITEMS, KNOWN
from rooms.live.audience import visible
from rooms.session import evolve
from rooms.vocabulary import Phase
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, Scene, live, scheduled
from tests.rooms.whole import view
from web import i18n
from web.i18n import money
from web.office.audit.sentences import WORDS, Voice, sentence

TICK = "consumer_statement.request_and_reason"
FOOD = ours()["food"]


def seen(scene: Scene, seat: str, what: str) -> object:
    return view(scene.state, scene.timing, seat, scene.now)[what]


def test_every_phase_has_its_list_and_the_record_a_sentence_for_each() -> None:
    assert ITEMS.keys() == set(Phase)
    assert all(ITEMS.values())
    before = {"when_and_how_much", "used_and_left", "refund_terms"}  # ticked in sessions from before cards by kind
    assert {item for item in WORDS["script"] if item.partition(".")[2] not in before} == KNOWN


def test_ticks_are_kept_and_taken_back() -> None:
    scene = live()
    scene.ask(c.CheckItem(TICK))
    assert scene.ask(c.CheckItem(TICK)) == []
    assert seen(scene, M, "script") == [TICK]
    scene.ask(c.CheckItem(TICK, False))
    assert seen(scene, M, "script") == []


def test_nobody_else_sees_or_sets_them() -> None:
    scene = live()
    scene.ask(c.TakeCard("food", FOOD))
    scene.ask(c.CheckItem(TICK))
    for kind in (e.ItemChecked, e.CardTaken):
        entry = next(entry for entry in scene.history if isinstance(entry.event, kind))
        assert not any(visible(scene.state, entry, seat) for seat in (CO, BU))
        assert visible(scene.state, entry, M)
    for seat in (CO, BU):
        assert seen(scene, seat, "script") == []
        assert seen(scene, seat, "card") is None
    for asked in (c.CheckItem(TICK), c.TakeCard("food", FOOD)):
        for actor in (CONSUMER, BUSINESS):
            with pytest.raises(NotAllowed):
                scene.ask(asked, actor)


@pytest.mark.parametrize("item", ["", "opening", "opening.nothing", "opening.identity", "food.0.facts.1"])
def test_there_is_no_other_item(item: str) -> None:
    with pytest.raises(BadValue):
        live().ask(c.CheckItem(item))


def test_the_card_comes_with_the_opening_and_another_is_taken_in_the_room() -> None:
    scene = scheduled()
    assert e.CardTaken(FOOD) in scene.ask(c.Arrive(FOOD))
    card = seen(scene, M, "card")
    assert isinstance(card, dict)
    assert card["title"] == {"zh": "食品和餐饮", "en": "Food and catering"}
    assert scene.ask(c.TakeCard("food", FOOD)) == []
    scene.ask(c.TakeCard("repair", ours()["repair"]))
    assert scene.state.card == ours()["repair"]
    with pytest.raises(BadValue):
        scene.ask(c.TakeCard("no such kind"))


@pytest.mark.parametrize(
    "item",
    [
        "food.0.facts.0",
        "food.0.facts.9",
        "food.0.facts.01",
        "food.1.facts.1",
        "goods.0.facts.1",
        "food.0.law.1",
        "food.0",
    ],
)
def test_only_lines_of_the_card_that_is_there_are_ticked(item: str) -> None:
    scene = live()
    scene.ask(c.TakeCard("food", FOOD))
    with pytest.raises(BadValue):
        scene.ask(c.CheckItem(item))


def test_the_journal_keeps_the_words_that_were_ticked_and_says_them_in_both_languages() -> None:
    scene = live()
    scene.ask(c.TakeCard("food", FOOD))
    [ticked] = scene.ask(c.CheckItem("food.0.business.1"))
    assert ticked == e.ItemChecked("food.0.business.1", True, FOOD.business[0])
    assert seen(scene, M, "script") == ["food.0.business.1"]
    for language, said in (
        ("zh", "已过一遍：这批货从哪里进的"),
        ("en", "Went through on the card: Where did this"),
    ):
        voice = Voice(i18n.words_of(language).gettext, money, str, {}, language)
        assert sentence(ticked, voice).startswith(said)
    [back] = scene.ask(c.CheckItem("food.0.business.1", False))
    assert sentence(back, voice).startswith("Took back on the card: Where did")


def test_a_session_from_before_there_were_cards_is_read_as_it_was() -> None:
    scene = live()
    old = event_draft(e.ItemChecked("consumer_statement.used_and_left"), START)
    data = {name: value for name, value in old.data.items() if name != "line"}
    assert data == {"item": "consumer_statement.used_and_left", "done": True}
    before = Draft(old.type, data, START, old.actor)
    entry = session_entry(sealed("session/s", scene.state.version, "", [before])[0])
    after = evolve(scene.state, entry)
    assert after.checked == {"consumer_statement.used_and_left"}
    assert after.card is None
    voice = Voice(i18n.words_of("zh").gettext, money, str, {}, "zh")
    assert sentence(entry.event, voice) == "问了消费者用了多少、还剩多少"
