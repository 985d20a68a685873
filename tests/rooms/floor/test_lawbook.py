"""An article on the table: shown by the mediator, the same for all, put away; the record keeps what was shown."""

from __future__ import annotations

from datetime import date

import pytest

from journal import sealed
from journal.refusals import NotAllowed
from law.catalogue import ArticleStanding, article
from law.library import ArticleText, library
from rooms import BadValue, NotInRoom, commands as c, events as e
from rooms.events import event_draft, session_entry
from rooms.floor.state import article_leaf
from rooms.live.audience import visible
from tests.rooms.house import X, house
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, Scene, live, opened, scheduled
from tests.rooms.whole import view

SHELF = library([ArticleText("consumer", "消费者权益保护法", 55, 0, "官方原文。", date(2014, 3, 15))])
FRAUD = article_leaf(SHELF, article("consumer-55"), date(2026, 6, 24))


def on_table(scene: Scene, seat: str) -> object:
    return view(scene.state, scene.timing, seat, scene.now)["law"]


def test_everybody_in_the_room_sees_the_same() -> None:
    scene = live()
    scene.ask(c.ShowLaw("consumer-55", FRAUD))
    seen = [on_table(scene, seat) for seat in (M, CO, BU)]
    assert seen[0] == seen[1] == seen[2]
    assert isinstance(seen[0], dict)
    assert seen[0]["citation"]["zh"] == "《消费者权益保护法》第五十五条"
    assert (seen[0]["official"], seen[0]["on"], seen[0]["standing"]) == ("官方原文。", "2026-06-24", "in_force")
    entry = scene.history[-1]
    assert isinstance(entry.event, e.LawShown)
    assert all(visible(scene.state, entry, seat) for seat in (M, CO, BU))


def test_another_article_takes_its_place_and_putting_away_clears_the_table() -> None:
    scene = live()
    scene.ask(c.ShowLaw("consumer-55", FRAUD))
    assert scene.ask(c.ShowLaw("consumer-55", FRAUD)) == []
    scene.ask(c.ShowLaw("civil-587", article_leaf(SHELF, article("civil-587"), date(2026, 6, 24))))
    assert scene.state.shown_law is not None
    assert scene.state.shown_law.leaf.article == "civil-587"
    scene.ask(c.PutLawAway())
    assert scene.state.shown_law is None
    assert scene.ask(c.PutLawAway()) == []


def test_only_the_mediator_shows_and_nobody_brings_a_text_of_their_own() -> None:
    scene = live()
    for actor in (CONSUMER, BUSINESS):
        with pytest.raises(NotAllowed):
            scene.ask(c.ShowLaw("consumer-55", FRAUD), actor)
        with pytest.raises(NotAllowed):
            scene.ask(c.PutLawAway(), actor)
    with pytest.raises(BadValue):
        scene.ask(c.ShowLaw("no-such-article"))


def test_nothing_is_shown_outside_a_live_room() -> None:
    scene = scheduled()
    with pytest.raises(NotInRoom):
        scene.ask(c.ShowLaw("consumer-55", FRAUD))


def test_at_the_door_there_is_no_table() -> None:
    scene = opened().bring(BU).prepare(CO)
    scene.ask(c.ShowLaw("consumer-55", FRAUD))
    scene.ask(c.Arrive(), CONSUMER)
    assert "law" not in view(scene.state, scene.timing, CO, scene.now)
    assert not visible(scene.state, next(x for x in scene.history if isinstance(x.event, e.LawShown)), CO)


def test_the_record_keeps_what_was_shown() -> None:
    kept = event_draft(e.LawShown(FRAUD), START)
    assert kept.data["leaf"]["gist"]["en"].startswith("For fraud")
    assert session_entry(sealed("session/s", 0, "", [kept])[0]).event == e.LawShown(FRAUD)


def test_a_leaf_says_what_the_article_was_on_its_day() -> None:
    before = article_leaf(SHELF, article("prepaid-14"), date(2025, 4, 30))
    assert (before.standing, before.edition) == (ArticleStanding.NOT_YET.value, {})
    assert article_leaf(SHELF, article("food-safety-148"), date(2019, 1, 1)).edition["en"] == "as amended in 2018"


async def test_the_room_looks_the_article_up_itself() -> None:
    async with house() as home:
        await home.open(M)
        forged = e.Leaf("consumer-55", {"zh": "假的"}, {"zh": "假的"})
        await home.ask(c.ShowLaw("consumer-55", forged))
        shown = (await home.rooms.state(X)).shown_law
        assert shown is not None
        assert shown.leaf.gist["zh"].startswith("商家欺诈")
        with pytest.raises(BadValue):
            await home.ask(c.ShowLaw("nowhere-1", forged))
