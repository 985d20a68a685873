"""The desk as a mediator uses it, without script."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from offices import Officer
from rooms import events as e
from rooms.views import ASKED_MOST, SessionRow
from tests.web.client import Browser, heading_of
from tests.web.fakes import ZHOU, World, scheduled
from tests.web.office.audit import story


async def test_the_desk_begins_with_a_sentence_about_today(zhou: Browser) -> None:
    page = await zhou.get("/desk")
    heading = heading_of(page)
    assert "One mediation today" in heading
    assert "nothing waiting" in heading
    assert "/sessions/m1/room" in page.text


async def test_an_empty_desk_says_what_will_be_here(world: World, zhou: Browser) -> None:
    world.sessions.streams.clear()
    world.complaints.pages.clear()
    page = await zhou.get("/desk")
    assert "No mediation today" in heading_of(page)
    for words in ("will appear here", "Nobody owes anything", "Nothing falls due"):
        assert words in page.text


async def test_what_was_adjourned_to_another_day_stands_on_the_desk(world: World, zhou: Browser) -> None:
    assert "On another day" not in (await zhou.get("/desk")).text
    later = scheduled("c0", "东高一投〔2026〕0917号", "婚恋积分退款", world.clock.now + timedelta(days=7))
    world.sessions.append("m2", replace(later, ordinal=2))
    page = (await zhou.get("/desk")).text
    assert "/sessions/m2" in page.partition("On another day")[2]
    assert "Mediation no. 2" in page


async def test_who_waits_is_shown_on_the_desk(world: World, zhou: Browser) -> None:
    world.sessions.append("m1", e.Arrived("s-consumer"))
    assert "in the waiting room" in (await zhou.get("/desk")).text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("unlinked", "no link yet"),
        ("linked", "has not opened the link yet"),
        ("opened", "opened the link"),
        ("agreed", "agreed to take part"),
        ("refused", "does not want to take part"),
    ],
)
async def test_the_desk_says_how_far_each_side_has_come(
    world: World, zhou: Browser, standing: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (await world.reads.desk(ZHOU, world.clock.now)).today
    seats = {"consumer": standing, "business": "waiting"}
    monkeypatch.setattr(world.reads, "_rows", answering([replace(row, seats=seats)]))
    assert words in (await zhou.get("/desk")).text


async def test_of_many_who_ask_for_another_time_the_next_ones_are_shown_and_that_there_are_more(
    world: World, zhou: Browser
) -> None:
    world.sessions.append("m1", e.OtherTimeAsked("s-consumer", "周四上午"))
    (row,) = (await world.reads.desk(ZHOU, world.clock.now)).today
    world.appointments.asking = [(row, await world.sessions.state("m1"))] * ASKED_MOST
    page = (await zhou.get("/desk")).text
    assert page.count("周四上午") == ASKED_MOST
    assert "More will appear" not in page
    world.appointments.asking *= 2
    page = (await zhou.get("/desk")).text
    assert page.count("周四上午") == ASKED_MOST
    assert "More will appear once these are answered" in page


async def test_a_message_that_did_not_arrive_is_said_until_the_link_was_opened(
    world: World, zhou: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (await world.reads.desk(ZHOU, world.clock.now)).today
    lost = replace(row, seats={"consumer": "linked", "business": "linked"}, undelivered=frozenset({"consumer"}))
    monkeypatch.setattr(world.reads, "_rows", answering([lost]))
    page = (await zhou.get("/desk")).text
    assert page.count("the message did not arrive") == 1
    assert page.count("has not opened the link yet") == 1
    monkeypatch.setattr(world.reads, "_rows", answering([replace(lost, seats={"consumer": "agreed"})]))
    assert "the message did not arrive" not in (await zhou.get("/desk")).text


def answering(rows: list[SessionRow]) -> Callable[[Officer], Awaitable[list[SessionRow]]]:
    async def answer(_officer: Officer) -> list[SessionRow]:
        return rows

    return answer


async def test_a_promise_that_is_late_says_by_how_much(world: World, zhou: Browser) -> None:
    drafts = story.told()
    drafts[0].data["mediator"], drafts[0].data["complaint"] = "u-zhou", "c0"  # type: ignore[index]
    world.sessions.streams["s1"] = story.events(drafts)
    page = await zhou.get("/desk")
    assert "退款" in page.text
    assert re.search(r"\d+ days? late|days? left", page.text)


async def test_a_kept_promise_is_noted_from_the_desk_with_one_press(world: World, zhou: Browser) -> None:
    drafts = story.told()
    drafts[0].data["mediator"], drafts[0].data["complaint"] = "u-zhou", "c0"  # type: ignore[index]
    world.sessions.streams["s1"] = story.events(drafts)
    world.complaints.stand("c0", "performing", "kept")
    page = await zhou.get("/desk")
    assert 'action="/complaints/c0/kept"' in page.text
    answer = await zhou.post("/complaints/c0/kept", {"from": "desk"})
    assert answer.location == "/desk"
    assert world.complaints.state_of("c0") == "settled"
